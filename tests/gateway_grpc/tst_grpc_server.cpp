// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway_grpc/grpc_fixture.h"

#include <sys/stat.h>
#include <fstream>
#include <thread>

using namespace hanshu;
using hanshu::tests::GrpcFixture;

namespace {

std::shared_ptr<grpc::Channel> plainChannel(const std::string& address) {
    return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

// A signed GetStatus, or one with a part of the signature changed.
struct Signature {
    std::string id = "LTAIowner";
    std::string secret = "ownersecret";
    std::string path = "/hanshu.api.SystemService/GetStatus";
    std::chrono::seconds shift{0};
};

grpc::StatusCode signedStatus(const std::string& address, const Signature& signature, std::string* reason = nullptr) {
    const auto stub = api::SystemService::NewStub(plainChannel(address));
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto date = formatBasicIso8601(now + signature.shift);
    grpc::ClientContext context;
    context.AddMetadata("x-hanshu-access-key-id", signature.id);
    context.AddMetadata("x-hanshu-date", date);
    context.AddMetadata("x-hanshu-signature", toHex(hmacSha256(signature.secret, signature.path + "\n" + date)));
    api::Status status;
    const auto code = stub->GetStatus(&context, api::Empty(), &status).error_code();
    if (reason != nullptr) {
        *reason = GrpcFixture::reason(context);
    }
    return code;
}

// A call that lasts until the test lets it go.
struct Gate {
    std::promise<void> begun;
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
};

tests::PlayedPipeline::Play waiting(Gate& gate, asio::thread_pool& pool) {
    return [&gate, &pool](invoke::Call) -> Task<Result<invoke::Outcome>> {
        gate.begun.set_value();
        auto wait = [released = gate.released] {
            released.wait();
            return true;
        };
        co_await onPool(pool, std::move(wait));
        co_return invoke::Outcome{};
    };
}

}  // namespace

class TestGrpcServer : public QObject {
    Q_OBJECT

private slots:
    void aUnixSocketIsForItsOwnerAloneAndNeedsNoSignature() {
        const QTemporaryDir folder;
        const auto path = folder.filePath("h.sock").toStdString();
        {
            GrpcFixture house("unix:" + path);
            QCOMPARE(house.server->address(), "unix:" + path);
            struct stat status{};
            QCOMPARE(::lstat(path.c_str(), &status), 0);
            QVERIFY(S_ISSOCK(status.st_mode));
            QCOMPARE(status.st_mode & 0777U, 0600U);
            const auto stub = api::SystemService::NewStub(plainChannel("unix:" + path));
            grpc::ClientContext context;
            api::Status reply;
            QVERIFY(stub->GetStatus(&context, api::Empty(), &reply).ok());
            QCOMPARE(reply.account_id(), std::string(GrpcFixture::kAccount));
            // Nothing else is left in the folder.
            QCOMPARE(
                QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot),
                QStringList{"h.sock"});
        }
        QVERIFY(!std::filesystem::exists(path));
    }

    void aSocketThatADeadDaemonLeftIsReplacedAndALiveOneIsNot() {
        const QTemporaryDir folder;
        const auto path = folder.filePath("h.sock").toStdString();
        const auto address = "unix:" + path;
        GrpcFixture house(address);
        auto second = gateway::GrpcServer::start(house.rooms(), address);
        QVERIFY(!second.has_value());
        QCOMPARE(second.error().reason, std::string("AddressInUse"));
        const auto leftover = folder.filePath("left.sock").toStdString();
        {
            GrpcFixture other("unix:" + leftover);
            std::filesystem::create_hard_link(leftover, leftover + ".keep");
        }
        std::filesystem::rename(leftover + ".keep", leftover);
        QVERIFY(gateway::GrpcServer::start(house.rooms(), "unix:" + leftover).has_value());
        std::ofstream(folder.filePath("file").toStdString()) << "precious";
        auto overFile = gateway::GrpcServer::start(house.rooms(), "unix:" + folder.filePath("file").toStdString());
        QVERIFY(!overFile.has_value());
        QVERIFY(std::filesystem::exists(folder.filePath("file").toStdString()));
    }

    void addressesThatCannotBeAreRefused() {
        GrpcFixture house("127.0.0.1:0");
        for (const auto& address : {std::string("unix:relative.sock"), "unix:/tmp/" + std::string(200, 'x'),
                                    std::string("not an address"), house.server->address()}) {
            QVERIFY2(!gateway::GrpcServer::start(house.rooms(), address).has_value(), address.c_str());
        }
    }

