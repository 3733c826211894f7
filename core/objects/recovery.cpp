// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/log.h"
#include "objects/store_core.h"
#include "store/database.h"

#include <unordered_map>
#include <unordered_set>

namespace hanshu::objects {
namespace {

using Names = std::unordered_set<std::string>;

// What the index says about files outside their natural paths.
struct Astray {
    std::vector<store::ObjectRow> incoming;
    std::vector<store::ObjectRow> escaped;
    std::vector<std::string> parts;
    std::vector<store::TrashRow> removed;  // whose keys have no object now
    std::vector<store::TrashRow> stale;    // whose keys have one again
};

Result<Astray> readAstray(store::Connection& connection) {
    store::ObjectIndex index(connection);
    Astray astray;
    auto incoming = index.at(store::Place::Incoming);
    HANSHU_TRY(incoming);
    astray.incoming = std::move(*incoming);
    auto escaped = index.at(store::Place::Escaped);
    HANSHU_TRY(escaped);
    astray.escaped = std::move(*escaped);
    auto parts = index.partVersions();
    HANSHU_TRY(parts);
    astray.parts = std::move(*parts);
    auto trash = index.trash();
    HANSHU_TRY(trash);
    for (auto& row : *trash) {
        auto object = index.find(row.bucket, row.key);
        HANSHU_TRY(object);
        (*object ? astray.stale : astray.removed).push_back(std::move(row));
    }
    return astray;
}

class Recovery {
public:
    explicit Recovery(StoreCore& core) : m_core(core), m_folders(*core.folders) {
        for (const auto& [name, bucket] : *core.buckets.load()) {
            m_folderOf.emplace(bucket.id, bucket.folder);
        }
    }

    Result<void> run() {
        HANSHU_TRY(repairBuckets());
        auto astray = m_core.options.database.readAndWait<Astray>(readAstray);
        HANSHU_TRY(astray);
        clearTrash(*astray);
        placeArrived(*astray);
        HANSHU_TRY(dropUnknownEscaped(*astray));
        HANSHU_TRY(m_core.settler.settleNow(std::move(m_unsettled)));
        return dropUnknownArrived(*astray);
    }

private:
    // A folder without its bucket was made just before a crash, or its bucket was removed just before one.
    Result<void> repairBuckets() {
        auto present = m_folders.buckets();
        HANSHU_TRY(present);
        Names known;
        for (const auto& [id, folder] : m_folderOf) {
            known.insert(folder);
            HANSHU_TRY(m_folders.makeBucket(folder));
        }
        for (const auto& folder : *present) {
            if (!known.contains(folder)) {
                m_folders.removeBucket(folder);
            }
        }
        return {};
    }

    void clearTrash(const Astray& astray) {
        for (const auto& row : astray.removed) {
            const auto& folder = m_folderOf[row.bucket];
            m_folders.removeNatural(folder, row.key);
            m_unsettled.push_back({Unsettled::What::Removed, row.bucket, folder, row.key, row.version});
        }
        for (const auto& row : astray.stale) {
            m_unsettled.push_back({Unsettled::What::Removed, row.bucket, m_folderOf[row.bucket], row.key, row.version});
        }
    }

    void placeArrived(const Astray& astray) {
        for (const auto& row : astray.incoming) {
            const auto& folder = m_folderOf[row.bucket];
            auto place = m_folders.place(folder, row.key, row.version);
            if (place) {
                m_placed.insert(row.version);
                m_unsettled.push_back({Unsettled::What::Placed, row.bucket, folder, row.key, row.version, *place});
            } else {
                log::error("objects", "a file stays in incoming: {}", place.error().describe());
            }
        }
    }

    Result<void> dropUnknownEscaped(const Astray& astray) {
        std::unordered_map<std::int64_t, Names> known;
        for (const auto& row : astray.escaped) {
            known[row.bucket].insert(row.version);
        }
        for (const auto& [id, folder] : m_folderOf) {
            auto names = m_folders.escapedOf(folder);
            HANSHU_TRY(names);
            for (const auto& version : *names) {
                if (!known[id].contains(version) && !m_placed.contains(version)) {
                    m_folders.removeEscaped(folder, version);
                }
            }
        }
        return {};
    }

    Result<void> dropUnknownArrived(const Astray& astray) {
        Names known(astray.parts.begin(), astray.parts.end());
        for (const auto& row : astray.incoming) {
            if (!m_placed.contains(row.version)) {
                known.insert(row.version);
            }
        }
        auto names = m_folders.arrived();
        HANSHU_TRY(names);
        std::size_t dropped = 0;
        for (const auto& name : *names) {
            if (!known.contains(name)) {
                m_folders.removeIncoming(name);
                ++dropped;
            }
        }
        if (dropped != 0) {
            log::info("objects", "removed {} files of uploads that did not end", dropped);
        }
        return {};
    }

    StoreCore& m_core;
    ObjectFolders& m_folders;
    std::unordered_map<std::int64_t, std::string> m_folderOf;
    std::vector<Unsettled> m_unsettled;
    Names m_placed;
};

}  // namespace

Result<void> recover(StoreCore& core) {
    HANSHU_TRY(core.folders->prepare());
    HANSHU_TRY(core.loadBuckets());
    return Recovery(core).run();
}

}  // namespace hanshu::objects
