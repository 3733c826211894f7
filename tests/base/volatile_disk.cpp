// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/volatile_disk.h"

#include <algorithm>

namespace hanshu::test {
namespace {

constexpr std::size_t kSector = 512;

std::string directoryOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

// One change of a file's content: bytes at an offset, or a new size.
struct Change {
    std::uint64_t offset = 0;
    std::string bytes;
    std::optional<std::uint64_t> size;
};

void applyTo(std::string& content, const Change& change) {
    if (change.size) {
        content.resize(*change.size, '\0');
        return;
    }
    content.resize(std::max<std::size_t>(content.size(), change.offset + change.bytes.size()), '\0');
    content.replace(change.offset, change.bytes.size(), change.bytes);
}

}  // namespace

class VolatileDisk::File {
public:
    std::string content;  // as programs see it
    std::string durable;
    std::vector<Change> changes;  // since the last sync
};

VolatileDisk::VolatileDisk(Survival survival, unsigned seed) : m_survival(survival), m_random(seed) {}

void VolatileDisk::cutAtSync(int number, bool after) {
    const std::lock_guard lock(m_mutex);
    m_cutAt = number;
    m_cutAfter = after;
}

void VolatileDisk::cutNow() {
    const std::lock_guard lock(m_mutex);
    m_off = true;
}

bool VolatileDisk::isOff() const {
    const std::lock_guard lock(m_mutex);
    return m_off;
}

int VolatileDisk::syncs() const {
    const std::lock_guard lock(m_mutex);
    return m_syncs;
}

void VolatileDisk::settle(File& file) {
    for (const auto& change : file.changes) {
        if (m_survival == Survival::All) {
            applyTo(file.durable, change);
        } else if (m_survival == Survival::Random && change.size) {
            if (m_random() % 2 == 0) {
                applyTo(file.durable, change);
            }
        } else if (m_survival == Survival::Random) {
            // Sectors of the disk, not of the write: a torn write is torn where the disk's sectors end.
            for (std::size_t at = 0; at < change.bytes.size();) {
                const auto length = std::min(kSector - (change.offset + at) % kSector, change.bytes.size() - at);
                if (m_random() % 2 == 0) {
                    applyTo(file.durable, {change.offset + at, change.bytes.substr(at, length), {}});
                }
                at += length;
            }
        }
    }
    file.changes.clear();
    file.content = file.durable;
}

void VolatileDisk::settleNames() {
    auto kept = m_changes.size();
    if (m_survival == Survival::None) {
        kept = 0;
    } else if (m_survival == Survival::Random) {
        // File systems write their journal in order: a beginning of the changes survives.
        kept = m_random() % (m_changes.size() + 1);
    }
    for (std::size_t i = 0; i < kept; ++i) {
        if (m_changes[i].file) {
            m_durable[m_changes[i].path] = m_changes[i].file;
        } else {
            m_durable.erase(m_changes[i].path);
        }
    }
    m_changes.clear();
    m_names = m_durable;
}

void VolatileDisk::restart() {
    const std::lock_guard lock(m_mutex);
    settleNames();
    m_used = 0;
    for (auto& [path, file] : m_names) {
        // A new file object: one that a program still holds must not reach the disk of the time after.
        settle(*file);
        auto fresh = std::make_shared<File>(*file);
        m_used += fresh->content.size();
        file = std::move(fresh);
    }
    m_durable = m_names;
    m_off = false;
    m_cutAt = 0;
}

void VolatileDisk::setCapacity(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock(m_mutex);
    m_capacity = bytes;
}

std::uint64_t VolatileDisk::used() const {
    const std::lock_guard lock(m_mutex);
    return m_used;
}

VolatileDisk::FilePtr VolatileDisk::open(const std::string& path, bool create) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return nullptr;
    }
    if (const auto found = m_names.find(path); found != m_names.end()) {
        return found->second;
    }
    if (!create) {
        return nullptr;
    }
    auto file = std::make_shared<File>();
    m_names[path] = file;
    m_changes.push_back({directoryOf(path), path, file});
    return file;
}

VolatileDisk::FilePtr VolatileDisk::openNameless() {
    return std::make_shared<File>();
}

bool VolatileDisk::exists(const std::string& path) const {
    const std::lock_guard lock(m_mutex);
    return m_names.contains(path);
}

std::vector<std::string> VolatileDisk::names(const std::string& directory) const {
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> found;
    for (const auto& [path, file] : m_names) {
        if (directoryOf(path) == directory) {
            found.push_back(path);
        }
    }
    return found;
}

