// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/run_log.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::invoke {
namespace {

using logs::Level;
using logs::Stream;

constexpr std::chrono::milliseconds kTakeInterval{100};

// The level of a line in the logger's form, `2024-01-02T03:04:05.123Z {request id} [INFO] message`, or in that of an
// error that a handler did not catch, `[ERROR] KeyError: 'x'`; None for others.
Level levelOf(std::string_view line) {
    constexpr std::size_t kTimeLength = 24;
    if (line.starts_with("[ERROR] ")) {
        return Level::Error;
    }
    if (line.size() <= kTimeLength || line[10] != 'T' || line[kTimeLength - 1] != 'Z' || line[kTimeLength] != ' ') {
        return Level::None;
    }
    const auto open = line.find('[', kTimeLength);
    const auto close = line.find(']', kTimeLength);
    constexpr std::size_t kLongestLevel = 8;  // CRITICAL
    if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
        close - open - 1 > kLongestLevel) {
        return Level::None;
    }
    return logs::levelOf(line.substr(open + 1, close - open - 1));
}

std::string boundOfASecond() {
    return fmt::format("{} MB and {} lines a second", kMaxLogBytesASecond >> 20U, kMaxRecordsASecond);
}

std::string cutMark() {
    return fmt::format(" … [cut at {} KB]", kMaxLineBytes >> 10U);
}

}  // namespace

void RunLog::write(std::string_view bytes) {
    if (m_wantTail) {
        m_tail.append(bytes.substr(bytes.size() - std::min(bytes.size(), kTailBytes)));
        if (m_tail.size() > kTailBytes) {
            m_tail.erase(0, m_tail.size() - kTailBytes);
        }
    }
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto part = bytes.substr(0, end);
        const auto room = kMaxLineBytes - std::min(kMaxLineBytes, m_open.size());
        m_open.append(part.substr(0, room));
        m_cut = m_cut || part.size() > room;
        if (end == std::string_view::npos) {
            return;
        }
        endLine();
        bytes.remove_prefix(end + 1);
    }
}

void RunLog::endLine() {
    const bool afterError = !m_lines.empty() && m_lines.back().level >= Level::Error;
    if (m_traces.continues(m_open, afterError)) {
        extendRecord();
    } else {
        addRecord();
    }
    m_open.clear();
    m_cut = false;
}

// The record may have been taken or dropped meanwhile: then the rest of it has nowhere to go but into one of its own.
void RunLog::extendRecord() {
    if (m_lastDropped || m_lines.empty() || m_lines.back().stream == Stream::Platform) {
        addRecord();
        return;
    }
    if (m_recordCut) {
        return;
    }
    auto& message = m_lines.back().message;
    if (message.size() + 1 + m_open.size() > kMaxLineBytes) {
        message += cutMark();
        m_recordCut = true;
        return;
    }
    m_kept += m_open.size();
    m_secondBytes += m_open.size();
    message += '\n';
    message += m_open;
}

void RunLog::addRecord() {
    if (auto* beyond = boundReached(m_open.size())) {
        ++beyond->records;
        beyond->bytes += m_open.size();
        m_lastDropped = true;
        return;
    }
    m_lastDropped = false;
    auto level = levelOf(m_open);
    const auto stream = level == Level::None ? Stream::Stdout : Stream::Logger;
    if (m_traces.begins()) {
        level = Level::Error;
    }
    if (m_cut) {
        m_open += cutMark();
    }
    m_recordCut = m_cut;
    m_kept += m_open.size();
    m_secondBytes += m_open.size();
    ++m_secondRecords;
    m_lines.push_back({nextTime(), level, stream, std::move(m_open)});
}

// Where it counts what there is no room for; null where there is room.
RunLog::Dropped* RunLog::boundReached(std::size_t bytes) {
    if (m_kept + bytes > kMaxRunLogBytes) {
        return &m_beyondRun;
    }
    const auto now = m_clock.now();
    if (now - m_second >= std::chrono::seconds(1) || now < m_second) {
        sayDropped(m_beyondSecond, boundOfASecond());
        m_second = now;
        m_secondBytes = 0;
        m_secondRecords = 0;
    }
    const bool full = m_secondBytes + bytes > kMaxLogBytesASecond || m_secondRecords >= kMaxRecordsASecond;
    return full ? &m_beyondSecond : nullptr;
}

void RunLog::sayDropped(Dropped& dropped, std::string_view bound) {
    if (dropped.records > 0) {
        say(Level::Warn,
            fmt::format("{} lines ({} bytes) dropped: a run may write {}", dropped.records, dropped.bytes, bound));
        dropped = {};
    }
}

void RunLog::say(Level level, std::string message) {
    m_lines.push_back({nextTime(), level, Stream::Platform, std::move(message)});
}

SystemTime RunLog::nextTime() {
    m_lastTime = std::max(m_lastTime, m_clock.now());
    return m_lastTime;
}

// The rest of a trace may still come.
bool RunLog::isHeldBack() const {
    return m_traces.isOpen() && !m_lastDropped && !m_lines.empty() && m_lines.back().stream != Stream::Platform;
}

std::vector<telemetry::LogLine> RunLog::takeLines() {
    m_lastTaken = m_clock.now();
    std::vector<telemetry::LogLine> kept;
    if (isHeldBack()) {
        kept.push_back(std::move(m_lines.back()));
        m_lines.pop_back();
    }
    return std::exchange(m_lines, std::move(kept));
}

bool RunLog::worthTaking() const {
    return hasLines() && m_clock.now() - m_lastTaken >= kTakeInterval;
}

void RunLog::close() {
    if (!m_open.empty()) {
        endLine();
    }
    m_traces = {};
    sayDropped(m_beyondSecond, boundOfASecond());
    sayDropped(m_beyondRun, fmt::format("{} MB", kMaxRunLogBytes >> 20U));
}

}  // namespace hanshu::invoke
