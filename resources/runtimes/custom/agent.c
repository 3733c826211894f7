// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The agent of custom runtimes: makes the sockets that the daemon talks through, then becomes the function's own
// program. Linked statically, because a sandbox shows only what its function needs. The protocol is described in
// resources/docs/runtimes.md; all numbers are little-endian.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3, OBJECT_PORT = 9001, BATCH = 64 };  // SCM_MAX_FD is 253; a batch stays well below
enum { ASSIGN = 1 };
enum { READY = 1, SOCKETS = 5, EXEC_FAILED = 6 };

static void readAll(void* into, size_t size) {
    char* at = into;
    while (size > 0) {
        const ssize_t count = read(CONTROL, at, size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            _exit(0);  // the daemon is gone
        }
        at += count;
        size -= (size_t)count;
    }
}

static void sendFrame(uint8_t kind, const void* body, uint32_t size, const int* fds, size_t fdCount) {
    char head[5];
    memcpy(head, &size, 4);
    head[4] = (char)kind;
    struct iovec parts[2] = {{head, sizeof head}, {(void*)(uintptr_t)body, size}};
    union {
        char bytes[CMSG_SPACE(BATCH * sizeof(int))];
        struct cmsghdr align;
    } room;
    memset(&room, 0, sizeof room);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (fdCount > 0) {
        message.msg_control = room.bytes;
        message.msg_controllen = CMSG_SPACE(fdCount * sizeof(int));
        struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fdCount * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, fdCount * sizeof(int));
    }
    if (sendmsg(CONTROL, &message, MSG_NOSIGNAL) != (ssize_t)(sizeof head + size)) {
        _exit(1);
    }
}

static void failExec(const char* what, int error) {
    char text[512];
    const int size = snprintf(text, sizeof text, "%s: %s", what, strerror(error));
    sendFrame(EXEC_FAILED, text, size < (int)sizeof text ? (uint32_t)size : (uint32_t)sizeof text - 1, NULL, 0);
    _exit(1);
}

static void offerListener(void) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(OBJECT_PORT)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 64) != 0) {
        perror("hanshu: the listener of the object endpoint");
        _exit(1);
    }
    sendFrame(READY, NULL, 0, &fd, 1);
    close(fd);
}

static void offerSockets(uint32_t count) {
    while (count > 0) {
        int fds[BATCH];
        const uint32_t batch = count < BATCH ? count : BATCH;
        for (uint32_t i = 0; i < batch; ++i) {
            fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (fds[i] < 0) {
                failExec("socket", errno);
            }
        }
        sendFrame(SOCKETS, &batch, sizeof batch, fds, batch);
        for (uint32_t i = 0; i < batch; ++i) {
            close(fds[i]);
        }
        count -= batch;
    }
}

// A cursor over the body of ASSIGN, which the daemon made: it is trusted, and never longer than its length.
static char* g_at;

static uint32_t takeNumber(void) {
    uint32_t value;
    memcpy(&value, g_at, sizeof value);
    g_at += sizeof value;
    return value;
}

static char** takeStrings(void) {
    const uint32_t count = takeNumber();
    char** list = calloc(count + 1, sizeof *list);
    for (uint32_t i = 0; list && i < count; ++i) {
        const uint32_t size = takeNumber();
        list[i] = calloc(1, size + 1);
        if (list[i]) {
            memcpy(list[i], g_at, size);
        }
        g_at += size;
    }
    return list;
}

int main(void) {
    offerListener();
    struct __attribute__((packed)) {
        uint32_t size;
        uint8_t kind;
    } head;
    readAll(&head, sizeof head);
    if (head.kind != ASSIGN) {
        return 2;
    }
    char* body = malloc(head.size);
    if (!body) {
        return 1;
    }
    readAll(body, head.size);
    g_at = body;
    const uint32_t sockets = takeNumber();
    char** command = takeStrings();
    environ = takeStrings();
    if (!command || !command[0] || !environ) {
        return 1;
    }
    offerSockets(sockets);
    if (chdir("/code") != 0) {
        failExec("/code", errno);
    }
    // Its end is how the daemon learns that the program has begun.
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    execvpe(command[0], command, environ);
    failExec(command[0], errno);
}
