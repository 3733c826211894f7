// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json.h"
#include "function.pb.h"
#include "grant.pb.h"
#include "invocation.pb.h"
#include "services.pb.h"
#include "trigger.pb.h"

#include <QTest>
#include <random>

using namespace hanshu;
using namespace hanshu::api;

namespace {

template <class Message>
std::string refusal(std::string_view text) {
    Message message;
    auto read = readJson(text, message);
    return read ? std::string("accepted") : std::string(read.error().param("message"));
}

template <class Message>
Message accepted(std::string_view text) {
    Message message;
    auto read = readJson(text, message);
    if (!read) {
        qFatal("%s", read.error().describe().c_str());
    }
    return message;
}

std::size_t countOf(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
        ++count;
    }
    return count;
}

}  // namespace

#define COMPARE_TEXT(actual, expected) QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected))
#define CONTAINS(text, part)                                            \
    do {                                                                \
        const std::string whole = (text);                               \
        QVERIFY2(whole.find(part) != std::string::npos, whole.c_str()); \
    } while (false)

class TestJson : public QObject {
    Q_OBJECT

private slots:
    void keysMatchWithoutCase() {
        const auto input = accepted<CreateFunctionInput>(
            R"({"FunctionName":"f","MEMORYSIZE":1024,"instanceconcurrency":2,"Tags":[{"key":"a","VALUE":"b"}]})");
        COMPARE_TEXT(input.function_name(), "f");
        QCOMPARE(input.memory_size(), 1024);
        QCOMPARE(input.instance_concurrency(), 2);
        COMPARE_TEXT(input.tags(0).value(), "b");
    }

    void aFieldGivenTwiceIsRefusedWhateverItsCase() {
        CONTAINS(refusal<CreateFunctionInput>(R"({"handler":"a","Handler":"b"})"), "Handler is given more than once");
        CONTAINS(refusal<CreateFunctionInput>(R"({"code":{"zipFile":"","zipfile":""}})"),
                 "Code.zipFile is given more than once");
        CONTAINS(refusal<CreateFunctionInput>(R"({"environmentVariables":{"A":"1","A":"2"}})"),
                 "EnvironmentVariables.A is given more than once");
        const auto twins = accepted<CreateFunctionInput>(R"({"environmentVariables":{"A":"1","a":"2"}})");
        QCOMPARE(twins.environment_variables().size(), std::size_t{2});
    }

