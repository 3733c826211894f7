// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A disk in memory that forgets in a power cut what was not synced: contents of files, and names in directories. Any
// thread. FaultyVfs puts SQLite on it; file operations of another room can be put on the same disk, so that one count
// of sync points runs through both.
//
// What POSIX promises is modelled and no more: a file's sync keeps its content, a directory's sync keeps its names, and
// neither does the other's work.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::test {

class VolatileDisk {
public:
    // What becomes of writes that were not synced when the power is cut.
    enum class Survival {
        None,    // all are lost
        Random,  // each 512-byte sector and the last changes of a directory survive or not, by the seed
        All,     // as after a mere kill of the program
    };
    enum class Status { Ok, NoSpace, Failed, NotFound };

    class File;  // an open file; stays readable after its name is gone
    using FilePtr = std::shared_ptr<File>;

    explicit VolatileDisk(Survival survival = Survival::None, unsigned seed = 0);

    // Cuts the power when the sync of this number (from 1) is asked for: before it works, or after it has worked but
    // before the caller learns of it. From then on every operation fails.
    void cutAtSync(int number, bool after);
    void cutNow();
    [[nodiscard]] bool isOff() const;
    // Power comes back: what survived is all there is. Files that are still open belong to the time before.
    void restart();
    [[nodiscard]] int syncs() const;

    // Bytes that files may have together; nothing: no limit.
    void setCapacity(std::optional<std::uint64_t> bytes);
    [[nodiscard]] std::uint64_t used() const;

    // Null when it is not there and not to be created, or the power is off.
    [[nodiscard]] FilePtr open(const std::string& path, bool create);
    // A file without a name; gone with its last user.
    [[nodiscard]] FilePtr openNameless();
    [[nodiscard]] bool exists(const std::string& path) const;
    [[nodiscard]] std::vector<std::string> names(const std::string& directory) const;
    Status remove(const std::string& path);
    Status rename(const std::string& from, const std::string& to);
    // A second name of a file.
    Status link(const std::string& from, const std::string& to);
    Status syncDirectory(const std::string& directory);

    Status read(const FilePtr& file, std::uint64_t offset, std::span<char> into, std::size_t& got) const;
    Status write(const FilePtr& file, std::uint64_t offset, std::string_view bytes);
    Status truncate(const FilePtr& file, std::uint64_t size);
    Status sync(const FilePtr& file);
    [[nodiscard]] std::uint64_t size(const FilePtr& file) const;

private:
    using Names = std::map<std::string, FilePtr>;

    // Both with the mutex held.
    bool countSync(bool& cutAfter);
    void settle(File& file);
    void settleNames();

    mutable std::mutex m_mutex;
    Survival m_survival;
    std::mt19937 m_random;
    Names m_names;    // as programs see them
    Names m_durable;  // as a power cut leaves them
    struct NameChange {
        std::string directory;
        std::string path;
        FilePtr file;  // null: removed
    };
    std::vector<NameChange> m_changes;  // since the last sync of their directory
    std::optional<std::uint64_t> m_capacity;
    std::uint64_t m_used = 0;
    int m_syncs = 0;
    int m_cutAt = 0;
    bool m_cutAfter = false;
    bool m_off = false;
};

}  // namespace hanshu::test
