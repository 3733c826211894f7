#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatting, the rules of the rooms, and clang-tidy over every file of ours. Prints each finding and how many checks ran.

Arguments are names of checks; without any, all run.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import coroutine_temporaries
from include_closure import IncludeClosure

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "dev"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hanshu-lint"
TIDY = ["clang-tidy-19", "--quiet", "--extra-arg=-Wno-everything", "--extra-arg=-Wno-invalid-pch"]

# Ground floor first: a room includes only rooms above it in this list.
ROOMS = ["base", "bundle", "query", "logs", "metrics", "alarms", "api", "store", "telemetry", "access", "catalog", "sandbox", "runtime", "scheduler", "invoke",
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
        allowed = {"api", "bundle", "query", "base"} | ({"node"} if area == "app" else set())
        if target and target not in allowed:
            return f"app and widgets see only api, bundle and query of core (node in mains), not {target}"
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


def check_coroutines(files):
    texts = {path: (TOP / path).read_text() for path in files}
    names = coroutine_temporaries.aggregates(texts.values())
    wrong = [f"{path}:{line}: co_await destroys a temporary wrongly (g++ 12): {what}; give it a name first"
             for path, text in texts.items() if "co_await" in text
             for line, what in sorted(coroutine_temporaries.suspects(text, names))]
    dangling = [f"{path}:{line}: a coroutine keeps `{what}`, which may be a temporary that is gone when it starts; take a value"
                for path, text in texts.items() for line, what in coroutine_temporaries.converting_references(text)]
    return wrong + dangling


def compile_commands():
    by_file = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(TOP) and not path.is_relative_to(BUILD):
            by_file[path.relative_to(TOP)] = entry
    return by_file


def tidy(path):
    """The findings of one source, and whether it could be read at all."""
    done = subprocess.run([*TIDY, "-p", str(BUILD), str(TOP / path)], cwd=TOP, capture_output=True, text=True)
    found = sorted({line.replace(f"{TOP}/", "") for line in done.stdout.splitlines() if re.search(r": (warning|error): ", line)})
    if done.returncode != 0 and not found:
        found = [f"{path}:1: clang-tidy failed: {done.stderr.strip()[-400:]}"]
    return found, done.returncode == 0 or not any("[clang-diagnostic-error" in line or "clang-tidy failed" in line for line in found)


def tidy_once(path, key):
    """The findings of one source, remembered by the digest of all that decides them."""
    kept = CACHE / key
    if kept.exists():
        return kept.read_text().splitlines()
    found, is_read = tidy(path)
    if is_read:
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text("".join(line + "\n" for line in found))
        part.replace(kept)
    return found


def tidy_keys(files):
    """The key in the cache of each source that is compiled: what clang-tidy is, what it is asked, and what it reads."""
    version = subprocess.run([TIDY[0], "--version"], capture_output=True, check=True).stdout
    asked = version + " ".join(TIDY).encode() + (TOP / ".clang-tidy").read_bytes()
    commands, closure = compile_commands(), IncludeClosure(TOP)
    return {path: hashlib.sha256(asked + closure.digest(commands[path]).encode()).hexdigest() for path in files if path in commands}


def check_tidy(files):
    CACHE.mkdir(parents=True, exist_ok=True)
    keys = tidy_keys(files)
    print(f"     clang-tidy reads {sum(not (CACHE / key).exists() for key in keys.values())} of {len(keys)} sources anew", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(tidy_once, keys.keys(), keys.values())
    # A header's finding comes with each source that includes it.
    return list(dict.fromkeys(line for result in results for line in result))


def main():
    files = sources()
    failed = passed = 0
    checks = [("rooms", lambda: check_rooms(files)), ("file headers", lambda: check_headers(files)), ("no Qt in the daemon", check_links),
              ("formatting", lambda: check_format(files)), ("coroutine temporaries", lambda: check_coroutines(files)),
              ("clang-tidy", lambda: check_tidy(files))]
    unknown = set(sys.argv[1:]) - {name for name, _ in checks}
    if unknown:
        sys.exit(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(name for name, _ in checks)}")
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
