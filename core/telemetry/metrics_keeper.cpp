// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/metrics_keeper.h"

#include "base/file_ops.h"
#include "base/log.h"

#include <pthread.h>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hanshu::telemetry {
namespace {

// A chart is answered in some ms.
constexpr std::size_t kReaders = 1;
// A period is closed this long after its end by the clock, so that what ended with it is in it.
constexpr std::chrono::milliseconds kAfterPeriod{50};

void tell(const metrics::MaintainReport& report) {
    for (const auto& damage : report.damaged) {
        log::error("metrics", "{}", damage);
    }
    for (const auto& error : report.errors) {
        log::warning("metrics", "{}", error.describe());
    }
}

}  // namespace

// Two threads: one ends periods, the other one makes coarser files of finer ones, which may take seconds.
class MetricsKeeper::Loop {
public:
    Loop(metrics::Metrics& metrics, const Clock& clock, Sampler sampler)
        : m_metrics(metrics),
          m_clock(clock),
          m_sampler(std::move(sampler)),
          m_ticking([this] { tickOn(); }),
          m_upkeep([this] { maintainOn(); }) {}
    ~Loop() {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_all();
        m_ticking.join();
        m_upkeep.join();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void forget(std::string account, std::string function) {
        const std::lock_guard lock(m_mutex);
        m_gone.emplace_back(std::move(account), std::move(function));
    }

private:
    // Until the present period has ended, or it is told to stop: false.
    bool untilNextPeriod() {
        const auto now = m_clock.now();
        const auto end = metrics::startOf(metrics::periodOf(now) + 1) + kAfterPeriod;
        std::unique_lock lock(m_mutex);
        return !m_wake.wait_for(lock, end - now, [this] { return m_stopping; });
    }

    void tickOn() {
        pthread_setname_np(pthread_self(), "metrics");
        do {
            tick();
        } while (untilNextPeriod());
    }

    void tick() {
        if (m_sampler) {
            m_sampler(m_metrics.registry());
        }
        if (const auto ended = m_metrics.tick(m_clock.now()); !ended) {
            log::warning("metrics", "a period is not on disk yet: {}", ended.error().describe());
        }
        std::vector<std::pair<std::string, std::string>> gone;
        {
            const std::lock_guard lock(m_mutex);
            gone.swap(m_gone);
        }
        for (auto& [account, function] : gone) {
            metrics::SeriesFilter filter;
            filter.account = std::move(account);
            filter.function = std::move(function);
            if (const auto ended = m_metrics.end(filter, m_clock.now()); !ended) {
                log::warning("metrics", "series that ended go on: {}", ended.error().describe());
            }
        }
    }

    void maintainOn() {
        pthread_setname_np(pthread_self(), "metrics-upkeep");
        do {
            tell(m_metrics.maintain(m_clock.now()));
        } while (untilNextPeriod());
    }

    metrics::Metrics& m_metrics;
    const Clock& m_clock;
    Sampler m_sampler;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::vector<std::pair<std::string, std::string>> m_gone;
    std::thread m_ticking;
    std::thread m_upkeep;
};

MetricsKeeper::MetricsKeeper(std::unique_ptr<metrics::Metrics> metrics, const Clock& clock)
    : m_metrics(std::move(metrics)), m_clock(clock), m_readers(kReaders) {}

Result<std::unique_ptr<MetricsKeeper>> MetricsKeeper::open(const std::filesystem::path& folder, const Clock& clock) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return systemError("make " + folder.string(), error.value());
    }
    auto metrics = metrics::Metrics::open(folder.string(), hostFileOps(FileReaders::OwnerAndGroup));
    HANSHU_TRY(metrics);
    return std::unique_ptr<MetricsKeeper>(new MetricsKeeper(std::move(*metrics), clock));
}

MetricsKeeper::~MetricsKeeper() {
    stop();
    flush();  // what ended after the loop
    m_readers.join();
}

void MetricsKeeper::start(Sampler sampler) {
    m_loop = std::make_unique<Loop>(*m_metrics, m_clock, std::move(sampler));
}

void MetricsKeeper::stop() {
    if (m_loop != nullptr) {
        m_loop.reset();
        flush();
    }
}

void MetricsKeeper::flush() {
    if (const auto written = m_metrics->flush(); !written) {
        log::warning("metrics", "the last period is lost: {}", written.error().describe());
    }
}

void MetricsKeeper::forget(std::string account, std::string function) {
    if (m_loop != nullptr) {
        m_loop->forget(std::move(account), std::move(function));
    }
}

Task<Result<metrics::Answer>> MetricsKeeper::query(metrics::Query query) {
    auto work = [this, query = std::move(query)] { return m_metrics->query(query); };
    co_return co_await onPool(m_readers, std::move(work));
}

std::string MetricsKeeper::exposition() const {
    std::string text;
    m_metrics->expose([&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace hanshu::telemetry