    void overTcpOnlyASignedCallIsServed() {
        GrpcFixture house("127.0.0.1:0");
        const auto address = house.server->address();
        QVERIFY(!address.ends_with(":0"));
        QCOMPARE(signedStatus(address, {}), grpc::StatusCode::OK);
        std::string reason;
        QCOMPARE(signedStatus(address, {.id = "nobody"}, &reason), grpc::StatusCode::UNAUTHENTICATED);
        QCOMPARE(reason, std::string("InvalidAccessKeyID"));
        QCOMPARE(signedStatus(address, {.secret = "guess"}, &reason), grpc::StatusCode::UNAUTHENTICATED);
        QCOMPARE(reason, std::string("SignatureNotMatch"));
        // A signature of another method does not do for this one.
        QCOMPARE(signedStatus(address, {.path = "/hanshu.api.SystemService/Doctor"}),
                 grpc::StatusCode::UNAUTHENTICATED);
        for (const int minutes : {-16, 16}) {
            QCOMPARE(signedStatus(address, {.shift = std::chrono::minutes{minutes}}, &reason),
                     grpc::StatusCode::UNAUTHENTICATED);
            QCOMPARE(reason, std::string("RequestExpired"));
        }
        const auto channel = plainChannel(address);
        grpc::ClientContext unary;
        api::FunctionReply reply;
        QCOMPARE(api::FunctionService::NewStub(channel)->GetFunction(&unary, api::NameRequest(), &reply).error_code(),
                 grpc::StatusCode::UNAUTHENTICATED);
        grpc::ClientContext reading;
        api::LogBatch batch;
        const auto reader = api::LogService::NewStub(channel)->TailLogs(&reading, api::TailLogsRequest());
        QVERIFY(!reader->Read(&batch));
        QCOMPARE(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
        grpc::ClientContext writing;
        api::Object object;
        const auto writer = api::BucketService::NewStub(channel)->PutObject(&writing, &object);
        QCOMPARE(writer->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
        // The channel inside the process stays the owner's.
        grpc::ClientContext inside;
        api::Status status;
        QVERIFY(house.system->GetStatus(&inside, api::Empty(), &status).ok());
    }

    void temporaryCredentialsOfARoleAreNotTheOwner() {
        GrpcFixture house("127.0.0.1:0");
        const auto role =
            house.keyring.issue(GrpcFixture::kAccount, "acs:ram::123456789:role/r", "f", std::chrono::hours{1});
        QVERIFY(signedStatus(house.server->address(), {.id = role.accessKeyId, .secret = role.accessKeySecret}) !=
                grpc::StatusCode::OK);
    }

    void drainingLetsARunFinishAndRefusesNewCalls() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        Gate gate;
        house.pipeline.play(waiting(gate, house.disk));
        grpc::Status runStatus;
        std::thread run([&] {
            api::InvokeRequest request;
            request.set_function_name("f");
            api::InvokeReply reply;
            grpc::ClientContext context;
            runStatus = house.invocations->Invoke(&context, request, &reply);
        });
        grpc::ClientContext tailContext;
        const auto tail = house.logs->TailLogs(&tailContext, api::TailLogsRequest());
        gate.begun.get_future().wait();
        std::thread drain([&] { house.server->drain(std::chrono::seconds{20}); });
        // An endless stream ends at once, and says why.
        api::LogBatch batch;
        while (tail->Read(&batch)) {
        }
        QCOMPARE(tail->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
        api::Status status;
        grpc::ClientContext late;
        QCOMPARE(house.system->GetStatus(&late, api::Empty(), &status).error_code(), grpc::StatusCode::UNAVAILABLE);
        gate.release.set_value();
        run.join();
        drain.join();
        QVERIFY2(runStatus.ok(), runStatus.error_message().c_str());
    }

    void aRunThatOutlivesTheDrainIsCutOffAndTheServerEnds() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        Gate gate;
        house.pipeline.play(waiting(gate, house.disk));
        grpc::Status runStatus;
        std::thread run([&] {
            api::InvokeRequest request;
            request.set_function_name("f");
            api::InvokeReply reply;
            grpc::ClientContext context;
            runStatus = house.invocations->Invoke(&context, request, &reply);
        });
        gate.begun.get_future().wait();
        house.server->drain(std::chrono::milliseconds{50});
        run.join();
        QVERIFY(!runStatus.ok());
        house.server.reset();
        gate.release.set_value();  // what the coroutine then answers goes nowhere
    }

    void aClientThatGoesAwayFreesItsCallAtOnce() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        Gate gate;
        house.pipeline.play(waiting(gate, house.disk));
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds{200});
        api::InvokeRequest request;
        request.set_function_name("f");
        api::InvokeReply reply;
        QCOMPARE(house.invocations->Invoke(&context, request, &reply).error_code(),
                 grpc::StatusCode::DEADLINE_EXCEEDED);
        // No call is left that a drain would have to wait for.
        const auto begin = std::chrono::steady_clock::now();
        house.server->drain(std::chrono::seconds{20});
        QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
        gate.release.set_value();
    }
};

QTEST_GUILESS_MAIN(TestGrpcServer)
#include "tst_grpc_server.moc"
