// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/metrics.h"

namespace hanshu::metrics {

Result<std::unique_ptr<Metrics>> Metrics::open(std::string folder, FileOps& files, const StoreOptions& options) {
    auto store = Store::open(std::move(folder), files, options);
    if (!store) {
        return fail(std::move(store.error()));
    }
    return std::unique_ptr<Metrics>(new Metrics(std::move(*store)));
}

void Metrics::gather(Period period) {
    Batch batch = std::exchange(m_ended, {});
    batch.period = period;
    m_registry.drain(batch);
    m_pending.push_back(std::move(batch));
    while (m_pending.size() > kMaxPending) {
        m_pending.pop_front();
        m_lost.fetch_add(1);
    }
}

Result<void> Metrics::write() {
    while (!m_pending.empty()) {
        HANSHU_TRY(m_store->append(m_pending.front()));
        m_pending.pop_front();
    }
    return {};
}

Result<void> Metrics::tick(SystemTime now) {
    const std::lock_guard ticking(m_ticking);
    const auto period = periodOf(now);
    if (!m_period) {
        m_period = period;
    }
    if (period != *m_period) {
        gather(*m_period);
        const auto isLate = period > *m_period + 1 && period <= *m_period + 1 + kMaxLate;
        for (auto missed = *m_period + 1; isLate && missed < period && m_pending.size() < kMaxPending; ++missed) {
            Batch empty;
            empty.period = missed;
            m_pending.push_back(std::move(empty));
        }
        m_period = period;
    }
    return write();
}

Result<void> Metrics::flush() {
    const std::lock_guard ticking(m_ticking);
    if (m_period) {
        gather(*m_period);
    }
    return write();
}

Result<std::size_t> Metrics::end(const SeriesFilter& filter, SystemTime now) {
    const std::lock_guard ticking(m_ticking);
    const auto last = m_period.value_or(periodOf(now));
    const auto ended = m_registry.end(filter, last, m_ended);
    const auto stored = m_store->end(filter, last);
    return stored ? Result<std::size_t>(ended) : fail(stored.error());
}

}  // namespace hanshu::metrics
