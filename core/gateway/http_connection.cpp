// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_connection.h"

#include "base/log.h"
#include "gateway/http_wire.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cerrno>
#include <cstring>

namespace hanshu::gateway {
namespace {

namespace beast = boost::beast;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBufferSize = 16384;    // twice the headers: the rest takes the beginning of a body
constexpr std::uint32_t kHeaderLimit = 8192;  // reference 5.7
// What is read and thrown away of a body that nobody wanted, to keep the connection.
constexpr std::uint64_t kDiscardLimit = 65536;
// What is read and thrown away before a connection with an unread body is closed, so that the client, which may be
// sending still, finds the answer and not a reset (RFC 9112, 9.6).
constexpr std::uint64_t kLingerLimit = 64u << 20u;

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

    void target(std::span<char> into) noexcept { m_target = into; }
    [[nodiscard]] std::size_t delivered() const noexcept { return m_delivered; }
    void resetDelivered() noexcept { m_delivered = 0; }

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
        return refusal(431, "RequestHeaderFieldsTooLarge", "the request's headers are larger than 8192 bytes");
    }
    if (error == beast::http::error::bad_version) {
        return refusal(505, "HTTPVersionNotSupported", "only HTTP/1.0 and HTTP/1.1 are supported");
    }
    if (error == beast::http::error::bad_transfer_encoding) {
        return refusal(400, "InvalidArgument", "malformed HTTP request: bad Transfer-Encoding");
    }
    // Beast's own sentences are fixed English words without characters that JSON would escape.
    return refusal(400, "InvalidArgument", "malformed HTTP request: " + error.message());
}

Failure clientGone(std::string detail) {
    return fail(Code::Cancelled, "ClientClosedRequest", {}, std::move(detail));
}

}  // namespace

class HttpConnection final : public http::BodyReader, public http::ResponseWriter {
public:
    HttpConnection(std::shared_ptr<ConnectionSet> set, TcpSocket socket, std::string remoteAddress,
                   std::shared_ptr<const http::Handler> handler, std::atomic<int>& counter)
        : m_set(std::move(set)),
          m_socket(std::move(socket)),
          m_remoteAddress(std::move(remoteAddress)),
          m_handler(std::move(handler)),
          m_counter(counter),
          m_buffer(new char[kBufferSize]) {
        m_set->insert(*this);
    }
    ~HttpConnection() override {
        m_set->erase(*this);
        m_counter.fetch_sub(1);
    }
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    static Task<void> run(std::unique_ptr<HttpConnection> self) {
        self->m_deadline = self->m_set->headersDeadline();
        for (;;) {
            const bool again = co_await self->serveOne();
            if (!again) {
                break;
            }
        }
        if (self->m_lingering) {
            co_await self->linger();
        }
    }

    [[nodiscard]] bool idle() const noexcept { return m_idle; }
    void expireAt(std::uint64_t tick) {
        if (m_deadline != 0 && tick >= m_deadline) {
            expire();
        }
    }
    // Ends the wait that the connection is in.
    void expire() {
        m_expired = true;
        boost::system::error_code ignored;
        m_socket.cancel(ignored);
    }
    void close() {
        m_expired = true;
        boost::system::error_code ignored;
        m_socket.close(ignored);
    }

    Task<Result<std::size_t>> read(std::span<char> into) override;
    Task<Result<void>> send(http::Response response) override;
    Task<Result<void>> begin(http::Response response, std::optional<std::uint64_t> length) override;
    Task<Result<void>> write(std::string_view bytes) override;
    Task<Result<void>> finish() override;
    [[nodiscard]] bool begun() const noexcept override { return m_begun; }

private:
    enum class Body { None, Sized, Chunked };

    Task<bool> serveOne();
    Task<bool> refuse(http::Response response);
    Task<bool> answerOf(http::Exchange& exchange);
    Task<bool> discardBody();
    Task<void> linger();
    Task<Result<void>> transmit(std::string_view head, std::string_view body, std::string_view tail);
    Task<Result<std::size_t>> readSized(std::span<char> into);
    Task<Result<std::size_t>> readChunked(std::span<char> into);

