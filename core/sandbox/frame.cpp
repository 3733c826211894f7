// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/frame.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace hanshu::sandbox {

int sendFrame(int socket, std::string_view bytes, std::span<const int> fds) {
    if (bytes.size() > kMaxFrameBytes || fds.size() > kMaxFrameFds) {
        return EMSGSIZE;
    }
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFrameFds)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(fds.size_bytes());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
    }
    while (::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

Received receiveFrame(int socket, Frame& frame, bool wait) {
    frame.fds.clear();
    frame.bytes.resize(kMaxFrameBytes);
    iovec part{frame.bytes.data(), frame.bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFrameFds)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size = 0;
    while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT))) < 0 && errno == EINTR) {
    }
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return Received::Nothing;
    }
    if (size <= 0) {
        return Received::Closed;
    }
    frame.bytes.resize(static_cast<std::size_t>(size));
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            frame.fds.emplace_back(fd);
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        frame.bytes.clear();  // reads as damage
    }
    return Received::Frame;
}

}  // namespace hanshu::sandbox
