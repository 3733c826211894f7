// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/question_batch.h"

#include "base/bytes.h"

namespace hanshu::alarms {
namespace {

constexpr auto kFunction = static_cast<std::size_t>(Dimension::Function);

[[nodiscard]] bool isWanted(const SeriesGlobs& globs, const std::array<bool, kDimensions>& groupBy,
                            const SeriesKey& series) {
    for (std::size_t i = 0; i < kDimensions; ++i) {
        if (groupBy[i] && !matchesGlob(globs[i], series[i])) {
            return false;
        }
    }
    return true;
}

[[nodiscard]] std::string bytesOf(const SeriesGlobs& globs) {
    std::string bytes;
    ByteWriter out(bytes);
    for (const auto& glob : globs) {
        out.text(glob);
    }
    return bytes;
}

void writeTimes(ByteWriter& out, std::chrono::seconds period, SystemTime end, std::uint32_t periods) {
    out.zigzag(period.count());
    out.zigzag(end.time_since_epoch().count());
    out.varint(periods);
}

// An answer must be as long as it says; a port that errs must not make the engine read beyond.
void check(std::vector<Result<Values>>& answers, std::size_t questions, const auto& periodsOf) {
    while (answers.size() < questions) {
        answers.emplace_back(internalError("a question about values was not answered"));
    }
    for (std::size_t i = 0; i < questions; ++i) {
        if (answers[i] && answers[i]->values.size() != answers[i]->series.size() * periodsOf(i)) {
            answers[i] = internalError("an answer has another number of values than was asked for");
        }
    }
}

}  // namespace

QuestionBatch::Ticket QuestionBatch::add(const MetricSource& source, const std::string& metric,
                                         std::chrono::seconds period, SystemTime end, std::uint32_t periods) {
    std::string key = "m";
    ByteWriter out(key);
    out.text(metric);
    out.byte(static_cast<std::uint8_t>(source.statistic));
    writeTimes(out, period, end, periods);
    for (std::size_t i = 0; i < kDimensions; ++i) {
        out.text(source.groupBy[i] ? std::string_view() : source.series[i]);
        out.byte(source.groupBy[i] ? 1 : 0);
    }
    const auto [known, isNew] = m_questionOf.try_emplace(std::move(key), m_metricQuestions.size());
    if (isNew) {
        m_metricQuestions.push_back({metric, source.statistic, source.groupBy, {}, period, end, periods});
        m_wantedOf.emplace_back();
    }
    auto& wanted = m_metricQuestions[known->second].wanted;
    const auto [place, isNewGlob] =
        m_wantedOf[known->second].try_emplace(bytesOf(source.series), static_cast<std::uint32_t>(wanted.size()));
    if (isNewGlob) {
        wanted.push_back(source.series);
    }
    m_requests.push_back({false, known->second, place->second});
    return static_cast<Ticket>(m_requests.size() - 1);
}

QuestionBatch::Ticket QuestionBatch::add(const LogSource& source, std::chrono::seconds period, SystemTime end,
                                         std::uint32_t periods) {
    std::string key = "l";
    ByteWriter out(key);
    out.text(source.account);
    out.text(source.filter);
    writeTimes(out, period, end, periods);
    const auto [known, isNew] = m_questionOf.try_emplace(std::move(key), m_logQuestions.size());
    if (isNew) {
        m_logQuestions.push_back({source, period, end, periods});
    }
    m_requests.push_back({true, known->second, 0});
    return static_cast<Ticket>(m_requests.size() - 1);
}

void QuestionBatch::ask(ValueSource& source) {
    if (!m_metricQuestions.empty()) {
        m_metricAnswers = source.ask(m_metricQuestions);
    }
    if (!m_logQuestions.empty()) {
        m_logAnswers = source.ask(m_logQuestions);
    }
    check(m_metricAnswers, m_metricQuestions.size(), [&](std::size_t i) { return m_metricQuestions[i].periods; });
    check(m_logAnswers, m_logQuestions.size(), [&](std::size_t i) { return m_logQuestions[i].periods; });
    m_sorted.resize(m_metricQuestions.size());
}

const Error* QuestionBatch::errorOf(Ticket ticket) const {
    const auto& request = m_requests[ticket];
    const auto& answer = request.isOfLogs ? m_logAnswers[request.question] : m_metricAnswers[request.question];
    return answer ? nullptr : &answer.error();
}

void QuestionBatch::sort(std::uint32_t number) {
    auto& sorted = m_sorted[number];
    if (std::exchange(sorted.isDone, true)) {
        return;
    }
    const auto& question = m_metricQuestions[number];
    const auto& answer = *m_metricAnswers[number];
    sorted.series.resize(question.wanted.size());
    for (std::uint32_t i = 0; i < question.wanted.size(); ++i) {
        const auto& function = question.wanted[i][kFunction];
        if (question.groupBy[kFunction] && isExact(function)) {
            sorted.byFunction[function].push_back(i);
        } else {
            sorted.others.push_back(i);
        }
    }
    for (std::uint32_t i = 0; i < answer.series.size(); ++i) {
        const auto offer = [&](std::uint32_t wanted) {
            if (isWanted(question.wanted[wanted], question.groupBy, answer.series[i])) {
                sorted.series[wanted].push_back(i);
            }
        };
        if (const auto named = sorted.byFunction.find(answer.series[i][kFunction]); named != sorted.byFunction.end()) {
            std::ranges::for_each(named->second, offer);
        }
        std::ranges::for_each(sorted.others, offer);
    }
}

void QuestionBatch::each(Ticket ticket,
                         const std::function<void(const SeriesKey&, std::span<const std::optional<double>>)>& found) {
    const auto& request = m_requests[ticket];
    if (request.isOfLogs) {
        const auto& answer = *m_logAnswers[request.question];
        const auto periods = m_logQuestions[request.question].periods;
        for (std::size_t i = 0; i < answer.series.size(); ++i) {
            found(answer.series[i], std::span(answer.values).subspan(i * periods, periods));
        }
        return;
    }
    sort(request.question);
    const auto& answer = *m_metricAnswers[request.question];
    const auto periods = m_metricQuestions[request.question].periods;
    for (const auto i : m_sorted[request.question].series[request.wanted]) {
        found(answer.series[i], std::span(answer.values).subspan(std::size_t{i} * periods, periods));
    }
}

}  // namespace hanshu::alarms
