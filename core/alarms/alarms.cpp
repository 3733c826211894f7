// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/alarms.h"

#include "base/log.h"

namespace hanshu::alarms {
namespace {

// Of a series of kDeliveryRule.
[[nodiscard]] ChannelId channelOf(const SeriesKey& series) {
    return ChannelId{series[static_cast<std::size_t>(Dimension::Detail)]};
}

}  // namespace

Alarms::Alarms(ValueSource& values, StateStore& store, Sender& sender, const Options& options)
    : m_values(values),
      m_store(store),
      m_sender(sender),
      m_options(options),
      m_engine(values, options.engine),
      m_queue(options.delivery) {}

Result<std::vector<std::string>> Alarms::start(std::vector<AlarmRule> rules, std::vector<Channel> channels,
                                               SystemTime now) {
    const std::lock_guard lock(m_mutex);
    auto records = m_store.load();
    HANSHU_TRY(records);
    auto wrong = m_engine.restore(*records);
    std::ranges::move(m_queue.restore(*records), std::back_inserter(wrong));
    std::erase_if(channels, [&](const Channel& channel) {
        const auto violations = validate(channel);
        if (!violations.empty()) {
            wrong.push_back(fmt::format("channel {}: {} {}", channel.id.value, violations.front().field,
                                        violations.front().problem));
        }
        return !violations.empty();
    });
    m_queue.setChannels(std::move(channels));
    for (const auto& [rule, error] : m_engine.putAll(std::move(rules), now)) {
        wrong.push_back(fmt::format("rule {}: {}", rule.value, error.describe()));
    }
    declareDelivery(now);
    return wrong;
}

void Alarms::declareDelivery(SystemTime now) {
    AlarmRule rule;
    rule.id = RuleId{std::string(kDeliveryRule)};
    rule.name = "Notifications reach their channels";
    rule.severity = Severity::Critical;
    rule.source = MetricSource{"AlarmDeliveryFailures", {}, anySeries(), Statistic::Sum, {false, false, false, true}};
    for (const auto& channel : m_queue.channels()) {
        if (channel.hearsOfFailures) {
            rule.channels.insert(channel.id);
        }
    }
    m_engine.declare(rule, now);
}

Result<void> Alarms::put(AlarmRule rule, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    auto violations = validate(rule);
    if (rule.id.value == kDeliveryRule) {
        violations.push_back({"id", "must be another one: this one is Hanshu's own"});
    }
    for (const auto& channel : rule.channels) {
        if (!m_queue.channel(channel)) {
            violations.push_back(
                {"channels", fmt::format("must be channels that there are (actual: {})", channel.value)});
        }
    }
    if (!violations.empty()) {
        return invalid(violations);
    }
    return m_engine.put(std::move(rule), now);
}

Result<void> Alarms::remove(const RuleId& id, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    if (id.value == kDeliveryRule) {
        return fail(Code::NotFound, "AlarmRuleNotFound", {{"rule", id.value}});
    }
    return m_engine.remove(id, now);
}

Result<void> Alarms::setChannels(std::vector<Channel> channels, SystemTime now) {
    std::vector<Violation> violations;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        for (auto& [field, problem] : validate(channels[i])) {
            violations.push_back({fmt::format("channels[{}].{}", i, field), problem});
        }
    }
    if (!violations.empty()) {
        return invalid(violations);
    }
    const std::lock_guard lock(m_mutex);
    m_queue.setChannels(std::move(channels));
    declareDelivery(now);
    // Of a channel that is gone nothing will ever say that it works.
    for (const auto& alarm : m_engine.alarms(now)) {
        if (alarm.rule.value == kDeliveryRule && !m_queue.channel(channelOf(alarm.series))) {
            m_engine.report(alarm.rule, alarm.series, false, now);
        }
    }
    return {};
}

Result<void> Alarms::acknowledge(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                 SystemTime now) {
    const std::lock_guard lock(m_mutex);
    return m_engine.acknowledge(id, series, std::move(by), now);
}

