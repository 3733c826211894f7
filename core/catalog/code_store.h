// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The packages and the folders they are unpacked to, by the SHA-256 of the package: STATE/packages/{digest}.zip and
// STATE/code/{digest}/. `add` blocks and belongs on disk threads; the rest any thread.
#pragma once

#include "base/async.h"
#include "base/result.h"
#include "catalog/function_spec.h"
#include "catalog/package_upload.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace hanshu::catalog {

class CodeStore;

class CodeTree {
public:
    CodeTree(std::weak_ptr<CodeStore> store, std::string digest, std::filesystem::path folder)
        : m_store(std::move(store)), m_digest(std::move(digest)), m_folder(std::move(folder)) {}
    CodeTree(const CodeTree&) = delete;
    CodeTree& operator=(const CodeTree&) = delete;
    ~CodeTree();
    [[nodiscard]] const std::string& digest() const noexcept { return m_digest; }
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return m_folder; }

private:
    std::weak_ptr<CodeStore> m_store;
    std::string m_digest;
    std::filesystem::path m_folder;
};

class CodeStore : public std::enable_shared_from_this<CodeStore> {
public:
    CodeStore(const std::filesystem::path& stateDirectory, asio::thread_pool& disk);

    // Makes the folders, and removes what is in `keep` of neither: what a crash or a deletion left.
    [[nodiscard]] Result<void> open(const std::set<std::string>& keep);
    [[nodiscard]] Result<std::unique_ptr<PackageUpload>> upload() const;
    // Checks, unpacks and keeps a package that is finished; the same package twice is kept once.
    [[nodiscard]] Result<std::shared_ptr<const CodeTree>> add(PackageUpload& package);
    // A package that was added before, in this life or an earlier one. NotFound `CodeNotFound`.
    [[nodiscard]] Result<std::shared_ptr<const CodeTree>> find(const std::string& digest);
    [[nodiscard]] std::filesystem::path packageFile(const std::string& digest) const;
    // From now on nothing is removed any more: the process ends, and its functions stay.
    void close() noexcept { m_closed = true; }

private:
    friend class CodeTree;
    void forget(const std::string& digest);
    std::shared_ptr<const CodeTree> hold(const std::string& digest);

    std::filesystem::path m_packages;
    std::filesystem::path m_code;
    asio::thread_pool& m_disk;
    std::atomic<bool> m_closed{false};
    std::mutex m_mutex;
    std::map<std::string, std::weak_ptr<const CodeTree>> m_trees;
};

}  // namespace hanshu::catalog
