// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/stack_traces.h"

#include <algorithm>
#include <utility>

namespace hanshu::invoke {
namespace {

// Python's traceback module writes these.
constexpr std::string_view kPythonHead = "Traceback (most recent call last):";
constexpr std::string_view kDuring = "During handling of the above exception, another exception occurred:";
constexpr std::string_view kCause = "The above exception was the direct cause of the following exception:";
// The agents' own line, behind a trace whose exception stands in front of it.
constexpr std::string_view kRunEnds = "FC Invoke End RequestId: ";

bool isIndented(std::string_view line) {
    return line.starts_with(' ') || line.starts_with('\t');
}

// "    at f (file.js:1:2)", "\tat a.B.c(B.java:3)", "\t... 12 more", "Caused by: java.io.IOException".
bool isFrame(std::string_view line) {
    if (!isIndented(line)) {
        return line.starts_with("Caused by: ");
    }
    const auto rest = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    return rest.starts_with("at ") || (rest.starts_with("... ") && rest.ends_with(" more"));
}

}  // namespace

bool StackTraces::continues(std::string_view line, bool afterError) {
    const bool first = std::exchange(m_first, false);
    m_begins = false;
    if (line.starts_with(kPythonHead)) {
        const bool joins = !first && (m_state == State::Chained || afterError);
        m_begins = !joins;
        m_state = State::Frames;
        return joins;
    }
    switch (m_state) {
        case State::None:
            break;
        case State::Frames:
            if (line.starts_with(kRunEnds)) {
                m_state = State::None;
                return false;
            }
            m_state = isIndented(line) || line.empty() ? State::Frames : State::Ended;
            return true;  // behind the frames comes the exception itself
        case State::Ended:
        case State::Blank:
        case State::Chained:
            if (line.empty()) {
                m_state = m_state == State::Ended ? State::Blank : m_state;
                return true;
            }
            if (m_state == State::Blank && (line == kDuring || line == kCause)) {
                m_state = State::Chained;
                return true;
            }
            m_state = State::None;
            break;
    }
    return !first && isFrame(line);
}

}  // namespace hanshu::invoke
