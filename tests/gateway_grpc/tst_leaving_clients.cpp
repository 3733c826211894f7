// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Clients that go away in the middle of a synchronous call: their run goes on to its end and is recorded, and all that
// was held for them alone comes back at once.

#include "gateway/http_server.h"
#include "gateway/raw_client.h"
#include "gateway/rest_api.h"
#include "gateway_grpc/grpc_fixture.h"

#include <filesystem>
#include <latch>

using namespace hanshu;
using tests::GrpcFixture;
using tests::RawClient;

namespace {

// Runs wait in the scheduler until the test opens it.
class House : public GrpcFixture {
public:
    House() : GrpcFixture({}, Runs::ByTheRealPipeline) {
        http = must(gateway::HttpServer::listen(io, {.address = "127.0.0.1:0"}, gateway::makeRestApi(rooms())));
        scheduler.play = [this] { return waitThenEnd(this); };
        api::FunctionReply made;
        if (!deploy("f", made).ok()) {
            qFatal("the function could not be made");
        }
    }
    ~House() {
        open();
        http.reset();
    }

    void open() {
        if (!std::exchange(opened, true)) {
            gate.count_down();
        }
    }
    [[nodiscard]] int running() const { return limits.running(kAccount); }
    std::vector<api::Invocation> recorded() {
        recorder->flush();
        store::InvocationFilter filter;
        filter.account = kAccount;
        return must(runBlocking(io.context(0).get_executor(), telemetry->invocations(std::move(filter))));
    }
    [[nodiscard]] std::string signedCall(std::string_view payload) {
        http::Request request;
        request.method = "POST";
        request.path = "/2023-03-30/functions/f/invocations";
        request.headers.add("Host", http->address());
        access::signAcs3(request, std::string(payload), owner, {}, clock.now(), newUuid());
        std::string bytes = fmt::format("POST {} HTTP/1.1\r\n", request.path);
        for (const auto& [name, value] : request.headers.fields()) {
            bytes += fmt::format("{}: {}\r\n", name, value);
        }
        return bytes + fmt::format("Content-Length: {}\r\n\r\n{}", payload.size(), payload);
    }

    std::latch gate{1};
    bool opened = false;
    std::unique_ptr<gateway::HttpServer> http;

private:
    static Task<Result<scheduler::Acquired>> waitThenEnd(House* house) {
        auto wait = [house] {
            house->gate.wait();
            return true;
        };
        co_await onPool(house->m_waiters, std::move(wait));
        scheduler::Acquired acquired;
        acquired.failure.emplace();
        acquired.failure->payload = "done";
        co_return acquired;
    }
    asio::thread_pool m_waiters{4};
};

int descriptors() {
    using std::filesystem::directory_iterator;
    return static_cast<int>(std::distance(directory_iterator("/proc/self/fd"), directory_iterator()));
}

}  // namespace

class TestLeavingClients : public QObject {
    Q_OBJECT

private slots:
    void anHttpClientThatLeavesDoesNotEndItsRun() {
        House house;
        const int before = descriptors();
        RawClient client(house.http->address());
        QVERIFY(client.send(house.signedCall("x")));
        QTRY_COMPARE(house.running(), 1);
        QCOMPARE(house.http->connections(), 1);
        client.close();
        QTRY_COMPARE(house.http->connections(), 0);
        QCOMPARE(descriptors(), before);
        QCOMPARE(house.running(), 1);
        QVERIFY(house.recorded().empty());
        house.open();
        QTRY_COMPARE(house.running(), 0);
        QTRY_COMPARE(house.recorded().size(), std::size_t{1});
        QCOMPARE(house.recorded().front().status(), std::string("Succeeded"));
    }

    void aHundredHttpClientsThatLeaveHoldNoPlace() {
        House house;
        const int before = descriptors();
        for (int i = 0; i < 4; ++i) {
            std::vector<std::unique_ptr<RawClient>> clients;
            for (int j = 0; j < 25; ++j) {
                clients.push_back(std::make_unique<RawClient>(house.http->address()));
                QVERIFY(clients.back()->send(house.signedCall("x")));
            }
            QTRY_COMPARE(house.running(), (i + 1) * 25);
            clients.clear();
            QTRY_COMPARE(house.http->connections(), 0);
        }
        QCOMPARE(descriptors(), before);
        house.open();
        QTRY_COMPARE(house.running(), 0);
        QTRY_COMPARE(house.recorded().size(), std::size_t{20});  // a page of the hundred
    }

    void anHttpClientThatStaysGetsItsAnswerHoweverLongItTakes() {
        House house;
        RawClient client(house.http->address());
        // The second request lies in the socket while the first is served: bytes to read are no sign of an end.
        QVERIFY(client.send(house.signedCall("x") + house.signedCall("y")));
        QTRY_COMPARE(house.running(), 1);
        std::vector<std::unique_ptr<RawClient>> leaving;  // enough to be on each io thread
        for (int i = 0; i < 8; ++i) {
            leaving.push_back(std::make_unique<RawClient>(house.http->address()));
            QVERIFY(leaving.back()->send(house.signedCall("x")));
        }
        QTRY_COMPARE(house.running(), 9);
        leaving.clear();
        // When their end was noticed, the one who stays was looked at too.
        QTRY_COMPARE(house.http->connections(), 1);
        house.open();
        for (int i = 0; i < 2; ++i) {
            const auto answer = client.receive();
            QVERIFY(answer.has_value());
            QCOMPARE(answer->status, 200u);
            QCOMPARE(answer->body, std::string("done"));
        }
    }

    // What the handler of a client that left still uses must not go before it.
    void aServerThatEndsWaitsForTheRunsOfThoseWhoLeft() {
        House house;
        RawClient client(house.http->address());
        QVERIFY(client.send(house.signedCall("x")));
        QTRY_COMPARE(house.running(), 1);
        client.close();
        QTRY_COMPARE(house.http->connections(), 0);
        std::atomic<bool> ended{false};
        std::thread end([&] {
            house.http.reset();
            ended = true;
        });
        QVERIFY(!ended);
        house.open();
        end.join();
        QCOMPARE(house.running(), 0);
    }

    void aGrpcClientThatCancelsDoesNotEndItsRun() {
        House house;
        grpc::ClientContext context;
        grpc::Status status;
        std::thread call([&] {
            api::InvokeRequest request;
            request.set_function_name("f");
            api::InvokeReply reply;
            status = house.invocations->Invoke(&context, request, &reply);
        });
        QTRY_COMPARE(house.running(), 1);
        context.TryCancel();
        call.join();
        QCOMPARE(status.error_code(), grpc::StatusCode::CANCELLED);
        QCOMPARE(house.running(), 1);
        QVERIFY(house.recorded().empty());
        house.open();
        QTRY_COMPARE(house.running(), 0);
        QTRY_COMPARE(house.recorded().size(), std::size_t{1});
        QCOMPARE(house.recorded().front().status(), std::string("Succeeded"));
    }
};

QTEST_GUILESS_MAIN(TestLeavingClients)
#include "tst_leaving_clients.moc"
