// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/digest.h"
#include "gateway/http_server.h"
#include "gateway/raw_client.h"

#include <fmt/format.h>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <boost/asio/steady_timer.hpp>

using namespace hanshu;
using namespace std::chrono_literals;
using gateway::HttpServer;
using tests::RawClient;

namespace {

struct Counts {
    std::atomic<int> begun{0};
    std::atomic<int> cancelled{0};
    std::atomic<std::size_t> consumed{0};  // bytes of bodies to /count
};

// Answers by path; /echo gives back the body, /count its size.
Task<void> answer(http::Exchange& exchange, Counts* counts) {
    const auto& path = exchange.request.path;
    http::Response response;
    if (path == "/echo") {
        auto body = co_await http::readAll(exchange, 64u << 20u);
        if (!body) {
            if (body.error().code == Code::Cancelled) {
                counts->cancelled.fetch_add(1);
            }
            response.status = body.error().code == Code::DeadlineExceeded ? 408 : 400;
            response.body = body.error().describe();
        } else {
            response.body = std::move(*body);
        }
    } else if (path == "/count") {
        std::array<char, 1024> piece{};
        std::size_t total = 0;
        auto size = co_await exchange.body.read(piece);
        while (size && *size > 0) {
            total += *size;
            counts->consumed += *size;
            size = co_await exchange.body.read(piece);
        }
        response.status = size ? 200 : 408;
        response.body = std::to_string(total);
    } else if (path == "/ignore") {
        response.status = 403;
        response.body = "no";
    } else if (path == "/stream") {
        std::optional<std::uint64_t> length;
        if (const auto known = exchange.request.queryValue("length")) {
            length = std::stoull(*known);
        }
        auto begun = co_await exchange.reply.begin(std::move(response), length);
        for (int i = 0; begun && i < 3; ++i) {
            begun = co_await exchange.reply.write(fmt::format("piece{}", i));
        }
        if (begun && !exchange.request.queryValue("break")) {
            begun = co_await exchange.reply.finish();
        }
        co_return;
    } else if (path == "/endless") {
        auto sent = co_await exchange.reply.begin(std::move(response), std::nullopt);
        const std::string piece(65536, 'x');
        while (sent) {
            sent = co_await exchange.reply.write(piece);
        }
        counts->cancelled.fetch_add(sent.error().code == Code::Cancelled ? 1 : 0);
        co_return;
    } else if (path == "/silent") {
        co_return;
    } else if (path == "/throw") {
        throw std::runtime_error("on purpose");
    } else if (path == "/slow") {
        asio::steady_timer timer(co_await asio::this_coro::executor, 100ms);
        co_await timer.async_wait(asio::use_awaitable);
        response.body = "slow";
    } else if (path == "/inject") {
        response.headers.add("X-Good", "yes");
        response.headers.add("X-Bad", "a\r\nX-Injected: 1");
        response.headers.add("Bad Name", "1");
        response.headers.add("Content-Length", "99999");
        response.body = "ok";
    } else if (path == "/none") {
        response.status = 204;
    } else {
        response.body = fmt::format("{} {} {} {}", exchange.request.method, path, exchange.request.query,
                                    exchange.request.remoteAddress);
    }
    (void)co_await exchange.reply.send(std::move(response));
}

}  // namespace

class TestHttpServer : public QObject {
    Q_OBJECT

    std::unique_ptr<IoPool> m_io;
    Counts m_counts;
    std::unique_ptr<HttpServer> m_server;

    std::unique_ptr<HttpServer> start(HttpServer::Options options) {
        auto server = HttpServer::listen(*m_io, std::move(options), [this](http::Exchange& exchange) {
            ++m_counts.begun;
            return answer(exchange, &m_counts);
        });
        if (!server) {
            qFatal("%s", server.error().describe().c_str());
        }
        return std::move(*server);
    }
    std::unique_ptr<HttpServer> startImpatient() {
        return start({.address = "127.0.0.1:0", .headersTimeout = 200ms, .bodyTimeout = 200ms, .idleTimeout = 400ms});
    }
    RawClient connect() { return RawClient(m_server->address()); }
    static void verifyRefusal(const std::optional<tests::RawAnswer>& got, unsigned status, const char* code) {
        QVERIFY(got.has_value());
        QCOMPARE(got->status, status);
        QCOMPARE(got->headers.get("content-type"), std::string_view("application/json"));
        QCOMPARE(got->headers.get("connection"), std::string_view("close"));
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(got->body)).object();
        QCOMPARE(json.keys().size(), 5);
        QCOMPARE(json.value("Code").toString(), QString(code));
        QCOMPARE(json.value("ErrorCode").toString(), QString(code));
        QVERIFY(!json.value("Message").toString().isEmpty());
        QCOMPARE(json.value("ErrorMessage"), json.value("Message"));
        QCOMPARE(json.value("RequestId").toString().toStdString(), std::string(got->headers.get("x-fc-request-id")));
    }

