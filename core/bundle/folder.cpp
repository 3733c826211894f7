// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/folder.h"

#include "base/encoding.h"
#include "base/unique_fd.h"
#include "bundle/ignore_rules.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hanshu::bundle {
namespace {

namespace fs = std::filesystem;

Failure refused(const char* reason, std::string path, std::string detail = {}) {
    return fail(Code::InvalidArgument, reason, {{"path", std::move(path)}}, std::move(detail));
}

bool leadsOut(const fs::path& relative) {
    const auto first = relative.begin();
    return relative.empty() || (first != relative.end() && *first == "..");
}

class Reader {
public:
    Reader(const fs::path& root, const std::stop_token& stop) : m_stop(stop) { m_folder.root = root; }

    Result<Folder> read() {
        std::error_code error;
        m_real = fs::canonical(m_folder.root, error);
        if (error) {
            return refused("PackageUnreadable", m_folder.root.string(), error.message());
        }
        HANSHU_TRY(readRules());
        HANSHU_TRY(walk(""));
        if (m_files == 0) {
            return refused("PackageEmpty", m_folder.root.string());
        }
        std::ranges::sort(m_folder.items, {}, &Item::path);
        return std::move(m_folder);
    }

private:
    Result<void> readRules() {
        const UniqueFd file(::open((m_folder.root / ".fcignore").c_str(), O_RDONLY | O_CLOEXEC));
        if (!file && errno == ENOENT) {
            return {};
        }
        std::string text;
        char block[4096];
        ssize_t count = file ? 1 : -1;
        while (count > 0) {
            count = ::read(file.get(), block, sizeof block);
            text.append(block, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
        if (count < 0) {
            return refused("PackageUnreadable", ".fcignore", std::strerror(errno));
        }
        m_rules.add(text);
        return {};
    }

    Result<void> walk(const std::string& below) {
        std::error_code error;
        fs::directory_iterator entries(m_folder.root / below, error);
        for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
            HANSHU_TRY(take(below + entries->path().filename().string()));
        }
        if (error) {
            return refused("PackageUnreadable", below.empty() ? m_folder.root.string() : below, error.message());
        }
        return {};
    }

    Result<void> take(std::string path) {
        if (m_stop.stop_requested()) {
            return fail(Code::Cancelled, "Cancelled");
        }
        const auto place = m_folder.root / path;
        struct stat status{};
        if (::lstat(place.c_str(), &status) != 0) {
            return refused("PackageUnreadable", std::move(path), std::strerror(errno));
        }
        if (m_rules.ignores(path, S_ISDIR(status.st_mode))) {
            return {};
        }
        if (!isUtf8(path)) {
            return refused("PackageNameNotUtf8", std::move(path));
        }
        Item item{std::move(path), status.st_mode, 0, {}};
        if (S_ISDIR(status.st_mode)) {
            return takeFolder(std::move(item));
        }
        if (S_ISLNK(status.st_mode)) {
            return takeLink(std::move(item));
        }
        if (!S_ISREG(status.st_mode)) {
            return refused("PackageSpecialFile", std::move(item.path));
        }
        // Better told now than after half of the work.
        if (::access(place.c_str(), R_OK) != 0) {
            return refused("PackageUnreadable", std::move(item.path), std::strerror(errno));
        }
        item.size = static_cast<std::uint64_t>(status.st_size);
        m_folder.bytes += item.size;
        ++m_files;
        return keep(std::move(item));
    }

    Result<void> takeFolder(Item item) {
        const auto before = m_folder.items.size();
        item.path += '/';
        HANSHU_TRY(walk(item.path));
        return m_folder.items.size() == before ? keep(std::move(item)) : Result<void>{};
    }

    // Where a link leads is decided by its text alone, as the runtime does when it unpacks.
    Result<void> takeLink(Item item) {
        std::error_code error;
        auto target = fs::read_symlink(m_folder.root / item.path, error);
        if (error) {
            return refused("PackageUnreadable", std::move(item.path), error.message());
        }
        const auto parent = fs::path(item.path).parent_path();
        if (target.is_absolute()) {
            const auto inside = target.lexically_normal().lexically_relative(m_real);
            if (leadsOut(inside)) {
                return refused("PackageLinkOutside", std::move(item.path));
            }
            target = (m_real / inside).lexically_relative(m_real / parent);
        }
        if (leadsOut((parent / target).lexically_normal())) {
            return refused("PackageLinkOutside", std::move(item.path));
        }
        item.target = target.string();
        return keep(std::move(item));
    }

    Result<void> keep(Item item) {
        if (m_folder.items.size() == kMaxEntries) {
            return fail(Code::InvalidArgument, "PackageTooLarge",
                        {{"path", m_folder.root.string()}, {"limit", std::to_string(kMaxEntries)}});
        }
        m_folder.items.push_back(std::move(item));
        return {};
    }

    const std::stop_token& m_stop;
    fs::path m_real;
    IgnoreRules m_rules;
    Folder m_folder;
    std::size_t m_files = 0;
};

}  // namespace

Result<Folder> readFolder(const fs::path& root, const std::stop_token& stop) {
    return Reader(root, stop).read();
}

}  // namespace hanshu::bundle
