// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sends POST requests over keep-alive connections, each connection one at a time, and prints what it saw as JSON. One
// thread. Requests are signed before the clock starts, so that the cost of a client's signature is not the server's.
//
// bench_load PORT PATH CONNECTIONS REQUESTS BODY_BYTES [KEY_ID KEY_SECRET [HEADER:VALUE …]]
#include "access/signature.h"
#include "base/clock.h"
#include "base/ids.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace hanshu;
using SteadyClock = std::chrono::steady_clock;

struct Options {
    int port = 0;
    std::string path;
    int connections = 1;
    int requests = 1000;
    std::size_t bodyBytes = 0;
    access::AccessKey key;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct Connection {
    int fd = -1;
    std::string in;
    SteadyClock::time_point sent;
};

[[noreturn]] void die(const std::string& why) {
    fmt::print(stderr, "bench_load: {}\n", why);
    std::exit(1);
}

std::string wireOf(const Options& options, const std::string& body) {
    http::Request request;
    request.method = "POST";
    request.path = options.path;
    request.headers.add("Host", fmt::format("127.0.0.1:{}", options.port));
    request.headers.add("Content-Type", "application/octet-stream");
    for (const auto& [name, value] : options.headers) {
        request.headers.add(name, value);
    }
    if (!options.key.id.empty()) {
        access::signAcs3(request, body, options.key, {}, SystemClock().now(), randomHex(16));
    }
    auto text = fmt::format("POST {} HTTP/1.1\r\nContent-Length: {}\r\n", options.path, body.size());
    for (const auto& [name, value] : request.headers.fields()) {
        text += fmt::format("{}: {}\r\n", name, value);
    }
    return text + "\r\n" + body;
}

int connectTo(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        die(fmt::format("can't connect to port {}", port));
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// The length of the answer at the front of `in`, 0 while it is not whole; its status goes to `status`.
std::size_t answerLength(const std::string& in, int& status) {
    const auto end = in.find("\r\n\r\n");
    if (end == std::string::npos) {
        return 0;
    }
    std::from_chars(in.data() + 9, in.data() + 12, status);
    auto at = in.find("ontent-Length: ");
    if (at == std::string::npos || at > end) {
        at = in.find("ontent-length: ");
    }
    std::size_t length = 0;
    if (at != std::string::npos && at < end) {
        std::from_chars(in.data() + at + 15, in.data() + end, length);
    }
    const auto whole = end + 4 + length;
    return in.size() >= whole ? whole : 0;
}

Options parse(int argc, char** argv) {
    if (argc < 6) {
        die("usage: bench_load PORT PATH CONNECTIONS REQUESTS BODY_BYTES [KEY_ID KEY_SECRET [HEADER:VALUE …]]");
    }
    Options options{std::atoi(argv[1]),
                    argv[2],
                    std::atoi(argv[3]),
                    std::atoi(argv[4]),
                    static_cast<std::size_t>(std::atoll(argv[5])),
                    {},
                    {}};
    if (argc >= 8) {
        options.key = {argv[6], argv[7], {}};
    }
    for (int i = 8; i < argc; ++i) {
        const std::string header = argv[i];
        const auto colon = header.find(':');
        options.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = parse(argc, argv);
    const std::string body(options.bodyBytes, 'x');
    std::vector<std::string> wire;
    for (int i = 0; i < options.requests; ++i) {
        wire.push_back(wireOf(options, body));
    }
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Connection> connections(static_cast<std::size_t>(options.connections));
    int next = 0;
    int done = 0;
    int bad = 0;
    int lastBad = 0;
    std::vector<double> micros;
    micros.reserve(wire.size());
    const auto send = [&](Connection& connection) {
        const auto& bytes = wire[static_cast<std::size_t>(next++)];
        connection.sent = SteadyClock::now();
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto count = ::send(connection.fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) {
                die("the server closed a connection");
            }
            sent += static_cast<std::size_t>(count);
        }
    };
    for (std::size_t i = 0; i < connections.size(); ++i) {
        connections[i].fd = connectTo(options.port);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
    }
    const auto start = SteadyClock::now();
    for (auto& connection : connections) {
        if (next < options.requests) {
            send(connection);
        }
    }
    std::vector<epoll_event> events(connections.size());
    while (done < options.requests) {
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 60'000);
        if (count <= 0) {
            die("no answer within 60 s");
        }
        for (int i = 0; i < count; ++i) {
            auto& connection = connections[events[static_cast<std::size_t>(i)].data.u64];
            char buffer[65536];
            const auto got = ::recv(connection.fd, buffer, sizeof buffer, 0);
            if (got <= 0) {
                die("the server closed a connection");
            }
            connection.in.append(buffer, static_cast<std::size_t>(got));
            int status = 0;
            const auto length = answerLength(connection.in, status);
            if (length == 0) {
                continue;
            }
            micros.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - connection.sent).count());
            connection.in.erase(0, length);
            ++done;
            if (status < 200 || status > 299) {
                ++bad;
                lastBad = status;
            }
            if (next < options.requests) {
                send(connection);
            }
        }
    }
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    std::ranges::sort(micros);
    const auto at = [&](double part) {
        return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))];
    };
    fmt::print("{{\"seconds\":{:.6f},\"rate\":{:.1f},\"p50\":{:.1f},\"p99\":{:.1f},\"bad\":{},\"last_bad\":{}}}\n",
               seconds, options.requests / seconds, at(0.5), at(0.99), bad, lastBad);
    return 0;
}