private slots:
    void initTestCase() {
        m_io = std::make_unique<IoPool>(2);
        m_server = start({.address = "127.0.0.1:0"});
    }
    void cleanupTestCase() {
        m_server.reset();
        m_io.reset();
    }

    void aRequestIsAnsweredAndTheConnectionStays() {
        auto client = connect();
        for (int i = 0; i < 3; ++i) {
            const auto got = client.exchange("GET /a%20b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
            QVERIFY(got);
            QCOMPARE(got->status, 200u);
            QCOMPARE(got->body, std::string("GET /a%20b x=1 127.0.0.1"));
            QVERIFY(got->headers.has("date"));
            QVERIFY(!got->headers.has("connection"));
        }
    }

    void connectionCloseAndHttp10AreHonoured() {
        auto client = connect();
        const auto got = client.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        QCOMPARE(got->headers.get("connection"), std::string_view("close"));
        QVERIFY(client.closed());
        auto old = connect();
        QCOMPARE(old.exchange("GET / HTTP/1.0\r\n\r\n")->status, 200u);
        QVERIFY(old.closed());
        auto kept = connect();
        QCOMPARE(kept.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->headers.get("connection"),
                 std::string_view("keep-alive"));
        QVERIFY(kept.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    }

    void pipelinedRequestsAreAnsweredInOrder() {
        auto client = connect();
        std::string all;
        for (int i = 0; i < 200; ++i) {
            all +=
                fmt::format("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{}", i, std::string(i, 'a'));
        }
        client.send(all);
        for (std::size_t i = 0; i < 200; ++i) {
            const auto got = client.receive();
            QVERIFY(got);
            QCOMPARE(got->body.size(), i);
        }
    }

    void aRequestMayArriveByteByByte() {
        auto client = connect();
        for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "3;ext=1\r\nabc\r\n02\r\nde\r\n0\r\nTrailer: x\r\n\r\n")) {
            QVERIFY(client.send({&c, 1}));
        }
        QCOMPARE(client.receive()->body, std::string("abcde"));
        QCOMPARE(client.exchange("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200u);
    }

    void largeBodiesPassInBothFramings() {
        std::string body(32u << 20u, '\0');
        for (std::size_t i = 0; i < body.size(); ++i) {
            body[i] = static_cast<char>((i * 2654435761u) >> 13u);
        }
        auto client = connect();
        const auto sendAll = [&](const std::string& bytes) {
            std::thread writer([&] { client.send(bytes); });
            auto got = client.receive(false, 60s);
            writer.join();
            return got;
        };
        auto got =
            sendAll(fmt::format("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.size()) + body);
        QVERIFY(got && sha256(got->body) == sha256(body));
        std::string chunked = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 100'003 + 1) {
            const auto piece = body.substr(at, size);
            chunked += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
        }
        got = sendAll(chunked + "0\r\n\r\n");
        QVERIFY(got && sha256(got->body) == sha256(body));
    }

    void expectContinueIsAnsweredByTheFirstRead() {
        auto client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
        QCOMPARE(client.receive()->status, 100u);
        client.send("abc");
        QCOMPARE(client.receive()->body, std::string("abc"));
        // Nobody reads: the answer comes at once, and the connection ends since the body may or may not come.
        client.send("PUT /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
        const auto got = client.receive();
        QCOMPARE(got->status, 403u);
        QCOMPARE(got->headers.get("connection"), std::string_view("close"));
        auto other = connect();
        verifyRefusal(other.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n"), 417,
                      "ExpectationFailed");
    }

    void aBodyThatNobodyReadsIsThrownAway() {
        auto client = connect();
        client.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde");
        QCOMPARE(client.receive()->status, 403u);
        QCOMPARE(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200u);
        // A large one costs the connection, but its answer arrives although the client goes on sending.
        client.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n");
        std::thread writer([&] { client.send(std::string(20'000'000, 'x')); });
        const auto got = client.receive();
        writer.join();
        QVERIFY(got);
        QCOMPARE(got->status, 403u);
        QVERIFY(client.closed());
    }

    void headGetsTheHeadersAlone() {
        auto client = connect();
        client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(client.receive(true)->headers.get("content-length"), std::string_view("18"));
        client.send("HEAD /stream?length=18 HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(client.receive(true)->headers.get("content-length"), std::string_view("18"));
        const auto none = client.exchange("GET /none HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(none->status, 204u);
        QVERIFY(!none->headers.has("content-length"));
        QCOMPARE(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200u);
    }

    void answersStreamWithLengthChunkedOrUntilTheEnd() {
        auto client = connect();
        auto got = client.exchange("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(got->headers.get("transfer-encoding"), std::string_view("chunked"));
        QCOMPARE(got->body, std::string("piece0piece1piece2"));
        got = client.exchange("GET /stream?length=18 HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(got->headers.get("content-length"), std::string_view("18"));
        QCOMPARE(got->body, std::string("piece0piece1piece2"));
        auto old = connect();
        got = old.exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        QCOMPARE(got->body, std::string("piece0piece1piece2"));
        QVERIFY(old.closed());
    }

    void anAnswerThatBreaksOffIsSeenAsSuch() {
        for (const auto* query : {"break", "length=20"}) {
            auto client = connect();
            client.send(fmt::format("GET /stream?{} HTTP/1.1\r\nHost: h\r\n\r\n", query));
            QVERIFY(!client.receive());
        }
    }

    void handlersWithoutAnAnswerGive500() {
        for (const auto* path : {"/silent", "/throw"}) {
            auto client = connect();
            const auto got = client.exchange(fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", path));
            QVERIFY(got);
            QCOMPARE(got->status, 500u);
            QVERIFY(got->body.find("\"Code\":\"InternalServerError\"") != std::string::npos);
        }
    }

    void headerFieldsOfAnAnswerCannotBeForged() {
        const auto got = connect().exchange("GET /inject HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(got->headers.get("x-good"), std::string_view("yes"));
        QVERIFY(!got->headers.has("x-bad") && !got->headers.has("x-injected") && !got->headers.has("bad name"));
        QCOMPARE(got->body, std::string("ok"));
    }

    void malformedRequestsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<unsigned>("status");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](const char* name, const std::string& bytes, unsigned status = 400,
                            const char* code = "InvalidArgument") {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status << QByteArray(code);
        };
        const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
        row("not HTTP", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n");
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTPVersionNotSupported");
        row("bare line feeds", "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n");
        row("no host", "GET / HTTP/1.1\r\n\r\n");
        row("two hosts", get + "Host: i\r\n\r\n");
        row("space before colon", get + "A : b\r\n\r\n");
        row("control character", get + "A: b\x01\r\n\r\n");
        row("authority form", "GET example.com HTTP/1.1\r\nHost: h\r\n\r\n");
        row("negative length", get + "Content-Length: -1\r\n\r\n");
        row("hex length", get + "Content-Length: 0x10\r\n\r\n");
        row("huge length", get + "Content-Length: 99999999999999999999999\r\n\r\n");
        row("two lengths", get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n");
        row("length and chunked", get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
        row("chunked and length", get + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
        row("gzip coding", get + "Transfer-Encoding: gzip\r\n\r\n", 501, "NotImplemented");
        row("gzip and chunked", get + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "NotImplemented");
        row("chunked twice", get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
        row("one large header", get + "A: " + std::string(9000, 'a') + "\r\n\r\n", 431, "RequestHeaderFieldsTooLarge");
        std::string bomb = get;
        for (int i = 0; i < 1500; ++i) {
            bomb += fmt::format("a{}: b\r\n", i);
        }
        row("many headers", bomb + "\r\n", 431, "RequestHeaderFieldsTooLarge");
        row("large target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431,
            "RequestHeaderFieldsTooLarge");
        row("header without end", get + "A: " + std::string(200'000, 'a'), 431, "RequestHeaderFieldsTooLarge");
    }
    void malformedRequestsAreRefused() {
        QFETCH(QByteArray, bytes);
        QFETCH(unsigned, status);
        QFETCH(QByteArray, code);
        auto client = connect();
        client.send(bytes.toStdString());
        verifyRefusal(client.receive(), status, code.constData());
        client.shutdownSend();
        QVERIFY(client.closed());
        QCOMPARE(connect().exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200u);
    }

    void malformedChunksFailTheRead_data() {
        QTest::addColumn<QByteArray>("chunks");
        QTest::newRow("no size") << QByteArray("\r\nabc\r\n");
        QTest::newRow("bad size") << QByteArray("xyz\r\nabc\r\n");
        QTest::newRow("negative") << QByteArray("-1\r\nabc\r\n");
        QTest::newRow("size overflow") << QByteArray("fffffffffffffffff\r\nabc\r\n");
        QTest::newRow("no line break after data") << QByteArray("3\r\nabcX5\r\n");
        QTest::newRow("endless extension") << QByteArray("3;" + QByteArray(40'000, 'a'));
        QTest::newRow("endless trailer") << QByteArray("0\r\nA: " + QByteArray(40'000, 'a'));
    }
    void malformedChunksFailTheRead() {
        QFETCH(QByteArray, chunks);
        auto client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks.toStdString());
        const auto got = client.receive();
        QVERIFY(got);
        QCOMPARE(got->status, 400u);
        QVERIFY2(got->body.find("malformed chunked body") != std::string::npos, got->body.c_str());
        client.shutdownSend();
        QVERIFY(client.closed());
    }

    void aTruncatedBodyCancelsTheHandler() {
        for (const auto* head : {"Content-Length: 10", "Transfer-Encoding: chunked"}) {
            const int before = m_counts.cancelled;
            auto client = connect();
            client.send(fmt::format("POST /echo HTTP/1.1\r\nHost: h\r\n{}\r\n\r\n3\r\nabc\r\n", head).substr(0, 75));
            client.shutdownSend();
            QTRY_COMPARE(m_counts.cancelled.load(), before + 1);
        }
    }

    void aClientThatLeavesCancelsAStreamedAnswer() {
        const int before = m_counts.cancelled;
        auto client = connect();
        client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
        QVERIFY(!client.receive(false, 50ms));
        client.close();
        QTRY_COMPARE(m_counts.cancelled.load(), before + 1);
    }

    void slowClientsAreEndedByEachTimeout() {
        const auto server = startImpatient();
        RawClient silent(server->address());
        QVERIFY(silent.closed(5s));
        RawClient slowHeaders(server->address());
        slowHeaders.send("GET / HTTP/1.1\r\nHost:");
        // Bytes that go on coming do not help: the headers as a whole have their time.
        std::optional<tests::RawAnswer> got;
        for (int i = 0; i < 500 && !got; ++i) {
            slowHeaders.send(" ");
            got = slowHeaders.receive(false, 20ms);
        }
        verifyRefusal(got, 408, "RequestTimeout");
        RawClient slowBody(server->address());
        slowBody.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
        got = slowBody.receive();
        QVERIFY(got);
        QCOMPARE(got->status, 408u);
        RawClient idle(server->address());
        QVERIFY(idle.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        QVERIFY(idle.closed(5s));
        const int before = m_counts.cancelled;
        RawClient deaf(server->address());
        deaf.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
        QTRY_COMPARE(m_counts.cancelled.load(), before + 1);
    }

    void aBodyThatMakesProgressMayTakeLong() {
        using Steady = std::chrono::steady_clock;
        constexpr auto kLimit = 400ms;
        const auto server = start({.address = "127.0.0.1:0", .bodyTimeout = kLimit});
        // A machine that itself rests for as long as the limit makes no progress. Then what came says nothing.
        bool hasRested = true;
        for (int attempt = 0; hasRested && attempt < 20; ++attempt) {
            RawClient client(server->address());
            client.send("POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            const auto before = m_counts.consumed.load();
            const auto begun = Steady::now();
            auto last = begun;
            Steady::duration longest{0};
            std::size_t sent = 0;
            std::optional<tests::RawAnswer> got;
            while (!got && last - begun < 3 * kLimit && client.send("1\r\nx\r\n")) {
                ++sent;
                (void)QTest::qWaitFor([&] { return m_counts.consumed == before + sent; }, 800);
                got = client.receive(false, kLimit / 20);
                longest = std::max(longest, Steady::now() - last);
                last = Steady::now();
            }
            hasRested = longest >= kLimit / 2;
            if (!hasRested) {
                QVERIFY2(!got, "refused though it went on");
                QVERIFY(last - begun >= 3 * kLimit);
                got = client.exchange("0\r\n\r\n");
                QVERIFY(got);
                QCOMPARE(got->status, 200u);
                QCOMPARE(got->body, std::to_string(sent));
            }
        }
        QVERIFY2(!hasRested, "this machine is too busy to tell");
    }

    void connectionsOverTheLimitAreTurnedAway() {
        const auto server = start({.address = "127.0.0.1:0", .maxConnections = 2});
        RawClient first(server->address());
        auto second = std::make_unique<RawClient>(server->address());
        QVERIFY(first.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        QVERIFY(second->exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        RawClient third(server->address());
        verifyRefusal(third.receive(), 503, "TooManyConnections");
        second.reset();
        QTRY_COMPARE(server->connections(), 1);
        RawClient fourth(server->address());
        QCOMPARE(fourth.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200u);
    }

    void whoWaitsForTheLastConnectionIsToldOfItsEnd() {
        using Steady = std::chrono::steady_clock;
        const auto server = start({.address = "127.0.0.1:0"});
        QVERIFY(server->awaitNoConnections(Steady::now() + 1min));
        const auto before = m_counts.begun.load();
        RawClient first(server->address());
        RawClient second(server->address());
        for (auto* client : {&first, &second}) {
            client->send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
        }
        QTRY_COMPARE(m_counts.begun.load(), before + 2);
        server->drain();
        QVERIFY(!server->awaitNoConnections(Steady::now() + 50ms));
        auto waiting = std::async(std::launch::async, [&] { return server->awaitNoConnections(Steady::now() + 1min); });
        QVERIFY(first.exchange("body") && first.closed());
        QVERIFY(waiting.wait_for(20ms) == std::future_status::timeout);
        const auto begun = Steady::now();
        QVERIFY(second.exchange("body") && second.closed());
        QVERIFY(waiting.get());
        QVERIFY(Steady::now() - begun < 30s);
    }

    void drainEndsIdleConnectionsAndLetsRequestsFinish() {
        const auto server = start({.address = "127.0.0.1:0"});
        RawClient idle(server->address());
        QVERIFY(idle.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        const int before = m_counts.begun;
        RawClient busy(server->address());
        busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
        QTRY_COMPARE(m_counts.begun.load(), before + 1);
        server->drain();
        QVERIFY(idle.closed());
        const auto got = busy.receive();
        QVERIFY(got);
        QCOMPARE(got->body, std::string("slow"));
        QCOMPARE(got->headers.get("connection"), std::string_view("close"));
        QVERIFY(busy.closed());
        QVERIFY(!RawClient(server->address()).connected());
        QTRY_COMPARE(server->connections(), 0);
    }

    void anAdoptedSocketIsServedByItsOwnHandler() {
        std::array<int, 2> pair{};
        QCOMPARE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        asio::post(m_io->context(1), [this, fd = pair[0]] {
            m_server->adopt(fd, [](http::Exchange& exchange) -> Task<void> {
                http::Response response;
                response.body = "adopted" + exchange.request.remoteAddress;
                (void)co_await exchange.reply.send(std::move(response));
            });
        });
        RawClient client{UniqueFd(pair[1])};
        for (int i = 0; i < 2; ++i) {
            const auto got = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            QVERIFY(got);
            QCOMPARE(got->body, std::string("adopted"));
        }
    }

    void anAddressInUseOrInvalidIsTold() {
        const auto again = HttpServer::listen(*m_io, {.address = m_server->address()}, {});
        QVERIFY(!again);
        QCOMPARE(again.error().reason, std::string("AddressInUse"));
        for (const auto* bad :
             {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", "nohost:80"}) {
            const auto none = HttpServer::listen(*m_io, {.address = bad}, {});
            QVERIFY2(!none, bad);
            QCOMPARE(none.error().reason, std::string("AddressInvalid"));
        }
    }

    void manyConnectionsAtOnceAreServed() {
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 400; ++i) {
            clients.push_back(std::make_unique<RawClient>(m_server->address()));
        }
        for (int round = 0; round < 3; ++round) {
            for (auto& client : clients) {
                QVERIFY(client->send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"));
            }
            for (auto& client : clients) {
                const auto got = client->receive();
                QVERIFY(got);
                QCOMPARE(got->body, std::string("hello"));
            }
        }
        clients.clear();
        QTRY_VERIFY(m_server->connections() < 400);
    }
};

QTEST_GUILESS_MAIN(TestHttpServer)
#include "tst_http_server.moc"
