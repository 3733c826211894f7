// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Signed requests to a daemon, as bytes that a test may damage before they go out. Any thread.
#pragma once

#include "access/signature.h"
#include "base/ids.h"
#include "gateway/raw_client.h"
#include "objects/s3_exchange.h"

#include <fmt/format.h>
#include <QJsonDocument>
#include <QJsonObject>
#include <thread>

namespace hanshu::tests {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

inline std::string wireBytes(const http::Request& request, const std::string& body) {
    auto bytes = fmt::format("{} {}{}{} HTTP/1.1\r\n", request.method, request.path, request.query.empty() ? "" : "?",
                             request.query);
    for (const auto& [name, value] : request.headers.fields()) {
        bytes += fmt::format("{}: {}\r\n", name, value);
    }
    return bytes + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

struct Signing {
    SystemTime now = std::chrono::time_point_cast<SystemTime::duration>(std::chrono::system_clock::now());
    std::string nonce = newUuid();
};

// A request of the REST API below /2023-03-30/, signed as the SDKs do.
inline std::string apiRequest(const access::AccessKey& key, const std::string& method, const std::string& target,
                              const std::string& body = {}, const HeaderList& headers = {},
                              const Signing& signing = {}) {
    http::Request request;
    request.method = method;
    const auto mark = target.find('?');
    request.path = "/2023-03-30/" + target.substr(0, mark);
    request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
    request.headers.add("Host", "127.0.0.1");
    for (const auto& [name, value] : headers) {
        request.headers.add(name, value);
    }
    access::signAcs3(request, body, key, {}, signing.now, signing.nonce);
    return wireBytes(request, body);
}

// A request of the object endpoint, with Signature Version 4 over the whole body.
inline std::string s3Request(const access::AccessKey& key, const std::string& method, const std::string& path,
                             const std::string& query = {}, const std::string& body = {}) {
    test::S3Request request(method, path, query, body);
    request.sign({key.id, key.secret, {}}, Signing{}.now);
    return wireBytes(request.raw(), body);
}

// Sends on a thread of its own, because a server may answer before it has read everything.
inline RawAnswer send(const std::string& address, const std::string& bytes,
                      std::chrono::milliseconds timeout = std::chrono::seconds{30}) {
    RawClient client(address);
    if (!client.connected()) {
        return {};
    }
    if (bytes.size() < 65536) {
        client.send(bytes);
        return client.receive(false, timeout).value_or(RawAnswer{});
    }
    std::thread sender([&] { client.send(bytes); });
    auto answer = client.receive(false, timeout);
    ::shutdown(client.fd(), SHUT_RDWR);
    sender.join();
    return answer.value_or(RawAnswer{});
}

inline RawAnswer get(const std::string& address, const std::string& path) {
    return send(address, fmt::format("GET {} HTTP/1.1\r\nHost: test\r\n\r\n", path));
}

inline QJsonObject jsonOf(const RawAnswer& answer) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).object();
}

// The value of a metric without labels in what /metrics says; -1 where it is missing.
inline double metricIn(const std::string& text, const std::string& name) {
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}
inline double metric(const std::string& address, const std::string& name) {
    return metricIn(get(address, "/metrics").body, name);
}

inline std::string functionJson(const std::string& name, const std::string& zip, const std::string& more = {}) {
    return fmt::format(
        R"({{"functionName":"{}","runtime":"python3.11","handler":"index.handler","code":{{"zipFile":"{}"}}{}}})", name,
        toBase64(zip), more);
}

}  // namespace hanshu::tests
