// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The stop switch of a function, from the door to the pipeline and the queue.

#include "gateway_grpc/queue_fixture.h"

using namespace hanshu;
using tests::QueueFixture;

namespace {

class House : public QueueFixture {
public:
    House() {
        api::FunctionReply made;
        if (!deploy("f", made).ok()) {
            qFatal("the function could not be made");
        }
    }

    grpc::Status disable(const std::string& reason, bool abort = false) {
        api::DisableInvocationRequest request;
        request.set_function_name("f");
        request.mutable_input()->set_reason(reason);
        request.mutable_input()->set_abort_ongoing_request(abort);
        grpc::ClientContext context;
        return functions->DisableInvocation(&context, request, &changed);
    }
    grpc::Status enable() {
        api::NameRequest request;
        request.set_name("f");
        grpc::ClientContext context;
        return functions->EnableInvocation(&context, request, &changed);
    }
    std::string reasonOfCall(bool async) {
        api::InvokeRequest request;
        request.set_function_name("f");
        request.set_async(async);
        api::InvokeReply reply;
        grpc::ClientContext context;
        const auto status = invocations->Invoke(&context, request, &reply);
        return status.ok() ? "" : reason(context);
    }

    api::FunctionReply changed;
};

}  // namespace

class TestFunctionSwitch : public QObject {
    Q_OBJECT

private slots:
    void callsAreRefusedAndServedAgain() {
        House house;
        QCOMPARE(house.reasonOfCall(false), std::string());
        QVERIFY(house.disable("it leaks").ok());
        QVERIFY(house.changed.function().invocation_restriction().disable());
        QCOMPARE(house.changed.function().invocation_restriction().reason(), std::string("it leaks"));
        QCOMPARE(house.reasonOfCall(false), std::string("FunctionDisabled"));
        QCOMPARE(house.reasonOfCall(true), std::string("FunctionDisabled"));
        QCOMPARE(house.runsBegun.load(), 1);
        QVERIFY(house.enable().ok());
        QVERIFY(!house.changed.function().invocation_restriction().disable());
        QCOMPARE(house.reasonOfCall(false), std::string());
        QCOMPARE(house.reasonOfCall(true), std::string());
    }

    void refusedCallsAreCountedForWhatTheyAre() {
        House house;
        QVERIFY(house.disable("it leaks").ok());
        QCOMPARE(house.reasonOfCall(false), std::string("FunctionDisabled"));
        QCOMPARE(house.recorder->totals().disabled, std::uint64_t{1});
        QCOMPARE(house.recorder->totals().denied, std::uint64_t{0});
        api::ListInvocationsRequest request;
        request.set_status("Disabled");
        api::ListInvocationsOutput runs;
        grpc::ClientContext context;
        QVERIFY(house.invocations->ListInvocations(&context, request, &runs).ok());
        QCOMPARE(runs.invocations_size(), 1);
        QVERIFY(runs.invocations(0).instance_id().empty());
    }

    void nothingIsTakenOnceADrainHasBegun() {
        House house;
        QCOMPARE(house.reasonOfCall(true), std::string());
        runBlocking(house.io.context(0).get_executor(), [](invoke::Pipeline& pipeline) -> Task<int> {
            co_await pipeline.drain(std::chrono::milliseconds(0));
            co_return 0;
        }(house.served));
        QCOMPARE(house.reasonOfCall(true), std::string("ServiceDraining"));
        QCOMPARE(house.reasonOfCall(false), std::string("ServiceDraining"));
    }

    void eventsWaitUntilTheFunctionIsSwitchedOnAgain() {
        House house;
        QVERIFY(house.disable("maintenance").ok());
        const auto waiting = house.enqueue("f");
        // An event of another function that ends shows that the dispatcher has been at the queue since.
        api::FunctionReply made;
        QVERIFY(house.deploy("g", made).ok());
        api::InvokeRequest other;
        other.set_function_name("g");
        other.set_async(true);
        api::InvokeReply reply;
        grpc::ClientContext context;
        QVERIFY(house.invocations->Invoke(&context, other, &reply).ok());
        QTRY_COMPARE(house.runsBegun.load(), 1);
        QCOMPARE(house.stateOf(waiting), std::string("Enqueued"));
        QVERIFY(house.enable().ok());
        QTRY_COMPARE(house.stateOf(waiting), std::string("Succeeded"));
        QCOMPARE(house.runsBegun.load(), 2);
    }

    void theSwitchOutlivesTheDaemon() {
        House house;
        QVERIFY(house.disable("for good").ok());
        const auto again = QueueFixture::must(catalog::makeCatalog(
            {.stateDirectory = house.directory.path().toStdString(), .region = "local"}, *house.resources, house.disk,
            house.clock, {.hasTriggers = {}, .bucketFolder = {}, .readObject = {}}));
        const auto route = again->snapshot()->find(QueueFixture::kAccount, "f");
        QVERIFY(route != nullptr);
        QVERIFY(route->spec->function.invocation_restriction().disable());
    }

    void runsThatGoOnAreEndedWhereThatIsAskedFor() {
        House house;
        QVERIFY(house.disable("", false).ok());
        QCOMPARE(house.scheduler.aborted, std::string());
        QVERIFY(house.disable("", true).ok());
        QCOMPARE(house.scheduler.aborted, std::string("f"));
    }
};

QTEST_GUILESS_MAIN(TestFunctionSwitch)
#include "tst_function_switch.moc"
