// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/object_folders.h"

#include "base/log.h"
#include "objects/natural_path.h"

#include <cerrno>

namespace hanshu::objects {
namespace {

// Two removals of neighbours may take a folder away that a third key just made: more attempts than that are a bug.
constexpr int kAttempts = 64;
// Enough for every folder of a lively bucket; past it all are synced anew.
constexpr std::size_t kMaxDurable = 100'000;

std::string parentOf(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

bool isCollision(Errno error) noexcept {
    return error == ENOTDIR || error == EISDIR || error == ENOTEMPTY || error == EEXIST || error == ENAMETOOLONG;
}

}  // namespace

ObjectFolders::ObjectFolders(FileOps& files, std::string root) : m_files(files), m_root(std::move(root)) {}

std::string ObjectFolders::incoming(std::string_view version) const {
    return fmt::format("{}/incoming/{}", m_root, version);
}

std::string ObjectFolders::treeOf(std::string_view bucket) const {
    return fmt::format("{}/{}/tree", m_root, bucket);
}

std::string ObjectFolders::natural(std::string_view bucket, std::string_view key) const {
    return fmt::format("{}/{}/tree/{}", m_root, bucket, key);
}

std::string ObjectFolders::escaped(std::string_view bucket, std::string_view version) const {
    return fmt::format("{}/{}/escaped/{}", m_root, bucket, version);
}

std::string ObjectFolders::path(std::string_view bucket, const store::ObjectRow& row) const {
    switch (row.place) {
        case store::Place::Natural:
            return natural(bucket, row.key);
        case store::Place::Escaped:
            return escaped(bucket, row.version);
        case store::Place::Incoming:
            break;
    }
    return incoming(row.version);
}

Result<void> ObjectFolders::makeFolder(const std::string& path) {
    if (const auto error = m_files.makeDirectory(path); error != 0 && error != EEXIST) {
        return fileError("mkdir " + path, error);
    }
    return {};
}

Result<void> ObjectFolders::prepare() {
    HANSHU_TRY(makeFolder(m_root));
    HANSHU_TRY(makeFolder(incomingFolder()));
    for (const auto& folder : {parentOf(m_root), m_root}) {
        if (const auto error = m_files.syncDirectory(folder); error != 0) {
            return fileError("fsync " + folder, error);
        }
    }
    return {};
}

Result<void> ObjectFolders::makeBucket(std::string_view bucket) {
    const auto folder = fmt::format("{}/{}", m_root, bucket);
    for (const auto& path : {folder, folder + "/tree", folder + "/escaped"}) {
        HANSHU_TRY(makeFolder(path));
    }
    for (const auto& path : {folder, m_root}) {
        if (const auto error = m_files.syncDirectory(path); error != 0) {
            return fileError("fsync " + path, error);
        }
    }
    return {};
}

void ObjectFolders::removeAll(const std::string& path) {
    if (m_files.kind(path) == FileKind::Directory) {
        std::vector<std::string> names;
        if (m_files.list(path, names) == 0) {
            for (const auto& name : names) {
                removeAll(fmt::format("{}/{}", path, name));
            }
        }
        (void)m_files.removeDirectory(path);
    } else {
        (void)m_files.unlink(path);
    }
}

void ObjectFolders::removeBucket(std::string_view bucket) {
    {
        const std::lock_guard lock(m_mutex);
        m_durable.clear();
        ++m_removals;
    }
    removeAll(fmt::format("{}/{}", m_root, bucket));
}

Result<std::vector<std::string>> ObjectFolders::buckets() {
    std::vector<std::string> names;
    if (const auto error = m_files.list(m_root, names); error != 0) {
        return fileError("list " + m_root, error);
    }
    std::erase(names, "incoming");
    return names;
}

Result<std::vector<std::string>> ObjectFolders::arrived() {
    std::vector<std::string> names;
    if (const auto error = m_files.list(incomingFolder(), names); error != 0) {
        return fileError("list " + incomingFolder(), error);
    }
    return names;
}

Result<std::vector<std::string>> ObjectFolders::escapedOf(std::string_view bucket) {
    const auto folder = fmt::format("{}/{}/escaped", m_root, bucket);
    std::vector<std::string> names;
    if (const auto error = m_files.list(folder, names); error != 0) {
        return fileError("list " + folder, error);
    }
    return names;
}

Errno ObjectFolders::makeParents(const std::string& tree, std::string_view key) {
    for (auto slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/', slash + 1)) {
        const auto error = m_files.makeDirectory(fmt::format("{}/{}", tree, key.substr(0, slash)));
        if (error != 0 && error != EEXIST) {
            return error;
        }
    }
    return 0;
}

Errno ObjectFolders::placeNaturally(std::string_view bucket, std::string_view key, std::string_view version) {
    const auto source = incoming(version);
    const auto second = source + ".placing";
    const auto target = natural(bucket, key);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        // A second name is what moves, so that the bytes can be found at the first until the index knows their place.
        if (const auto error = m_files.link(source, second); error != 0 && error != EEXIST) {
            return error;
        }
        auto error = m_files.rename(second, target);
        if (error == 0) {
            (void)m_files.unlink(second);  // rename leaves it when the target is the same file already
            return 0;
        }
        if (error == ENOENT) {
            error = makeParents(treeOf(bucket), key);
            // ENOENT again: a neighbour's removal took a folder away between two steps.
            if (error == 0 || error == ENOENT) {
                continue;
            }
        } else if (error == EISDIR && removeIfEmpty(target)) {
            continue;
        }
        (void)m_files.unlink(second);
        return error;
    }
    (void)m_files.unlink(second);
    return EBUSY;
}

Result<store::Place> ObjectFolders::place(std::string_view bucket, std::string_view key, std::string_view version) {
    if (hasNaturalPath(key)) {
        const auto error = placeNaturally(bucket, key, version);
        if (error == 0) {
            return store::Place::Natural;
        }
        if (!isCollision(error)) {
            return fileError(fmt::format("place {}", version), error);
        }
    }
    const auto target = escaped(bucket, version);
    if (const auto error = m_files.link(incoming(version), target); error != 0 && error != EEXIST) {
        return fileError("link " + target, error);
    }
    removeNatural(bucket, key);
    return store::Place::Escaped;
}

bool ObjectFolders::removeIfEmpty(const std::string& folder) {
    const std::lock_guard lock(m_mutex);
    if (m_kept.contains(folder) || m_files.removeDirectory(folder) != 0) {
        return false;
    }
    m_durable.erase(folder);
    ++m_removals;
    return true;
}

void ObjectFolders::removeNatural(std::string_view bucket, std::string_view key) {
    if (!hasNaturalPath(key)) {
        return;
    }
    const auto path = natural(bucket, key);
    const auto tree = treeOf(bucket);
    if (m_files.kind(path) != FileKind::Regular) {
        return;
    }
    if (const auto error = m_files.unlink(path); error != 0 && error != ENOENT) {
        log::error("objects", "cannot remove a replaced or deleted file: errno {}", error);
        return;
    }
    for (auto folder = parentOf(path); folder.size() > tree.size() && removeIfEmpty(folder);) {
        folder = parentOf(folder);
    }
}

void ObjectFolders::removeEscaped(std::string_view bucket, std::string_view version) {
    (void)m_files.unlink(escaped(bucket, version));
}

void ObjectFolders::removeIncoming(std::string_view version) {
    (void)m_files.unlink(incoming(version));
}

Result<std::string> ObjectFolders::keepFolder(std::string_view bucket, std::string_view prefix) {
    while (prefix.starts_with('/')) {
        prefix.remove_prefix(1);
    }
    while (prefix.ends_with('/')) {
        prefix.remove_suffix(1);
    }
    if (prefix.empty()) {
        return treeOf(bucket);
    }
    auto folder = natural(bucket, prefix);
    const auto refuse = [&] {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"argument", "bucketPath"}, {"value", std::string(prefix)}});
    };
    if (!hasNaturalPath(prefix)) {
        return refuse();
    }
    const std::lock_guard lock(m_mutex);
    if (m_kept.contains(folder)) {
        return folder;
    }
    const auto error = makeParents(treeOf(bucket), fmt::format("{}/", prefix));
    if (error == ENOTDIR || (error == 0 && m_files.kind(folder) != FileKind::Directory)) {
        return refuse();
    }
    if (error != 0) {
        return fileError("mkdir " + folder, error);
    }
    m_kept.insert(folder);
    return folder;
}

