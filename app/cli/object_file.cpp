// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/object_file.h"

#include "cli/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace hanshu::cli {
namespace {

Failure failed(std::string_view what, const std::string& path, int errnoValue) {
    return usage(fmt::format("can't {} {}: {}", what, path, std::strerror(errnoValue)));
}

// Where a chain of links ends, whether something is there or not.
std::string endOfLinks(const std::string& path) {
    constexpr int kMaxLinks = 40;  // as the kernel
    std::filesystem::path place = path;
    std::error_code error;
    for (int i = 0; i < kMaxLinks && std::filesystem::is_symlink(place, error); ++i) {
        const auto next = std::filesystem::read_symlink(place, error);
        if (error) {
            break;
        }
        place = place.parent_path() / next;
    }
    return place.string();
}

}  // namespace

Result<ObjectSource> ObjectSource::open(const std::string& path, std::istream& in) {
    ObjectSource source;
    source.m_path = path;
    if (path == "-") {
        source.m_in = &in;
        return source;
    }
    source.m_file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!source.m_file || ::fstat(source.m_file.get(), &status) != 0) {
        return failed("read", path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return failed("read", path, EISDIR);
    }
    source.m_size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    return source;
}

Result<std::size_t> ObjectSource::read(std::string& into, std::size_t limit) {
    into.resize(limit);
    if (m_in != nullptr) {
        m_in->read(into.data(), static_cast<std::streamsize>(limit));
        into.resize(static_cast<std::size_t>(m_in->gcount()));
        return into.size();
    }
    while (true) {
        const auto count = ::read(m_file.get(), into.data(), limit);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed("read", m_path, errno);
        }
        into.resize(static_cast<std::size_t>(count));
        return into.size();
    }
}

Result<ObjectTarget> ObjectTarget::open(const std::string& path, const std::string& key, std::ostream& out) {
    ObjectTarget target;
    if (path == "-") {
        target.m_out = &out;
        return target;
    }
    const auto name = key.substr(key.rfind('/') + 1);
    std::error_code error;
    const bool folder = path.empty() || path.ends_with('/') || std::filesystem::is_directory(path, error);
    if (folder && (name.empty() || name == "." || name == "..")) {
        return usage(fmt::format("'{}' names no file: say where to put it", key));
    }
    target.m_path = folder ? (std::filesystem::path(path) / name).string() : path;
    struct stat status{};
    if (::stat(target.m_path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        // Without O_CREAT: when it goes meanwhile, no file takes its place.
        target.m_file.reset(::open(target.m_path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
        if (!target.m_file) {
            return failed("write", target.m_path, errno);
        }
        return target;
    }
    HANSHU_TRY(target.openBeside());
    return target;
}

Result<void> ObjectTarget::openBeside() {
    m_place = endOfLinks(m_path);
    struct stat status{};
    const bool known = ::stat(m_place.c_str(), &status) == 0;
    const auto mask = ::umask(0);
    ::umask(mask);
    m_temporary = m_place + ".XXXXXX";
    m_file.reset(::mkostemp(m_temporary.data(), O_CLOEXEC));
    if (!m_file) {
        m_temporary.clear();
        return failed("write", m_path, errno);
    }
    if (known && ::fchown(m_file.get(), status.st_uid, status.st_gid) != 0) {
        // Only root can give a file away; anybody else becomes the owner of what they fetched.
        errno = 0;
    }
    if (::fchmod(m_file.get(), known ? status.st_mode & 0777U : 0666U & ~mask) != 0) {
        return failed("write", m_path, errno);
    }
    return {};
}

ObjectTarget::ObjectTarget(ObjectTarget&& other) noexcept
    : m_out(other.m_out),
      m_file(std::move(other.m_file)),
      m_temporary(std::exchange(other.m_temporary, {})),
      m_place(std::move(other.m_place)),
      m_path(std::move(other.m_path)) {}

ObjectTarget::~ObjectTarget() {
    if (!m_temporary.empty()) {
        ::unlink(m_temporary.c_str());
    }
}

Result<void> ObjectTarget::write(std::string_view bytes) {
    if (m_out != nullptr) {
        m_out->write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return *m_out ? Result<void>{} : outputLost();
    }
    while (!bytes.empty()) {
        const auto count = ::write(m_file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return failed("write", m_path, errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return {};
}

Result<void> ObjectTarget::commit() {
    if (m_out != nullptr) {
        m_out->flush();
        return *m_out ? Result<void>{} : outputLost();
    }
    // A network file system may tell only now that it is full.
    if (::close(m_file.release()) != 0) {
        return failed("write", m_path, errno);
    }
    if (!m_temporary.empty() && ::rename(m_temporary.c_str(), m_place.c_str()) != 0) {
        return failed("write", m_path, errno);
    }
    m_temporary.clear();
    return {};
}

}  // namespace hanshu::cli