Result<void> Alarms::silence(const RuleId& id, Silence silence, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    return m_engine.silence(id, std::move(silence), now);
}

Result<void> Alarms::unsilence(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                               SystemTime now) {
    const std::lock_guard lock(m_mutex);
    return m_engine.unsilence(id, series, std::move(by), now);
}

void Alarms::forget(const SeriesGlobs& series, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    m_engine.forget(series, now);
}

std::vector<AlarmStatus> Alarms::alarms(SystemTime now) const {
    const std::lock_guard lock(m_mutex);
    return m_engine.alarms(now);
}

std::vector<RuleStatus> Alarms::rules(SystemTime now) const {
    const std::lock_guard lock(m_mutex);
    return m_engine.rules(now);
}

Result<Preview> Alarms::preview(const AlarmRule& rule, SystemTime from, SystemTime to) const {
    std::vector<AlarmRule> rules;
    {
        const std::lock_guard lock(m_mutex);
        rules = m_engine.withOperands(rule);
    }
    return alarms::preview(m_values, rules, from, to, m_options.engine);
}

std::optional<Error> Alarms::save(std::vector<StateStore::Record> ofEngine) {
    auto changes = m_queue.takeChanges();
    const auto ofQueue = changes;
    std::ranges::move(ofEngine, std::back_inserter(changes));
    if (changes.empty()) {
        return std::nullopt;
    }
    if (auto saved = m_store.save(changes); !saved) {
        m_queue.putBack(ofQueue);
        return std::move(saved.error());
    }
    return std::nullopt;
}

Alarms::Tick Alarms::tick(SystemTime now) {
    const std::lock_guard lock(m_mutex);
    Tick tick{m_engine.evaluate(now), std::nullopt};
    m_queue.add(tick.evaluation.messages, now);
    tick.notSaved = save(m_engine.changes());
    if (!tick.notSaved) {
        m_engine.confirm();
    }
    return tick;
}

void Alarms::report(const ChannelId& channel, bool isFiring, SystemTime now) {
    m_engine.report(RuleId{std::string(kDeliveryRule)}, {"", "", "", channel.value}, isFiring, now);
}

std::vector<Delivery> Alarms::deliver(SystemTime now) {
    auto deliveries = m_queue.deliver(m_sender, now);
    if (deliveries.empty()) {
        return deliveries;
    }
    const std::lock_guard lock(m_mutex);
    // The queue alone: what is reported below becomes a message with the next tick, and the state that knows of it must
    // not be kept before.
    if (const auto error = save({})) {
        log::warning("alarms", "what was delivered is not kept yet: {}", error->describe());
    }
    for (const auto& delivery : deliveries) {
        if (delivery.outcome == Delivery::Outcome::GivenUp) {
            log::error("alarms", "channel {} took no message in {} tries: {}", delivery.channel.value,
                       delivery.attempts, delivery.error->describe());
        }
        if (delivery.outcome != Delivery::Outcome::WillRetry && m_queue.channel(delivery.channel)) {
            report(delivery.channel, delivery.outcome == Delivery::Outcome::GivenUp, now);
        }
    }
    return deliveries;
}

Result<void> Alarms::test(const ChannelId& id, SystemTime now) {
    const auto channel = m_queue.channel(id);
    if (!channel) {
        return fail(Code::NotFound, "AlarmChannelNotFound", {{"channel", id.value}});
    }
    Notice notice;
    notice.event = Event::Test;
    notice.name = channel->name;
    notice.severity = Severity::Info;
    notice.state = State::Ok;
    notice.time = notice.since = now;
    auto messages = toMessages({{notice, {id}}}, 1, now);
    HANSHU_TRY(m_sender.send(*channel, messages.front(), now));
    const std::lock_guard lock(m_mutex);
    report(id, false, now);
    return {};
}

}  // namespace hanshu::alarms
