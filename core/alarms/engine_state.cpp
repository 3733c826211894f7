// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What of the engine outlives the process: a record a rule, and the time up to which periods were looked at.
//
//   clock        a version, microseconds since 1970
//   rule/<id>    a version, flags, silences, series; CRC-32C of all before it, as in every record

#include "alarms/engine_entry.h"
#include "base/crc32c.h"

namespace hanshu::alarms {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kClockKey = "clock";
constexpr std::string_view kRulePrefix = "rule/";

[[nodiscard]] std::string sealed(std::string bytes) {
    const auto sum = crc32c(bytes);
    ByteWriter(bytes).fixed(sum);
    return bytes;
}

// The bytes without their checksum and version; nothing when either is wrong.
[[nodiscard]] std::optional<std::string_view> unsealed(std::string_view bytes) {
    if (bytes.size() < 1 + sizeof(std::uint32_t) || bytes.front() != static_cast<char>(kVersion)) {
        return std::nullopt;
    }
    const auto body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
    ByteReader sum(bytes.substr(body.size()));
    return sum.fixed<std::uint32_t>() == crc32c(body) ? std::optional(body.substr(1)) : std::nullopt;
}

void writeKey(ByteWriter& out, const SeriesKey& key) {
    for (const auto& part : key) {
        out.text(part);
    }
}
[[nodiscard]] SeriesKey readKey(ByteReader& in) {
    SeriesKey key;
    for (auto& part : key) {
        part = in.text();
    }
    return key;
}

// What a rule watched, so that the state of another condition under the same id is not taken for its own.
[[nodiscard]] std::uint32_t conditionOf(const AlarmRule& rule) {
    auto text = describe(rule);
    if (const auto* metric = std::get_if<MetricSource>(&rule.source)) {
        for (std::size_t i = 0; i < kDimensions; ++i) {
            text += fmt::format("\n{}{}", metric->series[i], metric->groupBy[i]);
        }
    } else if (const auto* log = std::get_if<LogSource>(&rule.source)) {
        text += '\n' + log->account;
    }
    text += fmt::format("\n{}", static_cast<int>(rule.noData));
    return crc32c(text);
}

// A CRC of bytes that end with their CRC is always the same: it is the one at the end that tells them apart.
[[nodiscard]] std::uint64_t digestOf(std::string_view bytes) {
    const auto body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
    return (static_cast<std::uint64_t>(crc32c(body)) << 32U | bytes.size()) + 1;
}

}  // namespace

std::string Engine::bytesOf(const Entry& entry) const {
    std::string bytes;
    ByteWriter out(bytes);
    out.byte(kVersion);
    out.fixed(conditionOf(entry.rule));
    const auto hasOwnTime =
        !m_horizon || entry.isReported || entry.evaluatedUntil != floorTo(*m_horizon, entry.rule.period);
    out.byte(hasOwnTime ? 1 : 0);
    if (hasOwnTime) {
        out.zigzag(entry.evaluatedUntil.time_since_epoch().count());
    }
    out.varint(entry.silences.size());
    for (const auto& silence : entry.silences) {
        out.byte(silence.series ? 1 : 0);
        if (silence.series) {
            writeKey(out, *silence.series);
        }
        out.zigzag(silence.until.time_since_epoch().count());
        out.text(silence.by);
    }
    out.varint(entry.series.size());
    for (const auto& [key, state] : entry.series) {
        writeKey(out, key);
        state.write(out);
    }
    return sealed(std::move(bytes));
}

std::vector<StateStore::Record> Engine::changes() const {
    std::vector<StateStore::Record> changed;
    for (const auto& [id, entry] : m_entries) {
        if (auto bytes = bytesOf(entry); digestOf(bytes) != entry.savedDigest) {
            changed.push_back({std::string(kRulePrefix) + id.value, std::move(bytes)});
        }
    }
    for (const auto& id : m_gone) {
        changed.push_back({std::string(kRulePrefix) + id.value, {}});
    }
    if (m_horizon && m_horizon != m_savedHorizon) {
        std::string bytes;
        ByteWriter out(bytes);
        out.byte(kVersion);
        out.zigzag(m_horizon->time_since_epoch().count());
        changed.push_back({std::string(kClockKey), sealed(std::move(bytes))});
    }
    return changed;
}

void Engine::confirm() {
    for (auto& [id, entry] : m_entries) {
        entry.savedDigest = digestOf(bytesOf(entry));
    }
    m_gone.clear();
    m_savedHorizon = m_horizon;
}

std::vector<std::string> Engine::restore(const std::vector<StateStore::Record>& records) {
    std::vector<std::string> damaged;
    for (const auto& [key, bytes] : records) {
        const auto isRule = key.starts_with(kRulePrefix);
        if (!isRule && key != kClockKey) {
            continue;
        }
        const auto body = unsealed(bytes);
        if (!body) {
            damaged.push_back(key);
        } else if (isRule) {
            // A rule that is not put again takes its record with it.
            const RuleId id{key.substr(kRulePrefix.size())};
            m_restored[id] = *body;
            m_gone.insert(id);
        } else {
            ByteReader in(*body);
            m_horizon = m_savedHorizon = SystemTime{std::chrono::microseconds(in.zigzag())};
        }
    }
    return damaged;
}

void Engine::restoreEntry(Entry& entry, std::string_view bytes, SystemTime now) {
    ByteReader in(bytes);
    const auto isSame = in.fixed<std::uint32_t>() == conditionOf(entry.rule);
    auto until = m_horizon ? floorTo(*m_horizon, entry.rule.period) : entry.evaluatedUntil;
    if (in.byte() != 0) {
        until = SystemTime{std::chrono::microseconds(in.zigzag())};
    }
    std::vector<Silence> silences;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        Silence silence;
        if (in.byte() != 0) {
            silence.series = readKey(in);
        }
        silence.until = SystemTime{std::chrono::microseconds(in.zigzag())};
        silence.by = in.text();
        silences.push_back(std::move(silence));
    }
    std::map<SeriesKey, SeriesState> series;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        auto key = readKey(in);
        if (!SeriesState::read(in, series[std::move(key)])) {
            break;
        }
    }
    if (!in.ok()) {
        return;
    }
    entry.silences = std::move(silences);
    entry.series = std::move(series);
    entry.evaluatedUntil = until;
    if (!isSame || !entry.rule.isEnabled) {
        retire(entry, now);
        entry.evaluatedUntil = floorTo(now, entry.rule.period);
    }
}

}  // namespace hanshu::alarms
