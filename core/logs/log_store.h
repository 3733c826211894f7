// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The logs of all accounts below one folder. Any thread; what AccountLogs says of threads holds for each account.
#pragma once

#include "logs/account_logs.h"

#include <map>

namespace hanshu::logs {

class LogStore {
public:
    // The folder is there. `files` outlives the store.
    explicit LogStore(std::string folder, const LogOptions& options = {},
                      FileOps& files = hostFileOps(FileReaders::OwnerAndGroup))
        : m_folder(std::move(folder)), m_options(options), m_files(files), m_cache(files) {}

    // Opened with the first call, then kept. An account's name is 1–64 of A-Z a-z 0-9 _ -, or it is InvalidArgument.
    // Lives no longer than the store.
    [[nodiscard]] Result<std::shared_ptr<AccountLogs>> account(const std::string& name);
    // All that have a folder.
    [[nodiscard]] Result<std::vector<std::string>> accounts();
    // With all its lines. Nobody uses it any more.
    [[nodiscard]] Result<void> remove(const std::string& name);

private:
    std::string m_folder;
    LogOptions m_options;
    FileOps& m_files;
    SegmentCache m_cache;
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<AccountLogs>> m_accounts;  // under m_mutex
};

}  // namespace hanshu::logs
