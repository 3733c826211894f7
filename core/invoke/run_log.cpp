// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/run_log.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::invoke {
namespace {

constexpr std::chrono::milliseconds kTakeInterval{100};

// The level of a line in the logger's form, `2024-01-02T03:04:05.123Z {request id} [INFO] message`; empty for others.
std::string_view levelOf(std::string_view line) {
    constexpr std::size_t kTimeLength = 24;
    if (line.size() <= kTimeLength || line[10] != 'T' || line[kTimeLength - 1] != 'Z' || line[kTimeLength] != ' ') {
        return {};
    }
    const auto open = line.find('[', kTimeLength);
    const auto close = line.find(']', kTimeLength);
    constexpr std::size_t kLongestLevel = 8;  // CRITICAL
    if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
        close - open - 1 > kLongestLevel) {
        return {};
    }
    return line.substr(open + 1, close - open - 1);
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
    if (m_kept + m_open.size() > kMaxRunLogBytes) {
        ++m_droppedLines;
        m_droppedBytes += m_open.size();
    } else {
        if (m_cut) {
            m_open += fmt::format(" … [cut at {} KB]", kMaxLineBytes >> 10U);
        }
        m_kept += m_open.size();
        m_lastTime = std::max(m_lastTime, m_clock.now());
        m_lines.push_back({m_lastTime, std::string(levelOf(m_open)), std::move(m_open)});
    }
    m_open.clear();
    m_cut = false;
}

std::vector<telemetry::LogLine> RunLog::takeLines() {
    m_lastTaken = m_clock.now();
    return std::exchange(m_lines, {});
}

bool RunLog::worthTaking() const {
    return !m_lines.empty() && m_clock.now() - m_lastTaken >= kTakeInterval;
}

void RunLog::close() {
    if (!m_open.empty()) {
        endLine();
    }
    if (m_droppedLines > 0) {
        m_lastTime = std::max(m_lastTime, m_clock.now());
        m_lines.push_back({m_lastTime, "WARN",
                           fmt::format("{} lines ({} bytes) dropped: a run may write {} MB", m_droppedLines,
                                       m_droppedBytes, kMaxRunLogBytes >> 20U)});
        m_droppedLines = 0;
    }
}

}  // namespace hanshu::invoke
