// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/watchers.h"

namespace hanshu::telemetry {

class Watchers::Handle final : public Subscription {
public:
    Handle(std::weak_ptr<Watchers> watchers, std::shared_ptr<Entry> entry)
        : m_watchers(std::move(watchers)), m_entry(std::move(entry)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override {
        if (const auto watchers = m_watchers.lock()) {
            const std::lock_guard lock(watchers->m_mutex);
            std::erase(watchers->m_entries, m_entry);
        }
        const std::lock_guard lock(m_entry->calling);
        m_entry->live = false;
    }

private:
    std::weak_ptr<Watchers> m_watchers;
    std::shared_ptr<Entry> m_entry;
};

std::unique_ptr<Subscription> Watchers::add(Watcher watcher) {
    auto entry = std::make_shared<Entry>(std::move(watcher));
    {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back(entry);
    }
    return std::make_unique<Handle>(weak_from_this(), std::move(entry));
}

bool Watchers::empty() const {
    const std::lock_guard lock(m_mutex);
    return m_entries.empty();
}

void Watchers::hand(const WatchedBatch& batch) {
    std::vector<std::shared_ptr<Entry>> entries;
    {
        const std::lock_guard lock(m_mutex);
        entries = m_entries;
    }
    for (const auto& entry : entries) {
        const std::lock_guard lock(entry->calling);
        call(*entry, batch);
    }
}

void Watchers::call(Entry& entry, const WatchedBatch& batch) {
    for (const auto& [account, invocations] : batch.invocations) {
        if (entry.live && entry.watcher.invocations) {
            entry.watcher.invocations(account, invocations);
        }
    }
    for (const auto& [account, lines] : batch.lines) {
        if (entry.live && entry.watcher.lines) {
            entry.watcher.lines(account, lines);
        }
    }
}

}  // namespace hanshu::telemetry
