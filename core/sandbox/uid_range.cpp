// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/uid_range.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cstring>
#include <filesystem>

namespace hanshu::sandbox {
namespace {

// Outside the ranges of systemd (container uids end at 1879048191, see systemd's UIDS-GIDS).
constexpr uid_t kFirstUid = 1'900'000'000;
constexpr int kRange = 65'536;
constexpr int kRanges = 64;

}  // namespace

std::optional<UidRange> UidRange::claim(int slots) {
    if (slots > kRange) {
        return std::nullopt;
    }
    for (int number = 0; number < kRanges; ++number) {
        // A bound abstract name is a lock that the kernel gives back whatever happens to its owner.
        UniqueFd lock(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto name = fmt::format("hanshu-uids-{}", number);
        std::memcpy(address.sun_path + 1, name.data(), name.size());
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        if (lock && ::bind(lock.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) {
            return UidRange(std::move(lock), kFirstUid + static_cast<uid_t>(number * kRange), slots);
        }
    }
    return std::nullopt;
}

void UidRange::endLeftovers() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        struct stat status{};
        const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
        if (pid > 1 && ::stat(entry.path().c_str(), &status) == 0 && status.st_uid >= m_first &&
            status.st_uid < m_first + static_cast<uid_t>(m_slots)) {
            ::kill(pid, SIGKILL);
        }
    }
}

}  // namespace hanshu::sandbox
