// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What every query text must survive, whatever it is: the fuzzer and a unit test share it.
#pragma once

#include "query/completion.h"
#include "query/edit.h"
#include "query/run_records.h"

#include <algorithm>

namespace hanshu::query::tests {

// What was broken first, or empty.
inline std::string brokenBy(std::string_view text) {
    const auto within = [&](SourceRange range) { return range.end() <= text.size() && range.offset <= range.end(); };
    for (const auto& completion : complete(text, text.size() / 2, runSchema())) {
        if (!within(completion.range)) {
            return "a completion outside the text";
        }
    }
    const auto ast = parse(text);
    if (!ast) {
        const auto range = errorRange(ast.error());
        return range && within(*range) ? "" : "an error outside the text: " + ast.error().describe();
    }
    const auto printed = print(*ast);
    if (printed.size() <= kTextLimit) {
        const auto again = parse(printed);
        if (!again || !sameQuery(*ast, *again)) {
            return "printed as another query: " + printed;
        }
    }
    for (const auto& chip : chips(*ast)) {
        if (!within(chip.range)) {
            return "a chip outside the text";
        }
    }
    const auto query = compile(*ast, runSchema(), testOptions());
    if (!query) {
        const auto range = errorRange(query.error());
        return range && within(*range) ? "" : "an error outside the text: " + query.error().describe();
    }
    static const Run run =
        Run().text(Function, "img-resize").text(Message, "Timeout 超时").set(Level, Value::choice(2));
    const bool matches = query->matches(run);
    SqlMapping mapping;
    mapping.columns[Message] = {.expression = "message"};
    mapping.columns[Level] = {.expression = "level"};
    const auto filter = query->sql(mapping);
    if (matches && filter.where == "0") {
        return "a condition that refuses what matches";
    }
    if (matches && !query->required(Message).allows("timeout 超时")) {
        return "a required text that a match lacks";
    }
    return query->times().empty() && query->matchesEverything() ? "no time for a query of everything" : "";
}

}  // namespace hanshu::query::tests
