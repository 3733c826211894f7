// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/engine.h"

#include "alarms/engine_entry.h"

namespace hanshu::alarms {
namespace {

[[nodiscard]] Failure noSuchRule(const RuleId& id) {
    return fail(Code::NotFound, "AlarmRuleNotFound", {{"rule", id.value}});
}

}  // namespace

Engine::Engine(ValueSource& values, const EngineOptions& options) : m_values(values), m_options(options) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;

Result<void> Engine::put(AlarmRule rule, SystemTime now) {
    if (const auto violations = validate(rule); !violations.empty()) {
        return invalid(violations);
    }
    if (const auto* composite = std::get_if<CompositeSource>(&rule.source)) {
        std::map<RuleId, Composite> composites;
        for (const auto& [id, entry] : m_entries) {
            if (entry.composite) {
                composites.emplace(id, *entry.composite);
            }
        }
        composites.insert_or_assign(rule.id, Composite::parse(composite->expression).value());
        HANSHU_TRY(orderOf(composites, [&](const RuleId& id) { return m_entries.contains(id); }));
    }
    const auto isComposite = std::holds_alternative<CompositeSource>(rule.source);
    adopt(std::move(rule), now);
    return isComposite ? order() : Result<void>();
}

std::vector<RuleError> Engine::putAll(std::vector<AlarmRule> rules, SystemTime now) {
    std::vector<RuleError> errors;
    std::vector<AlarmRule> waiting;
    for (auto& rule : rules) {
        if (std::holds_alternative<CompositeSource>(rule.source)) {
            waiting.push_back(std::move(rule));
        } else if (auto done = put(rule, now); !done) {
            errors.push_back({rule.id, std::move(done.error())});
        }
    }
    // Each round puts those whose operands are there; what is left after a round without any is wrong.
    for (std::size_t before = waiting.size() + 1; !waiting.empty() && waiting.size() < before;) {
        before = waiting.size();
        std::vector<AlarmRule> left;
        std::vector<RuleError> wrong;
        for (auto& rule : waiting) {
            if (auto done = put(rule, now); !done) {
                wrong.push_back({rule.id, std::move(done.error())});
                left.push_back(std::move(rule));
            }
        }
        waiting = std::move(left);
        if (waiting.size() == before) {
            std::ranges::move(wrong, std::back_inserter(errors));
        }
    }
    return errors;
}

void Engine::adopt(AlarmRule rule, SystemTime now) {
    m_now = now;
    const auto id = rule.id;
    auto [place, isNew] = m_entries.try_emplace(id);
    auto& entry = place->second;
    m_gone.erase(id);
    const auto keeps = !isNew && watchTheSame(entry.rule, rule) && rule.isEnabled && entry.rule.isEnabled;
    if (!isNew && !keeps) {
        retire(entry, now);
    }
    if (!keeps) {
        entry.evaluatedUntil = floorTo(now, rule.period);
    }
    entry.composite.reset();
    if (const auto* composite = std::get_if<CompositeSource>(&rule.source)) {
        entry.composite = Composite::parse(composite->expression).value();
    }
    entry.hours = Hours(rule.hours);
    entry.description = describe(rule);
    entry.error.clear();
    entry.rule = std::move(rule);
    if (const auto restored = m_restored.find(id); restored != m_restored.end()) {
        restoreEntry(entry, restored->second, now);
        m_restored.erase(restored);
    }
}

Result<void> Engine::order() {
    std::map<RuleId, Composite> composites;
    for (const auto& [id, entry] : m_entries) {
        if (entry.composite) {
            composites.emplace(id, *entry.composite);
        }
    }
    auto ordered = orderOf(composites, [&](const RuleId& id) { return m_entries.contains(id); });
    HANSHU_TRY(ordered);
    for (std::size_t i = 0; i < ordered->size(); ++i) {
        m_entries.at((*ordered)[i]).rank = i + 1;
    }
    return {};
}

Result<void> Engine::remove(const RuleId& id, SystemTime now) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return noSuchRule(id);
    }
    for (const auto& [other, entry] : m_entries) {
        if (entry.composite && std::ranges::find(entry.composite->rules(), id) != entry.composite->rules().end()) {
            return fail(Code::FailedPrecondition, "AlarmRuleInUse",
                        {{"rule", id.value},
                         {"message", fmt::format("the rule {} is part of {}; change or delete that one first", id.value,
                                                 other.value)}});
        }
    }
    m_now = now;
    retire(found->second, now);
    m_entries.erase(found);
    m_gone.insert(id);
    return {};
}

void Engine::retire(Entry& entry, SystemTime now) {
    for (auto& [key, state] : entry.series) {
        state.end();
        settle(entry, key, state, now, Cause::RuleChanged);
    }
    entry.series.clear();
}

const AlarmRule* Engine::find(const RuleId& id) const {
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second.rule;
}

std::vector<AlarmRule> Engine::withOperands(const AlarmRule& rule) const {
    std::vector<AlarmRule> found{rule};
    std::set<RuleId> known{rule.id};
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto* source = std::get_if<CompositeSource>(&found[i].source);
        const auto composite = source != nullptr ? Composite::parse(source->expression) : Composite();
        if (!composite) {
            continue;
        }
        for (const auto& id : composite->rules()) {
            if (const auto* operand = find(id); operand != nullptr && known.insert(id).second) {
                found.push_back(*operand);
            }
        }
    }
    return found;
}

