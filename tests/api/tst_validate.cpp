// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/validate.h"

#include <QTest>
#include <functional>

using namespace hanshu;
using namespace hanshu::api;

namespace {

CreateFunctionInput minimal() {
    CreateFunctionInput input;
    input.set_function_name("f");
    input.set_runtime("python3.11");
    input.set_handler("index.handler");
    return input;
}

std::string refusalOf(const std::function<void(CreateFunctionInput&)>& change) {
    auto input = minimal();
    change(input);
    const auto made = makeFunction(input);
    return made ? std::string("accepted") : std::string(made.error().param("message"));
}

CreateTriggerInput trigger(const char* type, const std::string& config) {
    CreateTriggerInput input;
    input.set_trigger_name("t");
    input.set_trigger_type(type);
    input.set_trigger_config(config);
    if (std::string_view(type) == "oss") {
        input.set_source_arn("acs:oss:local:1:in-bucket");
    }
    return input;
}

std::string refusedTrigger(const CreateTriggerInput& input) {
    const auto made = makeTrigger(input);
    return made ? std::string("accepted") : std::string(made.error().param("message"));
}

Grant grant() {
    Grant made;
    made.set_grant_name("g");
    made.set_principal("acs:oss:local:1:in-bucket");
    auto* statement = made.add_statement();
    statement->set_effect("Allow");
    statement->add_action("fc:InvokeFunction");
    statement->add_resource("acs:fc:*:*:functions/f");
    return made;
}

std::string refusedGrant(const std::function<void(Grant&)>& change) {
    auto changed = grant();
    change(changed);
    const auto valid = validateGrant(changed);
    return valid ? std::string("accepted") : std::string(valid.error().param("message"));
}

}  // namespace

#define CONTAINS(text, part)                                            \
    do {                                                                \
        const std::string whole = (text);                               \
        QVERIFY2(whole.find(part) != std::string::npos, whole.c_str()); \
    } while (false)
#define ACCEPTED(text) CONTAINS(text, "accepted")

class TestValidate : public QObject {
    Q_OBJECT

private slots:
    void namesFollowTheirGrammar() {
        for (const auto* good : {"f", "_f", "F-1_x"}) {
            QVERIFY2(isFunctionName(good), good);
        }
        for (const auto* bad : {"", "1f", "-f", "a.b", "a b", "ü", "a/b", "..", "a\n"}) {
            QVERIFY2(!isFunctionName(bad), bad);
            QVERIFY2(!isTriggerName(bad), bad);
        }
        QVERIFY(isFunctionName(std::string(64, 'a')) && !isFunctionName(std::string(65, 'a')));
        QVERIFY(isTriggerName(std::string(128, 'a')) && !isTriggerName(std::string(129, 'a')));
        QVERIFY(isBucketName("abc") && isBucketName("a-0") && isBucketName(std::string(63, 'a')));
        for (const auto& bad : {"ab", "Abc", "-ab", "ab-", "a.b", "a_b", "", ".."}) {
            QVERIFY2(!isBucketName(bad), bad);
        }
        QVERIFY(!isBucketName(std::string(64, 'a')));
    }

    void aMinimalFunctionGetsTheDocumentedDefaults() {
        const auto function = makeFunction(minimal()).value();
        QCOMPARE(function.memory_size(), 512);
        QCOMPARE(function.cpu(), 0.25);
        QCOMPARE(function.disk_size(), 512);
        QCOMPARE(function.timeout(), 3);
        QCOMPARE(function.instance_concurrency(), 1);
        QVERIFY(!function.internet_access());
        QVERIFY(!function.has_idle_timeout());
    }

    void theCpuFollowsTheMemoryAndAlwaysFits() {
        for (int memory = 128; memory <= 32768; memory += 64) {
            auto input = minimal();
            input.set_memory_size(memory);
            const auto function = makeFunction(input);
            QVERIFY2(function.has_value(), std::to_string(memory).c_str());
            auto given = minimal();
            given.set_memory_size(memory);
            given.set_cpu(function->cpu());
            QVERIFY(makeFunction(given).has_value());
        }
        auto input = minimal();
        input.set_memory_size(128);
        QCOMPARE(makeFunction(input)->cpu(), 0.1);
        input.set_memory_size(32768);
        QCOMPARE(makeFunction(input)->cpu(), 16.0);
        input.set_memory_size(1024);
        input.set_cpu(0.1 + 0.2);
        QCOMPARE(makeFunction(input)->cpu(), 0.3);
    }

