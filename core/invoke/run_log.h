// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What one run writes, cut into records and kept within bounds. A record is a line, or a stack trace with its lines.
// Written on the instance's io thread, read by the pipeline after the run: one thread at a time.
#pragma once

#include "base/clock.h"
#include "invoke/stack_traces.h"
#include "telemetry/recorder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::invoke {

// Reference 5.7 and 3.3: a record has at most 32 KB, a tail is the last 4 KB.
inline constexpr std::size_t kMaxLineBytes = 32 << 10U;
inline constexpr std::size_t kTailBytes = 4 << 10U;
// A run may keep this much, and this much in a second; what it writes beyond is counted and dropped, so that one run
// can fill neither the disk nor the time of those that write little.
inline constexpr std::size_t kMaxRunLogBytes = 4 << 20U;
inline constexpr std::size_t kMaxLogBytesASecond = 2 << 20U;
inline constexpr std::size_t kMaxRecordsASecond = 20'000;

class RunLog {
public:
    RunLog(const Clock& clock, bool wantTail) : m_clock(clock), m_wantTail(wantTail) {}

    void write(std::string_view bytes);
    // What the platform says of the run; counts towards no bound.
    void say(logs::Level level, std::string message);
    // Records that are complete and not yet taken; times never go back. A stack trace is complete when another line
    // follows it, or with `close`.
    [[nodiscard]] std::vector<telemetry::LogLine> takeLines();
    // Ends an open line and says how much was dropped.
    void close();
    // The last 4 KB of all that was written, beginning at a line where that is possible.
    [[nodiscard]] const std::string& tail() const noexcept { return m_tail; }
    // Whether `takeLines` would give any.
    [[nodiscard]] bool hasLines() const { return m_lines.size() > (isHeldBack() ? 1U : 0U); }
    // When something was last taken: live tails want lines soon, not one by one.
    [[nodiscard]] bool worthTaking() const;

private:
    struct Dropped {
        std::uint64_t records = 0;
        std::uint64_t bytes = 0;
    };

    void endLine();
    void extendRecord();
    void addRecord();
    [[nodiscard]] Dropped* boundReached(std::size_t bytes);
    void sayDropped(Dropped& dropped, std::string_view bound);
    [[nodiscard]] bool isHeldBack() const;
    [[nodiscard]] SystemTime nextTime();

    const Clock& m_clock;
    bool m_wantTail;
    std::string m_open;
    bool m_cut = false;
    std::string m_tail;
    std::vector<telemetry::LogLine> m_lines;
    StackTraces m_traces;
    bool m_lastDropped = false;
    bool m_recordCut = false;  // the last record is full
    SystemTime m_lastTime{};
    SystemTime m_lastTaken{};
    std::size_t m_kept = 0;
    Dropped m_beyondRun;
    SystemTime m_second{};  // when the present second began
    std::size_t m_secondBytes = 0;
    std::size_t m_secondRecords = 0;
    Dropped m_beyondSecond;
};

}  // namespace hanshu::invoke