void Engine::declare(const AlarmRule& rule, SystemTime now) {
    adopt(rule, now);
    m_entries.at(rule.id).isReported = true;
}

void Engine::report(const RuleId& id, const SeriesKey& series, bool isFiring, SystemTime now) {
    m_now = now;
    const auto found = m_entries.find(id);
    // That it is fine is only news where it was not.
    if (found == m_entries.end() || (!isFiring && !found->second.series.contains(series))) {
        return;
    }
    auto& entry = found->second;
    observe(entry, series, entry.series[series], {now, isFiring ? 1.0 : 0.0, {}});
}

Result<void> Engine::acknowledge(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                 SystemTime now) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return noSuchRule(id);
    }
    m_now = now;
    if (series && !found->second.series.contains(*series)) {
        return fail(Code::NotFound, "AlarmNotFound", {{"rule", id.value}});
    }
    if (by.empty()) {
        return fail(Code::InvalidArgument, "InvalidArgument", {{"message", "by must say who acknowledges"}});
    }
    std::size_t count = 0;
    for (auto& [key, state] : found->second.series) {
        if (state.isFiring() && (!series || *series == key)) {
            state.acknowledge(by);
            settle(found->second, key, state, now, Cause::Person, by);
            ++count;
        }
    }
    if (count == 0) {
        return fail(Code::FailedPrecondition, "AlarmNotFiring", {{"rule", id.value}});
    }
    return {};
}

Result<void> Engine::silence(const RuleId& id, Silence silence, SystemTime now) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return noSuchRule(id);
    }
    if (silence.until <= now) {
        return fail(Code::InvalidArgument, "InvalidArgument", {{"message", "until must be in the future"}});
    }
    m_now = now;
    auto& entry = found->second;
    std::erase_if(entry.silences, [&](const Silence& other) { return other.series == silence.series; });
    entry.silences.push_back(silence);
    for (auto& [key, state] : entry.series) {
        settle(entry, key, state, now, Cause::Person, silence.by);
    }
    return {};
}

Result<void> Engine::unsilence(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                               SystemTime now) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return noSuchRule(id);
    }
    m_now = now;
    auto& entry = found->second;
    std::erase_if(entry.silences, [&](const Silence& silence) { return !series || silence.series == series; });
    for (auto& [key, state] : entry.series) {
        settle(entry, key, state, now, Cause::Person, by);
    }
    return {};
}

void Engine::forget(const SeriesGlobs& series, SystemTime now) {
    m_now = now;
    const auto isMeant = [&](const SeriesKey& key) {
        for (std::size_t i = 0; i < kDimensions; ++i) {
            if (!matchesGlob(series[i], key[i])) {
                return false;
            }
        }
        return true;
    };
    for (auto& [id, entry] : m_entries) {
        for (auto& [key, state] : entry.series) {
            if (isMeant(key)) {
                state.end();
                settle(entry, key, state, now, Cause::RuleChanged);
            }
        }
        std::erase_if(entry.series, [&](const auto& known) { return isMeant(known.first); });
    }
}

std::vector<AlarmStatus> Engine::alarms(SystemTime now) const {
    std::vector<AlarmStatus> found;
    for (const auto& [id, entry] : m_entries) {
        for (const auto& [key, state] : entry.series) {
            const auto seen = state.state(state.isFiring() && entry.isSilenced(key, now));
            if (seen != State::Ok) {
                found.push_back({id, key, seen, state.since(), state.value(entry.rule.against), state.isFlapping(),
                                 state.acknowledgedBy()});
            }
        }
    }
    return found;
}

std::vector<RuleStatus> Engine::rules(SystemTime now) const {
    // From the least to the most pressing.
    constexpr std::array kOrder = {State::Ok,       State::Resolved,     State::Pending,
                                   State::Silenced, State::Acknowledged, State::Firing};
    const auto pressing = [&](State state) { return std::ranges::find(kOrder, state); };
    std::vector<RuleStatus> found;
    for (const auto& [id, entry] : m_entries) {
        RuleStatus status{id, State::Ok, entry.series.size(), entry.evaluatedUntil, entry.error, {}};
        for (const auto& [key, state] : entry.series) {
            const auto seen = state.state(state.isFiring() && entry.isSilenced(key, now));
            status.worst = pressing(seen) > pressing(status.worst) ? seen : status.worst;
        }
        std::ranges::copy_if(entry.silences, std::back_inserter(status.silences),
                             [now](const Silence& silence) { return now < silence.until; });
        found.push_back(std::move(status));
    }
    return found;
}

bool Engine::isFiring(const RuleId& id) const {
    const auto found = m_entries.find(id);
    return found != m_entries.end() &&
           std::ranges::any_of(found->second.series, [](const auto& known) { return known.second.isFiring(); });
}

Engine::Coverage Engine::coverageOf(const RuleId& id) const {
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? Coverage{} : found->second.coverage;
}

}  // namespace hanshu::alarms
