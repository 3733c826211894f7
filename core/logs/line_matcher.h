// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which lines of a decoded piece a filter wants. One thread at a time.
#pragma once

#include "logs/filter.h"
#include "logs/frame.h"

namespace hanshu::logs {

class LineMatcher {
public:
    explicit LineMatcher(const Filter& filter);

    // The places of the lines whose fields are wanted. Before readMessages: no message is looked at.
    void selectByFields(const DecodedLines& lines, std::vector<std::uint32_t>& selected);
    // Keeps of them those whose messages are.
    void selectByMessage(const DecodedLines& lines, std::vector<std::uint32_t>& selected);
    [[nodiscard]] bool readsMessages() const noexcept { return !m_text.empty() || m_filter.predicate; }

private:
    // Remembers its last answer: neighbours often have one value, at one place.
    class ValueCheck {
    public:
        explicit ValueCheck(const ValueFilter& filter) : m_filter(filter) {}
        void forget() noexcept { m_last = {}; }
        [[nodiscard]] bool operator()(std::string_view value) {
            if (m_filter.isAny()) {
                return true;
            }
            if (value.data() != m_last.data() || value.size() != m_last.size() || m_last.data() == nullptr) {
                m_last = value;
                m_answer = m_filter.has(value);
            }
            return m_answer;
        }

    private:
        const ValueFilter& m_filter;
        std::string_view m_last;
        bool m_answer = false;
    };

    void selectByText(const DecodedLines& lines, const std::vector<std::string>& group,
                      std::vector<std::uint32_t>& selected) const;

    const Filter& m_filter;
    ValueCheck m_function;
    ValueCheck m_qualifier;
    ValueCheck m_instance;
    ValueCheck m_requestId;
    std::vector<std::vector<std::string>> m_text;  // folded
    std::string m_folded;
};

}  // namespace hanshu::logs
