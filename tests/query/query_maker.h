// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Random queries, from a seed: of the grammar's whole range, all of them valid against runSchema().
#pragma once

#include "query/run_records.h"

#include <random>

namespace hanshu::query::tests {

class QueryMaker {
public:
    explicit QueryMaker(unsigned seed) : m_random(seed) {}

    std::string query() {
        while (true) {
            auto text = orOf(3);
            const auto understood = compile(text, runSchema(), testOptions());
            // Every term is right by itself; a since: and an until: that happen to meet may not be.
            if (understood || understood.error().reason != reason::kTimeOrder) {
                return text;
            }
        }
    }

    Run record() {
        Run run;
        if (some()) {
            run.set(Status, Value::choice(below(4)));
        }
        if (some()) {
            run.set(Level, Value::choice(below(5)));
        }
        if (some()) {
            run.text(Function, pick({"img-resize", "img-crop", "video", "IMG-resize", "图像", "img-", ""}));
        }
        if (some()) {
            run.text(Trigger, pick({"timer", "http", "bucket:upload", "计时器"}));
        }
        if (some()) {
            run.text(Message, message());
        }
        if (some()) {
            run.set(Elapsed, Value::duration(std::chrono::milliseconds{below(6) * 500}));
        }
        if (some()) {
            run.set(Memory, Value::bytes(static_cast<std::int64_t>(below(5)) * 1024 * 1024));
        }
        if (some()) {
            run.set(Count, Value::number(static_cast<double>(below(9)) / 2 - 1));
        }
        if (some()) {
            run.set(Cold, Value::boolean(below(2) == 1));
        }
        if (some()) {
            run.set(When, Value::time(testNow() - std::chrono::minutes{below(6) * 30}));
        }
        return run;
    }

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(m_random); }

    std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

private:
    bool some() { return below(6) != 0; }

    std::string message() {
        std::string out;
        for (auto words = below(5); words > 0; --words) {
            out += pick({"Timeout", "error", "connection refused", "超时", "retry 3", "a,b", "(x)", "\"quoted\"", "😀",
                         "foo.bar", "K", "k", "\xe2\x84\xaa"});
            out += pick({" ", ": ", "\n", ""});
        }
        // SQLite's LIKE and GLOB end at a NUL; a line of a log may hold one, or half a character.
        return below(20) == 0 ? out + '\0' + "after\xff nul timeout" : out;
    }

    std::string orOf(int depth) {
        std::string out = andOf(depth);
        for (auto more = below(3); more > 1; --more) {
            out += " OR " + andOf(depth);
        }
        return out;
    }
    std::string andOf(int depth) {
        std::string out = unary(depth);
        for (auto more = below(3); more > 0; --more) {
            out += pick({" ", " AND ", "  "}) + unary(depth);
        }
        return out;
    }
    std::string unary(int depth) {
        const auto sign = below(4) == 0 ? pick({"-", "NOT "}) : std::string{};
        return sign + (depth > 0 && below(4) == 0 ? '(' + orOf(depth - 1) + ')' : term());
    }

    std::string term() {
        switch (below(12)) {
            case 0:
                return "status:" + pick({"ok", "error", "ERROR,timeout", "success", "t*", "*", "/^t/",
                                         "error,ok,timeout,throttled"});
            case 1:
                return "level:" +
                       pick({"warn", ">=warn", "<error", "info..error", "..info", ">fatal", "*r*", "<=WARNING"});
            case 2:
                return pick({"function:", "fn:"}) +
                       pick({"img-*", "video", "*-resize", "img-?rop", "图*", "??", "img-crop,video",
                             "/^img-(crop|resize)$/", "/IMG/i", "*", "\"\"", "*o*e*", "=img-crop"});
            case 3:
                return "trigger:" + pick({"timer", "http,timer", "\"bucket:upload\"", "bucket:*", "*", "计时器"});
            case 4:
                return "message:" +
                       pick({"timeout", "\"connection refused\"", "=超时", "conn*refused", "/retry [0-9]+/",
                             "/TIME(out)?/i", "超时", "\"\"", "*", "/(error|timeout).*[a-z]/", "/k/i"});
            case 5:
                return "duration:" + pick({">1s", ">=1s", "<2s", "<=500ms", "1s", "500ms..1.5s", "1s..", "0,2s", "*"});
            case 6:
                return "memory:" + pick({">1MiB", "2MiB", "<=2097152", "1MiB..3MiB", "0", "*"});
            case 7:
                return "count:" + pick({">1.5", "-1", "-0.5..2", ">=0", "<0", "<=-1", "1,2,3", "*"});
            case 8:
                return "cold:" + pick({"true", "no", "yes,no", "*"});
            case 9:
                return pick({"since:1h", "until:30m", "at:10:00", "time:>2026-11-22T09:00", "time:2026-11-22T09..10:29",
                             "since:2026-11-22", "until:2026-11-21", "time:*", "time:..now-45m", "at:30m"});
            default:
                return pick({"timeout", "ERROR", "\"connection refused\"", "超时", "/retry [0-9]/", "/fo+\\.bar/i",
                             "re?ry", "con*sed", "😀", "\\(x\\)", "\"\\\"quoted\\\"\"", "a,b", "*", "timer", "nul",
                             "k"});
        }
    }

    std::mt19937 m_random;
};

}  // namespace hanshu::query::tests
