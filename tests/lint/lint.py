#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatting, the rules of the rooms, and clang-tidy over every file of ours. Prints each finding and how many checks ran."""

import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "dev"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hanshu-lint"

# Ground floor first: a room includes only rooms above it in this list.
ROOMS = ["base", "query", "api", "store", "telemetry", "access", "catalog", "sandbox", "runtime", "scheduler", "invoke",
         "events", "objects", "triggers", "gateway", "node"]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def sources():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "app", "core", "widgets", "tests", "resources"],
                            cwd=TOP, capture_output=True, text=True, check=True).stdout.split()
    return [pathlib.Path(name) for name in listed if name.endswith((".h", ".cpp")) and (TOP / name).exists()]


def includes(path):
    for number, line in enumerate((TOP / path).read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def room_of(include):
    first = include.split("/")[0]
    return first if "/" in include and first in ROOMS else None


def violation(path, include):
    """Why `path` may not include `include`, or None."""
    parts = path.parts
    area, room = parts[0], parts[1] if len(parts) > 2 else ""
    is_grpc = include.startswith(("grpc", "grpcpp/")) or include.endswith(".grpc.pb.h")
    is_qt = re.match(r"Q[A-Z]\w*$|Qt\w+/", include) is not None
    target = room_of(include)
    if include == "sqlite3.h" and not (area == "core" and room == "store") and area != "tests":
        return "only core/store includes sqlite3.h"
    if area == "core":
        if is_qt:
            return "nothing in core includes Qt"
        if is_grpc and room not in ("api", "gateway", "node"):
            return "within core only api and gateway include gRPC"
        if target and room in ROOMS and ROOMS.index(target) > ROOMS.index(room):
            return f"room {room} stands above {target} and may not include it"
    if area in ("app", "widgets"):
        if is_grpc and not (parts[:2] in (("widgets", "rpc"), ("app", "cli"))):
            return "gRPC headers belong in widgets/rpc and app/cli"
        allowed = {"api", "query", "base"} | ({"node"} if area == "app" else set())
        if target and target not in allowed:
            return f"app and widgets see only api and query of core (node in mains), not {target}"
    if is_qt and area == "app" and room != "console":
        return "only the console includes Qt"
    return None


def check_rooms(files):
    found = []
    for path in files:
        for number, include in includes(path):
            why = violation(path, include)
            if why:
                found.append(f"{path}:{number}: includes {include}: {why}")
    return found


def check_headers(files):
    found = []
    for path in files:
        text = (TOP / path).read_text()
        if not text.startswith("// SPDX-FileCopyrightText:"):
            found.append(f"{path}:1: the two SPDX lines are missing")
        if path.suffix == ".h" and "#pragma once" not in text:
            found.append(f"{path}:1: #pragma once is missing")
        if "\r" in text or "\t" in text:
            found.append(f"{path}:1: has carriage returns or tabs")
    return found


def check_links():
    daemon = BUILD / "bin" / "hanshud"
    linked = subprocess.run(["ldd", str(daemon)], capture_output=True, text=True, check=True).stdout
    return [f"hanshud links {line.split()[0]}" for line in linked.splitlines() if "Qt" in line]


def check_format(files):
    done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *map(str, files)], cwd=TOP, capture_output=True, text=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def compile_commands():
    by_file = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(TOP) and not path.is_relative_to(BUILD):
            by_file[path.relative_to(TOP)] = entry
    return by_file


def digest(entry):
    """A digest of all that decides what clang-tidy says of a file: the preprocessed text, the flags and the checks."""
    words = [w for w in shlex.split(entry["command"]) if not w.endswith("ccache")]
    output = words.index("-o")
    del words[output:output + 2]
    words = [w for w in words if w not in ("-c", "-MD", "-MT", "-MF") and not w.endswith((".o", ".o.d"))]
    text = subprocess.run([*words, "-E", "-P"], cwd=entry["directory"], capture_output=True)
    if text.returncode != 0:
        return None
    sha = hashlib.sha256(text.stdout)
    sha.update((TOP / ".clang-tidy").read_bytes())
    sha.update(pathlib.Path(entry["file"]).read_bytes())
    return sha.hexdigest()


def tidy(path, entry):
    key = digest(entry)
    marker = CACHE / (key or "none")
    if key and marker.exists():
        return []
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(BUILD), "--extra-arg=-Wno-everything",
                           "--extra-arg=-Wno-invalid-pch", str(TOP / path)],
                          cwd=TOP, capture_output=True, text=True)
    found = sorted({line.replace(str(TOP) + "/", "") for line in done.stdout.splitlines() if re.search(r": (warning|error): ", line)})
    if done.returncode == 0 and key:
        CACHE.mkdir(parents=True, exist_ok=True)
        marker.touch()
    elif not found:
        found = [f"{path}:1: clang-tidy failed: {done.stderr.strip()[-400:]}"]
    return found


def check_tidy(files):
    commands = compile_commands()
    ours = [path for path in files if path in commands]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: tidy(path, commands[path]), ours)
    return [line for result in results for line in result]


def main():
    files = sources()
    failed = passed = 0
    checks = [("rooms", lambda: check_rooms(files)), ("file headers", lambda: check_headers(files)), ("no Qt in the daemon", check_links),
              ("formatting", lambda: check_format(files)), ("clang-tidy", lambda: check_tidy(files))]
    if len(sys.argv) > 1:
        checks = [check for check in checks if check[0] in sys.argv[1:]]
    for name, check in checks:
        found = check()
        print(f"{'ok  ' if not found else 'FAIL'} {name}" + (f": {len(found)} findings" if found else ""), flush=True)
        for line in found[:100]:
            print("    " + line)
        failed, passed = failed + bool(found), passed + (not found)
    print(f"lint: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