    void everyViolationIsToldAtOnceWithItsPath() {
        const auto message = refusal<CreateFunctionInput>(
            R"({"functionName":1,"memorySize":"512","cpu":true,"layers":"x","tags":[{},{"Key":[]}],"nope":1,
                "environmentVariables":{"A":1},"customRuntimeConfig":{"healthCheckConfig":{"periodSeconds":1.5}},
                "timeout":99999999999,"internetAccess":"yes","code":7,"layers2":null})");
        for (const auto* part :
             {"FunctionName must be a string (actual: a number)",
              "memorySize must be a whole number (actual: a string)", "cpu must be a number (actual: a boolean)",
              "layers must be a list (actual: a string)", "tags[1].Key must be a string (actual: a list)",
              "nope is not a known field", "environmentVariables.A must be a string (actual: a number)",
              "customRuntimeConfig.healthCheckConfig.periodSeconds must be a whole number",
              "timeout must be between -2147483648 and 2147483647",
              "internetAccess must be true or false (actual: a string)", "code must be an object (actual: a number)",
              "layers2 is not a known field"}) {
            CONTAINS(message, part);
        }
        QCOMPARE(countOf(message, "; "), std::size_t{11});
    }

    void manyViolationsAreCounted() {
        std::string text = "{";
        for (int i = 0; i < 100; ++i) {
            text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
        }
        CONTAINS(refusal<CreateFunctionInput>(text + "}"), "; and 80 more");
        const auto longKey = refusal<CreateFunctionInput>("{\"" + std::string(1'000'000, 'k') + "\":1}");
        QVERIFY(longKey.size() < 200);
    }

    void violationsAreAlsoParameters() {
        CreateFunctionInput input;
        const auto read = readJson(R"({"cpu":"1","x":2})", input);
        QVERIFY(!read.has_value());
        QVERIFY(read.error().code == Code::InvalidArgument);
        COMPARE_TEXT(std::string(read.error().param("field")), "cpu");
        COMPARE_TEXT(std::string(read.error().param("violation")), "cpu: must be a number (actual: a string)");
    }

    void whatIsNotStrictJsonIsRefusedWithItsPlace() {
        CONTAINS(refusal<CreateFunctionInput>("{\n  \"handler\": oops}"), "line 2, column 14");
        const std::string deep = std::string(40, '[') + std::string(40, ']');
        const std::vector<std::pair<std::string, const char*>> bad{
            {"", "it ends too early"},
            {"{", "it ends too early"},
            {"{}x", "something follows"},
            {"{} {}", "something follows"},
            {"{\"handler\":\"\xff\"}", "not JSON in UTF-8"},
            {"{\"handler\":\"\xed\xa0\x80\"}", "not JSON in UTF-8"},
            {"{\"handler\":\"\\ud800\"}", "not JSON"},
            {"{\"handler\":\"\\udc00\"}", "surrogate"},
            {"{\"handler\":\"a\nb\"}", "not JSON"},
            {"{'handler':1}", "not JSON"},
            {"{\"handler\":\"a\",}", "not JSON"},
            {"{\"cpu\":01}", "not JSON"},
            {"{\"cpu\":NaN}", "not JSON"},
            {"// c\n{}", "not JSON"},
            {"\xef\xbb\xbf{}", "not JSON"},
            {deep, "nested too deeply"},
        };
        for (const auto& [text, part] : bad) {
            CONTAINS(refusal<CreateFunctionInput>(text), part);
        }
        COMPARE_TEXT(refusal<CreateFunctionInput>("[]"), "The body must be an object (actual: a list)");
        COMPARE_TEXT(refusal<CreateFunctionInput>("null"), "The body must be an object (actual: null)");
        COMPARE_TEXT(refusal<CreateFunctionInput>(" {} \n"), "accepted");
    }

    void aHugeListOfNothingIsRefusedBeforeItFillsTheMemory() {
        std::string text = "{\"layers\":[0";
        for (int i = 0; i < 200'000; ++i) {
            text += ",0";
        }
        CONTAINS(refusal<CreateFunctionInput>(text + "]}"), "too many values");
    }

    void nullIsAbsentAndEmptyIsPresent() {
        UpdateFunctionInput input;
        const auto presence = readJson(R"({"environmentVariables":{},"layers":[],"tags":null,"description":null,
                                           "logConfig":{"project":"p","logstore":null},"Cpu":0.5})",
                                       input);
        QVERIFY(presence.has_value());
        const Presence expected{"environmentVariables", "layers", "logConfig", "logConfig.project", "cpu"};
        QVERIFY(*presence == expected);
        QVERIFY(!input.has_description());
        QVERIFY(input.has_cpu());
    }

    void nullsInListsAreRefused() {
        COMPARE_TEXT(refusal<CreateFunctionInput>(R"({"layers":["a",null]})"), "Layers[1] must not be null");
    }

    void wholeNumbersMayHaveAPoint() {
        QCOMPARE(accepted<CreateFunctionInput>(R"({"memorySize":512.0})").memory_size(), 512);
        QCOMPARE(accepted<CreateFunctionInput>(R"({"memorySize":5.12e2})").memory_size(), 512);
        QCOMPARE(accepted<CreateFunctionInput>(R"({"cpu":1})").cpu(), 1.0);
        CONTAINS(refusal<CreateFunctionInput>(R"({"memorySize":18446744073709551615})"), "must be between");
        CONTAINS(refusal<CreateFunctionInput>(R"({"cpu":1e999})"), "must be a number");
    }

    void fieldsThatAreNotSupportedAreNamedUnlessTheyAskForNothing() {
        for (const auto* text :
             {R"({"vpcConfig":{"vpcId":"vpc-1"}})",
              R"({"nasConfig":{"userId":0,"mountPoints":[{"mountDir":"/mnt/a"}]}})",
              R"({"gpuConfig":{"gpuType":"fc.gpu.tesla.1"}})", R"({"customContainerConfig":{"image":"x"}})",
              R"({"juiceFsConfig":{"envs":{"a":"b"}}})", R"({"polarFsConfig":{"userId":5}})",
              R"({"customDNS":{"nameServers":["1.1.1.1"]}})", R"({"sessionAffinity":"MCP_SSE"})",
              R"({"sessionAffinityConfig":"{}"})", R"({"instanceIsolationMode":"SESSION_EXCLUSIVE"})",
              R"({"enableLongLiving":true})", R"({"resourceGroupId":"rg-1"})"}) {
            CONTAINS(refusal<CreateFunctionInput>(text), "is not supported by this server");
            CONTAINS(refusal<UpdateFunctionInput>(text), "is not supported by this server");
        }
        for (const auto* text :
             {R"({"vpcConfig":null})", R"({"vpcConfig":{"vpcId":"","vSwitchIds":[],"securityGroupId":null}})",
              R"({"NasConfig":{"userId":-1,"groupId":-1,"mountPoints":[]}})", R"({"gpuConfig":{}})",
              R"({"sessionAffinity":"NONE","sessionAffinityConfig":""})", R"({"instanceIsolationMode":"SHARE"})",
              R"({"enableLongLiving":false})", R"({"resourceGroupId":""})", R"({"customDNS":{}})"}) {
            COMPARE_TEXT(refusal<CreateFunctionInput>(text), "accepted");
        }
        CONTAINS(refusal<CreateTriggerInput>(R"({"vpcConfig":null})"), "is not a known field");
    }

    void theWriterPrintsScalarsAlwaysAndTheRestWhenThereIsSomething() {
        Tag tag;
        COMPARE_TEXT(writeJson(tag), R"({"Key":"","Value":""})");
        ConcurrencyConfig config;
        config.set_function_arn("a\"\\\n\x01ü");
        COMPARE_TEXT(writeJson(config), "{\"functionArn\":\"a\\\"\\\\\\n\\u0001ü\",\"reservedConcurrency\":0}");
        CorsConfig cors;
        COMPARE_TEXT(writeJson(cors), "{}");
        cors.set_max_age(0);
        cors.add_allow_origins("*");
        COMPARE_TEXT(writeJson(cors), R"({"allowOrigins":["*"],"maxAge":0})");
        ListFunctionsOutput list;
        COMPARE_TEXT(writeJson(list), "{}");
        InstanceLifecycleConfig lifecycle;
        lifecycle.mutable_initializer();
        COMPARE_TEXT(writeJson(lifecycle), R"({"initializer":{"handler":""}})");
    }

    void doublesPrintAsIntegersWhenWhole() {
        FunctionLayer layer;
        layer.set_size(104857600);
        CONTAINS(writeJson(layer), R"("size":104857600})");
        layer.set_size(0.35);
        CONTAINS(writeJson(layer), R"("size":0.35})");
        layer.set_size(-0.0);
        CONTAINS(writeJson(layer), R"("size":0})");
        layer.set_size(1700000000123.0);
        CONTAINS(writeJson(layer), R"("size":1700000000123})");
    }

    void bytesThatAreNotUtf8PrintAsReplacements() {
        LogRecord record;
        record.set_message("a\xff\xe5\x87z");
        CONTAINS(writeJson(record), "\"message\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
    }

    void mapsPrintInTheOrderOfTheirKeys() {
        Function function;
        for (const auto* key : {"z", "a", "m", "b"}) {
            (*function.mutable_environment_variables())[key] = key;
        }
        CONTAINS(writeJson(function), R"("environmentVariables":{"a":"a","b":"b","m":"m","z":"z"})");
    }

    void grantsHaveTheShapeOfRamPolicies() {
        const auto grant = accepted<Grant>(R"({"grantName":"g","principal":"acs:ram::1:role/r","statement":[
            {"Effect":"Allow","Action":"oss:ListObjects","Resource":["acs:oss:*:*:in"],
             "Condition":{"StringLike":{"oss:Prefix":["in/v*","x"],"oss:Delimiter":"/"}}}]})");
        const auto& statement = grant.statement(0);
        COMPARE_TEXT(statement.action(0), "oss:ListObjects");
        const auto& block = statement.condition().at("StringLike");
        QCOMPARE(block.keys().at("oss:Prefix").values_size(), 2);
        COMPARE_TEXT(block.keys().at("oss:Delimiter").values(0), "/");
        const auto text = writeJson(statement);
        COMPARE_TEXT(text, R"({"Effect":"Allow","Action":["oss:ListObjects"],"Resource":["acs:oss:*:*:in"],)"
                           R"("Condition":{"StringLike":{"oss:Delimiter":["/"],"oss:Prefix":["in/v*","x"]}}})");
        COMPARE_TEXT(writeJson(accepted<Statement>(text)), text);
        CONTAINS(refusal<Statement>(R"({"Condition":{"StringLike":{"oss:Prefix":[1]}}})"),
                 "Condition.StringLike.oss:Prefix[0] must be a string");
        CONTAINS(refusal<Statement>(R"({"Condition":{"StringLike":"x"}})"), "Condition.StringLike must be an object");
        CONTAINS(refusal<Statement>(R"({"Condition":["x"]})"), "Condition must be an object");
        CONTAINS(refusal<Statement>(R"({"Action":7})"), "Action must be a string (actual: a number)");
        CONTAINS(refusal<Statement>(R"({"NotAction":"*"})"), "NotAction is not a known field");
    }

    void whatIsWrittenIsReadBackEqual() {
        CreateFunctionInput input = accepted<CreateFunctionInput>(
            R"({"functionName":"f","runtime":"python3.11","handler":"a.b","cpu":0.35,"memorySize":512,
                "environmentVariables":{"A":"\u0000\ud83d\ude00"},"layers":["l1","l2"],"tags":[{"Key":"k","Value":"v"}],
                "ossMountConfig":{"mountPoints":[{"bucketName":"b","mountDir":"/mnt/x","readOnly":true}]},
                "logConfig":{},"code":{"zipFile":"UEsF"}})");
        const auto again = accepted<CreateFunctionInput>(writeJson(input));
        COMPARE_TEXT(again.SerializeAsString(), input.SerializeAsString());
    }

    void bytesCrossAsBase64() {
        const auto request = accepted<InvokeRequest>(R"({"functionName":"f","payload":"AP8="})");
        COMPARE_TEXT(std::to_string(request.payload().size()), "2");
        CONTAINS(writeJson(request), R"("payload":"AP8=")");
        CONTAINS(refusal<InvokeRequest>(R"({"payload":"*"})"), "Payload must be Base64");
        CONTAINS(refusal<InvokeRequest>(R"({"payload":7})"), "Payload must be a string");
    }

    // Seeded, so that a failure comes back: 40,000 broken inputs neither crash nor get through as something that can't
    // be written and read again.
    void randomMutationsNeverCrash() {
        const std::vector<std::string> seeds{
            R"({"functionName":"f","memorySize":512,"cpu":0.35,"layers":["a"],"tags":[{"Key":"k","Value":"v"}],"environmentVariables":{"A":"\u00fc"},"logConfig":null,"vpcConfig":{"vSwitchIds":["a"]}})",
            R"({"grantName":"g","statement":[{"Effect":"Allow","Action":["a"],"Resource":"*","Condition":{"StringLike":{"oss:Prefix":["in/v*"]}}}]})",
        };
        const std::vector<std::string> pieces{"{",    "}",    "[",    "]",        ",",        ":",
                                              "\"",   "null", "-1",   "1e400",    "\\u",      "\\ud800",
                                              "\xff", "\xc3", "true", "\"Key\":", "[[[[[[[[", std::string(1, '\0')};
        std::mt19937 random(20260101);  // NOLINT: the seed is fixed on purpose
        const auto below = [&random](std::size_t n) {
            return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
        };
        int read = 0;
        for (int round = 0; round < 40'000; ++round) {
            auto text = seeds[below(seeds.size())];
            for (auto changes = below(4) + 1; changes > 0 && !text.empty(); --changes) {
                const auto at = below(text.size());
                switch (below(4)) {
                    case 0:
                        text[at] = static_cast<char>(below(256));
                        break;
                    case 1:
                        text.insert(at, pieces[below(pieces.size())]);
                        break;
                    case 2:
                        text.erase(at, below(8) + 1);
                        break;
                    default:
                        text += text.substr(at, below(20));
                        break;
                }
            }
            CreateFunctionInput input;
            Grant grant;
            google::protobuf::Message& message =
                round % 2 == 0 ? static_cast<google::protobuf::Message&>(input) : grant;
            const auto result = readJson(text, message);
            if (!result) {
                QVERIFY(!result.error().param("message").empty());
                continue;
            }
            ++read;
            const auto written = writeJson(message);
            const std::unique_ptr<google::protobuf::Message> again(message.New());
            QVERIFY2(readJson(written, *again).has_value(), written.c_str());
            QCOMPARE(writeJson(*again), written);
        }
        QVERIFY(read > 0);
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
