// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What waits for a slow reader of a stream: bounded; when it is full the oldest items give way and are counted. `push`
// from any thread, `take` by one coroutine.
#pragma once

#include "gateway/news_source.h"

#include <deque>
#include <vector>

namespace hanshu::gateway {

struct NewsLimits {
    std::size_t items = 10'000;
    std::size_t bytes = 4 * 1024 * 1024;
    std::size_t batchItems = 500;
    std::size_t batchBytes = 1024 * 1024;  // a batch holds one item at least, however large
};

template <class Item>
class NewsBuffer final : public NewsSource {
public:
    struct Batch {
        std::vector<Item> items;
        std::int64_t gap = 0;  // dropped before the first of `items`
    };

    explicit NewsBuffer(NewsLimits limits = {}) : m_limits(limits) {}

    void push(Item item) {
        const auto size = item.ByteSizeLong();
        change([&] {
            m_items.emplace_back(std::move(item), size);
            m_bytes += size;
            while (m_items.size() > 1 && (m_items.size() > m_limits.items || m_bytes > m_limits.bytes)) {
                m_bytes -= m_items.front().second;
                m_items.pop_front();
                ++m_gap;
            }
        });
    }

    [[nodiscard]] Task<Result<Batch>> take() {
        return takeWhenThere<Batch>([this] { return nextBatch(); });
    }

private:
    bool hasNews() const noexcept override { return !m_items.empty(); }

    Batch nextBatch() {
        Batch batch;
        batch.gap = std::exchange(m_gap, 0);
        std::size_t bytes = 0;
        while (!m_items.empty() && batch.items.size() < m_limits.batchItems) {
            auto& [item, size] = m_items.front();
            bytes += size;
            if (!batch.items.empty() && bytes > m_limits.batchBytes) {
                break;
            }
            m_bytes -= size;
            batch.items.push_back(std::move(item));
            m_items.pop_front();
        }
        return batch;
    }

    const NewsLimits m_limits;
    std::deque<std::pair<Item, std::size_t>> m_items;
    std::size_t m_bytes = 0;
    std::int64_t m_gap = 0;
};

}  // namespace hanshu::gateway
