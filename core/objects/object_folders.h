// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The folders of the object store, and the moves of files between them. Every call blocks: disk threads and start-up.
//
//   ROOT/incoming/{version}            bytes that arrive, and parts of uploads
//   ROOT/{bucket}/tree/{key}           objects at their natural paths; what is mounted into sandboxes
//   ROOT/{bucket}/escaped/{version}    objects whose keys have no path, or whose path another key needs
#pragma once

#include "base/file_ops.h"
#include "base/result.h"
#include "store/object_index.h"

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace hanshu::objects {

class ObjectFolders {
public:
    ObjectFolders(FileOps& files, std::string root);

    [[nodiscard]] FileOps& files() const noexcept { return m_files; }
    [[nodiscard]] std::string incomingFolder() const { return m_root + "/incoming"; }
    [[nodiscard]] std::string incoming(std::string_view version) const;
    [[nodiscard]] std::string natural(std::string_view bucket, std::string_view key) const;
    [[nodiscard]] std::string escaped(std::string_view bucket, std::string_view version) const;
    [[nodiscard]] std::string path(std::string_view bucket, const store::ObjectRow& row) const;

    // Each makes what is missing, durably.
    [[nodiscard]] Result<void> prepare();
    [[nodiscard]] Result<void> makeBucket(std::string_view bucket);
    // Removes a bucket's folder with all that is in it.
    void removeBucket(std::string_view bucket);
    // Folders of buckets, and names in folders.
    [[nodiscard]] Result<std::vector<std::string>> buckets();
    [[nodiscard]] Result<std::vector<std::string>> arrived();
    [[nodiscard]] Result<std::vector<std::string>> escapedOf(std::string_view bucket);

    // Gives the arrived version its place, replacing what the key had at its natural path. It stays in incoming, too.
    // May be repeated.
    [[nodiscard]] Result<store::Place> place(std::string_view bucket, std::string_view key, std::string_view version);
    // Removes the key's file, and the folders that it leaves empty.
    void removeNatural(std::string_view bucket, std::string_view key);
    void removeEscaped(std::string_view bucket, std::string_view version);
    void removeIncoming(std::string_view version);

    // The folder below `prefix`, made when it is missing, and from now on kept when it is empty. InvalidArgument.
    [[nodiscard]] Result<std::string> keepFolder(std::string_view bucket, std::string_view prefix);

    // Makes the names on the way to files durable, each folder once for a batch, and known ones not again.
    class Sync {
    public:
        explicit Sync(ObjectFolders& folders);
        // Files that were placed or removed before this call.
        void placed(std::string_view bucket, std::string_view key, store::Place place);
        void removed(std::string_view bucket, std::string_view key);
        [[nodiscard]] Result<void> run();

    private:
        ObjectFolders& m_folders;
        std::uint64_t m_removals;
        std::set<std::string> m_toSync;
        std::vector<std::string> m_nowDurable;
    };

private:
    [[nodiscard]] std::string treeOf(std::string_view bucket) const;
    [[nodiscard]] Result<void> makeFolder(const std::string& path);
    [[nodiscard]] Errno makeParents(const std::string& tree, std::string_view key);
    [[nodiscard]] Errno placeNaturally(std::string_view bucket, std::string_view key, std::string_view version);
    [[nodiscard]] bool removeIfEmpty(const std::string& folder);
    void removeAll(const std::string& path);

    FileOps& m_files;
    std::string m_root;
    std::mutex m_mutex;                         // of all below, and of removing folders
    std::unordered_set<std::string> m_kept;     // folders that are mounted somewhere
    std::unordered_set<std::string> m_durable;  // folders whose own names are known to be on disk
    std::uint64_t m_removals = 0;               // folders removed so far
};

}  // namespace hanshu::objects
