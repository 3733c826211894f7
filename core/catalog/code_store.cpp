// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/code_store.h"

#include "base/digest.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "catalog/package.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <cerrno>

namespace hanshu::catalog {
namespace {

namespace fs = std::filesystem;

Result<void> syncFolder(const fs::path& folder) {
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) {
        return systemError(fmt::format("fsync {}", folder.string()), errno);
    }
    return {};
}

}  // namespace

CodeTree::~CodeTree() {
    if (const auto store = m_store.lock()) {
        store->forget(m_digest);
    }
}

CodeStore::CodeStore(const fs::path& stateDirectory, asio::thread_pool& disk)
    : m_packages(stateDirectory / "packages"), m_code(stateDirectory / "code"), m_disk(disk) {}

Result<void> CodeStore::open(const std::set<std::string>& keep) {
    std::error_code error;
    for (const auto& folder : {m_packages, m_code}) {
        fs::create_directories(folder, error);
        if (error) {
            return systemError(fmt::format("mkdir {}", folder.string()), error.value());
        }
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            if (!keep.contains(entry.path().stem().string())) {
                log::info("catalog", "removing code that no function uses: {}", entry.path().filename().string());
                fs::remove_all(entry.path(), error);
            }
        }
    }
    return {};
}

std::shared_ptr<const CodeTree> CodeStore::hold(const std::string& digest) {
    auto& slot = m_trees[digest];
    auto tree = slot.lock();
    if (tree == nullptr) {
        tree = std::make_shared<const CodeTree>(weak_from_this(), digest, m_code / digest);
        slot = tree;
    }
    return tree;
}

Result<std::unique_ptr<PackageUpload>> CodeStore::upload() const {
    return PackageUpload::begin(m_packages);
}

Result<std::shared_ptr<const CodeTree>> CodeStore::add(PackageUpload& package) {
    const auto& digest = package.sha256();
    if (auto known = find(digest)) {
        return known;
    }
    const auto temporary = m_code / fmt::format("new-{}", randomHex(8));
    if (::mkdir(temporary.c_str(), 0755) != 0) {
        return systemError(fmt::format("mkdir {}", temporary.string()), errno);
    }
    ::chmod(temporary.c_str(), 0755);
    const auto kept = [&]() -> Result<std::shared_ptr<const CodeTree>> {
        HANSHU_TRY(unpackZipFile(package.file(), temporary));
        const std::lock_guard lock(m_mutex);
        HANSHU_TRY(package.keepAs(packageFile(digest)));
        // A second upload of the same package may have been quicker: its folder is as good.
        if (::rename(temporary.c_str(), (m_code / digest).c_str()) != 0 && errno != ENOTEMPTY && errno != EEXIST) {
            return systemError("rename of a code folder", errno);
        }
        HANSHU_TRY(syncFolder(m_packages));
        HANSHU_TRY(syncFolder(m_code));
        return hold(digest);
    }();
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    return kept;
}

Result<std::shared_ptr<const CodeTree>> CodeStore::find(const std::string& digest) {
    const std::lock_guard lock(m_mutex);
    std::error_code error;
    if (!fs::exists(m_code / digest, error) || !fs::exists(packageFile(digest), error)) {
        return fail(Code::NotFound, "CodeNotFound", {{"digest", digest}});
    }
    return hold(digest);
}

fs::path CodeStore::packageFile(const std::string& digest) const {
    return m_packages / (digest + ".zip");
}

void CodeStore::forget(const std::string& digest) {
    if (m_closed) {
        return;
    }
    asio::post(m_disk, [self = shared_from_this(), digest] {
        const std::lock_guard lock(self->m_mutex);
        const auto slot = self->m_trees.find(digest);
        if (self->m_closed || slot == self->m_trees.end() || !slot->second.expired()) {
            return;
        }
        self->m_trees.erase(slot);
        std::error_code ignored;
        fs::remove(self->packageFile(digest), ignored);
        fs::remove_all(self->m_code / digest, ignored);
    });
}

}  // namespace hanshu::catalog
