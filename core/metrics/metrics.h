// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All of metrics in one: what is measured now, what is kept, and the answers. tick, maintain and end block on the disk:
// tick from one thread, every second or so; maintain from one thread, another one, since it may take seconds after an
// hour or a day of many series; the rest from any.
#pragma once

#include "metrics/exposition.h"
#include "metrics/query.h"

namespace hanshu::metrics {

class Metrics {
public:
    // Periods that are kept in memory while the disk takes none.
    static constexpr std::size_t kMaxPending = 3;
    // A tick may come as many periods late, as a busy machine does it, and they count as watched; later, the machine
    // was asleep or the clock was set, and what is between has no data.
    static constexpr Period kMaxLate = 3;

    // The errors are those of Store::open.
    [[nodiscard]] static Result<std::unique_ptr<Metrics>> open(std::string folder, FileOps& files,
                                                               const StoreOptions& options = {});

    [[nodiscard]] Registry& registry() noexcept { return m_registry; }
    [[nodiscard]] Store& store() noexcept { return *m_store; }

    // Writes the period that went on until now when `now` is in another one, later or earlier. Whoever samples gauges
    // does so just before. What fails is tried again with the next call.
    [[nodiscard]] Result<void> tick(SystemTime now);
    // Writes what there is of the period that goes on; for the end, and for tests.
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] MaintainReport maintain(SystemTime now) { return m_store->maintain(now); }
    // The series have ended, since their function was deleted, say; returns how many.
    [[nodiscard]] Result<std::size_t> end(const SeriesFilter& filter, SystemTime now);

    [[nodiscard]] Result<Answer> query(const Query& query) const { return metrics::query(*m_store, query); }
    void expose(const std::function<void(std::string_view)>& out) const { metrics::expose(m_registry, out); }

    // Periods that were lost since the disk took none for too long.
    [[nodiscard]] std::uint64_t lost() const noexcept { return m_lost.load(); }

private:
    explicit Metrics(std::unique_ptr<Store> store) : m_store(std::move(store)), m_registry(m_store->book()) {}
    [[nodiscard]] Result<void> write();
    void gather(Period period);

    std::unique_ptr<Store> m_store;
    Registry m_registry;
    std::mutex m_ticking;
    std::optional<Period> m_period;
    Batch m_ended;  // of series that ended in this period
    std::deque<Batch> m_pending;
    std::atomic<std::uint64_t> m_lost{0};
};

}  // namespace hanshu::metrics