ObjectFolders::Sync::Sync(ObjectFolders& folders)
    : m_folders(folders), m_removals([&] {
          const std::lock_guard lock(folders.m_mutex);
          return folders.m_removals;
      }()) {}

void ObjectFolders::Sync::placed(std::string_view bucket, std::string_view key, store::Place place) {
    if (place == store::Place::Escaped) {
        m_toSync.insert(parentOf(m_folders.escaped(bucket, "-")));
        return;
    }
    const auto tree = m_folders.treeOf(bucket);
    auto folder = parentOf(m_folders.natural(bucket, key));
    m_toSync.insert(folder);
    const std::lock_guard lock(m_folders.m_mutex);
    for (; folder.size() > tree.size() && !m_folders.m_durable.contains(folder); folder = parentOf(folder)) {
        // Absent: the object was removed meanwhile, and nothing depends on the folder.
        if (m_folders.m_files.kind(folder) == FileKind::Directory) {
            m_nowDurable.push_back(folder);
        }
        m_toSync.insert(parentOf(folder));
    }
}

void ObjectFolders::Sync::removed(std::string_view bucket, std::string_view key) {
    const auto tree = m_folders.treeOf(bucket);
    auto folder = parentOf(m_folders.natural(bucket, key));
    while (folder.size() > tree.size() && m_folders.m_files.kind(folder) == FileKind::Absent) {
        folder = parentOf(folder);
    }
    m_toSync.insert(folder);
}

Result<void> ObjectFolders::Sync::run() {
    for (const auto& folder : m_toSync) {
        const auto error = m_folders.m_files.syncDirectory(folder);
        if (error != 0 && error != ENOENT && error != ENOTDIR) {
            return fileError("fsync " + folder, error);
        }
    }
    const std::lock_guard lock(m_folders.m_mutex);
    // A folder that went away since, and may have come back, has a name that was not synced.
    if (m_folders.m_removals == m_removals) {
        if (m_folders.m_durable.size() >= kMaxDurable) {
            m_folders.m_durable.clear();
        }
        m_folders.m_durable.insert(m_nowDurable.begin(), m_nowDurable.end());
    }
    return {};
}

}  // namespace hanshu::objects
