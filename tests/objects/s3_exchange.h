// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An S3 request made by hand, signed as AWS's reference says, and handed to the service without a socket.
#pragma once

#include "access/signature.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"
#include "objects/s3_service.h"

#include <fmt/format.h>
#include <boost/asio/use_future.hpp>
#include <map>

namespace hanshu::test {

struct S3Key {
    std::string id;
    std::string secret;
    std::string token;
};

struct S3Answer {
    unsigned status = 0;
    http::Headers headers;
    std::string body;

    // The S3 code of an error document.
    [[nodiscard]] std::string code() const { return between("<Code>", "</Code>"); }
    [[nodiscard]] std::string between(std::string_view open, std::string_view close) const {
        const auto begin = body.find(open);
        const auto end = begin == std::string::npos ? begin : body.find(close, begin + open.size());
        return begin == std::string::npos || end == std::string::npos
                   ? std::string{}
                   : body.substr(begin + open.size(), end - begin - open.size());
    }
};

class S3Request {
public:
    S3Request(std::string method, std::string path, std::string query = {}, std::string payload = {})
        : m_payload(std::move(payload)) {
        m_request.method = std::move(method);
        m_request.path = std::move(path);
        m_request.query = std::move(query);
        m_request.remoteAddress = "127.0.0.1";
    }
    S3Request& header(std::string name, std::string value) {
        m_request.headers.add(std::move(name), std::move(value));
        return *this;
    }
    // What travels, where that is not the payload itself (aws-chunked); `announced` is x-amz-content-sha256.
    S3Request& wire(std::string bytes, std::string announced) {
        m_payload = std::move(bytes);
        m_announced = std::move(announced);
        return *this;
    }
    [[nodiscard]] const std::string& signature() const { return m_signature; }
    [[nodiscard]] const std::string& signingKey() const { return m_signingKey; }

    void sign(const S3Key& key, SystemTime now) {
        const auto timestamp = formatBasicIso8601(now);
        const auto day = timestamp.substr(0, 8);
        auto& headers = m_request.headers;
        headers.set("Host", "127.0.0.1");
        headers.set("x-amz-date", timestamp);
        headers.set("x-amz-content-sha256", m_announced.empty() ? sha256Hex(m_payload) : m_announced);
        if (!key.token.empty()) {
            headers.set("x-amz-security-token", key.token);
        }
        std::map<std::string, std::string> sorted;
        for (const auto& [name, value] : headers.fields()) {
            std::string lower = name;
            for (auto& c : lower) {
                c = static_cast<char>(std::tolower(c));
            }
            sorted[lower] = value;
        }
        std::string canonicalHeaders;
        std::string names;
        for (const auto& [name, value] : sorted) {
            canonicalHeaders += name + ":" + value + "\n";
            names += (names.empty() ? "" : ";") + name;
        }
        std::map<std::string, std::string> pairs;
        for (const auto& [name, value] : m_request.queryPairs()) {
            pairs[percentEncode(name)] = percentEncode(value);
        }
        std::string query;
        for (const auto& [name, value] : pairs) {
            query += (query.empty() ? "" : "&") + name + "=" + value;
        }
        const auto canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", m_request.method, m_request.path, query,
                                           canonicalHeaders, names, headers.get("x-amz-content-sha256"));
        m_scope = day + "/local/s3/aws4_request";
        m_signingKey =
            hmacSha256(hmacSha256(hmacSha256(hmacSha256("AWS4" + key.secret, day), "local"), "s3"), "aws4_request");
        m_signature = toHex(hmacSha256(
            m_signingKey, fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", timestamp, m_scope, sha256Hex(canonical))));
        m_timestamp = timestamp;
        headers.set("Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                                                 key.id, m_scope, names, m_signature));
    }

    // One chunk of aws-chunked, signed after `previous`, which becomes its signature.
    [[nodiscard]] std::string chunk(std::string_view bytes, std::string& previous) const {
        const auto text = fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", m_timestamp, m_scope, previous,
                                      sha256Hex(""), sha256Hex(bytes));
        previous = toHex(hmacSha256(m_signingKey, text));
        return fmt::format("{:x};chunk-signature={}\r\n{}{}", bytes.size(), previous, bytes,
                           bytes.empty() ? "" : "\r\n");
    }
    [[nodiscard]] std::string trailer(const std::string& field, const std::string& previous) const {
        const auto text = fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", m_timestamp, m_scope, previous,
                                      sha256Hex(field + "\n"));
        return fmt::format("{}\r\nx-amz-trailer-signature:{}\r\n\r\n", field, toHex(hmacSha256(m_signingKey, text)));
    }
    void setWire(std::string bytes) { m_payload = std::move(bytes); }
    [[nodiscard]] http::Request& raw() { return m_request; }

    [[nodiscard]] S3Answer sendTo(objects::S3Service& service, const asio::any_io_executor& executor,
                                  std::optional<objects::S3Service::Door> door = {}) {
        if (!m_request.contentLength && m_sendsLength) {
            m_request.contentLength = m_payload.size();
        }
        Body body(m_payload);
        Writer writer;
        http::Exchange exchange{m_request, body, writer};
        asio::co_spawn(executor, service.handle(exchange, door), asio::use_future).get();
        return writer.answer;
    }
    S3Request& withoutLength() {
        m_sendsLength = false;
        return *this;
    }

private:
    class Body final : public http::BodyReader {
    public:
        explicit Body(const std::string& bytes) : m_bytes(bytes) {}
        Task<Result<std::size_t>> read(std::span<char> into) override {
            // Odd pieces, so that framing is met at every place.
            const auto count = std::min({into.size(), std::size_t{1237}, m_bytes.size() - m_at});
            m_bytes.copy(into.data(), count, m_at);
            m_at += count;
            co_return count;
        }

    private:
        const std::string& m_bytes;
        std::size_t m_at = 0;
    };

    class Writer final : public http::ResponseWriter {
    public:
        Task<Result<void>> send(http::Response response) override {
            answer = {response.status, std::move(response.headers), std::move(response.body)};
            m_begun = true;
            co_return Result<void>();
        }
        Task<Result<void>> begin(http::Response response, std::optional<std::uint64_t>) override {
            return send(std::move(response));
        }
        Task<Result<void>> write(std::string_view bytes) override {
            answer.body += bytes;
            co_return Result<void>();
        }
        Task<Result<void>> finish() override { co_return Result<void>(); }
        bool begun() const noexcept override { return m_begun; }
        S3Answer answer;

    private:
        bool m_begun = false;
    };

    http::Request m_request;
    std::string m_payload;
    std::string m_announced;
    std::string m_signature;
    std::string m_signingKey;
    std::string m_scope;
    std::string m_timestamp;
    bool m_sendsLength = true;
};

}  // namespace hanshu::test