    // Waits for more bytes behind those that are buffered; 0 when there will be none.
    asio::awaitable<std::size_t> fill() {
        if (m_begin > 0) {
            std::memmove(m_buffer.get(), m_buffer.get() + m_begin, m_end - m_begin);
            m_end -= m_begin;
            m_begin = 0;
        }
        const auto [error, count] =
            co_await m_socket.async_read_some(asio::buffer(m_buffer.get() + m_end, kBufferSize - m_end), kAsTuple);
        m_end += error ? 0 : count;
        co_return error ? 0 : count;
    }
    [[nodiscard]] std::size_t buffered() const noexcept { return m_end - m_begin; }
    void arm(std::uint64_t deadline) noexcept {
        m_deadline = deadline;
        m_expired = false;
    }
    void startRequest(http::Request& request, RequestParser& parser);
    // Some clients send a line break too many after a body (RFC 9112, 2.2).
    void skipEmptyLine(const RequestParser& parser) noexcept {
        if (!parser.got_some() && buffered() > 2 && std::memcmp(m_buffer.get() + m_begin, "\r\n", 2) == 0) {
            m_begin += 2;
        }
    }
    [[nodiscard]] bool bodyDone() const noexcept { return m_body == Body::None; }
    // Whether the connection can go on after an answer that is given now.
    [[nodiscard]] bool staysOpen() const noexcept {
        const bool bodyFits =
            bodyDone() || (m_body == Body::Sized && !m_expectsContinue && !m_broken && m_remaining <= kDiscardLimit);
        return m_keepAlive && bodyFits && !m_set->draining();
    }
    [[nodiscard]] static bool hasNoBody(unsigned status) noexcept {
        return status < 200 || status == 204 || status == 304;
    }

    std::shared_ptr<ConnectionSet> m_set;
    TcpSocket m_socket;
    std::string m_remoteAddress;
    std::shared_ptr<const http::Handler> m_handler;
    std::atomic<int>& m_counter;
    std::unique_ptr<char[]> m_buffer;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::uint64_t m_deadline = 0;  // a tick; 0: none
    bool m_expired = false;
    bool m_idle = false;
    bool m_first = true;
    bool m_lingering = false;

    // Of the request that is served.
    RequestParser* m_parser = nullptr;
    Body m_body = Body::None;
    std::uint64_t m_remaining = 0;  // of a sized body
    bool m_expectsContinue = false;
    bool m_broken = false;  // the body can't be read any further
    bool m_keepAlive = true;
    bool m_http10 = false;
    bool m_isHead = false;

    // Of its answer.
    std::string m_head;  // keeps its capacity from answer to answer
    Framing m_framing = Framing::Length;
    std::uint64_t m_unsent = 0;  // of a streamed answer with a length
    bool m_begun = false;
    bool m_finished = false;
    bool m_headWaits = false;  // begun, and to be sent together with the first bytes of the body
};

void HttpConnection::startRequest(http::Request& request, RequestParser& parser) {
    m_parser = &parser;
    m_http10 = parser.http10();
    m_keepAlive = parser.keep_alive();
    m_isHead = request.method == "HEAD";
    m_broken = m_begun = m_finished = m_headWaits = false;
    m_body = Body::None;
    if (parser.chunked()) {
        m_body = Body::Chunked;
    } else if (const auto length = parser.content_length()) {
        request.contentLength = *length;
        m_remaining = *length;
        m_body = *length > 0 ? Body::Sized : Body::None;
    }
    m_expectsContinue = !m_http10 && !bodyDone() && !request.headers.get("expect").empty();
    request.remoteAddress = m_remoteAddress;
    m_idle = false;
    arm(0);
}

