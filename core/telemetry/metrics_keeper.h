// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Keeps the metrics going: samples what is only seen when somebody looks, ends each period, and looks after the files,
// on two threads of its own. Any thread.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "metrics/metrics.h"

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace hanshu::telemetry {

class MetricsKeeper {
public:
    // Sets gauges; on the keeper's thread, once a period of ten seconds, just before it ends. May block for some ms.
    using Sampler = std::function<void(metrics::Registry&)>;

    // The folder is made where it is not there. `clock` outlives the keeper.
    [[nodiscard]] static Result<std::unique_ptr<MetricsKeeper>> open(const std::filesystem::path& folder,
                                                                     const Clock& clock);
    ~MetricsKeeper();  // what was measured is on disk
    MetricsKeeper(const MetricsKeeper&) = delete;
    MetricsKeeper& operator=(const MetricsKeeper&) = delete;

    // Periods end from now on. Once.
    void start(Sampler sampler);
    // No more sampling after it returns.
    void stop();

    [[nodiscard]] metrics::Registry& registry() noexcept { return m_metrics->registry(); }
    // The function is gone: its series end.
    void forget(std::string account, std::string function);
    // On a thread that may block. What was measured in the present period is not in it.
    [[nodiscard]] Task<Result<metrics::Answer>> query(metrics::Query query);
    // All that is live, in the text format.
    [[nodiscard]] std::string exposition() const;

private:
    class Loop;
    void flush();
    MetricsKeeper(std::unique_ptr<metrics::Metrics> metrics, const Clock& clock);

    std::unique_ptr<metrics::Metrics> m_metrics;
    const Clock& m_clock;
    asio::thread_pool m_readers;
    std::unique_ptr<Loop> m_loop;
};

}  // namespace hanshu::telemetry
