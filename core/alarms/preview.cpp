// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/preview.h"

namespace hanshu::alarms {
namespace {

// Thirty days of ten seconds and some more; a hundred days at the finest would be a minute's work.
constexpr std::int64_t kMaxPeriodsAtOnce = 300'000;
constexpr std::chrono::days kLongestRange{100};

[[nodiscard]] bool isFiringState(State state) {
    return state == State::Firing || state == State::Silenced || state == State::Acknowledged;
}

class Tally {
public:
    explicit Tally(const RuleId& rule) : m_rule(rule) {}

    void add(Evaluation evaluation) {
        for (const auto& message : evaluation.messages) {
            m_preview.told += static_cast<std::uint64_t>(std::ranges::count(message.notices, m_rule, &Notice::rule));
        }
        for (auto& transition : evaluation.transitions) {
            if (transition.rule == m_rule) {
                add(std::move(transition));
            }
        }
    }

    [[nodiscard]] Preview take(SystemTime to) {
        for (const auto& [series, since] : m_since) {
            m_firing += to - since;
        }
        m_preview.firingTime = std::chrono::floor<std::chrono::seconds>(m_firing);
        return std::move(m_preview);
    }

private:
    void add(Transition transition) {
        const auto was = isFiringState(transition.from);
        const auto is = isFiringState(transition.to);
        if (is && !was) {
            ++m_preview.fired;
            m_since[transition.series] = transition.time;
        } else if (was && !is) {
            m_firing += transition.time - m_since[transition.series];
            m_since.erase(transition.series);
        }
        if (m_preview.transitions.size() < Preview::kMaxTransitions) {
            m_preview.transitions.push_back(std::move(transition));
        } else {
            ++m_preview.transitionsLeftOut;
        }
    }

    RuleId m_rule;
    Preview m_preview;
    std::map<SeriesKey, SystemTime> m_since;
    std::chrono::microseconds m_firing{0};
};

}  // namespace

Result<Preview> preview(ValueSource& values, const std::vector<AlarmRule>& rules, SystemTime from, SystemTime to,
                        const EngineOptions& options) {
    auto scratchOptions = options;
    scratchOptions.lag = std::chrono::seconds(0);
    Engine engine(values, scratchOptions);
    auto finest = kLongestPeriod;
    std::vector<AlarmRule> enabled = rules;
    for (auto& rule : enabled) {
        rule.isEnabled = true;
        // Notices are counted, not sent: somebody must be there to be told.
        rule.channels.insert(ChannelId{"preview"});
        finest = std::min(finest, std::max(rule.period, kPeriodStep));
    }
    if (from >= to || to - from > kLongestRange || (to - from) / finest > kMaxPeriodsAtOnce) {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"message", fmt::format("from must be before to, by at most {} days and {} periods",
                                             kLongestRange.count(), kMaxPeriodsAtOnce)}});
    }
    if (auto wrong = engine.putAll(std::move(enabled), from); !wrong.empty()) {
        return fail(std::move(wrong.front().error));
    }
    const auto& id = rules.front().id;
    Tally tally(id);
    const auto stride = finest * static_cast<std::int64_t>(options.maxCatchUp);
    for (auto now = from; now < to;) {
        now = std::min<SystemTime>(now + stride, to);
        auto evaluation = engine.evaluate(now);
        if (!evaluation.errors.empty()) {
            return fail(std::move(evaluation.errors.front().error));
        }
        tally.add(std::move(evaluation));
    }
    auto result = tally.take(to);
    const auto coverage = engine.coverageOf(id);
    result.periods = coverage.observed;
    result.withoutData = coverage.withoutData;
    return result;
}

}  // namespace hanshu::alarms
