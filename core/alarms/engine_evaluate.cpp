// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/engine_entry.h"

#include <unordered_set>

namespace hanshu::alarms {
namespace {

constexpr auto kDetail = static_cast<std::size_t>(Dimension::Detail);
// A clock that is set back by less is waited for.
constexpr std::chrono::minutes kClockStep{10};

[[nodiscard]] std::chrono::seconds shiftOf(const AlarmRule& rule) {
    switch (rule.against) {
        case Against::Value:
            return std::chrono::seconds(0);
        case Against::PeriodBefore:
            return rule.period;
        case Against::Yesterday:
            return std::chrono::days(1);
        case Against::LastWeek:
            return std::chrono::days(7);
    }
    return std::chrono::seconds(0);
}

using Row = std::span<const std::optional<double>>;

[[nodiscard]] std::optional<double> at(Row row, std::size_t period) {
    return period < row.size() ? row[period] : std::nullopt;
}

// What stands for a rule without any series.
[[nodiscard]] bool isAll(const SeriesKey& key) {
    return std::ranges::all_of(key, [](const std::string& part) { return part.empty(); });
}

}  // namespace

// A series of a rule while it is being evaluated.
struct Engine::Lane {
    SeriesState* state = nullptr;
    // Values, what they are divided by, and both of the time they are compared with.
    std::array<Row, 4> rows;

    [[nodiscard]] std::optional<double> ratio(std::size_t first, std::size_t period, bool isDivided) const {
        const auto value = at(rows[first], period);
        if (!isDivided || !value) {
            return value;
        }
        const auto by = at(rows[first + 1], period);
        return by && *by != 0 ? std::optional(*value / *by) : std::nullopt;
    }
};

struct Engine::Due {
    Entry* entry = nullptr;
    SystemTime from;  // the start of the first period
    std::uint32_t periods = 0;
    std::array<std::optional<QuestionBatch::Ticket>, 4> tickets{};
    std::vector<std::pair<const SeriesKey*, Lane>> lanes{};

