// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Dead letters that get another try, from the call to the run.

#include "gateway_grpc/queue_fixture.h"

using namespace hanshu;
using tests::QueueFixture;

namespace {

class House : public QueueFixture {
public:
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
