// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rpc/client.h"
#include "rpc/connection.h"
#include "rpc/mailbox.h"
#include "widgets/fake_runtime.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

using namespace hanshu;
using namespace std::chrono_literals;
using rpc::Connection;
using State = rpc::Connection::State;

namespace {

constexpr rpc::ConnectionTimes kQuick{.heartbeat = 50ms, .deadline = 1000ms, .firstRetry = 40ms, .longestRetry = 200ms};

struct Lines {
    std::vector<qint64> sequences;
    int deliveries = 0;
    std::optional<Error> failure;
    qint64 cursor = 0;

    rpc::Client::LogBatches handlers() {
        return {.request =
                    [this] {
                        api::TailLogsRequest request;
                        request.set_backlog(100);
                        request.set_after_sequence(cursor);
                        return request;
                    },
                .opening = {},
                .messages =
                    [this](std::vector<api::LogBatch> batches) {
                        ++deliveries;
                        for (const auto& batch : batches) {
                            for (const auto& record : batch.records()) {
                                sequences.push_back(record.sequence());
                                cursor = record.sequence();
                            }
                        }
                    },
                .failed = [this](const Error& error) { failure = error; }};
    }
};

}  // namespace

class TestConnection : public QObject {
    Q_OBJECT

private slots:
    void inProcessItConnectsAtOnce() {
        test::FakeRuntime runtime;
        Connection connection(kQuick);
        QCOMPARE(connection.state(), State::Starting);
        QSignalSpy connected(&connection, &Connection::connected);
        connection.open(rpc::localEndpoint(runtime.channel(), QStringLiteral("here")));
        QCOMPARE(connection.state(), State::Connecting);
        QVERIFY(connected.wait());
        QCOMPARE(connection.state(), State::Connected);
        QCOMPARE(connection.status().version(), std::string("0.1.0"));
        QVERIFY(connection.lastSeen().isValid());
    }

    void aRuntimeThatGoesAndComesBackIsLostAndFoundAgain() {
        const QTemporaryDir folder;
        const QString address = QStringLiteral("unix:") + folder.filePath(QStringLiteral("s"));
        test::FakeRuntime runtime(address.toStdString());
        Connection connection(kQuick);
        QSignalSpy connected(&connection, &Connection::connected);
        connection.open(*rpc::remoteEndpoint(address, {}));
        QVERIFY(connected.wait());
        runtime.stop();
        QTRY_COMPARE_WITH_TIMEOUT(connection.state(), State::Reconnecting, 5000);
        QVERIFY(connection.lastError().has_value());
        QVERIFY(connection.lastSeen().isValid());
        runtime.start();
        QTRY_COMPARE_WITH_TIMEOUT(connection.state(), State::Connected, 5000);
        QCOMPARE(connected.size(), 2);
        QVERIFY(!connection.lastError().has_value());
    }

    void aRuntimeThatIsNotThereIsTriedWithGrowingPausesAndOnDemand() {
        const QTemporaryDir folder;
        const QString address = QStringLiteral("unix:") + folder.filePath(QStringLiteral("s"));
        constexpr rpc::ConnectionTimes kPatient{
            .heartbeat = 50ms, .deadline = 1000ms, .firstRetry = 60s, .longestRetry = 120s};
        Connection connection(kPatient);
        connection.open(*rpc::remoteEndpoint(address, {}));
        QTRY_COMPARE(connection.state(), State::Reconnecting);
        QCOMPARE(connection.secondsToRetry(), 60);
        QVERIFY(!connection.lastSeen().isValid());
        test::FakeRuntime runtime(address.toStdString());
        // Whatever the pause says: a person asked. The channel itself may need a moment to notice the socket.
        QTRY_VERIFY_WITH_TIMEOUT((connection.retryNow(), connection.isConnected()), 5000);
    }

    void aRefusalThatOnlyAPersonCanChangeIsNotRepeated() {
        test::FakeRuntime runtime;
        runtime.setFailure("GetStatus", {grpc::StatusCode::UNAUTHENTICATED, ""}, "SignatureNotMatch");
        Connection connection(kQuick);
        connection.open(rpc::localEndpoint(runtime.channel(), {}));
        QTRY_COMPARE(connection.state(), State::Offline);
        QCOMPARE(connection.lastError()->reason, std::string("SignatureNotMatch"));
        runtime.setFailure("GetStatus", grpc::Status::OK);
        connection.retryNow();
        QTRY_COMPARE(connection.state(), State::Connected);
    }

