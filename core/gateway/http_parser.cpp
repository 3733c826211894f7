// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_parser.h"

#include "gateway/http_wire.h"

#include <fmt/format.h>
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

namespace hanshu::gateway {
namespace {

namespace beast = boost::beast;

constexpr std::uint32_t kHeaderLimit = 8192;  // reference 5.7

// Fills a Request as Beast recognises its parts; hands chunks of a chunked body to `target`.
class RequestParser final : public beast::http::basic_parser<true> {
public:
    explicit RequestParser(http::Request& request) : m_request(request) {
        header_limit(kHeaderLimit);
        body_limit(boost::none);
    }

    // What Beast lets pass and HTTP/1.1 forbids. Empty: nothing.
    [[nodiscard]] std::string_view violation() const noexcept {
        if (m_hosts > 1) {
            return "more than one Host header";
        }
        if (m_hosts == 0 && m_version == 11) {
            return "the Host header is missing";
        }
        if (m_targetInvalid) {
            return "the request target is neither a path nor an absolute URI";
        }
        return {};
    }
    [[nodiscard]] bool unknownCoding() const noexcept { return m_codings > 0 && (!chunked() || m_codings > 1); }
    [[nodiscard]] bool http10() const noexcept { return m_version == 10; }

    void deliverTo(std::span<char> target) noexcept {
        m_target = target;
        m_delivered = 0;
    }
    [[nodiscard]] std::size_t delivered() const noexcept { return m_delivered; }

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         beast::error_code&) override {
        m_version = version;
        m_request.method.assign(method.data(), method.size());
        std::string_view rest(target.data(), target.size());
        // The absolute form, as proxies send it.
        for (const std::string_view scheme : {"http://", "https://"}) {
            if (rest.size() > scheme.size() && http::equalsIgnoringCase(rest.substr(0, scheme.size()), scheme)) {
                const auto slash = rest.find_first_of("/?", scheme.size());
                rest = slash == std::string_view::npos ? std::string_view{"/"} : rest.substr(slash);
            }
        }
        m_targetInvalid = rest.empty() || (rest.front() != '/' && rest.front() != '?' && rest != "*");
        const auto mark = rest.find('?');
        m_request.path = rest.substr(0, mark);
        if (m_request.path.empty()) {
            m_request.path = "/";
        }
        if (mark != std::string_view::npos) {
            m_request.query = rest.substr(mark + 1);
        }
    }
    void on_field_impl(beast::http::field name, beast::string_view nameText, beast::string_view value,
                       beast::error_code&) override {
        if (m_headerDone) {
            return;  // a trailer: nothing here needs one
        }
        m_hosts += name == beast::http::field::host ? 1 : 0;
        if (name == beast::http::field::transfer_encoding) {
            m_codings += 1 + static_cast<int>(std::count(value.begin(), value.end(), ','));
        }
        m_request.headers.add({nameText.data(), nameText.size()}, {value.data(), value.size()});
    }
    void on_header_impl(beast::error_code&) override { m_headerDone = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
    std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
        const auto count = std::min(body.size(), m_target.size());
        std::memcpy(m_target.data(), body.data(), count);
        m_target = m_target.subspan(count);
        m_delivered += count;
        return count;
    }
    void on_finish_impl(beast::error_code&) override {}
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}

    http::Request& m_request;
    std::span<char> m_target;
    std::size_t m_delivered = 0;
    int m_version = 11;
    int m_hosts = 0;
    int m_codings = 0;
    bool m_targetInvalid = false;
    bool m_headerDone = false;
};

http::Response refusalOf(const beast::error_code& error) {
    if (error == beast::http::error::header_limit) {
        return gateway::refusal(431, "RequestHeaderFieldsTooLarge", "the request's headers are larger than 8192 bytes");
    }
    if (error == beast::http::error::bad_version) {
        return gateway::refusal(505, "HTTPVersionNotSupported", "only HTTP/1.0 and HTTP/1.1 are supported");
    }
    if (error == beast::http::error::bad_transfer_encoding) {
        return gateway::refusal(400, "InvalidArgument", "malformed HTTP request: bad Transfer-Encoding");
    }
    // Beast's own sentences are fixed English words without characters that JSON would escape.
    return gateway::refusal(400, "InvalidArgument", "malformed HTTP request: " + error.message());
}

}  // namespace

// Kept from request to request: a new one costs no allocation.
struct HttpParser::State {
    std::optional<RequestParser> parser;
    const http::Request* request = nullptr;
    beast::error_code error;
};

HttpParser::HttpParser() : m_state(std::make_unique<State>()) {}
HttpParser::~HttpParser() = default;

void HttpParser::start(http::Request& request) {
    m_state->parser.emplace(request);
    m_state->request = &request;
    m_state->error = {};
}

HttpParser::Step HttpParser::put(std::string_view bytes, std::size_t& taken) {
    auto& error = m_state->error;
    taken += m_state->parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (error == beast::http::error::need_more) {
        return Step::NeedMore;
    }
    return error ? Step::Failed : Step::Taken;
}

bool HttpParser::begun() const noexcept {
    return m_state->parser->got_some();
}

bool HttpParser::headDone() const noexcept {
    return m_state->parser->is_header_done();
}

std::optional<http::Response> HttpParser::refusal() const {
    if (m_state->error && m_state->error != beast::http::error::need_more) {
        return refusalOf(m_state->error);
    }
    if (const auto violation = m_state->parser->violation(); !violation.empty()) {
        return gateway::refusal(400, "InvalidArgument", fmt::format("malformed HTTP request: {}", violation));
    }
    if (m_state->parser->unknownCoding()) {
        return gateway::refusal(501, "NotImplemented", "the only transfer coding supported is chunked");
    }
    if (const auto expect = m_state->request->headers.get("expect");
        !expect.empty() && !http::equalsIgnoringCase(expect, "100-continue")) {
        return gateway::refusal(417, "ExpectationFailed", "the only expectation supported is 100-continue");
    }
    return std::nullopt;
}

std::string HttpParser::failure() const {
    return m_state->error.message();
}

bool HttpParser::http10() const noexcept {
    return m_state->parser->http10();
}

bool HttpParser::keepAlive() const noexcept {
    return m_state->parser->keep_alive();
}

bool HttpParser::chunked() const noexcept {
    return m_state->parser->chunked();
}

std::optional<std::uint64_t> HttpParser::contentLength() const noexcept {
    const auto length = m_state->parser->content_length();
    return length ? std::optional(*length) : std::nullopt;
}

void HttpParser::deliverTo(std::span<char> target) noexcept {
    m_state->parser->deliverTo(target);
}

std::size_t HttpParser::delivered() const noexcept {
    return m_state->parser->delivered();
}

bool HttpParser::bodyDone() const noexcept {
    return m_state->parser->is_done();
}

}  // namespace hanshu::gateway
