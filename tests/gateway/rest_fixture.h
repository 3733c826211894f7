// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The REST API on a real listener.
#pragma once

#include "gateway/http_server.h"
#include "gateway/played_rooms.h"
#include "gateway/raw_client.h"
#include "gateway/rest_api.h"

#include <fmt/format.h>

namespace hanshu::tests {

class RestFixture : public PlayedRooms {
public:
    RestFixture()
        : server(must(gateway::HttpServer::listen(io, {.address = "127.0.0.1:0"}, gateway::makeRestApi(rooms())))) {
        urlBase = "http://" + server->address();
    }

    // Sends a request, signed by `key` unless that is null.
    RawAnswer call(const access::AccessKey* key, const std::string& method, const std::string& target,
                   const std::string& body = {}, std::vector<std::pair<std::string, std::string>> headers = {}) {
        http::Request request;
        request.method = method;
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
        request.headers.add("Host", server->address());
        for (auto& [name, value] : headers) {
            request.headers.add(name, value);
        }
        if (key != nullptr) {
            access::signAcs3(request, body, *key, {}, clock.now(), newUuid());
        }
        std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", method, target);
        for (const auto& [name, value] : request.headers.fields()) {
            bytes += fmt::format("{}: {}\r\n", name, value);
        }
        bytes += fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
        RawClient client(server->address());
        std::thread sender([&] { client.send(bytes); });
        auto answer = client.receive(method == "HEAD", std::chrono::seconds{30});
        sender.join();
        return answer.value_or(RawAnswer{});
    }
    RawAnswer own(const std::string& method, const std::string& target, const std::string& body = {},
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
        return call(&owner, method, target, body, std::move(headers));
    }
    static std::string functionJson(const std::string& name, const std::string& more = {}) {
        return fmt::format(
            R"({{"functionName":"{}","runtime":"python3.11","handler":"index.handler","code":{{"zipFile":"{}"}}{}}})",
            name, toBase64(zipOf("index.py", "def handler(event, context):\n    return event\n")), more);
    }

    std::unique_ptr<gateway::HttpServer> server;
};

}  // namespace hanshu::tests