// Reads one request, has it answered; whether the connection goes on.
Task<bool> HttpConnection::serveOne() {
    http::Request request;
    RequestParser parser(request);
    m_idle = buffered() == 0;
    if (m_idle && !m_first) {
        arm(m_set->idleDeadline());
    }
    m_first = false;
    bool slow = false;  // the headers came in more than one piece
    for (;;) {
        if (buffered() == 0 || slow) {
            if (m_idle && m_set->draining()) {
                co_return false;
            }
            const auto count = co_await fill();
            if (count == 0) {
                if (m_expired && !m_idle && m_socket.is_open()) {
                    co_return co_await refuse(
                        refusal(408, "RequestTimeout", "the request's headers did not arrive in time"));
                }
                co_return false;
            }
        }
        m_idle = false;
        skipEmptyLine(parser);
        beast::error_code error;
        m_begin += parser.put(asio::const_buffer(m_buffer.get() + m_begin, buffered()), error);
        if (error == beast::http::error::need_more) {
            if (!slow) {
                arm(m_set->headersDeadline());
            }
            slow = true;
            continue;
        }
        if (error) {
            co_return co_await refuse(refusalOf(error));
        }
        if (parser.is_header_done()) {
            break;
        }
    }
    if (const auto violation = parser.violation(); !violation.empty()) {
        co_return co_await refuse(
            refusal(400, "InvalidArgument", fmt::format("malformed HTTP request: {}", violation)));
    }
    if (parser.unknownCoding()) {
        co_return co_await refuse(refusal(501, "NotImplemented", "the only transfer coding supported is chunked"));
    }
    if (const auto expect = request.headers.get("expect");
        !expect.empty() && !http::equalsIgnoringCase(expect, "100-continue")) {
        co_return co_await refuse(refusal(417, "ExpectationFailed", "the only expectation supported is 100-continue"));
    }
    startRequest(request, parser);
    http::Exchange exchange{std::move(request), *this, *this};
    const bool again = co_await answerOf(exchange);
    m_parser = nullptr;
    co_return again;
}

Task<bool> HttpConnection::answerOf(http::Exchange& exchange) {
    try {
        co_await (*m_handler)(exchange);
    } catch (const std::exception& exception) {
        log::error("gateway", "the handler of {} {} threw: {}", exchange.request.method, exchange.request.path,
                   exception.what());
    }
    if (!m_begun) {
        log::error("gateway", "{} {} had no answer", exchange.request.method, exchange.request.path);
        auto answer = refusal(500, "InternalServerError", "an internal error has occurred. Please retry.");
        auto sent = co_await send(std::move(answer));
        if (!sent) {
            co_return false;
        }
    }
    if (!m_finished) {
        co_return false;  // a streamed answer that broke off: the client must see that it is not whole
    }
    if (!m_keepAlive) {
        m_lingering = !bodyDone();
        co_return false;
    }
    if (bodyDone()) {
        co_return true;
    }
    co_return co_await discardBody();
}

// An answer to a request that no handler sees; the connection ends with it.
Task<bool> HttpConnection::refuse(http::Response response) {
    m_begun = m_finished = m_isHead = false;
    m_keepAlive = false;
    m_lingering = true;
    auto sent = co_await send(std::move(response));
    m_lingering = sent.has_value();
    co_return false;
}

Task<bool> HttpConnection::discardBody() {
    std::array<char, 4096> sink;
    while (!bodyDone()) {
        auto count = co_await read(sink);
        if (!count) {
            co_return false;
        }
    }
    co_return true;
}

Task<void> HttpConnection::linger() {
    boost::system::error_code ignored;
    m_socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    arm(m_set->headersDeadline());
    for (std::uint64_t thrown = 0; thrown < kLingerLimit && !m_expired;) {
        m_begin = m_end = 0;
        const auto count = co_await fill();
        if (count == 0) {
            co_return;
        }
        thrown += count;
    }
}

Task<Result<std::size_t>> HttpConnection::read(std::span<char> into) {
    if (m_broken) {
        co_return clientGone("the body broke off before");
    }
    if (bodyDone() || into.empty()) {
        co_return std::size_t{0};
    }
    if (m_expectsContinue) {
        m_expectsContinue = false;
        if (buffered() == 0) {
            auto sent = co_await transmit("HTTP/1.1 100 Continue\r\n\r\n", {}, {});
            if (!sent) {
                m_broken = true;
                co_return fail(std::move(sent.error()));
            }
        }
    }
    Result<std::size_t> count;
    if (m_body == Body::Sized) {
        count = co_await readSized(into);
    } else {
        count = co_await readChunked(into);
    }
    arm(0);
    if (!count) {
        m_broken = true;
        m_keepAlive = false;
    }
    co_return count;
}

Task<Result<std::size_t>> HttpConnection::readSized(std::span<char> into) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), m_remaining));
    std::size_t count = std::min(buffered(), wanted);
    if (count > 0) {
        std::memcpy(into.data(), m_buffer.get() + m_begin, count);
        m_begin += count;
    } else {
        const auto now = ::recv(m_socket.native_handle(), into.data(), wanted, MSG_DONTWAIT);
        if (now > 0) {
            count = static_cast<std::size_t>(now);
        } else if (now < 0 && (errno == EAGAIN || errno == EINTR)) {
            arm(m_set->bodyDeadline());
            const auto [error, later] = co_await m_socket.async_read_some(asio::buffer(into.data(), wanted), kAsTuple);
            count = error ? 0 : later;
        }
    }
    if (count == 0) {
        if (m_expired) {
            co_return fail(Code::DeadlineExceeded, "RequestTimeout",
                           {{"message", "the request's body made no progress in time"}});
        }
        co_return clientGone("the connection ended within the request's body");
    }
    m_remaining -= count;
    if (m_remaining == 0) {
        m_body = Body::None;
    }
    co_return count;
}

