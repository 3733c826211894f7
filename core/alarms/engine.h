// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Decides which alarms there are: asks for the values of due rules, moves each series' state, and says what changed and
// who is to hear of it. Without threads, timers or files: whoever owns it calls evaluate every few seconds, one thread
// at a time, keeps what changes() gives, and hands on the messages.
#pragma once

#include "alarms/composite.h"
#include "alarms/effective_hours.h"
#include "alarms/notice.h"
#include "alarms/ports.h"
#include "alarms/question_batch.h"

namespace hanshu::alarms {

struct EngineOptions {
    // How long after its end a period is looked at: values are written ten seconds at a time, a moment late.
    std::chrono::seconds lag{5};
    // Periods of a rule that are made up for after a pause; older ones are skipped and told. Half a month of minutes
    // would be a question of 20,000 values a series.
    std::uint32_t maxCatchUp = 1000;
    // Of a rule; more are left out and told as an error of the rule, so that a pattern can't fill the memory.
    std::size_t maxSeries = 1000;
    // More news at once than this become one message a channel.
    std::size_t storm = 5;
    FlapLimits flapping;
};

struct RuleError {
    RuleId rule;
    Error error;
};

// A time in which nobody evaluated.
struct Missed {
    SystemTime from;
    SystemTime until;
    std::uint64_t rules = 0;
    std::uint64_t periods = 0;  // made up for
    std::uint64_t skipped = 0;  // too long ago
};

struct Evaluation {
    std::vector<Transition> transitions;  // in order of time, with those that people made since the last evaluation
    std::vector<Message> messages;
    std::optional<Missed> missed;
    std::vector<RuleError> errors;  // rules that could not be evaluated and are tried again
    std::size_t rules = 0;          // that were due
    std::size_t questions = 0;      // that were asked for them
};

struct Silence {
    std::optional<SeriesKey> series;  // nothing: all of the rule
    SystemTime until;
    std::string by;
};

// A series of a rule that is not plainly OK.
struct AlarmStatus {
    RuleId rule;
    SeriesKey series;
    State state = State::Ok;
    SystemTime since;
    std::optional<double> value;
    bool isFlapping = false;
    std::string acknowledgedBy;
};

struct RuleStatus {
    RuleId rule;
    State worst = State::Ok;
    std::size_t series = 0;
    SystemTime evaluatedUntil;
    std::string error;  // of the last try; empty: none
    std::vector<Silence> silences;
};

class Engine {
public:
    // `values` outlives it.
    explicit Engine(ValueSource& values, const EngineOptions& options = {});
    ~Engine();
    Engine(Engine&&) noexcept;

    // Adds or replaces a rule. State stays where the two watch the same; else alarms of the old one are over. A new
    // rule begins with the next period that ends. InvalidAlarmRule names all that is wrong.
    [[nodiscard]] Result<void> put(AlarmRule rule, SystemTime now);
    // NotFound; FailedPrecondition: another rule names it.
    [[nodiscard]] Result<void> remove(const RuleId& id, SystemTime now);
    // All rules of a start, in any order; those that are wrong are left out and told.
    [[nodiscard]] std::vector<RuleError> putAll(std::vector<AlarmRule> rules, SystemTime now);
    [[nodiscard]] const AlarmRule* find(const RuleId& id) const;
    // The rule and those it is made of.
    [[nodiscard]] std::vector<AlarmRule> withOperands(const AlarmRule& rule) const;

    // Evaluates the periods that are over; those that were missed, too, as far as there is data.
    [[nodiscard]] Evaluation evaluate(SystemTime now);
    // A rule that is never due: report() says what it found. Of the series, the detail names a channel that is not to
    // hear of it.
    void declare(const AlarmRule& rule, SystemTime now);
    void report(const RuleId& id, const SeriesKey& series, bool isFiring, SystemTime now);

    // Of one series or of all that fire. NotFound: rule or series; FailedPrecondition: nothing fires.
    [[nodiscard]] Result<void> acknowledge(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                           SystemTime now);
    // Of one series or the whole rule, whatever comes until then. A later one replaces it.
    [[nodiscard]] Result<void> silence(const RuleId& id, Silence silence, SystemTime now);
    [[nodiscard]] Result<void> unsilence(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                         SystemTime now);
    // Series that there are no more, of a function that was deleted, say.
    void forget(const SeriesGlobs& series, SystemTime now);

    [[nodiscard]] std::vector<AlarmStatus> alarms(SystemTime now) const;
    [[nodiscard]] std::vector<RuleStatus> rules(SystemTime now) const;

    // What a store must keep since the last confirm(). Steady states cost nothing.
    [[nodiscard]] std::vector<StateStore::Record> changes() const;
    void confirm();
    // Before any rule is put: what changes() gave. What is damaged is left out and named; its rules begin anew.
    [[nodiscard]] std::vector<std::string> restore(const std::vector<StateStore::Record>& records);

    // Of one rule: how many periods of series it looked at, and in how many there was no data.
    struct Coverage {
        std::uint64_t observed = 0;
        std::uint64_t withoutData = 0;
    };
    [[nodiscard]] Coverage coverageOf(const RuleId& id) const;

private:
    struct Entry;
    struct Lane;
    struct Due;
    struct Step;

    [[nodiscard]] SystemTime horizonAt(SystemTime now) const { return now - m_options.lag; }
    void adopt(AlarmRule rule, SystemTime now);
    [[nodiscard]] Result<void> order();
    void retire(Entry& entry, SystemTime now);
    [[nodiscard]] std::optional<Due> dueOf(Entry& entry, SystemTime now, Evaluation& result);
    void ask(std::vector<Due>& due, QuestionBatch& batch, Evaluation& result);
    [[nodiscard]] bool openLanes(Due& due, QuestionBatch& batch, Evaluation& result);
    void walk(std::vector<Due>& due);
    void step(Due& due, std::uint32_t period);
    void observe(Entry& entry, const SeriesKey& series, SeriesState& state, const Observed& observed);
    void sweep(SystemTime now);
    void settle(Entry& entry, const SeriesKey& series, SeriesState& state, SystemTime at, Cause cause,
                const std::string& by = {});
    void notify(Entry& entry, const SeriesKey& series, SeriesState& state, State was, bool isSilenced, SystemTime at);
    void tell(Entry& entry, const SeriesKey& series, SeriesState& state, Event event, SystemTime at);
    [[nodiscard]] bool isFiring(const RuleId& id) const;
    [[nodiscard]] std::string bytesOf(const Entry& entry) const;
    void restoreEntry(Entry& entry, std::string_view bytes, SystemTime now);

    ValueSource& m_values;
    EngineOptions m_options;
    std::map<RuleId, Entry> m_entries;
    SystemTime m_now;
    // Up to where periods were looked at, of every rule that has no time of its own.
    std::optional<SystemTime> m_horizon;
    std::optional<SystemTime> m_savedHorizon;
    std::map<RuleId, std::string> m_restored;  // of rules that were not put yet
    std::set<RuleId> m_gone;                   // whose records are to go
    std::vector<Transition> m_transitions;
    std::vector<std::pair<Notice, std::set<ChannelId>>> m_notices;
};

}  // namespace hanshu::alarms
