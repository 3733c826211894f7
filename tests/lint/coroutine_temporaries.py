# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporaries in co_await expressions that g++ 12 destroys at a wrong address.

Two kinds are: a closure whose captures have a destructor, and an aggregate made with braces. The remedy is to give them a name
in a statement of their own. References, pointers, numbers and views have no destructor, so they may be captured.
"""

import re

TEXT = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.DOTALL)
CLOSING = {"(": ")", "[": "]", "{": "}"}
# A type whose values are copied without a trace, as far as its spelling tells.
PLAIN = re.compile(r"(?:const\s+)?(?:bool|char|int|unsigned|long|float|double|(?:std::)?(?:size_t|ptrdiff_t|u?int\d+_t|string_view|byte)"
                   r"|(?:std::)?span<.*>|std::chrono::[\w:]+|Clock::\w+|ByteSize|Revision|[\w:<>, ]+\*)(?:\s+const)?$")


def blank(text):
    """The text without comments and literals, each newline where it was."""
    return TEXT.sub(lambda found: '""' * (found.group()[0] in "R\"'") + "\n" * found.group().count("\n"), text)


def end_of_group(text, begin):
    """Just behind the bracket that closes the one at `begin`."""
    depth = 0
    for at in range(begin, len(text)):
        depth += text[at] in "([{"
        depth -= text[at] in ")]}"
        if depth == 0:
            return at + 1
    return len(text)


def split_list(text):
    """The parts between the commas of the outermost level."""
    parts, begin, at = [], 0, 0
    while at < len(text):
        if text[at] in CLOSING:
            at = end_of_group(text, at)
            continue
        if text[at] == ",":
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return [part for part in (*parts, text[begin:].strip()) if part]


def aggregates(texts):
    """The names of our structs without a constructor that hold more than plain values."""
    found = set()
    for text in map(blank, texts):
        for match in re.finditer(r"\bstruct\s+(\w+)(?:\s+final)?\s*(:[^;{]*)?\{", text):
            body = text[match.end():end_of_group(text, match.end() - 1) - 1]
            fields = re.findall(r"^\s*((?:const\s+)?[\w:]+(?:<[^;()]*>)?[\s*&]+)\w+(?:\s*=[^;]*|\s*\{[^;]*\})?;", body, re.MULTILINE)
            has_constructor = re.search(rf"(?<![~\w]){match.group(1)}\s*\(", body)
            if not has_constructor and any("&" not in field and not PLAIN.match(field.strip()) for field in fields):
                found.add(match.group(1))
    return found


def converting_references(text):
    """Coroutines' parameters that may bind to what a caller's argument is converted to: lines and what it is.

    A coroutine starts when it is awaited, and by then a caller that only passes it on is gone with its temporaries.
    """
    text = blank(text)
    for signature in re.finditer(r"\b(?:Task<[^;{}()]*>|Operation|RestReply)\s+[\w:~]+\(", text):
        begin = signature.end() - 1
        for parameter in split_list(text[begin + 1:end_of_group(text, begin) - 1]):
            if re.match(r"const std::(?:string|optional|function|vector|variant|shared_ptr)\b.*?&(?!&)", parameter, re.DOTALL):
                yield text.count("\n", 0, signature.start()) + 1, " ".join(parameter.split())


def is_plain_capture(capture, before):
    if capture in ("this", "&") or capture.startswith("&"):
        return True
    name, is_made, value = (part.strip() for part in capture.partition("="))
    if is_made:
        return re.fullmatch(r"&?[\d.']+|&[\w.>-]+|this|true|false|nullptr", value) is not None
    declared = re.findall(rf"([\w:]+(?:<[^;(){{}}]*>)?(?:\s+const\b|\s*[*&])*)\s*\b{re.escape(name)}\s*(?=[=;,){{:])", before)
    return bool(declared) and PLAIN.match(declared[-1].strip()) is not None


def closure(text, at):
    """The captures of the closure that begins at `at`, and where it ends; (None, at) if none does."""
    if text[at] != "[" or re.search(r"[\w\])]$", text[:at].rstrip()):
        return None, at
    end = end_of_group(text, at)
    captures = split_list(text[at + 1:end - 1])
    body = text.find("{", end_of_group(text, end) if text[end:end + 1] == "(" else end)
    return captures, end_of_group(text, body) if body >= 0 else end


def braced_aggregate(text, at, names):
    """The name of the aggregate whose braces open at `at`, or None."""
    if text[at] != "{":
        return None
    typed = re.search(r"(\w+)$", text[:at].rstrip())
    if typed:
        return typed.group(1) if typed.group(1) in names else None
    return "an aggregate" if text[at + 1:].lstrip().startswith(".") else None


def suspects(text, aggregate_names):
    """A set of (line, what) of each temporary of these kinds."""
    found, text = set(), blank(text)
    for await_at in re.finditer(r"\bco_await\b", text):
        at, depth = await_at.end(), 0
        while at < len(text) and depth >= 0 and (depth or text[at] != ";"):
            line = text.count("\n", 0, at) + 1
            captures, end = closure(text, at)
            if captures is not None:
                # What the closure's body awaits is a full expression of its own.
                copied = [capture for capture in captures if not is_plain_capture(capture, text[:at])]
                if copied:
                    found.add((line, f"a closure that captures {', '.join(copied)}"))
                at = end
                continue
            name = braced_aggregate(text, at, aggregate_names)
            if name:
                found.add((line, f"{name} made with braces"))
            depth += (text[at] in "([{") - (text[at] in ")]}")
            at += 1
    return found
