// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Real sockets on the host that code inside tries to reach.
#pragma once

#include "base/unique_fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>
#include <QtGlobal>
#include <cstring>
#include <filesystem>
#include <string>

namespace hanshu::sandbox {

struct HostTargets {
    UniqueFd port{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    UniqueFd abstract{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    UniqueFd file{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int number = 0;
    std::string abstractName = fmt::format("hanshu-tst-{}", ::getpid());
    std::string path;

    explicit HostTargets(const std::filesystem::path& state) : path((state / "host.sock").native()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        bool good = ::bind(port.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                    ::listen(port.get(), 5) == 0 &&
                    ::getsockname(port.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
        number = ntohs(address.sin_port);
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        std::memcpy(local.sun_path + 1, abstractName.data(), abstractName.size());
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + abstractName.size());
        good = good && ::bind(abstract.get(), reinterpret_cast<sockaddr*>(&local), size) == 0 &&
               ::listen(abstract.get(), 5) == 0;
        local = {};
        local.sun_family = AF_UNIX;
        std::memcpy(local.sun_path, path.data(), path.size());
        good = good && ::bind(file.get(), reinterpret_cast<sockaddr*>(&local), sizeof local) == 0 &&
               ::listen(file.get(), 5) == 0;
        if (!good) {
            qFatal("the host's sockets can't be made");
        }
    }
};

}  // namespace hanshu::sandbox
