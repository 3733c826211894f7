// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the buckets of live histograms are: pages that go to the histograms which use them and come back, so that
// memory is that of the values which came lately. page: any thread, without locks; the rest any thread.
#pragma once

#include "metrics/histogram.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace hanshu::metrics {

class PageArena {
public:
    struct Page {
        std::array<std::atomic<std::uint32_t>, kBucketsPerPage> counts{};
        std::uint32_t quietPeriods = 0;  // whoever drains
    };
    using PageNumber = std::uint32_t;  // from 1

    // 16 MiB: eight pages, an eighth of all there are of a histogram, of eight thousand histograms at once.
    static constexpr std::size_t kMaxPages = 1U << 16U;

    PageArena() = default;
    PageArena(const PageArena&) = delete;
    PageArena& operator=(const PageArena&) = delete;

    [[nodiscard]] Page& page(PageNumber number) noexcept {
        return (*m_slabs[number / kSlab].load(std::memory_order_acquire))[number % kSlab];
    }
    // The page of a slot, put there when there is none. 0: all are taken.
    [[nodiscard]] PageNumber attach(std::atomic<PageNumber>& slot) {
        const std::lock_guard lock(m_mutex);
        if (const auto number = slot.load(std::memory_order_acquire); number != 0) {
            return number;
        }
        PageNumber number = 0;
        if (!m_free.empty()) {
            number = m_free.back();
            m_free.pop_back();
        } else if (m_next < kMaxPages) {
            number = m_next++;
            auto& slab = m_slabs[number / kSlab];
            if (slab.load(std::memory_order_relaxed) == nullptr) {
                m_owned.push_back(std::make_unique<Slab>());
                slab.store(m_owned.back().get(), std::memory_order_release);
            }
        } else {
            return 0;
        }
        slot.store(number, std::memory_order_release);
        return number;
    }
    // All zero, and no slot has it.
    void release(PageNumber number) {
        page(number).quietPeriods = 0;
        const std::lock_guard lock(m_mutex);
        m_free.push_back(number);
    }
    [[nodiscard]] std::size_t used() const {
        const std::lock_guard lock(m_mutex);
        return m_next - 1 - m_free.size();
    }

private:
    static constexpr std::size_t kSlab = 256;
    using Slab = std::array<Page, kSlab>;

    std::array<std::atomic<Slab*>, kMaxPages / kSlab> m_slabs{};
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<Slab>> m_owned;
    std::vector<PageNumber> m_free;
    PageNumber m_next = 1;
};

}  // namespace hanshu::metrics
