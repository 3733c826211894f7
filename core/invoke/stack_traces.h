// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tells which lines of a program's output belong to the stack trace before them, so that it stays one record: Python's,
// with the exceptions that it chains, and those whose frames begin with "at" (JavaScript, Java, C#). One thread.
#pragma once

#include <string_view>

namespace hanshu::invoke {

class StackTraces {
public:
    // Of the next line, which has no line break. `afterError`: the line before is a logger's error.
    [[nodiscard]] bool continues(std::string_view line, bool afterError);
    // Whether the last line was of a trace that has not ended for certain.
    [[nodiscard]] bool isOpen() const noexcept { return m_state != State::None; }
    // Whether the last line began a trace that no logger wrote.
    [[nodiscard]] bool begins() const noexcept { return m_begins; }

private:
    enum class State { None, Frames, Ended, Blank, Chained };

    State m_state = State::None;
    bool m_begins = false;
    bool m_first = true;
};

}  // namespace hanshu::invoke
