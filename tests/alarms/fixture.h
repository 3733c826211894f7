// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Values, a store and a sender that a test makes up.
#pragma once

// Qt's moc reads the headers below only after this one.
#include <functional>

#include "alarms/alarms.h"

namespace hanshu::alarms {

inline constexpr SystemTime kStart{std::chrono::seconds(1'700'006'400)};  // 2023-11-15, a Wednesday, 00:00 UTC
inline const SeriesKey kF{"1", "f", "LATEST", ""};
inline const SeriesKey kG{"1", "g", "LATEST", ""};

// Answers each period with what a function says of it.
class MadeUpValues final : public ValueSource {
public:
    using Of = std::function<std::optional<double>(SystemTime end)>;

    std::map<std::string, std::map<SeriesKey, Of>> metrics;
    std::map<std::string, Of> logs;  // by filter
    std::optional<Error> broken;
    std::mutex mutex;  // of what was asked last
    std::vector<MetricQuestion> asked;

    std::vector<Result<Values>> ask(std::span<const MetricQuestion> questions) override {
        {
            const std::lock_guard lock(mutex);
            asked.assign(questions.begin(), questions.end());
        }
        std::vector<Result<Values>> answers;
        for (const auto& question : questions) {
            answers.push_back(broken ? Result<Values>(fail(*broken)) : answer(question));
        }
        return answers;
    }
    std::vector<Result<Values>> ask(std::span<const LogQuestion> questions) override {
        std::vector<Result<Values>> answers;
        for (const auto& question : questions) {
            Values values{{{question.source.account, "", "", ""}}, {}};
            for (std::uint32_t i = question.periods; i > 0; --i) {
                values.values.push_back(logs.at(question.source.filter)(question.end - question.period * (i - 1)));
            }
            answers.emplace_back(std::move(values));
        }
        return answers;
    }

private:
    [[nodiscard]] static bool isWanted(const MetricQuestion& question, const SeriesKey& series) {
        return std::ranges::any_of(question.wanted, [&](const SeriesGlobs& globs) {
            for (std::size_t i = 0; i < kDimensions; ++i) {
                if (!matchesGlob(globs[i], series[i])) {
                    return false;
                }
            }
            return true;
        });
    }
    // Series that agree in what is grouped by are added up.
    [[nodiscard]] Values answer(const MetricQuestion& question) const {
        std::map<SeriesKey, std::vector<std::optional<double>>> lines;
        const auto metric = metrics.find(question.metric);
        for (const auto& [series, of] : metric == metrics.end() ? std::map<SeriesKey, Of>() : metric->second) {
            if (!isWanted(question, series)) {
                continue;
            }
            auto key = series;
            for (std::size_t i = 0; i < kDimensions; ++i) {
                key[i] = question.groupBy[i] ? key[i] : "";
            }
            auto& line = lines[key];
            line.resize(question.periods);
            for (std::uint32_t i = 0; i < question.periods; ++i) {
                if (const auto value = of(question.end - question.period * (question.periods - 1 - i))) {
                    line[i] = line[i].value_or(0) + *value;
                }
            }
        }
        Values values;
        for (auto& [key, line] : lines) {
            values.series.push_back(key);
            values.values.insert(values.values.end(), line.begin(), line.end());
        }
        return values;
    }
};

class MemoryStore final : public StateStore {
public:
    std::map<std::string, std::string> records;
    bool isBroken = false;
    std::size_t written = 0;

    Result<std::vector<Record>> load() override {
        std::vector<Record> all;
        for (const auto& [key, bytes] : records) {
            all.push_back({key, bytes});
        }
        return all;
    }
    Result<void> save(std::span<const Record> changes) override {
        if (isBroken) {
            return fail(Code::Unavailable, "DiskFull");
        }
        written += changes.size();
        for (const auto& [key, bytes] : changes) {
            if (bytes.empty()) {
                records.erase(key);
            } else {
                records[key] = bytes;
            }
        }
        return {};
    }
};

class MadeUpSender final : public Sender {
public:
    std::set<ChannelId> broken;
    std::vector<Message> sent;
    std::uint32_t tries = 0;

    Result<void> send(const Channel& channel, const Message& message, SystemTime) override {
        ++tries;
        if (broken.contains(channel.id)) {
            return fail(Code::Unavailable, "AlarmChannelRefused", {{"answer", "no"}});
        }
        sent.push_back(message);
        return {};
    }
};

inline AlarmRule ruleOf(std::string id, std::uint32_t violated = 1, std::uint32_t of = 1) {
    AlarmRule rule;
    rule.id = RuleId{id};
    rule.name = "Rule " + id;
    rule.source = MetricSource{"Errors", {}, anySeries(), Statistic::Sum, {true, true, true, true}};
    rule.threshold = 10;
    rule.violated = violated;
    rule.of = of;
    rule.channels = {ChannelId{"team"}};
    return rule;
}
inline AlarmRule compositeOf(std::string id, std::string expression) {
    auto rule = ruleOf(std::move(id));
    rule.source = CompositeSource{std::move(expression)};
    return rule;
}
inline Channel webhook(std::string id) {
    return {ChannelId{id}, id, WebhookChannel{"https://example.com/" + id, "", {}}, true};
}

// The number of the minute that ends then, from 1.
inline std::int64_t minuteOf(SystemTime end) {
    return std::chrono::duration_cast<std::chrono::minutes>(end - kStart).count();
}
// The values of minutes 1, 2, … and no data after them.
inline MadeUpValues::Of minutes(std::vector<std::optional<double>> values) {
    return [values = std::move(values)](SystemTime end) -> std::optional<double> {
        const auto minute = minuteOf(end);
        return minute >= 1 && minute <= static_cast<std::int64_t>(values.size())
                   ? values[static_cast<std::size_t>(minute - 1)]
                   : std::nullopt;
    };
}

// "f: ok>firing@3": of the function, with the minute of the clock.
inline std::string toText(const std::vector<Transition>& transitions) {
    std::string text;
    for (const auto& transition : transitions) {
        text += fmt::format("{}{}:{}>{}@{}", text.empty() ? "" : " ", transition.series[1], nameOf(transition.from),
                            nameOf(transition.to), minuteOf(transition.time));
    }
    return text;
}
inline std::string toText(const std::vector<Message>& messages) {
    std::string text;
    for (const auto& message : messages) {
        text += fmt::format("{}{}", text.empty() ? "" : " ", message.channel.value);
        for (const auto& notice : message.notices) {
            text += fmt::format("/{}", nameOf(notice.event));
        }
    }
    return text;
}

// An engine, and the minutes that pass for it.
struct Watch {
    MadeUpValues values;
    Engine engine{values};
    SystemTime now = kStart + std::chrono::seconds(5);
    std::vector<Transition> transitions;
    std::vector<Message> messages;
    Evaluation last;

    void pass(std::int64_t count = 1) {
        for (; count > 0; --count) {
            jump(1);
        }
    }
    void jump(std::int64_t minutesAhead) {
        now += std::chrono::minutes(minutesAhead);
        last = engine.evaluate(now);
        transitions.insert(transitions.end(), last.transitions.begin(), last.transitions.end());
        messages.insert(messages.end(), last.messages.begin(), last.messages.end());
    }
    [[nodiscard]] std::string changes() { return toText(std::exchange(transitions, {})); }
    [[nodiscard]] std::string told() { return toText(std::exchange(messages, {})); }
};

}  // namespace hanshu::alarms
