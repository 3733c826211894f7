// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Triggers over gRPC: what their answers tell beyond what is stored.

#include "gateway_grpc/grpc_fixture.h"

using namespace hanshu;
using tests::GrpcFixture;

namespace {

class House : public GrpcFixture {
public:
    House() {
        api::FunctionReply made;
        if (!deploy("f", made).ok()) {
            qFatal("the function could not be made");
        }
    }
    api::Trigger create(const std::string& name, const std::string& type, const std::string& config) {
        api::CreateTriggerRequest request;
        request.set_function_name("f");
        request.mutable_trigger()->set_trigger_name(name);
        request.mutable_trigger()->set_trigger_type(type);
        request.mutable_trigger()->set_trigger_config(config);
        api::Trigger trigger;
        grpc::ClientContext context;
        if (const auto status = triggerStub->CreateTrigger(&context, request, &trigger); !status.ok()) {
            qFatal("%s", status.error_message().c_str());
        }
        return trigger;
    }
    api::Trigger get(const std::string& name) {
        api::TriggerRequest request;
        request.set_function_name("f");
        request.set_trigger_name(name);
        api::Trigger trigger;
        grpc::ClientContext context;
        (void)triggerStub->GetTrigger(&context, request, &trigger);
        return trigger;
    }
    // The reason of a refusal, or nothing.
    std::string describe(const std::string& name, const std::string& description, const std::string& ifMatch) {
        api::UpdateTriggerRequest request;
        request.set_function_name("f");
        request.set_trigger_name(name);
        request.mutable_trigger()->set_description(description);
        request.set_if_match(ifMatch);
        grpc::ClientContext context;
        const auto status = triggerStub->UpdateTrigger(&context, request, &changed);
        return status.ok() ? "" : reason(context);
    }

    api::Trigger changed;
};

constexpr const char* kEvery5m = R"({"cronExpression":"@every 5m","payload":"x","enable":true})";
constexpr const char* kResting = R"({"cronExpression":"@every 5m","payload":"x","enable":false})";
constexpr const char* kHttp = R"({"authType":"anonymous","methods":["GET"]})";

}  // namespace

class TestGrpcTriggers : public QObject {
    Q_OBJECT

private slots:
    void aChangeOfWhatSomebodyElseChangedIsRefused() {
        House house;
        const auto made = house.create("tick", "timer", kEvery5m);
        QVERIFY(!made.etag().empty());
        QCOMPARE(house.get("tick").etag(), made.etag());
        QCOMPARE(house.describe("tick", "one", made.etag()), std::string());
        QVERIFY(house.changed.etag() != made.etag());
        QCOMPARE(house.describe("tick", "two", made.etag()), std::string("PreconditionFailed"));
        QCOMPARE(house.describe("tick", "two", "never given"), std::string("PreconditionFailed"));
        QCOMPARE(house.get("tick").description(), std::string("one"));
        QCOMPARE(house.describe("tick", "two", house.changed.etag()), std::string());
        QCOMPARE(house.describe("tick", "three", ""), std::string());
        QCOMPARE(house.get("tick").description(), std::string("three"));
    }

    void listsTellWhenTimersFireNext() {
        House house;
        house.create("resting", "timer", kResting);
        const auto tick = house.create("tick", "timer", kEvery5m);
        house.create("web", "http", kHttp);
        api::ListTriggersRequest request;
        request.set_function_name("f");
        api::ListTriggersOutput output;
        grpc::ClientContext context;
        QVERIFY(house.triggerStub->ListTriggers(&context, request, &output).ok());
        QCOMPARE(output.triggers_size(), 3);
        QVERIFY(!output.triggers(0).has_next_fire_time());
        QCOMPARE(output.triggers(1).next_fire_time(), tick.next_fire_time());
        QCOMPARE(output.triggers(1).etag(), tick.etag());
        QVERIFY(!output.triggers(2).has_next_fire_time());
        const auto next = parseRfc3339(tick.next_fire_time());
        QVERIFY(next.has_value() && *next > house.clock.now() && *next <= house.clock.now() + std::chrono::minutes{5});
    }
};

QTEST_GUILESS_MAIN(TestGrpcTriggers)
#include "tst_grpc_triggers.moc"
