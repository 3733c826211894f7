// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/log_store.h"

#include <algorithm>

namespace hanshu::logs {
namespace {

bool isName(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

}  // namespace

Result<std::shared_ptr<AccountLogs>> LogStore::account(const std::string& name) {
    if (!isName(name)) {
        return fail(Code::InvalidArgument, "InvalidArgument", {}, "no name of an account: " + name);
    }
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_accounts.find(name); found != m_accounts.end()) {
        return found->second;
    }
    auto opened = AccountLogs::open(m_folder + "/" + name, m_options, m_files, m_cache);
    if (opened) {
        m_accounts.emplace(name, *opened);
    }
    return opened;
}

Result<std::vector<std::string>> LogStore::accounts() {
    std::vector<std::string> names;
    if (const auto error = m_files.list(m_folder, names); error != 0) {
        return fileError("list " + m_folder, error);
    }
    std::erase_if(names, [](const auto& name) { return !isName(name); });
    std::ranges::sort(names);
    return names;
}

Result<void> LogStore::remove(const std::string& name) {
    if (!isName(name)) {
        return fail(Code::InvalidArgument, "InvalidArgument", {}, "no name of an account: " + name);
    }
    const std::lock_guard lock(m_mutex);
    m_accounts.erase(name);
    const auto folder = m_folder + "/" + name;
    std::vector<std::string> files;
    if (const auto error = m_files.list(folder, files); error != 0) {
        return error == ENOENT ? Result<void>() : Result<void>(fileError("list " + folder, error));
    }
    for (const auto& file : files) {
        if (const auto error = m_files.unlink(folder + "/" + file); error != 0) {
            return fileError("remove " + folder + "/" + file, error);
        }
    }
    if (const auto error = m_files.removeDirectory(folder); error != 0) {
        return fileError("remove " + folder, error);
    }
    const auto error = m_files.syncDirectory(m_folder);
    return error == 0 ? Result<void>() : Result<void>(fileError("sync " + m_folder, error));
}

}  // namespace hanshu::logs
