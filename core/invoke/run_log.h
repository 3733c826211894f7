// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What one run writes, cut into lines and kept within bounds. Written on the instance's io thread, read by the pipeline
// after the run: one thread at a time.
#pragma once

#include "base/clock.h"
#include "telemetry/recorder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::invoke {

// Reference 5.7 and 3.3: a line has at most 32 KB, a tail is the last 4 KB.
inline constexpr std::size_t kMaxLineBytes = 32 << 10U;
inline constexpr std::size_t kTailBytes = 4 << 10U;
// A run may keep this much; what it writes beyond is counted and dropped, so that one run can't fill the disk.
inline constexpr std::size_t kMaxRunLogBytes = 4 << 20U;

class RunLog {
public:
    RunLog(const Clock& clock, bool wantTail) : m_clock(clock), m_wantTail(wantTail) {}

    void write(std::string_view bytes);
    // Lines that are complete and not yet taken; times never go back.
    [[nodiscard]] std::vector<telemetry::LogLine> takeLines();
    // Ends an open line and says how much was dropped.
    void close();
    // The last 4 KB of all that was written, beginning at a line where that is possible.
    [[nodiscard]] const std::string& tail() const noexcept { return m_tail; }
    // When something was last taken: live tails want lines soon, not one by one.
    [[nodiscard]] bool worthTaking() const;

private:
    void endLine();

    const Clock& m_clock;
    bool m_wantTail;
    std::string m_open;
    bool m_cut = false;
    std::string m_tail;
    std::vector<telemetry::LogLine> m_lines;
    SystemTime m_lastTime{};
    SystemTime m_lastTaken{};
    std::size_t m_kept = 0;
    std::uint64_t m_droppedLines = 0;
    std::uint64_t m_droppedBytes = 0;
};

}  // namespace hanshu::invoke
