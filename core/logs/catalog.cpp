// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/catalog.h"

#include <cerrno>

namespace hanshu::logs {

SegmentCache::Found SegmentCache::get(const SealedSegment& segment) {
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_byId.find(segment.id); found != m_byId.end()) {
            m_entries.splice(m_entries.begin(), m_entries, found->second);
            return {found->second->details, false};
        }
    }
    std::unique_ptr<File> file;
    if (const auto error = m_files.open(segment.path, OpenMode::Read, file); error != 0) {
        return {nullptr, error == ENOENT};
    }
    auto details = readDetails(std::move(file));
    if (!details) {
        return {};
    }
    const std::lock_guard lock(m_mutex);
    if (!m_byId.contains(segment.id)) {
        m_entries.push_front({segment.id, details, details->memory()});
        m_byId[segment.id] = m_entries.begin();
        m_bytes += m_entries.front().bytes;
    }
    while (!m_entries.empty() && (m_bytes > m_maxBytes || m_entries.size() > m_maxFiles)) {
        m_bytes -= m_entries.back().bytes;
        m_byId.erase(m_entries.back().id);
        m_entries.pop_back();
    }
    return {std::move(details), false};
}

std::size_t SegmentCache::memory() const {
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

}  // namespace hanshu::logs
