// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/socket_place.h"

#include "base/ids.h"
#include "base/unique_fd.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace hanshu::gateway {
namespace {

Failure invalid(const std::filesystem::path& path, std::string detail) {
    return fail(Code::InvalidArgument, "AddressInvalid", {{"address", "unix:" + path.string()}}, std::move(detail));
}

bool somebodyListens(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
}

}  // namespace

Result<SocketPlace> SocketPlace::prepare(std::filesystem::path path) {
    if (!path.is_absolute()) {
        return invalid(path, "the path of a Unix socket must be absolute");
    }
    const auto folder = path.parent_path() / fmt::format(".{}", randomHex(4));
    constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.string().size() > kLongest || (folder / "s").string().size() > kLongest) {
        return invalid(path, fmt::format("the path of a Unix socket has at most {} bytes", kLongest));
    }
    struct stat there{};
    if (::lstat(path.c_str(), &there) == 0 && (!S_ISSOCK(there.st_mode) || somebodyListens(path))) {
        return fail(Code::AlreadyExists, "AddressInUse", {{"address", "unix:" + path.string()}});
    }
    if (::mkdir(folder.c_str(), 0700) != 0) {
        const std::string why = std::strerror(errno);
        return invalid(
            path, fmt::format("user {} can't make a socket in {}: {}", ::geteuid(), path.parent_path().string(), why));
    }
    return SocketPlace(std::move(path), folder);
}

SocketPlace::SocketPlace(std::filesystem::path path, std::filesystem::path folder)
    : m_path(std::move(path)), m_folder(std::move(folder)) {}

SocketPlace::SocketPlace(SocketPlace&& other) noexcept
    : m_path(std::exchange(other.m_path, {})),
      m_folder(std::exchange(other.m_folder, {})),
      m_published(std::exchange(other.m_published, false)) {}

SocketPlace& SocketPlace::operator=(SocketPlace&& other) noexcept {
    if (this != &other) {
        clear();
        m_path = std::exchange(other.m_path, {});
        m_folder = std::exchange(other.m_folder, {});
        m_published = std::exchange(other.m_published, false);
    }
    return *this;
}

SocketPlace::~SocketPlace() {
    clear();
}

void SocketPlace::clear() noexcept {
    if (!m_folder.empty()) {
        ::unlink((m_folder / "s").c_str());
        ::rmdir(m_folder.c_str());
    }
    if (m_published) {
        ::unlink(m_path.c_str());
    }
}

std::string SocketPlace::bindPath() const {
    return (m_folder / "s").string();
}

Result<void> SocketPlace::publish() {
    if (::chmod(bindPath().c_str(), 0600) != 0) {
        return systemError("chmod " + bindPath(), errno);
    }
    if (::rename(bindPath().c_str(), m_path.c_str()) != 0) {
        return systemError("rename to " + m_path.string(), errno);
    }
    ::rmdir(m_folder.c_str());
    m_folder.clear();
    m_published = true;
    return {};
}

}  // namespace hanshu::gateway
