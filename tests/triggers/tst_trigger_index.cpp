// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "triggers/trigger_index.h"

#include <QTest>
#include <boost/json.hpp>

using namespace hanshu;
using namespace hanshu::triggers;

namespace {

api::Trigger ossTrigger(const std::string& config, const std::string& arn = "acs:oss:local:1:videos") {
    api::Trigger trigger;
    trigger.set_trigger_name("on-upload");
    trigger.set_trigger_type("oss");
    trigger.set_trigger_config(config);
    trigger.set_source_arn(arn);
    trigger.set_trigger_id("rule-1");
    trigger.set_created_time("2026-01-01T00:00:00Z");
    return trigger;
}

objects::Change change(const std::string& key, const std::string& name = "ObjectCreated:PutObject") {
    return {"1",   "videos",   key,   name, 42, "abc", SystemTime{std::chrono::seconds{1'700'000'000}},
            "req", "10.0.0.1", "root"};
}

}  // namespace

class TestTriggerIndex : public QObject {
    Q_OBJECT

private slots:
    void eventsPrefixAndSuffixDecide() {
        const auto compiled = compile(
            "1", "f",
            ossTrigger(R"({"events":["oss:ObjectCreated:*"],"filter":{"key":{"prefix":"in/","suffix":".mp4"}}})"));
        QVERIFY2(compiled.has_value(), compiled ? "" : compiled.error().describe().c_str());
        QVERIFY(matches(**compiled, change("in/a.mp4")));
        QVERIFY(matches(**compiled, change("in/a.mp4", "ObjectCreated:CompleteMultipartUpload")));
        QVERIFY(!matches(**compiled, change("out/a.mp4")));
        QVERIFY(!matches(**compiled, change("in/a.avi")));
        QVERIFY(!matches(**compiled, change("in/a.mp4", "ObjectRemoved:DeleteObject")));
    }

    void anExactEventMatchesItselfAlone() {
        const auto compiled = compile("1", "f", ossTrigger(R"({"events":["oss:ObjectCreated:PutObject"]})"));
        QVERIFY(compiled.has_value());
        QVERIFY(matches(**compiled, change("x")));
        QVERIFY(!matches(**compiled, change("x", "ObjectCreated:PutObjectX")));
        QVERIFY(!matches(**compiled, change("x", "ObjectCreated:CopyObject")));
    }

    void aSourceMustBeABucketOfTheAccount() {
        const auto* config = R"({"events":["oss:ObjectCreated:*"]})";
        for (const auto* arn : {"", "videos", "acs:oss:local:1:", "acs:oss:local:2:videos", "acs:fc:local:1:videos",
                                "acs:oss:local:1:videos:more", "acs:oss:local:1:UPPER"}) {
            const auto compiled = compile("1", "f", ossTrigger(config, arn));
            QVERIFY2(!compiled.has_value(), arn);
            QVERIFY(compiled.error().param("message").find("acs:oss:{region}:1:{bucket}") != std::string_view::npos);
        }
    }

    void theIndexFindsByBucketUrlAndTime() {
        TriggerIndex index;
        index.add(*compile("1", "f", ossTrigger(R"({"events":["oss:ObjectCreated:*"]})")));
        QCOMPARE(index.ofBucket("1", "videos").size(), std::size_t{1});
        QVERIFY(index.ofBucket("1", "other").empty());
        QVERIFY(index.ofBucket("2", "videos").empty());
        QCOMPARE(index.count("1", "f"), std::size_t{1});
        QCOMPARE(index.count("1", "g"), std::size_t{0});
        index.remove("1", "f", "on-upload");
        QVERIFY(index.ofBucket("1", "videos").empty());
        QCOMPARE(index.count("1", "f"), std::size_t{0});
    }

    void thePayloadHasTheDocumentedShape() {
        const auto compiled = compile("1", "f", ossTrigger(R"({"events":["oss:ObjectCreated:*"]})"));
        const auto payload = boost::json::parse(objectPayload(**compiled, change("in/函数 a.mp4"), "local"));
        const auto& event = payload.at("events").at(0);
        QVERIFY(event.at("eventName").as_string() == "ObjectCreated:PutObject");
        QVERIFY(event.at("oss").at("object").at("key").as_string() == "in/函数 a.mp4");
        QCOMPARE(event.at("oss").at("object").at("size").to_number<int>(), 42);
        QVERIFY(event.at("oss").at("bucket").at("arn").as_string() == "acs:oss:local:1:videos");
        QVERIFY(event.at("oss").at("ruleId").as_string() == "rule-1");
        QVERIFY(event.at("eventTime").as_string() == "2023-11-14T22:13:20.000Z");
    }
};

QTEST_GUILESS_MAIN(TestTriggerIndex)
#include "tst_trigger_index.moc"
