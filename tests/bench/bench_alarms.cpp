// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an evaluation of many alarm rules takes, with values at hand. Prints one JSON object.
//
// bench_alarms [RULES]: the default rules of as many functions as make so many, one in twenty of which is in trouble.

#include "alarms/defaults.h"
#include "alarms/engine.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>

using namespace hanshu;
using namespace hanshu::alarms;

namespace {

void must(bool holds, const char* what) {
    if (!holds) {
        fmt::print(stderr, "bench_alarms: failed: {}\n", what);
        std::exit(1);
    }
}

double milliseconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// Gives every function a value of every metric; what a store would take to find them is metrics.query's.
class ValuesAtHand final : public ValueSource {
public:
    explicit ValuesAtHand(std::size_t functions) {
        for (std::size_t i = 0; i < functions; ++i) {
            m_series.push_back({"1", fmt::format("function-{}", i), "", ""});
        }
    }

    std::vector<Result<Values>> ask(std::span<const MetricQuestion> questions) override {
        std::vector<Result<Values>> answers;
        for (const auto& question : questions) {
            Values values{m_series, {}};
            values.values.reserve(m_series.size() * question.periods);
            const auto minute = std::chrono::floor<std::chrono::minutes>(question.end.time_since_epoch()).count();
            for (std::size_t i = 0; i < m_series.size() * question.periods; ++i) {
                const auto isInTrouble = (i + static_cast<std::size_t>(minute) / 7) % 20 == 0;
                values.values.emplace_back(isInTrouble ? 1e6 : 0.0);
            }
            answers.emplace_back(std::move(values));
        }
        return answers;
    }
    std::vector<Result<Values>> ask(std::span<const LogQuestion>) override { return {}; }

private:
    std::vector<SeriesKey> m_series;
};

// The least that any evaluation does: find each rule's value by its series, and compare it.
std::vector<double> plainly(std::size_t functions, std::size_t rules) {
    std::map<SeriesKey, double> values;
    std::vector<SeriesKey> wanted;
    for (std::size_t i = 0; i < functions; ++i) {
        const SeriesKey key{"1", fmt::format("function-{}", i), "", ""};
        values[key] = i % 20 == 0 ? 1e6 : 0;
        wanted.push_back(key);
    }
    std::vector<double> spent;
    for (int round = 0; round < 60; ++round) {
        std::size_t firing = 0;
        spent.push_back(milliseconds([&] {
            for (std::size_t i = 0; i < rules; ++i) {
                firing += values.find(wanted[i % functions])->second > 10 ? 1U : 0U;
            }
        }));
        must(firing > 0, "the plain way finds what fires");
    }
    return spent;
}

}  // namespace

int main(int argc, char** argv) {
    const auto wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
    must(wanted >= 10 && wanted <= 1'000'000, "RULES must be 10 to 1,000,000");
    const auto functions = (wanted + defaultRuleTable().size() - 1) / defaultRuleTable().size();
    ValuesAtHand values(functions);
    Engine engine(values);
    SystemTime now{std::chrono::hours(500'000)};
    std::size_t rules = 0;
    for (std::size_t i = 0; i < functions; ++i) {
        for (auto& rule :
             defaultRules({"1", fmt::format("function-{}", i), std::chrono::seconds(60), {ChannelId{"c"}}})) {
            rule.period = std::chrono::seconds(60);  // all are due each time
            must(engine.put(std::move(rule), now).has_value(), "put");
            ++rules;
        }
    }
    std::vector<double> evaluate;
    std::vector<double> keep;
    std::size_t transitions = 0;
    std::size_t bytes = 0;
    std::size_t questions = 0;
    for (int minute = 0; minute < 60; ++minute) {
        now += std::chrono::minutes(1);
        evaluate.push_back(milliseconds([&] {
            const auto result = engine.evaluate(now + std::chrono::seconds(5));
            must(result.rules == rules && result.errors.empty(), "every rule is evaluated");
            transitions += result.transitions.size();
            questions = result.questions;
        }));
        keep.push_back(milliseconds([&] {
            for (const auto& record : engine.changes()) {
                bytes += record.bytes.size();
            }
            engine.confirm();
        }));
    }
    must(transitions > 0, "something fires");
    const auto lookups = median(plainly(functions, rules));
    fmt::print(
        "{{\"rules\": {}, \"evaluate_ms\": {:.3f}, \"worst_ms\": {:.3f}, \"lookup_ms\": {:.3f}, \"keep_ms\": {:.3f}, "
        "\"questions\": {}, \"transitions\": {}, \"kept_bytes\": {}}}\n",
        rules, median(evaluate), *std::ranges::max_element(evaluate), lookups, median(keep), questions, transitions,
        bytes / 60);
    return 0;
}