Task<Result<std::size_t>> HttpConnection::readChunked(std::span<char> into) {
    m_parser->target(into);
    m_parser->resetDelivered();
    bool starved = buffered() == 0;
    for (;;) {
        if (starved) {
            if (buffered() == kBufferSize) {
                co_return fail(Code::InvalidArgument, "InvalidArgument",
                               {{"message", "malformed chunked body: a chunk's header or the trailer is too large"}});
            }
            arm(m_set->bodyDeadline());
            const auto count = co_await fill();
            if (count == 0) {
                if (m_expired) {
                    co_return fail(Code::DeadlineExceeded, "RequestTimeout",
                                   {{"message", "the request's body made no progress in time"}});
                }
                co_return clientGone("the connection ended within the request's body");
            }
        }
        beast::error_code error;
        m_begin += m_parser->put(asio::const_buffer(m_buffer.get() + m_begin, buffered()), error);
        if (error && error != beast::http::error::need_more) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"message", "malformed chunked body: " + error.message()}});
        }
        if (m_parser->is_done()) {
            m_body = Body::None;
            co_return m_parser->delivered();
        }
        if (m_parser->delivered() > 0) {
            co_return m_parser->delivered();
        }
        starved = error == beast::http::error::need_more || buffered() == 0;
    }
}

Task<Result<void>> HttpConnection::send(http::Response response) {
    if (m_begun) {
        co_return internalError("a request was answered twice");
    }
    m_begun = m_finished = true;
    m_keepAlive = staysOpen();
    m_framing = hasNoBody(response.status) ? Framing::None : Framing::Length;
    writeHead({.response = response,
               .framing = m_framing,
               .length = response.body.size(),
               .keepAlive = m_keepAlive,
               .http10 = m_http10,
               .headersMayNameLength = m_isHead},
              m_head);
    const bool bodyless = m_isHead || m_framing == Framing::None;
    co_return co_await transmit(m_head, bodyless ? std::string_view{} : response.body, {});
}

Task<Result<void>> HttpConnection::begin(http::Response response, std::optional<std::uint64_t> length) {
    if (m_begun) {
        co_return internalError("a request was answered twice");
    }
    m_begun = true;
    m_framing = hasNoBody(response.status) ? Framing::None
                : length                   ? Framing::Length
                : m_http10                 ? Framing::Close
                                           : Framing::Chunked;
    m_keepAlive = staysOpen() && m_framing != Framing::Close;
    m_unsent = length.value_or(0);
    writeHead({.response = response,
               .framing = m_framing,
               .length = m_unsent,
               .keepAlive = m_keepAlive,
               .http10 = m_http10,
               .headersMayNameLength = false},
              m_head);
    m_headWaits = true;
    co_return Result<void>{};
}

Task<Result<void>> HttpConnection::write(std::string_view bytes) {
    if (!m_begun || m_finished) {
        co_return internalError("bytes of an answer that has not begun, or has ended");
    }
    if (m_framing == Framing::Length) {
        if (bytes.size() > m_unsent) {
            co_return internalError("an answer is longer than its Content-Length");
        }
        m_unsent -= bytes.size();
    }
    if (bytes.empty() || m_isHead || m_framing == Framing::None) {
        co_return Result<void>{};
    }
    const bool chunked = m_framing == Framing::Chunked;
    if (!m_headWaits) {
        m_head.clear();
    }
    m_headWaits = false;
    if (chunked) {
        fmt::format_to(std::back_inserter(m_head), "{:x}\r\n", bytes.size());
    }
    co_return co_await transmit(m_head, bytes, chunked ? "\r\n" : "");
}