    void aStreamResumesAfterItsCursorWithoutLossOrRepeat() {
        const QTemporaryDir folder;
        const QString address = QStringLiteral("unix:") + folder.filePath(QStringLiteral("s"));
        test::FakeRuntime runtime(address.toStdString());
        Connection connection(kQuick);
        rpc::Client client(connection);
        Lines lines;
        const auto stream = client.tailLogs(lines.handlers());
        connection.open(*rpc::remoteEndpoint(address, {}));
        runtime.addLines("f", 5, "before");
        QTRY_COMPARE(lines.sequences.size(), std::size_t{5});
        runtime.stop();
        QTRY_COMPARE_WITH_TIMEOUT(connection.state(), State::Reconnecting, 5000);
        runtime.addLines("f", 5, "meanwhile");
        runtime.start();
        QTRY_COMPARE_WITH_TIMEOUT(lines.sequences.size(), std::size_t{10}, 10'000);
        runtime.addLines("f", 2, "after");
        QTRY_COMPARE(lines.sequences.size(), std::size_t{12});
        for (std::size_t i = 0; i < lines.sequences.size(); ++i) {
            QCOMPARE(lines.sequences[i], static_cast<qint64>(i) + 1);
        }
        QCOMPARE(runtime.tailCursors().front(), 0);
        QCOMPARE(runtime.tailCursors().back(), 5);
    }

    void aRefusedStreamTellsAndCanBeRetried() {
        test::FakeRuntime runtime;
        runtime.setFailure("WatchFunctions", {grpc::StatusCode::PERMISSION_DENIED, "no"}, "AccessDenied");
        runtime.putFunction("f");
        Connection connection(kQuick);
        rpc::Client client(connection);
        std::optional<Error> failure;
        int changes = 0;
        const auto stream =
            client.watchFunctions({.request = [] { return api::Empty(); },
                                   .opening = {},
                                   .messages = [&](auto got) { changes += static_cast<int>(got.size()); },
                                   .failed = [&](const Error& error) { failure = error; }});
        connection.open(rpc::localEndpoint(runtime.channel(), {}));
        QTRY_VERIFY(failure.has_value());
        QCOMPARE(failure->code, Code::PermissionDenied);
        QCOMPARE(failure->reason, std::string("AccessDenied"));
        QCOMPARE(std::string(failure->param("message")), std::string("told by the fake runtime"));
        runtime.setFailure("WatchFunctions", grpc::Status::OK);
        stream->retry();
        QTRY_COMPARE(changes, 2);  // the function and the snapshot's end
    }

    void aDroppedSubscriptionEndsTheStreamInTheRuntime() {
        test::FakeRuntime runtime;
        Connection connection(kQuick);
        rpc::Client client(connection);
        Lines lines;
        auto stream = client.tailLogs(lines.handlers());
        connection.open(rpc::localEndpoint(runtime.channel(), {}));
        QTRY_COMPARE(runtime.watchers(), 1);
        stream.reset();
        QTRY_COMPARE(runtime.watchers(), 0);
        runtime.addLines("f", 3, "nobody listens");
        QCoreApplication::processEvents();
        QVERIFY(lines.sequences.empty());
    }

    void aSlowWindowGetsEveryMessageAndMemoryIsBounded() {
        test::FakeRuntime runtime;
        Connection connection(kQuick);
        rpc::Client client(connection);
        Lines lines;
        const auto stream = client.tailLogs(lines.handlers());
        connection.open(rpc::localEndpoint(runtime.channel(), {}));
        QTRY_COMPARE(runtime.watchers(), 1);
        // More messages than a stream holds while the GUI thread does not look.
        constexpr int kMessages = 3000;
        for (int i = 0; i < kMessages; ++i) {
            runtime.addLines("f", 1, "x");
        }
        QTRY_COMPARE_WITH_TIMEOUT(lines.sequences.size(), std::size_t{kMessages}, 20'000);
        QCOMPARE(lines.sequences.back(), qint64{kMessages});
        QVERIFY(lines.deliveries < kMessages);
    }

    void aCallCanBeCancelledAndItsOwnerMayGo() {
        test::FakeRuntime runtime;
        runtime.setAnswer([](grpc::ServerContext& context, const api::InvokeRequest&, api::InvokeReply&) {
            while (!context.IsCancelled()) {
                std::this_thread::sleep_for(1ms);
            }
            return grpc::Status::CANCELLED;
        });
        Connection connection(kQuick);
        rpc::Client client(connection);
        connection.open(rpc::localEndpoint(runtime.channel(), {}));
        QTRY_VERIFY(connection.isConnected());
        QObject owner;
        std::optional<Error> error;
        auto call = client.invoke({}, &owner, [&](const Result<api::InvokeReply>& reply) { error = reply.error(); });
        call.cancel();
        QTRY_VERIFY(error.has_value());
        QCOMPARE(error->code, Code::Cancelled);

        bool told = false;
        auto gone = std::make_unique<QObject>();
        auto second = client.invoke({}, gone.get(), [&](const auto&) { told = true; });
        gone.reset();
        second.cancel();
        QTRY_VERIFY(!second.isRunning());
        QVERIFY(!told);
    }

    void closingWithCallsAndStreamsUnderWayNeitherHangsNorDelivers() {
        test::FakeRuntime runtime;
        runtime.setAnswer([](grpc::ServerContext& context, const api::InvokeRequest&, api::InvokeReply&) {
            while (!context.IsCancelled()) {
                std::this_thread::sleep_for(1ms);
            }
            return grpc::Status::CANCELLED;
        });
        bool told = false;
        Lines lines;
        {
            Connection connection(kQuick);
            rpc::Client client(connection);
            const auto stream = client.tailLogs(lines.handlers());
            connection.open(rpc::localEndpoint(runtime.channel(), {}));
            QTRY_COMPARE(runtime.watchers(), 1);
            client.invoke({}, this, [&](const auto&) { told = true; });
            runtime.addLines("f", 500, "x");
        }
        QVERIFY(!told);
    }

    void everyCallFailsAtOnceBeforeThereIsARuntime() {
        Connection connection(kQuick);
        rpc::Client client(connection);
        std::optional<Error> error;
        client.getFunction("f", this, [&](const Result<api::FunctionReply>& reply) { error = reply.error(); });
        QVERIFY(error.has_value());
        QCOMPARE(error->code, Code::Unavailable);
        connection.fail({Code::FailedPrecondition, "StateInUse", {}, {}});
        QCOMPARE(connection.state(), State::Offline);
        connection.retryNow();
        QCOMPARE(connection.state(), State::Offline);
    }

    void theMailboxDeliversAtMostOnceAFrame() {
        rpc::Mailbox mailbox;
        int done = 0;
        QList<qint64> times;
        QElapsedTimer clock;
        clock.start();
        std::atomic<bool> stop = false;
        int posted = 0;
        std::thread poster([&] {
            for (; !stop; ++posted) {
                mailbox.post([&] {
                    ++done;
                    if (times.isEmpty() || times.last() != clock.elapsed()) {
                        times.append(clock.elapsed());
                    }
                });
                std::this_thread::yield();
            }
        });
        QTRY_VERIFY_WITH_TIMEOUT(done > 1000 && clock.elapsed() > 200, 10'000);
        stop = true;
        poster.join();
        QTRY_COMPARE(done, posted);
        // Work of one delivery may spill into the next millisecond; deliveries themselves are a frame apart.
        int frames = 1;
        for (qsizetype i = 1; i < times.size(); ++i) {
            frames += times[i] - times[i - 1] > 8 ? 1 : 0;
        }
        QVERIFY2(frames <= clock.elapsed() / 14 + 2, qPrintable(QString::number(frames)));
    }

    void endpointsAreCheckedBeforeTheWindowOpens_data() {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("good");
        QTest::newRow("socket") << "unix:/run/hanshu.sock" << true;
        QTest::newRow("no path") << "unix:" << false;
        QTest::newRow("no port") << "localhost" << false;
        QTest::newRow("port 0") << "localhost:0" << false;
        QTest::newRow("port too high") << "localhost:70000" << false;
        QTest::newRow("no credentials") << "localhost:7000" << false;
    }
    void endpointsAreCheckedBeforeTheWindowOpens() {
        QFETCH(QString, address);
        QFETCH(bool, good);
        const auto endpoint = rpc::remoteEndpoint(address, {});
        QCOMPARE(endpoint.has_value(), good);
        if (!good) {
            QVERIFY(!endpoint.error().param("message").empty());
        }
    }

    void credentialsComeFromTheDaemonsFile() {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("credentials.toml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("account_id = \"1\"\naccess_key_id = \"HSID\"\naccess_key_secret = \"shh\"\n");
        file.close();
        const auto endpoint = rpc::remoteEndpoint(QStringLiteral("[::1]:7000"), file.fileName());
        QVERIFY(endpoint.has_value());
        QCOMPARE(endpoint->credentials->accessKeyId, QStringLiteral("HSID"));
        QCOMPARE(endpoint->credentials->accessKeySecret, QStringLiteral("shh"));
        QVERIFY(!rpc::remoteEndpoint(QStringLiteral("h:7000"), folder.filePath(QStringLiteral("none"))).has_value());
    }
};

QTEST_GUILESS_MAIN(TestConnection)
#include "tst_console_connection.moc"