VolatileDisk::Status VolatileDisk::remove(const std::string& path) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return Status::Failed;
    }
    const auto found = m_names.find(path);
    if (found == m_names.end()) {
        return Status::NotFound;
    }
    m_used -= found->second->content.size();
    m_names.erase(found);
    m_changes.push_back({directoryOf(path), path, nullptr});
    return Status::Ok;
}

VolatileDisk::Status VolatileDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return Status::Failed;
    }
    const auto found = m_names.find(from);
    if (found == m_names.end()) {
        return Status::NotFound;
    }
    auto file = found->second;
    m_names.erase(found);
    if (const auto replaced = m_names.find(to); replaced != m_names.end()) {
        m_used -= replaced->second->content.size();
    }
    m_names[to] = file;
    // The new name before the old one goes: within a directory a rename is atomic, across two it may leave both.
    m_changes.push_back({directoryOf(to), to, file});
    m_changes.push_back({directoryOf(from), from, nullptr});
    return Status::Ok;
}

VolatileDisk::Status VolatileDisk::link(const std::string& from, const std::string& to) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return Status::Failed;
    }
    const auto found = m_names.find(from);
    if (found == m_names.end()) {
        return Status::NotFound;
    }
    auto file = found->second;
    m_used += file->content.size();  // each name counts, as it does where one is removed
    m_names[to] = file;
    m_changes.push_back({directoryOf(to), to, file});
    return Status::Ok;
}

// True when the sync may do its work.
bool VolatileDisk::countSync(bool& cutAfter) {
    cutAfter = false;
    if (m_off) {
        return false;
    }
    if (++m_syncs == m_cutAt) {
        cutAfter = m_cutAfter;
        m_off = !m_cutAfter;
    }
    return !m_off;
}

VolatileDisk::Status VolatileDisk::syncDirectory(const std::string& directory) {
    const std::lock_guard lock(m_mutex);
    bool cutAfter = false;
    if (!countSync(cutAfter)) {
        return Status::Failed;
    }
    for (const auto& change : m_changes) {
        if (change.directory != directory) {
            continue;
        }
        if (change.file) {
            m_durable[change.path] = change.file;
        } else {
            m_durable.erase(change.path);
        }
    }
    std::erase_if(m_changes, [&](const NameChange& change) { return change.directory == directory; });
    m_off = cutAfter;
    return cutAfter ? Status::Failed : Status::Ok;
}

VolatileDisk::Status VolatileDisk::read(const FilePtr& file, std::uint64_t offset, std::span<char> into,
                                        std::size_t& got) const {
    const std::lock_guard lock(m_mutex);
    got = 0;
    if (m_off) {
        return Status::Failed;
    }
    if (offset < file->content.size()) {
        got = std::min<std::size_t>(into.size(), file->content.size() - offset);
        std::copy_n(file->content.data() + offset, got, into.data());
    }
    return Status::Ok;
}

VolatileDisk::Status VolatileDisk::write(const FilePtr& file, std::uint64_t offset, std::string_view bytes) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return Status::Failed;
    }
    const auto end = offset + bytes.size();
    const auto grows = end > file->content.size() ? end - file->content.size() : 0;
    if (m_capacity && grows > 0 && m_used + grows > *m_capacity) {
        return Status::NoSpace;
    }
    m_used += grows;
    Change change{offset, std::string(bytes), {}};
    applyTo(file->content, change);
    file->changes.push_back(std::move(change));
    return Status::Ok;
}

VolatileDisk::Status VolatileDisk::truncate(const FilePtr& file, std::uint64_t size) {
    const std::lock_guard lock(m_mutex);
    if (m_off) {
        return Status::Failed;
    }
    m_used = m_used - file->content.size() + size;
    Change change{0, {}, size};
    applyTo(file->content, change);
    file->changes.push_back(std::move(change));
    return Status::Ok;
}

VolatileDisk::Status VolatileDisk::sync(const FilePtr& file) {
    const std::lock_guard lock(m_mutex);
    bool cutAfter = false;
    if (!countSync(cutAfter)) {
        return Status::Failed;
    }
    for (const auto& change : file->changes) {
        applyTo(file->durable, change);
    }
    file->changes.clear();
    m_off = cutAfter;
    return cutAfter ? Status::Failed : Status::Ok;
}

std::uint64_t VolatileDisk::size(const FilePtr& file) const {
    const std::lock_guard lock(m_mutex);
    return file->content.size();
}

}  // namespace hanshu::test