Task<Result<void>> HttpConnection::finish() {
    if (!m_begun || m_finished) {
        co_return internalError("the end of an answer that has not begun, or has ended");
    }
    if (m_framing == Framing::Length && m_unsent > 0 && !m_isHead) {
        co_return internalError("an answer is shorter than its Content-Length");
    }
    m_finished = true;
    const std::string_view last = m_framing == Framing::Chunked && !m_isHead ? "0\r\n\r\n" : "";
    const std::string_view head = m_headWaits ? std::string_view{m_head} : std::string_view{};
    m_headWaits = false;
    if (head.empty() && last.empty()) {
        co_return Result<void>{};
    }
    co_return co_await transmit(head, last, {});
}

// One system call where the socket takes it all, as it nearly always does.
Task<Result<void>> HttpConnection::transmit(std::string_view head, std::string_view body, std::string_view tail) {
    std::array<iovec, 3> parts{};
    std::size_t count = 0;
    for (const auto part : {head, body, tail}) {
        if (!part.empty()) {
            parts.at(count++) = {const_cast<char*>(part.data()), part.size()};
        }
    }
    std::size_t first = 0;
    while (first < count) {
        msghdr message{};
        message.msg_iov = &parts.at(first);
        message.msg_iovlen = count - first;
        const auto sent = ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            arm(m_set->bodyDeadline());
            const auto [error] = co_await m_socket.async_wait(TcpSocket::wait_write, kAsTuple);
            const bool expired = m_expired;
            arm(0);
            if (error || expired) {
                m_keepAlive = false;
                co_return clientGone(expired ? "the client takes no bytes" : error.message());
            }
            continue;
        }
        if (sent < 0 && errno != EINTR) {
            m_keepAlive = false;
            co_return clientGone(std::strerror(errno));
        }
        for (auto left = static_cast<std::size_t>(std::max<ssize_t>(sent, 0)); left > 0;) {
            auto& part = parts.at(first);
            const auto taken = std::min(left, part.iov_len);
            part.iov_base = static_cast<char*>(part.iov_base) + taken;
            part.iov_len -= taken;
            left -= taken;
            first += part.iov_len == 0 ? 1 : 0;
        }
    }
    co_return Result<void>{};
}

ConnectionSet::ConnectionSet(asio::io_context& context, const HttpServer::Options& options,
                             std::shared_ptr<ConnectionCounters> counters)
    : m_context(context), m_counters(std::move(counters)), m_timer(context) {
    // A deadline is late by one tick at most; half a second is little beside the shortest of them.
    const auto shortest = std::min({options.headersTimeout, options.bodyTimeout, options.idleTimeout});
    m_tickLength = std::clamp(shortest / 4, std::chrono::milliseconds{1}, std::chrono::milliseconds{500});
    const auto ticks = [&](std::chrono::milliseconds timeout) {
        return static_cast<std::uint64_t>(timeout / m_tickLength) + 1;
    };
    m_headersTicks = ticks(options.headersTimeout);
    m_bodyTicks = ticks(options.bodyTimeout);
    m_idleTicks = ticks(options.idleTimeout);
}

ConnectionSet::~ConnectionSet() = default;

void ConnectionSet::serve(TcpSocket socket, std::string remoteAddress, std::shared_ptr<const http::Handler> handler,
                          std::atomic<int>& counter) {
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto connection = std::make_unique<HttpConnection>(shared_from_this(), std::move(socket), std::move(remoteAddress),
                                                       std::move(handler), counter);
    detach(m_context.get_executor(), HttpConnection::run(std::move(connection)));
}

void ConnectionSet::drain() {
    m_draining = true;
    for (auto* connection : m_connections) {
        if (connection->idle()) {
            connection->expire();
        }
    }
}

void ConnectionSet::closeAll() {
    m_draining = true;
    for (auto* connection : m_connections) {
        connection->close();
    }
}

void ConnectionSet::insert(HttpConnection& connection) {
    m_connections.insert(&connection);
    startTicking();
}

void ConnectionSet::erase(HttpConnection& connection) {
    m_connections.erase(&connection);
}

void ConnectionSet::startTicking() {
    if (m_ticking) {
        return;
    }
    m_ticking = true;
    m_timer.expires_after(m_tickLength);
    m_timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->m_ticking = false;
        if (!error) {
            self->onTick();
        }
    });
}

void ConnectionSet::onTick() {
    ++m_tick;
    for (auto* connection : m_connections) {
        connection->expireAt(m_tick);
    }
    if (!m_connections.empty()) {
        startTicking();
    }
}

}  // namespace hanshu::gateway
