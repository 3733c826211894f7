// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/settler.h"

#include "base/log.h"
#include "store/database.h"

namespace hanshu::objects {

Settler::Settler(ObjectFolders& folders, store::Database& database, asio::thread_pool& disk)
    : m_folders(folders), m_database(database), m_disk(disk) {}

Settler::~Settler() {
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return !m_running; });
}

void Settler::add(Unsettled item) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(item));
    if (!m_running) {
        m_running = true;
        asio::post(m_disk, [this] { start(); });
    }
}

void Settler::start() {
    auto batch = std::make_shared<std::vector<Unsettled>>();
    {
        const std::lock_guard lock(m_mutex);
        batch->swap(m_waiting);
    }
    if (auto synced = syncFolders(*batch); !synced) {
        ended(std::move(synced));
        return;
    }
    m_database.submit([batch](store::Connection& connection) { return note(connection, *batch); },
                      [this, batch](Result<void> result) {
                          asio::post(m_disk, [this, batch, result = std::move(result)]() mutable {
                              if (result) {
                                  dropSpareNames(*batch);
                              }
                              ended(std::move(result));
                          });
                      });
}

void Settler::ended(Result<void> result) {
    if (!result) {
        log::warning("objects", "files keep their spare names until the next start: {}", result.error().describe());
    }
    const std::lock_guard lock(m_mutex);
    m_running = !m_waiting.empty();
    if (m_running) {
        asio::post(m_disk, [this] { start(); });
    } else {
        m_idle.notify_all();
    }
}

Result<void> Settler::settleNow(std::vector<Unsettled> items) {
    HANSHU_TRY(syncFolders(items));
    HANSHU_TRY(m_database.writeAndWait([&](store::Connection& connection) { return note(connection, items); }));
    dropSpareNames(items);
    return {};
}

Result<void> Settler::syncFolders(const std::vector<Unsettled>& items) {
    ObjectFolders::Sync sync(m_folders);
    for (const auto& item : items) {
        if (item.what == Unsettled::What::Placed) {
            sync.placed(item.folder, item.key, item.place);
        } else {
            sync.removed(item.folder, item.key);
        }
    }
    return sync.run();
}

Result<void> Settler::note(store::Connection& connection, std::vector<Unsettled>& items) {
    store::ObjectIndex index(connection);
    for (auto& item : items) {
        if (item.what == Unsettled::What::Removed) {
            HANSHU_TRY(index.dropTrash(item.bucket, item.key, item.version));
            continue;
        }
        auto present = index.settle(item.bucket, item.key, item.version, item.place);
        HANSHU_TRY(present);
        item.superseded = !*present;
    }
    return {};
}

void Settler::dropSpareNames(const std::vector<Unsettled>& items) {
    for (const auto& item : items) {
        if (item.what == Unsettled::What::Removed) {
            continue;
        }
        m_folders.removeIncoming(item.version);
        if (item.superseded && item.place == store::Place::Escaped) {
            m_folders.removeEscaped(item.folder, item.version);
        }
    }
}

}  // namespace hanshu::objects
