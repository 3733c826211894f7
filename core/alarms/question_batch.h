// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a set of rules has to ask, put together into as few questions as there are kinds of them, and who gets which
// part of the answers. One thread at a time.
#pragma once

#include "alarms/ports.h"

#include <functional>
#include <unordered_map>

namespace hanshu::alarms {

class QuestionBatch {
public:
    // The number of a request, to get its answer by.
    using Ticket = std::uint32_t;

    Ticket add(const MetricSource& source, const std::string& metric, std::chrono::seconds period, SystemTime end,
               std::uint32_t periods);
    Ticket add(const LogSource& source, std::chrono::seconds period, SystemTime end, std::uint32_t periods);

    void ask(ValueSource& source);

    // Null: it was answered.
    [[nodiscard]] const Error* errorOf(Ticket ticket) const;
    // Calls found(series, values) for each series that the request wanted, in the order of the answer.
    void each(Ticket ticket,
              const std::function<void(const SeriesKey&, std::span<const std::optional<double>>)>& found);

    [[nodiscard]] std::size_t questions() const noexcept { return m_metricQuestions.size() + m_logQuestions.size(); }

private:
    struct Request {
        bool isOfLogs = false;
        std::uint32_t question = 0;
        std::uint32_t wanted = 0;  // among those of the question
    };
    // Which requests want a series, found by its function where they name one: rules of a thousand functions ask
    // together, and each series belongs to few of them.
    struct Sorted {
        bool isDone = false;
        std::unordered_map<std::string_view, std::vector<std::uint32_t>> byFunction;  // indices of wanted
        std::vector<std::uint32_t> others;
        std::vector<std::vector<std::uint32_t>> series;  // of each wanted, indices of the answer's
    };
    void sort(std::uint32_t question);

    std::vector<Request> m_requests;
    std::vector<MetricQuestion> m_metricQuestions;
    std::vector<LogQuestion> m_logQuestions;
    std::unordered_map<std::string, std::uint32_t> m_questionOf;  // by what makes it one, as bytes
    std::vector<std::unordered_map<std::string, std::uint32_t>> m_wantedOf;
    std::vector<Result<Values>> m_metricAnswers;
    std::vector<Result<Values>> m_logAnswers;
    std::vector<Sorted> m_sorted;
};

}  // namespace hanshu::alarms