    void sizesOutOfRangeAreRefused() {
        for (const int memory : {0, -64, 64, 127, 129, 32832}) {
            CONTAINS(refusalOf([memory](auto& f) { f.set_memory_size(memory); }), "MemorySize must be between 128");
        }
        for (const double cpu : {0.0, -1.0, 0.07, 16.05, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
            CONTAINS(refusalOf([cpu](auto& f) { f.set_cpu(cpu); }), "Cpu must be between 0.05 and 16");
        }
        CONTAINS(refusalOf([](auto& f) { f.set_cpu(1); }), "a quarter and the whole of the memory");
        CONTAINS(refusalOf([](auto& f) { f.set_cpu(0.1); }), "a quarter and the whole of the memory");
        CONTAINS(refusalOf([](auto& f) { f.set_disk_size(1024); }), "DiskSize must be 512 or 10240");
        CONTAINS(refusalOf([](auto& f) { f.set_timeout(0); }), "Timeout must be between 1 and 86400 (actual: 0)");
        CONTAINS(refusalOf([](auto& f) { f.set_timeout(86401); }), "Timeout");
        CONTAINS(refusalOf([](auto& f) { f.set_instance_concurrency(201); }), "InstanceConcurrency");
        CONTAINS(refusalOf([](auto& f) { f.set_idle_timeout(-1); }), "IdleTimeout");
    }

    void aRuntimeThatIsNotThereIsRefusedWithThoseThatAre() {
        for (const auto* runtime : {"nodejs20", "", "python3.12", "Python3", "custom-container"}) {
            const auto message = refusalOf([runtime](auto& f) { f.set_runtime(runtime); });
            CONTAINS(message,
                     "Runtime is set to an invalid value (allowed: python3.11 | python3 | custom | "
                     "custom.debian10 | custom.debian11 | custom.debian12, actual: '");
        }
        ACCEPTED(refusalOf([](auto& f) {
            f.set_runtime("custom.debian12");
            f.clear_handler();
        }));
    }

    void handlersOfPythonNameAModuleAndAFunction() {
        for (const auto* good : {"index.handler", "dir/mod.f", "a.b.c", "函数.主"}) {
            ACCEPTED(refusalOf([good](auto& f) { f.set_handler(good); }));
        }
        for (const auto* bad : {"", "index", "index.", ".handler", "/etc/passwd.x", "../x.y", "a//b.c", "a.1x", "a.b c",
                                "a\n.b", "./a.b"}) {
            CONTAINS(refusalOf([bad](auto& f) { f.set_handler(bad); }), "Handler must");
        }
        CONTAINS(refusalOf([](auto& f) { f.set_handler(std::string(200, 'a') + ".b"); }), "Handler must");
    }

    void environmentsAreBounded() {
        const auto with = [](const std::string& name, const std::string& value) {
            return refusalOf([&](auto& f) { (*f.mutable_environment_variables())[name] = value; });
        };
        ACCEPTED(with("PATH_2", "x=y\n"));
        ACCEPTED(with("A", std::string(4095, 'x')));
        CONTAINS(with("A", std::string(4096, 'x')), "at most 4096 bytes");
        for (const auto* bad : {"", "1A", "_A", "A-B", "A=B", "Ä", "A B"}) {
            CONTAINS(with(bad, "x"), "must begin with a letter");
        }
        CONTAINS(with("FC_X", "x"), "FC_");
        CONTAINS(with("A", std::string(1, '\0')), "NUL");
    }

    void rolesLayersAndTagsAreChecked() {
        ACCEPTED(refusalOf([](auto& f) { f.set_role("acs:ram::123:role/transcoder"); }));
        for (const auto* bad : {"role", "acs:ram::123:user/x", "acs:ram:::role/x", "acs:ram::1:role/",
                                "acs:ram::1:role/a b", "acs:fc::1:role/x"}) {
            CONTAINS(refusalOf([bad](auto& f) { f.set_role(bad); }), "Role must be a role's ARN");
        }
        const std::string layer = "acs:fc:local:1:layers/l/versions/";
        ACCEPTED(refusalOf([&](auto& f) { f.add_layers(layer + "1"); }));
        CONTAINS(refusalOf([](auto& f) { f.add_layers("ffmpeg"); }), "Layers[0] must be a layer's ARN");
        CONTAINS(refusalOf([&](auto& f) {
                     f.add_layers(layer + "1");
                     f.add_layers(layer + "1");
                 }),
                 "is given twice");
        CONTAINS(refusalOf([&](auto& f) {
                     for (int i = 0; i < 6; ++i) {
                         f.add_layers(layer + std::to_string(i));
                     }
                 }),
                 "Layers contains too many values (max: 5, actual: 6)");
        CONTAINS(refusalOf([](auto& f) {
                     for (int i = 0; i < 21; ++i) {
                         f.add_tags()->set_key(std::to_string(i));
                     }
                 }),
                 "Tags contains too many values (max: 20, actual: 21)");
        CONTAINS(refusalOf([](auto& f) { f.add_tags(); }), "Tags[0].Key must have");
        CONTAINS(refusalOf([](auto& f) { f.set_disable_ondemand(true); }), "DisableOndemand is not supported");
        CONTAINS(refusalOf([](auto& f) { f.set_disable_inject_credentials("Some"); }), "DisableInjectCredentials");
        CONTAINS(refusalOf([](auto& f) { f.mutable_log_config()->set_log_begin_rule("x"); }), "logBeginRule");
    }

    void sizesAreCheckedAllAtOnce() {
        const auto all = refusalOf([](auto& f) {
            f.set_memory_size(100);
            f.set_timeout(0);
            f.set_cpu(99);
        });
        CONTAINS(all, "MemorySize must be between 128");
        CONTAINS(all, "timeout must be between 1");
        CONTAINS(all, "cpu must be between 0.05 and 16");
        const auto memory = refusalOf([](auto& f) { f.set_memory_size(1 << 20); });
        QVERIFY2(memory.find("cpu") == std::string::npos, memory.c_str());
    }

    void mountsAreReadOnlyAndInTheirPlace() {
        const auto mount = [](CreateFunctionInput& f, const char* bucket, const char* path, const char* dir,
                              bool readOnly = true) {
            f.set_role("acs:ram::1:role/reader");
            auto* point = f.mutable_oss_mount_config()->add_mount_points();
            point->set_bucket_name(bucket);
            point->set_bucket_path(path);
            point->set_mount_dir(dir);
            point->set_read_only(readOnly);
        };
        auto input = minimal();
        mount(input, "abc", "", "/mnt/a/");
        mount(input, "abc", "/in/x/", "/home/b");
        const auto function = makeFunction(input).value();
        QCOMPARE(function.oss_mount_config().mount_points(0).bucket_path(), std::string("/"));
        QCOMPARE(function.oss_mount_config().mount_points(0).mount_dir(), std::string("/mnt/a"));
        QCOMPARE(function.oss_mount_config().mount_points(1).bucket_path(), std::string("/in/x"));

        CONTAINS(refusalOf([&](auto& f) {
                     mount(f, "abc", "/", "/mnt/a");
                     f.clear_role();
                 }),
                 "Role is needed where ossMountConfig has mount points");
        CONTAINS(refusalOf([&](auto& f) { mount(f, "abc", "/", "/mnt/a", false); }),
                 "mountPoints[0].readOnly must be true");
        CONTAINS(refusalOf([&](auto& f) { mount(f, "A", "/", "/mnt/a"); }), "mountPoints[0].bucketName");
        for (const auto* bad :
             {"", "/mnt", "/mnt/", "/etc/x", "/mnt/../etc", "mnt/a", "/mnt//a", "/mntx/a", "/home/./a"}) {
            CONTAINS(refusalOf([&](auto& f) { mount(f, "abc", "/", bad); }), "mountPoints[0].mountDir");
        }
        for (const auto* bad : {"in", "/../x", "/a/./b", "/a//b"}) {
            CONTAINS(refusalOf([&](auto& f) { mount(f, "abc", bad, "/mnt/a"); }), "mountPoints[0].bucketPath");
        }
        for (const auto* second : {"/mnt/a", "/mnt/a/b"}) {
            CONTAINS(refusalOf([&](auto& f) {
                         mount(f, "abc", "/", "/mnt/a");
                         mount(f, "abc", "/", second);
                     }),
                     "mountPoints[1].mountDir must not lie in or over another one");
        }
        ACCEPTED(refusalOf([&](auto& f) {
            mount(f, "abc", "/", "/mnt/a");
            mount(f, "abc", "/", "/mnt/ab");
        }));
        CONTAINS(refusalOf([&](auto& f) {
                     for (const auto* dir : {"/mnt/a", "/mnt/b", "/mnt/c", "/mnt/d", "/mnt/e", "/mnt/f"}) {
                         mount(f, "abc", "/", dir);
                     }
                 }),
                 "contains too many values (max: 5, actual: 6)");
    }

    void customRuntimesAndHooksGetTheirDefaults() {
        auto input = minimal();
        input.set_runtime("custom");
        input.mutable_custom_runtime_config()->mutable_health_check_config()->set_http_get_url("/ok");
        input.mutable_instance_lifecycle_config()->mutable_initializer()->set_handler("anything");
        input.mutable_instance_lifecycle_config()->mutable_pre_stop();
        const auto function = makeFunction(input).value();
        QCOMPARE(function.custom_runtime_config().port(), 9000);
        QCOMPARE(function.custom_runtime_config().health_check_config().period_seconds(), 3);
        QCOMPARE(function.custom_runtime_config().health_check_config().failure_threshold(), 3);
        QCOMPARE(function.instance_lifecycle_config().initializer().timeout(), 3);
        QVERIFY(!function.instance_lifecycle_config().pre_stop().has_timeout());

        CONTAINS(refusalOf([](auto& f) { f.mutable_custom_runtime_config()->set_port(0); }), "port must be between 1");
        CONTAINS(refusalOf([](auto& f) { f.mutable_custom_runtime_config()->set_port(65536); }), "port");
        CONTAINS(refusalOf([](auto& f) {
                     auto* check = f.mutable_custom_runtime_config()->mutable_health_check_config();
                     check->set_http_get_url("ok");
                     check->set_timeout_seconds(4);
                     check->set_initial_delay_seconds(121);
                 }),
                 "healthCheckConfig.httpGetUrl must be a path");
        CONTAINS(refusalOf([](auto& f) {
                     auto* hook = f.mutable_instance_lifecycle_config()->mutable_initializer();
                     hook->set_handler("index.init");
                     hook->set_timeout(301);
                 }),
                 "initializer.timeout must be between 1 and 300");
        CONTAINS(refusalOf([](auto& f) {
                     auto* hook = f.mutable_instance_lifecycle_config()->mutable_pre_stop();
                     hook->set_handler("nope");
                     hook->set_timeout(91);
                 }),
                 "preStop.handler must be module.function");
    }

    void codeComesFromOnePlace() {
        CONTAINS(refusalOf([](auto& f) {
                     f.mutable_code()->set_zip_file("UEsF");
                     f.mutable_code()->set_oss_bucket_name("abc");
                     f.mutable_code()->set_oss_object_name("k");
                 }),
                 "not both");
        CONTAINS(refusalOf([](auto& f) { f.mutable_code()->set_oss_bucket_name("abc"); }),
                 "Code.ossObjectName must be");
        CONTAINS(refusalOf([](auto& f) { f.mutable_code()->set_oss_object_name("abc"); }), "Code.ossBucketName must");
        CONTAINS(refusalOf([](auto& f) { f.mutable_code()->set_checksum("0x12"); }), "Code.checksum");
    }

    void allViolationsComeAtOnce() {
        const auto message = refusalOf([](auto& f) {
            f.set_function_name("1");
            f.set_runtime("x");
            f.set_timeout(0);
            f.set_memory_size(1);
            f.set_role("x");
        });
        for (const auto* field : {"FunctionName", "runtime", "timeout", "memorySize", "role"}) {
            CONTAINS(message, field);
        }
    }

    void anUpdateChangesWhatIsThereAndNothingElse() {
        auto input = minimal();
        input.set_description("d");
        (*input.mutable_environment_variables())["A"] = "1";
        input.add_layers("acs:fc:local:1:layers/l/versions/1");
        auto function = makeFunction(input).value();

        UpdateFunctionInput update;
        update.set_timeout(10);
        const Presence onlyTimeout{"timeout"};
        QVERIFY(applyUpdate(update, &onlyTimeout, function).has_value());
        QCOMPARE(function.timeout(), 10);
        QCOMPARE(function.description(), std::string("d"));
        QCOMPARE(function.environment_variables().size(), std::size_t{1});

        const Presence emptied{"environmentVariables"};
        QVERIFY(applyUpdate(UpdateFunctionInput{}, nullptr, function).has_value());
        QCOMPARE(function.environment_variables().size(), std::size_t{1});
        QVERIFY(applyUpdate(UpdateFunctionInput{}, &emptied, function).has_value());
        QCOMPARE(function.environment_variables().size(), std::size_t{0});
        QCOMPARE(function.layers_size(), 1);

        UpdateFunctionInput variables;
        (*variables.mutable_environment_variables())["B"] = "2";
        QVERIFY(applyUpdate(variables, nullptr, function).has_value());
        QVERIFY(function.environment_variables().contains("B"));
    }

    void aRefusedUpdateChangesNothing() {
        auto function = makeFunction(minimal()).value();
        const auto before = function.SerializeAsString();
        UpdateFunctionInput update;
        update.set_timeout(10);
        update.set_memory_size(1);
        QVERIFY(!applyUpdate(update, nullptr, function).has_value());
        QCOMPARE(function.SerializeAsString(), before);
    }

    void anUpdateOfTheMemoryTakesADerivedCpuAlongAndKeepsAChosenOne() {
        auto function = makeFunction(minimal()).value();
        UpdateFunctionInput update;
        update.set_memory_size(8192);
        QVERIFY(applyUpdate(update, nullptr, function).has_value());
        QCOMPARE(function.cpu(), 4.0);
        update.set_memory_size(1024);
        update.set_cpu(0.35);
        QVERIFY(applyUpdate(update, nullptr, function).has_value());
        update.clear_cpu();
        update.set_memory_size(8192);
        const auto refused = applyUpdate(update, nullptr, function);
        QVERIFY(!refused.has_value());
        CONTAINS(std::string(refused.error().param("message")), "for example 4 fits");
    }

    void ossTriggersNameABucketAndKnownEvents() {
        const auto made = makeTrigger(
            trigger("oss", R"({"Events":["oss:ObjectCreated:*"],"Filter":{"Key":{"Prefix":"in/","Suffix":".mp4"}}})"));
        QVERIFY(made.has_value());
        QCOMPARE(made->qualifier(), std::string("LATEST"));
        const auto config = parseOssConfig(*made).value();
        QCOMPARE(config.filter().key().prefix(), std::string("in/"));

        CONTAINS(refusedTrigger(trigger("oss", "{}")), "TriggerConfig.events must name at least one");
        CONTAINS(refusedTrigger(trigger("oss", R"({"events":["oss:Nope"]})")),
                 "TriggerConfig.events[0] is set to an invalid");
        CONTAINS(refusedTrigger(trigger("oss", R"({"events":"x","foo":1})")), "TriggerConfig.events must be a list");
        CONTAINS(refusedTrigger(trigger("oss", "nope")), "TriggerConfig must be a JSON object");
        CONTAINS(refusedTrigger(trigger("oss", "")), "TriggerConfig must be a JSON object");
        for (const auto* bad : {"", "in-bucket", "acs:oss:local:1:", "acs:oss:local:1:b/k", "acs:fc:local:1:in-bucket",
                                "acs:oss:local::in-bucket"}) {
            auto input = trigger("oss", R"({"events":["oss:ObjectCreated:*"]})");
            input.set_source_arn(bad);
            CONTAINS(refusedTrigger(input), "SourceArn must be a bucket's ARN");
        }
    }

    void timersHaveAnIntervalOrSixFields() {
        const auto with = [](const std::string& cron) {
            return refusedTrigger(trigger("timer", "{\"cronExpression\":\"" + cron + "\",\"enable\":true}"));
        };
        for (const auto* good : {"@every 5m", "@every 1h30m", "@every 1s", "0 0 4 1 * *",
                                 "CRON_TZ=Asia/Shanghai 0 0 4 1 * *", "0 */30 * ? JAN-MAR MON,TUE", "0  0 4 1 * *"}) {
            ACCEPTED(with(good));
        }
        for (const auto* bad : {"", "@every", "@every ", "@every 5", "@every 0m", "@every -5m", "@every 5d",
                                "@every 9999999h", "* * * * *", "0 0 4 1 * * *", "CRON_TZ= 0 0 4 1 * *",
                                "CRON_TZ=Asia/Shanghai", "a;b c d e f g", "@daily"}) {
            CONTAINS(with(bad), "TriggerConfig.cronExpression must be");
        }
        auto made = makeTrigger(trigger("timer", R"({"cronExpression":"@every 5m"})")).value();
        QVERIFY(parseTimerConfig(made)->enable());
        made.set_trigger_config(R"({"cronExpression":"@every 5m","enable":false})");
        QVERIFY(!parseTimerConfig(made)->enable());
        auto sourced = trigger("timer", R"({"cronExpression":"@every 5m"})");
        sourced.set_source_arn("acs:oss:local:1:in-bucket");
        CONTAINS(refusedTrigger(sourced), "SourceArn must be absent");
        CONTAINS(refusedTrigger(trigger(
                     "timer", "{\"cronExpression\":\"@every 5m\",\"payload\":\"" + std::string(131073, 'x') + "\"}")),
                 "TriggerConfig.payload");
    }

    void httpTriggersNameTheirMethods() {
        ACCEPTED(refusedTrigger(
            trigger("http", R"({"authType":"anonymous","methods":["GET","POST"],"disableURLInternet":false})")));
        ACCEPTED(refusedTrigger(trigger("http", R"({"authType":"function","methods":["GET"],"authConfig":null,
            "corsConfig":{"allowOrigins":["*"],"allowMethods":["*"],"maxAge":60}})")));
        CONTAINS(refusedTrigger(trigger("http", R"({"authType":"jwt","methods":["GET"],"authConfig":"{}"})")),
                 "allowed: anonymous | function, actual: 'jwt'");
        CONTAINS(refusedTrigger(trigger("http", R"({"authType":"function"})")),
                 "TriggerConfig.methods must name at least one");
        CONTAINS(refusedTrigger(trigger("http", R"({"authType":"function","methods":["get"]})")),
                 "methods[0] is set to an invalid");
        CONTAINS(
            refusedTrigger(trigger("http", R"({"authType":"function","methods":["GET"],"corsConfig":{"maxAge":-1}})")),
            "maxAge");
        CONTAINS(refusedTrigger(trigger(
                     "http", R"({"authType":"function","methods":["GET"],"corsConfig":{"allowOrigins":["a\nb"]}})")),
                 "allowOrigins[0]");
    }

    void triggersOfOtherKindsAreRefused() {
        CONTAINS(refusedTrigger(trigger("log", "{}")),
                 "TriggerType is set to an invalid value (allowed: oss | timer | http");
        auto input = trigger("timer", R"({"cronExpression":"@every 5m"})");
        input.set_qualifier("3");
        CONTAINS(refusedTrigger(input), "Qualifier must be LATEST");
        input.clear_qualifier();
        input.set_trigger_name("1");
        input.set_invocation_role("x");
        const auto message = refusedTrigger(input);
        CONTAINS(message, "TriggerName must have");
        CONTAINS(message, "invocationRole must be a role's ARN");
    }

    void aRefusedUpdateOfATriggerChangesNothing() {
        auto made = makeTrigger(trigger("timer", R"({"cronExpression":"@every 5m"})")).value();
        UpdateTriggerInput update;
        update.set_description("d");
        update.set_trigger_config("{}");
        QVERIFY(!applyUpdate(update, made).has_value());
        QVERIFY(made.description().empty());
        update.set_trigger_config(R"({"cronExpression":"@every 6m"})");
        QVERIFY(applyUpdate(update, made).has_value());
        QCOMPARE(parseTimerConfig(made)->cron_expression(), std::string("@every 6m"));
    }

    void grantsAreCheckedPartByPart() {
        ACCEPTED(refusedGrant([](Grant&) {}));
        for (const auto* good : {"acs:ram::1:role/r", "acs:fc:local:1:functions/f/triggers/t"}) {
            ACCEPTED(refusedGrant([good](Grant& g) { g.set_principal(good); }));
        }
        for (const auto* bad :
             {"", "*", "acs:oss:*:1:in-bucket", "me", "acs:log:l:1:p", "acs:oss:l:1", "acs:ram::1:role/a\n"}) {
            CONTAINS(refusedGrant([bad](Grant& g) { g.set_principal(bad); }), "Principal must be the ARN");
        }
        const auto statement = [](Grant& g) { return g.mutable_statement(0); };
        for (const auto* bad : {"", "fc:", "s3:GetObject", "InvokeFunction", "oss:Get Object", "fc:*/x", "**"}) {
            CONTAINS(refusedGrant([&](Grant& g) { *statement(g)->mutable_action(0) = bad; }), "Action[0] must be");
        }
        for (const auto* good : {"*", "acs:oss:*:*:in/*", "acs:oss:::in", "acs:*:*:*:x"}) {
            ACCEPTED(refusedGrant([&](Grant& g) { *statement(g)->mutable_resource(0) = good; }));
        }
        for (const auto* bad : {"", "in/*", "acs:oss:*:in", "acs:ram::1:role/x", "arn:aws:s3:::in"}) {
            CONTAINS(refusedGrant([&](Grant& g) { *statement(g)->mutable_resource(0) = bad; }), "Resource[0] must be");
        }
        CONTAINS(refusedGrant([&](Grant& g) { statement(g)->set_effect("allow"); }),
                 "Effect is set to an invalid value");
        CONTAINS(refusedGrant([&](Grant& g) { statement(g)->clear_action(); }), "Action must have at least one");
        CONTAINS(refusedGrant([](Grant& g) { g.clear_statement(); }), "Statement must have at least one");
        CONTAINS(refusedGrant([](Grant& g) { g.set_grant_name(""); }), "GrantName must have");
        const auto condition = [&](const char* op, const char* key, const char* value) {
            return refusedGrant([&](Grant& g) {
                auto& values = (*(*statement(g)->mutable_condition())[op].mutable_keys())[key];
                if (value != nullptr) {
                    values.add_values(value);
                }
            });
        };
        for (const auto* good : {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"}) {
            ACCEPTED(condition(good, "acs:Who", "in/*"));
            CONTAINS(condition(good, "oss:Prefix", "in/*"), "give that one a statement of its own");
            for (const auto* listing : {"oss:ListObjects", "oss:listObjectsV2", "oss:ListMultipartUploads"}) {
                ACCEPTED(refusedGrant([&](Grant& g) {
                    *statement(g)->mutable_action(0) = listing;
                    (*(*statement(g)->mutable_condition())[good].mutable_keys())["oss:Prefix"].add_values("in/*");
                }));
            }
        }
        CONTAINS(refusedGrant([&](Grant& g) {
                     *statement(g)->mutable_action(0) = "oss:ListObjects";
                     statement(g)->add_action("oss:GetObject");
                     (*(*statement(g)->mutable_condition())["StringLike"].mutable_keys())["oss:Prefix"].add_values("x");
                 }),
                 "'oss:GetObject' could never match it");
        CONTAINS(condition("IpAddress", "acs:SourceIp", "10.0.0.0/8"),
                 "IpAddress is not a supported operator (allowed: StringEquals | StringNotEquals | StringLike | "
                 "StringNotLike)");
        CONTAINS(condition("StringLike", "Prefix", "x"), "must be a key such as oss:Prefix");
        CONTAINS(condition("StringLike", "oss:Prefix", nullptr), "must have at least one value");
        CONTAINS(refusedGrant([&](Grant& g) { (*statement(g)->mutable_condition())["StringLike"]; }),
                 "at least one key");
    }
};

QTEST_GUILESS_MAIN(TestValidate)
#include "tst_validate.moc"
