// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Dead letters that get another try, from the call to the run.

#include "gateway_grpc/grpc_fixture.h"

using namespace hanshu;
using tests::GrpcFixture;

namespace {

class House : public GrpcFixture {
public:
    House() : GrpcFixture({}, Runs::ByTheRealPipeline) {
        scheduler.play = [] { return end(); };
        dispatcher.start();
    }
    ~House() { dispatcher.stop(); }

    EventId enqueue(const std::string& function) {
        store::Event event;
        event.id = newEventId();
        event.requestId = newRequestId();
        event.account = kAccount;
        event.functionName = function;
        event.source = "async";
        event.enqueued = clock.now();
        const auto id = event.id;
        if (!runBlocking(io.context(0).get_executor(), queue->append(std::move(event)))) {
            qFatal("an event could not be kept");
        }
        return id;
    }
    std::string stateOf(const EventId& id) {
        store::EventFilter filter;
        filter.account = kAccount;
        for (const auto& view : must(runBlocking(io.context(0).get_executor(), queue->list(std::move(filter))))) {
            if (view.event.id == id) {
                return view.state;
            }
        }
        return {};
    }
    using Method = grpc::Status (api::InvocationService::Stub::*)(grpc::ClientContext*, const api::DeadLettersRequest&,
                                                                  api::DeadLettersReply*);
    // How many, or why not.
    std::string call(Method method, const std::vector<EventId>& ids, const std::string& function = {}) {
        api::DeadLettersRequest request;
        for (const auto& id : ids) {
            request.add_event_ids(id.value);
        }
        request.set_function_name(function);
        api::DeadLettersReply reply;
        grpc::ClientContext context;
        const auto status = (invocations.get()->*method)(&context, request, &reply);
        return status.ok() ? std::to_string(reply.count()) : reason(context);
    }

private:
    static Task<Result<scheduler::Acquired>> end() {
        scheduler::Acquired acquired;
        acquired.failure.emplace();
        co_return acquired;
    }
};

}  // namespace

class TestDeadLetters : public QObject {
    Q_OBJECT

    static constexpr House::Method kRedrive = &api::InvocationService::Stub::RedriveDeadLetters;
    static constexpr House::Method kRemove = &api::InvocationService::Stub::RemoveDeadLetters;

private slots:
    void aDeadLetterRunsOnceItsCauseIsGone() {
        House house;
        const auto event = house.enqueue("f");
        QTRY_COMPARE(house.stateOf(event), std::string("DeadLetter"));
        // Nothing has changed: it ends where it was.
        QCOMPARE(house.call(kRedrive, {event}), std::string("1"));
        QTRY_COMPARE(house.stateOf(event), std::string("DeadLetter"));
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        QCOMPARE(house.call(kRedrive, {}, "f"), std::string("1"));
        QTRY_COMPARE(house.stateOf(event), std::string("Succeeded"));
        QCOMPARE(house.call(kRedrive, {event}), std::string("DeadLetterNotFound"));
    }

    void aDeadLetterIsForgotten() {
        House house;
        const auto event = house.enqueue("f");
        QTRY_COMPARE(house.stateOf(event), std::string("DeadLetter"));
        QCOMPARE(house.call(kRemove, {event}), std::string("1"));
        QCOMPARE(house.stateOf(event), std::string());
        QCOMPARE(house.call(kRemove, {event}), std::string("DeadLetterNotFound"));
        QCOMPARE(house.call(kRemove, {}, "f"), std::string("0"));
    }

    void eitherEventsOrAFunctionAreNamed() {
        House house;
        for (const auto method : {kRedrive, kRemove}) {
            QCOMPARE(house.call(method, {}), std::string("InvalidArgument"));
            QCOMPARE(house.call(method, {EventId{"e"}}, "f"), std::string("InvalidArgument"));
        }
    }
};

QTEST_GUILESS_MAIN(TestDeadLetters)
#include "tst_dead_letters.moc"