    [[nodiscard]] SystemTime endOf(std::uint32_t period) const { return from + entry->rule.period * (period + 1); }
};

struct Engine::Step {
    SystemTime end;
    std::size_t rank;
    std::uint32_t due;
    std::uint32_t period;
    auto operator<=>(const Step&) const = default;
};

Evaluation Engine::evaluate(SystemTime now) {
    m_now = now;
    Evaluation result;
    std::vector<Due> due;
    for (auto& [id, entry] : m_entries) {
        if (auto one = dueOf(entry, now, result)) {
            due.push_back(std::move(*one));
        }
    }
    result.rules = due.size();
    QuestionBatch batch;
    ask(due, batch, result);
    walk(due);
    sweep(now);
    m_horizon = horizonAt(now);
    result.transitions = std::exchange(m_transitions, {});
    std::ranges::stable_sort(result.transitions, {}, &Transition::time);
    result.messages = toMessages(m_notices, m_options.storm, now);
    m_notices.clear();
    return result;
}

std::optional<Engine::Due> Engine::dueOf(Entry& entry, SystemTime now, Evaluation& result) {
    if (!entry.rule.isEnabled || entry.isReported) {
        return std::nullopt;
    }
    const auto period = entry.rule.period;
    const auto newest = floorTo(horizonAt(now), period);
    if (entry.evaluatedUntil - newest > std::max<std::chrono::seconds>(period, kClockStep)) {
        entry.evaluatedUntil = newest;  // the clock was set back
    }
    if (newest <= entry.evaluatedUntil) {
        return std::nullopt;
    }
    const auto count = static_cast<std::uint64_t>((newest - entry.evaluatedUntil) / period);
    const auto periods = std::min<std::uint64_t>(count, m_options.maxCatchUp);
    if (count > 1) {
        auto& missed =
            result.missed ? *result.missed : result.missed.emplace(Missed{entry.evaluatedUntil, newest - period});
        missed.from = std::min(missed.from, entry.evaluatedUntil);
        missed.until = std::max(missed.until, newest - period);
        ++missed.rules;
        missed.periods += periods - 1;
        missed.skipped += count - periods;
    }
    return Due{&entry, newest - period * static_cast<std::int64_t>(periods), static_cast<std::uint32_t>(periods)};
}

void Engine::ask(std::vector<Due>& due, QuestionBatch& batch, Evaluation& result) {
    for (auto& one : due) {
        const auto& rule = one.entry->rule;
        const auto end = one.endOf(one.periods - 1);
        if (const auto* source = std::get_if<LogSource>(&rule.source)) {
            one.tickets[0] = batch.add(*source, rule.period, end, one.periods);
            if (rule.against != Against::Value) {
                one.tickets[2] = batch.add(*source, rule.period, end - shiftOf(rule), one.periods);
            }
        } else if (const auto* metric = std::get_if<MetricSource>(&rule.source)) {
            const auto add = [&](std::size_t first, SystemTime until) {
                one.tickets[first] = batch.add(*metric, metric->metric, rule.period, until, one.periods);
                if (!metric->dividedBy.empty()) {
                    one.tickets[first + 1] = batch.add(*metric, metric->dividedBy, rule.period, until, one.periods);
                }
            };
            add(0, end);
            if (rule.against != Against::Value) {
                add(2, end - shiftOf(rule));
            }
        }
    }
    batch.ask(m_values);
    result.questions = batch.questions();
    std::erase_if(due, [&](Due& one) { return !openLanes(one, batch, result); });
}

bool Engine::openLanes(Due& due, QuestionBatch& batch, Evaluation& result) {
    auto& entry = *due.entry;
    entry.error.clear();
    for (const auto& ticket : due.tickets) {
        if (const auto* error = ticket ? batch.errorOf(*ticket) : nullptr) {
            entry.error = error->describe();
            result.errors.push_back({entry.rule.id, *error});
            return false;
        }
    }
    std::map<const SeriesKey*, Lane> lanes;
    std::size_t leftOut = 0;
    for (std::size_t i = 0; i < due.tickets.size(); ++i) {
        if (!due.tickets[i]) {
            continue;
        }
        batch.each(*due.tickets[i], [&](const SeriesKey& key, Row row) {
            auto known = entry.series.find(key);
            if (known == entry.series.end()) {
                if (i != 0) {
                    return;
                }
                if (entry.series.size() >= m_options.maxSeries) {
                    ++leftOut;
                    return;
                }
                known = entry.series.try_emplace(key).first;
            }
            lanes[&known->first].rows[i] = row;
        });
    }
    if (leftOut > 0) {
        entry.error = fmt::format("{} series are left out: a rule watches at most {}; narrow its patterns", leftOut,
                                  m_options.maxSeries);
        result.errors.push_back({entry.rule.id, {Code::ResourceExhausted, "AlarmSeriesLimit", {}, entry.error}});
    }
    // A rule of everything that has never seen anything still has to say that there is nothing.
    if (entry.series.empty() && (entry.composite || entry.rule.noData == NoData::Firing)) {
        entry.series.try_emplace(SeriesKey{});
    }
    for (auto& [key, state] : entry.series) {
        auto& lane = lanes[&key];
        lane.state = &state;
        due.lanes.emplace_back(&key, lane);
    }
    return true;
}

void Engine::walk(std::vector<Due>& due) {
    std::vector<Step> steps;
    for (std::uint32_t i = 0; i < due.size(); ++i) {
        for (std::uint32_t period = 0; period < due[i].periods; ++period) {
            steps.push_back({due[i].endOf(period), due[i].entry->composite ? due[i].entry->rank : 0, i, period});
        }
    }
    // Composites come after what they are made of, and both as time went by.
    std::ranges::sort(steps);
    for (const auto& one : steps) {
        step(due[one.due], one.period);
    }
    for (auto& one : due) {
        auto& entry = *one.entry;
        entry.evaluatedUntil = one.endOf(one.periods - 1);
        std::erase_if(entry.series, [](const auto& known) { return known.second.isNew(); });
    }
}

void Engine::step(Due& due, std::uint32_t period) {
    auto& entry = *due.entry;
    const auto end = due.endOf(period);
    if (entry.composite) {
        const auto isTrue = entry.composite->evaluate([this](const RuleId& id) { return isFiring(id); });
        observe(entry, *due.lanes.front().first, *due.lanes.front().second.state, {end, isTrue ? 1.0 : 0.0, {}});
        return;
    }
    const auto* metric = std::get_if<MetricSource>(&entry.rule.source);
    const auto isDivided = metric != nullptr && !metric->dividedBy.empty();
    const auto hasOthers =
        std::ranges::any_of(due.lanes, [&](const auto& lane) { return !lane.second.rows[0].empty(); });
    for (auto& [key, lane] : due.lanes) {
        // What stood for a rule without any series is over with the first one.
        const auto isPlaceholder = metric != nullptr && hasOthers && lane.rows[0].empty() && isAll(*key);
        if (isPlaceholder) {
            lane.state->end();
            settle(entry, *key, *lane.state, end, Cause::Value);
            continue;
        }
        observe(entry, *key, *lane.state, {end, lane.ratio(0, period, isDivided), lane.ratio(2, period, isDivided)});
    }
    if (hasOthers && entry.rule.noData == NoData::Firing && metric != nullptr && period + 1 == due.periods) {
        const auto placeholder = std::ranges::find_if(
            due.lanes, [](const auto& lane) { return isAll(*lane.first) && lane.second.rows[0].empty(); });
        if (placeholder != due.lanes.end()) {
            entry.series.erase(SeriesKey(*placeholder->first));
        }
    }
}

void Engine::observe(Entry& entry, const SeriesKey& series, SeriesState& state, const Observed& observed) {
    ++entry.coverage.observed;
    entry.coverage.withoutData += observed.measured(entry.rule.against) ? 0 : 1;
    const auto isChanged = state.observe(entry.rule, observed, m_options.flapping);
    settle(entry, series, state, observed.end, isChanged ? state.cause() : Cause::Schedule);
    // At each period rather than each evaluation: what comes must not depend on when somebody looked.
    if (state.isForgettable(entry.rule)) {
        state = SeriesState();
    }
}

void Engine::sweep(SystemTime now) {
    for (auto& [id, entry] : m_entries) {
        std::erase_if(entry.silences, [now](const Silence& silence) { return silence.until <= now; });
        for (auto& [key, state] : entry.series) {
            settle(entry, key, state, now, Cause::Schedule);
        }
    }
}

void Engine::settle(Entry& entry, const SeriesKey& series, SeriesState& state, SystemTime at, Cause cause,
                    const std::string& by) {
    const auto matters = state.isFiring() || state.isAnnounced || state.isFlapping();
    const auto isSilenced = matters && entry.isSilenced(series, at);
    const auto to = state.state(isSilenced);
    const auto was = std::exchange(state.seen, to);
    if (was != to) {
        m_transitions.push_back(
            {entry.rule.id, series, was, to, cause, at, {state.values().begin(), state.values().end()}, by});
    }
    if (matters) {
        notify(entry, series, state, was, isSilenced, at);
    }
}

void Engine::notify(Entry& entry, const SeriesKey& series, SeriesState& state, State was, bool isSilenced,
                    SystemTime at) {
    if (state.hasCalmedDown(at, m_options.flapping)) {
        state.stopFlapping();
        state.isAnnounced = state.isAnnounced && !state.isFiring();
    }
    // What ends while it is silenced is told when it may be.
    if (isSilenced) {
        return;
    }
    if (state.isFlapping()) {
        if (!state.isFlappingTold && !state.isAcknowledged()) {
            state.isFlappingTold = true;
            tell(entry, series, state, Event::Flapping, at);
        }
        return;
    }
    if (!state.isFiring()) {
        if (state.isAnnounced) {
            tell(entry, series, state, Event::Resolved, at);
        }
        return;
    }
    if (state.isAcknowledged()) {
        return;
    }
    const auto repeat = entry.rule.repeatEvery;
    const auto isDue = repeat > repeat.zero() && at - state.notifiedAt >= repeat;
    if (!state.isAnnounced) {
        tell(entry, series, state, Event::Fired, at);
    } else if (was == State::Silenced || isDue) {
        tell(entry, series, state, Event::StillFiring, at);
    }
}

void Engine::tell(Entry& entry, const SeriesKey& series, SeriesState& state, Event event, SystemTime at) {
    const auto& rule = entry.rule;
    state.isAnnounced = event != Event::Resolved;
    state.notifiedAt = at;
    const auto* metric = std::get_if<MetricSource>(&rule.source);
    Notice notice{event,
                  rule.id,
                  rule.name,
                  rule.severity,
                  rule.labels,
                  entry.description,
                  series,
                  state.seen,
                  at,
                  state.since(),
                  state.value(rule.against),
                  rule.threshold,
                  rule.op,
                  metric != nullptr ? metric->metric : std::string(),
                  m_now - at > rule.period * 2 + m_options.lag,
                  rule.title,
                  rule.text};
    auto channels = rule.channels;
    if (entry.isReported) {
        // That a channel does not work is not told by that channel.
        channels.erase(ChannelId{series[kDetail]});
        notice.event = event == Event::Resolved   ? Event::DeliveryWorks
                       : event == Event::Flapping ? Event::Flapping
                                                  : Event::DeliveryFailed;
    }
    m_notices.emplace_back(std::move(notice), std::move(channels));
}

}  // namespace hanshu::alarms
