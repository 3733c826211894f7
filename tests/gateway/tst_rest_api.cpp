// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/rest_fixture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace hanshu;
using tests::RawAnswer;
using tests::RestFixture;

namespace {

const std::string kFunctions = "/2023-03-30/functions";

QJsonObject jsonOf(const RawAnswer& answer) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).object();
}

std::string textOf(const RawAnswer& answer, const char* key) {
    return jsonOf(answer).value(key).toString().toStdString();
}

}  // namespace

class TestRestApi : public QObject {
    Q_OBJECT

    std::unique_ptr<RestFixture> m_fixture;
    RestFixture& f() { return *m_fixture; }

    static void verifyError(const RawAnswer& answer, unsigned status, const std::string& code) {
        QVERIFY2(answer.status == status, fmt::format("{} {}", answer.status, answer.body).c_str());
        QCOMPARE(textOf(answer, "Code"), code);
        QCOMPARE(textOf(answer, "ErrorCode"), code);
        QVERIFY(!textOf(answer, "Message").empty());
        QCOMPARE(textOf(answer, "ErrorMessage"), textOf(answer, "Message"));
        QCOMPARE(textOf(answer, "RequestId"), std::string(answer.headers.get("x-fc-request-id")));
        QCOMPARE(answer.headers.get("content-type"), std::string_view("application/json"));
    }
    void create(const std::string& name, const std::string& more = {}) {
        const auto made = f().own("POST", kFunctions, RestFixture::functionJson(name, more));
        QVERIFY2(made.status == 200, made.body.c_str());
    }

private slots:
    void init() { m_fixture = std::make_unique<RestFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void aFunctionIsCreatedReadChangedAndDeleted() {
        create("f", R"(,"environmentVariables":{"A":"1"})");
        auto got = f().own("GET", kFunctions + "/f");
        QCOMPARE(got.status, 200u);
        QCOMPARE(textOf(got, "functionName"), std::string("f"));
        QCOMPARE(textOf(got, "functionArn"), std::string("acs:fc:local:123456789:functions/f"));
        QVERIFY(!textOf(got, "codeChecksum").empty());
        const auto etag = std::string(got.headers.get("etag"));
        QVERIFY(!etag.empty());

        got = f().own("PUT", kFunctions + "/f", R"({"Timeout":30})", {{"If-Match", etag}});
        QVERIFY2(got.status == 200, got.body.c_str());
        QCOMPARE(jsonOf(got).value("timeout").toInt(), 30);
        QCOMPARE(jsonOf(got).value("environmentVariables").toObject().value("A").toString(), QString("1"));
        verifyError(f().own("PUT", kFunctions + "/f", R"({"timeout":31})", {{"If-Match", etag}}), 412,
                    "PreconditionFailed");
        verifyError(f().own("PUT", kFunctions + "/f", R"({"timeout":31})", {{"If-Match", "\"abc\""}}), 412,
                    "PreconditionFailed");
        got = f().own("PUT", kFunctions + "/f", R"({"environmentVariables":{}})");
        QCOMPARE(jsonOf(got).value("environmentVariables").toObject().size(), 0);

        verifyError(f().own("DELETE", kFunctions + "/f", {}, {{"If-Match", etag}}), 412, "PreconditionFailed");
        got = f().own("DELETE", kFunctions + "/f");
        QCOMPARE(got.status, 204u);
        QVERIFY(got.headers.has("x-fc-request-id"));
        QVERIFY(!got.headers.has("content-type"));
        verifyError(f().own("GET", kFunctions + "/f"), 404, "FunctionNotFound");
        verifyError(f().own("DELETE", kFunctions + "/f"), 404, "FunctionNotFound");
    }

    void badInputsAreToldWithEveryViolation() {
        for (const auto* body : {"", "{", "[]", "null", "{\"functionName\":\"f\",\"functionname\":\"g\"}", "\xff"}) {
            verifyError(f().own("POST", kFunctions, body), 400, "InvalidArgument");
        }
        auto got = f().own("POST", kFunctions, RestFixture::functionJson("f", R"(,"memorySize":1,"nosuch":2)"));
        verifyError(got, 400, "InvalidArgument");
        QVERIFY2(textOf(got, "Message").find("osuch") != std::string::npos, got.body.c_str());
        got = f().own("POST", kFunctions,
                      R"({"functionName":"f","runtime":"python3.11","handler":"a.b","code":{"zipFile":"***"}})");
        verifyError(got, 400, "InvalidArgument");
        QVERIFY(textOf(got, "Message").find("zipFile") != std::string::npos);
        verifyError(f().own("POST", kFunctions, RestFixture::functionJson("1bad")), 400, "InvalidArgument");
        create("f");
        verifyError(f().own("POST", kFunctions, RestFixture::functionJson("f")), 409, "FunctionAlreadyExists");
        QCOMPARE(jsonOf(f().own("GET", kFunctions)).value("functions").toArray().size(), 1);
    }

    void aWrongChecksumOfTheCodeIsRefused() {
        verifyError(f().own("POST", kFunctions, RestFixture::functionJson("f"), {{"X-Fc-Code-Checksum", "1"}}), 400,
                    "InvalidArgument");
        verifyError(f().own("GET", kFunctions + "/f"), 404, "FunctionNotFound");
    }

    void listsArePagedSortedAndFiltered() {
        QCOMPARE(f().own("GET", kFunctions).body, std::string(R"({"functions":[]})"));
        for (const auto* name : {"b1", "a3", "a1", "a2"}) {
            create(name);
        }
        auto page = jsonOf(f().own("GET", kFunctions + "?prefix=a&limit=2"));
        QCOMPARE(page.value("functions").toArray().size(), 2);
        QCOMPARE(page.value("functions").toArray().at(0).toObject().value("functionName").toString(), QString("a1"));
        const auto token = percentEncode(page.value("nextToken").toString().toStdString());
        QVERIFY(!token.empty());
        page = jsonOf(f().own("GET", kFunctions + "?prefix=a&limit=2&nextToken=" + token));
        QCOMPARE(page.value("functions").toArray().size(), 1);
        QCOMPARE(page.value("functions").toArray().at(0).toObject().value("functionName").toString(), QString("a3"));
        QVERIFY(!page.contains("nextToken"));
        for (const auto* limit : {"0", "101", "-1", "x", "1x", "99999999999"}) {
            verifyError(f().own("GET", kFunctions + "?limit=" + limit), 400, "InvalidArgument");
        }
    }

    void whatIsNoOperationIsRefused() {
        for (const auto* path :
             {"/2023-03-30/nothing", "/2023-03-30/functions/f/nothing", "/2023-03-30/functions//code",
              "/2023-03-30/functions/%zz", "/2023-03-30/", "/", "/2016-08-15/services"}) {
            verifyError(f().own("GET", path), 400, "PathNotSupported");
        }
        verifyError(f().own("PATCH", kFunctions), 400, "PathNotSupported");
    }

    void signaturesAreRequiredAndChecked() {
        verifyError(f().call(nullptr, "GET", kFunctions), 400, "MissingRequiredHeader");
        const access::AccessKey unknown{"LTAIunknown", "x", RestFixture::kAccount};
        verifyError(f().call(&unknown, "GET", kFunctions), 403, "InvalidAccessKeyID");
        const access::AccessKey wrong{f().owner.id, "wrongsecret", RestFixture::kAccount};
        verifyError(f().call(&wrong, "GET", kFunctions), 403, "SignatureNotMatch");
        // The body is part of what is signed.
        http::Request request;
        request.method = "POST";
        request.path = kFunctions;
        request.headers.add("Host", f().server->address());
        access::signAcs3(request, "{}", f().owner, {}, f().clock.now(), newUuid());
        std::string bytes = "POST " + kFunctions + " HTTP/1.1\r\n";
        for (const auto& [name, value] : request.headers.fields()) {
            bytes += fmt::format("{}: {}\r\n", name, value);
        }
        tests::RawClient client(f().server->address());
        const auto got = client.exchange(bytes + "Content-Length: 2\r\n\r\n[]");
        QVERIFY(got);
        QCOMPARE(got->status, 403u);
        // The same request twice is a replay.
        request = {};
        request.method = "GET";
        request.path = kFunctions;
        request.headers.add("Host", f().server->address());
        access::signAcs3(request, "", f().owner, {}, f().clock.now(), newUuid());
        bytes = "GET " + kFunctions + " HTTP/1.1\r\n";
        for (const auto& [name, value] : request.headers.fields()) {
            bytes += fmt::format("{}: {}\r\n", name, value);
        }
        QCOMPARE(tests::RawClient(f().server->address()).exchange(bytes + "\r\n")->status, 200u);
        verifyError(*tests::RawClient(f().server->address()).exchange(bytes + "\r\n"), 403, "RequestReplayed");
    }

    void oneAccountDoesNotSeeTheOther() {
        create("f");
        verifyError(f().call(&f().stranger, "GET", kFunctions + "/f"), 404, "FunctionNotFound");
        QCOMPARE(f().call(&f().stranger, "GET", kFunctions).body, std::string(R"({"functions":[]})"));
    }

    void aRoleMayDoWhatItsGrantsAllow() {
        create("f");
        const auto credentials =
            f().keyring.issue(RestFixture::kAccount, "acs:ram::123456789:role/r", "f", std::chrono::hours{1});
        const auto asRole = [&](const std::string& method, const std::string& path) {
            http::Request request;
            request.method = method;
            request.path = path;
            request.headers.add("Host", f().server->address());
            const access::AccessKey key{credentials.accessKeyId, credentials.accessKeySecret, RestFixture::kAccount};
            access::signAcs3(request, "", key, credentials.securityToken, f().clock.now(), newUuid());
            std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", method, path);
            for (const auto& [name, value] : request.headers.fields()) {
                bytes += fmt::format("{}: {}\r\n", name, value);
            }
            return tests::RawClient(f().server->address()).exchange(bytes + "\r\n").value_or(RawAnswer{});
        };
        verifyError(asRole("GET", kFunctions + "/f"), 403, "AccessDenied");
        api::Grant grant;
        grant.set_grant_name("g");
        grant.set_principal("acs:ram::123456789:role/r");
        auto* statement = grant.add_statement();
        statement->set_effect("Allow");
        statement->add_action("fc:GetFunction");
        statement->add_resource("acs:fc:local:123456789:functions/f");
        f().policy.setGrants(RestFixture::kAccount, {grant});
        QCOMPARE(asRole("GET", kFunctions + "/f").status, 200u);
        verifyError(asRole("DELETE", kFunctions + "/f"), 403, "AccessDenied");
        verifyError(asRole("GET", kFunctions), 403, "AccessDenied");
    }

    void codeIsFetchedByALinkThatNobodyCanForge() {
        create("f");
        auto got = f().own("GET", kFunctions + "/f/code");
        QCOMPARE(got.status, 200u);
        const auto url = textOf(got, "url");
        const auto base = "http://" + f().server->address();
        QVERIFY2(url.starts_with(base + "/code/"), url.c_str());
        const auto link = url.substr(base.size());
        got = f().call(nullptr, "GET", link);
        QCOMPARE(got.status, 200u);
        QCOMPARE(std::to_string(crc64(got.body)), textOf(f().own("GET", kFunctions + "/f/code"), "checksum"));
        auto forged = link;
        forged.back() = forged.back() == '0' ? '1' : '0';
        verifyError(f().call(nullptr, "GET", forged), 403, "AccessDenied");
        forged = link;
        forged[10] = forged[10] == '0' ? '1' : '0';
        verifyError(f().call(nullptr, "GET", forged), 403, "AccessDenied");
        verifyError(f().call(nullptr, "GET", "/code/"), 403, "AccessDenied");
        f().own("DELETE", kFunctions + "/f");
        verifyError(f().call(nullptr, "GET", link), 404, "FunctionNotFound");
    }

    void aSynchronousCallHasTheDocumentedHeaders() {
        create("f");
        f().pipeline.play([](const invoke::Call& call) {
            invoke::Outcome outcome;
            outcome.payload = "got " + call.payload;
            outcome.codeChecksum = "42";
            outcome.logTail = call.wantTail ? "FC Invoke Start" : "";
            outcome.invocation.set_run_us(12'300);
            outcome.invocation.set_memory_peak(66.61 * 1024 * 1024);
            outcome.invocation.set_instance_id("c-1");
            return outcome;
        });
        auto got = f().own("POST", kFunctions + "/f/invocations", std::string("a\0b", 3), {{"X-Fc-Log-Type", "Tail"}});
        QCOMPARE(got.status, 200u);
        QCOMPARE(got.body, std::string("got a\0b", 7));
        QCOMPARE(got.headers.get("content-type"), std::string_view("application/octet-stream"));
        QCOMPARE(got.headers.get("x-fc-invocation-duration"), std::string_view("13"));
        QCOMPARE(got.headers.get("x-fc-max-memory-usage"), std::string_view("66.61"));
        QCOMPARE(got.headers.get("x-fc-code-checksum"), std::string_view("42"));
        QCOMPARE(got.headers.get("x-fc-instance-id"), std::string_view("c-1"));
        QCOMPARE(got.headers.get("x-fc-invocation-service-version"), std::string_view("LATEST"));
        QCOMPARE(fromBase64(got.headers.get("x-fc-log-result")).value(), std::string("FC Invoke Start"));
        QVERIFY(got.headers.has("access-control-expose-headers"));
        QCOMPARE(f().pipeline.last().requestId.value, std::string(got.headers.get("x-fc-request-id")));
        QCOMPARE(f().pipeline.last().source, std::string("api"));
        got = f().own("POST", kFunctions + "/f/invocations?qualifier=LATEST");
        QVERIFY(!got.headers.has("x-fc-log-result"));
        QCOMPARE(f().pipeline.last().qualifier, std::string("LATEST"));
    }

    void aFunctionsErrorIsA200WithItsType() {
        create("f");
        f().pipeline.play([](const invoke::Call&) {
            invoke::Outcome outcome;
            outcome.payload = R"({"errorMessage":"no"})";
            outcome.errorType = "UnhandledInvocationError";
            return outcome;
        });
        const auto got = f().own("POST", kFunctions + "/f/invocations");
        QCOMPARE(got.status, 200u);
        QCOMPARE(got.headers.get("x-fc-error-type"), std::string_view("UnhandledInvocationError"));
        QCOMPARE(got.headers.get("content-type"), std::string_view("application/json"));
        QCOMPARE(got.body, std::string(R"({"errorMessage":"no"})"));
    }

    void refusalsOfThePipelineAreTold() {
        create("f");
        f().pipeline.play([](const invoke::Call&) -> Result<invoke::Outcome> {
            return fail(Code::ResourceExhausted, "ResourceExhausted",
                        {{"limit", "account concurrency"}, {"value", "100"}});
        });
        const auto got = f().own("POST", kFunctions + "/f/invocations");
        verifyError(got, 429, "ResourceExhausted");
        QVERIFY(textOf(got, "Message").find("account concurrency") != std::string::npos);
        verifyError(f().own("POST", kFunctions + "/none/invocations"), 404, "FunctionNotFound");
    }

    void wrongInvokeHeadersAreRefused() {
        create("f");
        const auto refuse = [&](std::vector<std::pair<std::string, std::string>> headers, const char* part) {
            const auto got = f().own("POST", kFunctions + "/f/invocations", {}, std::move(headers));
            verifyError(got, 400, "InvalidArgument");
            QVERIFY2(textOf(got, "Message").find(part) != std::string::npos, got.body.c_str());
        };
        refuse({{"X-Fc-Invocation-Type", "Later"}}, "allowed: Sync | Async, actual: 'Later'");
        refuse({{"X-Fc-Log-Type", "Invalid"}}, "allowed: Tail | None, actual: 'Invalid'");
        refuse({{"X-Fc-Log-Type", "Tail"}, {"X-Fc-Invocation-Type", "Async"}}, "allowed: None, actual: 'Tail'");
        refuse({{"X-Fc-Invocation-Type", "Async"}, {"X-Fc-Async-Task-Id", "1-bad"}}, "AsyncTaskId");
    }

    void anAsynchronousCallIsKeptBeforeItIsAccepted() {
        create("f");
        auto got = f().own("POST", kFunctions + "/f/invocations", "event",
                           {{"X-Fc-Invocation-Type", "Async"}, {"X-Fc-Async-Task-Id", "task-1"}});
        QCOMPARE(got.status, 202u);
        QCOMPARE(got.body, std::string());
        QVERIFY(!got.headers.has("content-type"));
        QCOMPARE(got.headers.get("x-fc-async-task-id"), std::string_view("task-1"));
        const auto requestId = std::string(got.headers.get("x-fc-request-id"));
        verifyError(f().own("POST", kFunctions + "/f/invocations", "event",
                            {{"X-Fc-Invocation-Type", "Async"}, {"X-Fc-Async-Task-Id", "task-1"}}),
                    409, "AsyncTaskAlreadyExists");

        got = f().own("GET", kFunctions + "/f/async-tasks/task-1");
        QVERIFY2(got.status == 200, got.body.c_str());
        QCOMPARE(textOf(got, "status"), std::string("Enqueued"));
        QCOMPARE(textOf(got, "requestId"), requestId);
        QVERIFY(jsonOf(got).value("startedTime").toDouble() > 1e12);
        verifyError(f().own("GET", kFunctions + "/f/async-tasks/none"), 404, "AsyncTaskNotFound");
        verifyError(f().own("POST", kFunctions + "/none/invocations", "", {{"X-Fc-Invocation-Type", "Async"}}), 404,
                    "FunctionNotFound");

        QCOMPARE(f().own("POST", kFunctions + "/f/invocations", "2", {{"x-fc-invocation-type", "Async"}}).status, 202u);
        auto list = jsonOf(f().own("GET", kFunctions + "/f/async-tasks?limit=1"));
        QCOMPARE(list.value("tasks").toArray().size(), 1);
        const auto next = list.value("nextToken").toString().toStdString();
        list = jsonOf(f().own("GET", kFunctions + "/f/async-tasks?limit=1&nextToken=" + next));
        QCOMPARE(list.value("tasks").toArray().at(0).toObject().value("taskId").toString(), QString("task-1"));
        list = jsonOf(f().own("GET", kFunctions + "/f/async-tasks?status=Succeeded"));
        QCOMPARE(list.value("tasks").toArray().size(), 0);
        verifyError(f().own("GET", kFunctions + "/f/async-tasks?status=Odd"), 400, "InvalidArgument");
    }

    void listsOfTasksAreFilteredAsTheReferenceSays() {
        create("f");
        for (const auto* task : {"job-1", "job-2", "other"}) {
            QCOMPARE(f().own("POST", kFunctions + "/f/invocations", std::string("event of ") + task,
                             {{"X-Fc-Invocation-Type", "Async"}, {"X-Fc-Async-Task-Id", task}})
                         .status,
                     202u);
        }
        const auto tasks = [this](const std::string& query) {
            const auto got = f().own("GET", kFunctions + "/f/async-tasks?" + query);
            QStringList ids;
            for (const auto& task : jsonOf(got).value("tasks").toArray()) {
                ids << task.toObject().value("taskId").toString();
            }
            return got.status == 200 ? ids.join(' ') : QString::fromStdString(got.body);
        };
        QCOMPARE(tasks(""), QString("other job-2 job-1"));
        QCOMPARE(tasks("prefix=job-"), QString("job-2 job-1"));
        QCOMPARE(tasks("sortOrderByTime=asc&limit=2"), QString("job-1 job-2"));
        QCOMPARE(tasks("qualifier=LATEST"), QString("other job-2 job-1"));
        QCOMPARE(tasks("qualifier=v1"), QString());
        QCOMPARE(tasks("startedTimeBegin=1&startedTimeEnd=2"), QString());
        QCOMPARE(tasks("startedTimeBegin=1000000000000"), QString("other job-2 job-1"));
        QCOMPARE(tasks("status=Stopped"), QString());
        const auto first = [this](const std::string& query) {
            return jsonOf(f().own("GET", kFunctions + "/f/async-tasks?limit=1&" + query))
                .value("tasks")
                .toArray()[0]
                .toObject();
        };
        QCOMPARE(first("includePayload=true").value("taskPayload").toString(), QString("event of other"));
        QVERIFY(!first("").contains("taskPayload"));
        for (const auto* bad :
             {"sortOrderByTime=up", "includePayload=yes", "startedTimeBegin=-1", "startedTimeEnd=soon"}) {
            verifyError(f().own("GET", kFunctions + "/f/async-tasks?" + bad), 400, "InvalidArgument");
        }
    }

    void listsOfFunctionsAreFilteredAsTheReferenceSays() {
        create("a",
               R"(,"description":"makes thumbnails","tags":[{"Key":"team","Value":"x"},{"Key":"tier","Value":"1"}])");
        create("b", R"(,"tags":[{"Key":"team","Value":"y"}])");
        create("c", R"(,"tags":[{"Key":"team","Value":"x"}])");
        auto custom = RestFixture::functionJson("d");
        custom.replace(custom.find("python3.11"), 10, "custom");
        QCOMPARE(f().own("POST", kFunctions, custom).status, 200u);
        const auto names = [this](const std::string& query) {
            const auto got = f().own("GET", kFunctions + "?" + query);
            QStringList found;
            for (const auto& function : jsonOf(got).value("functions").toArray()) {
                found << function.toObject().value("functionName").toString();
            }
            return got.status == 200 ? found.join(' ') : QString::fromStdString(got.body);
        };
        QCOMPARE(names(""), QString("a b c d"));
        QCOMPARE(names("runtime=custom"), QString("d"));
        QCOMPARE(names("functionName=b"), QString("b"));
        QCOMPARE(names("description=thumb"), QString("a"));
        const auto tags = [](const char* json) { return "tags=" + percentEncode(json); };
        QCOMPARE(names(tags(R"([{"Key":"team","Value":"x"}])")), QString("a c"));
        QCOMPARE(names(tags(R"([{"Key":"team","Value":"x"},{"Key":"tier"}])")), QString("a"));
        QCOMPARE(names("fcVersion=v3"), QString("a b c d"));
        for (const auto* none : {"fcVersion=v2", "gpuType=fc.gpu.tesla.1", "resourceGroupId=rg-1"}) {
            QCOMPARE(names(none), QString());
        }
        verifyError(f().own("GET", kFunctions + "?fcVersion=v9"), 400, "InvalidArgument");
        verifyError(f().own("GET", kFunctions + "?tags=team"), 400, "InvalidArgument");
        // A page counts what passes the filter, and goes on behind it.
        auto page = jsonOf(f().own("GET", kFunctions + "?limit=1&" + tags(R"([{"Key":"team","Value":"x"}])")));
        QCOMPARE(page.value("functions").toArray()[0].toObject().value("functionName").toString(), QString("a"));
        const auto next = page.value("nextToken").toString().toStdString();
        QCOMPARE(
            names(fmt::format("limit=1&nextToken={}&{}", percentEncode(next), tags(R"([{"Key":"team","Value":"x"}])"))),
            QString("c"));
    }

    void aFunctionThatIsMadeAnewIsNotTakenForTheOldOne() {
        create("f");
        const auto etag = std::string(f().own("GET", kFunctions + "/f").headers.get("etag"));
        QCOMPARE(f().own("DELETE", kFunctions + "/f").status, 204u);
        create("f");
        verifyError(f().own("PUT", kFunctions + "/f", R"({"timeout":9})", {{"If-Match", etag}}), 412,
                    "PreconditionFailed");
        verifyError(f().own("DELETE", kFunctions + "/f", "", {{"If-Match", etag}}), 412, "PreconditionFailed");
    }

    void aFunctionIsSwitchedOffAndOn() {
        create("f");
        auto got =
            f().own("POST", kFunctions + "/f/invoke/disable", R"({"reason":"leaks","abortOngoingRequest":true})");
        QCOMPARE(got.status, 200u);
        QCOMPARE(got.body, std::string(R"({"success":true})"));
        QCOMPARE(f().scheduler.aborted, std::string("f"));
        auto restriction = jsonOf(f().own("GET", kFunctions + "/f")).value("invocationRestriction").toObject();
        QCOMPARE(restriction.value("disable").toBool(), true);
        QCOMPARE(restriction.value("reason").toString(), QString("leaks"));
        QVERIFY(!restriction.value("lastModifiedTime").toString().isEmpty());
        // A change of something else leaves the switch where it is.
        QCOMPARE(f().own("PUT", kFunctions + "/f", R"({"timeout":9})").status, 200u);
        QVERIFY(
            jsonOf(f().own("GET", kFunctions + "/f")).value("invocationRestriction").toObject()["disable"].toBool());
        QCOMPARE(f().own("PUT", kFunctions + "/f/invoke/enable").status, 200u);
        restriction = jsonOf(f().own("GET", kFunctions + "/f")).value("invocationRestriction").toObject();
        QCOMPARE(restriction.value("disable").toBool(), false);
        QCOMPARE(f().own("PUT", kFunctions + "/f/invoke/disable").status, 200u);  // without a body
        verifyError(f().own("POST", kFunctions + "/none/invoke/disable"), 404, "FunctionNotFound");
        verifyError(f().own("POST", kFunctions + "/none/invoke/enable"), 404, "FunctionNotFound");
        verifyError(f().own("POST", kFunctions + "/f/invoke/disable",
                            fmt::format(R"({{"reason":"{}"}})", std::string(257, 'x'))),
                    400, "InvalidArgument");
        verifyError(f().own("POST", kFunctions + "/f/invoke/disable", R"({"why":"x"})"), 400, "InvalidArgument");
        verifyError(f().call(&f().stranger, "POST", kFunctions + "/f/invoke/disable"), 404, "FunctionNotFound");
    }

    void payloadsHaveTheirLimits() {
        create("f");
        const std::string full(32u << 20u, 'x');
        QCOMPARE(f().own("POST", kFunctions + "/f/invocations", full).body.size(), full.size());
        verifyError(f().own("POST", kFunctions + "/f/invocations", full + "x"), 400, "EntityTooLarge");
        const std::vector<std::pair<std::string, std::string>> async{{"X-Fc-Invocation-Type", "Async"}};
        QCOMPARE(f().own("POST", kFunctions + "/f/invocations", std::string(131072, 'x'), async).status, 202u);
        verifyError(f().own("POST", kFunctions + "/f/invocations", std::string(131073, 'x'), async), 400,
                    "EntityTooLarge");
        verifyError(f().own("PUT", kFunctions + "/f/concurrency", std::string(2u << 20u, ' ')), 400, "EntityTooLarge");
    }

    void concurrencyIsReservedAndGivenBack() {
        create("f");
        create("g");
        verifyError(f().own("GET", kFunctions + "/f/concurrency"), 404, "ConcurrencyConfigNotFound");
        auto got = f().own("PUT", kFunctions + "/f/concurrency", R"({"reservedConcurrency":5})");
        QVERIFY2(got.status == 200, got.body.c_str());
        QCOMPARE(jsonOf(got).value("reservedConcurrency").toInt(), 5);
        QCOMPARE(jsonOf(f().own("GET", kFunctions + "/f/concurrency")).value("reservedConcurrency").toInt(), 5);
        const auto list = jsonOf(f().own("GET", "/2023-03-30/concurrency-configs"));
        QCOMPARE(list.value("configs").toArray().size(), 1);
        verifyError(f().own("PUT", kFunctions + "/f/concurrency", "{}"), 400, "InvalidArgument");
        verifyError(f().own("PUT", kFunctions + "/f/concurrency", R"({"reservedConcurrency":0})"), 400,
                    "InvalidArgument");
        verifyError(f().own("PUT", kFunctions + "/none/concurrency", R"({"reservedConcurrency":1})"), 404,
                    "FunctionNotFound");
        QCOMPARE(f().own("DELETE", kFunctions + "/f/concurrency").status, 204u);
        verifyError(f().own("GET", kFunctions + "/f/concurrency"), 404, "ConcurrencyConfigNotFound");
    }

    void triggersAreManaged() {
        create("f");
        const auto path = kFunctions + "/f/triggers";
        QCOMPARE(f().own("GET", path).body, std::string(R"({"triggers":[]})"));
        const std::string timer =
            "{\"triggerName\":\"t\",\"triggerType\":\"timer\","
            "\"triggerConfig\":\"{\\\"cronExpression\\\":\\\"@every 1h\\\",\\\"enable\\\":false}\"}";
        auto got = f().own("POST", path, timer);
        QVERIFY2(got.status == 200, got.body.c_str());
        QCOMPARE(textOf(got, "triggerName"), std::string("t"));
        QVERIFY(!jsonOf(got).contains("etag"));
        verifyError(f().own("POST", path, timer), 409, "TriggerAlreadyExists");
        verifyError(f().own("POST", kFunctions + "/none/triggers", timer), 404, "FunctionNotFound");
        verifyError(f().own("POST", path, R"({"triggerName":"u","triggerType":"timer","triggerConfig":"{}"})"), 400,
                    "InvalidArgument");
        got = f().own("PUT", path + "/t", R"({"description":"new"})");
        QVERIFY2(got.status == 200, got.body.c_str());
        QCOMPARE(textOf(f().own("GET", path + "/t"), "description"), std::string("new"));
        const auto triggers = jsonOf(f().own("GET", path)).value("triggers").toArray();
        QCOMPARE(triggers.size(), 1);
        QVERIFY(!triggers[0].toObject().contains("etag"));
        verifyError(f().own("DELETE", kFunctions + "/f"), 409, "FunctionNotEmpty");
        QCOMPARE(f().own("DELETE", path + "/t").status, 204u);
        verifyError(f().own("GET", path + "/t"), 404, "TriggerNotFound");
    }

    void healthAndMetricsNeedNoSignature() {
        QCOMPARE(f().call(nullptr, "GET", "/healthz").body, std::string("ok\n"));
        QCOMPARE(f().call(nullptr, "GET", "/readyz").status, 200u);
        f().ready = false;
        verifyError(f().call(nullptr, "GET", "/readyz"), 503, "NotReady");
        QCOMPARE(f().call(nullptr, "GET", "/healthz").status, 200u);
        for (int i = 0; i < 6; ++i) {
            telemetry::RunRecord run;
            run.account = RestFixture::kAccount;
            run.invocation.set_gb_seconds(0.25);
            f().recorder->record(std::move(run));
        }
        // Three runs on whatever instances: the scheduler that is played has one of two busy.
        std::vector<invoke::Permit> runs;
        for (int i = 0; i < 3; ++i) {
            runs.push_back(RestFixture::must(f().limits.admit(RestFixture::kAccount, "f", {})));
        }
        const auto metrics = f().call(nullptr, "GET", "/metrics");
        QCOMPARE(metrics.status, 200u);
        for (const auto* line :
             {"hanshu_invocations_total 6", "hanshu_gigabyte_seconds_total 1.5", "hanshu_instances 2",
              "hanshu_instances_idle 1", "hanshu_running 3", "hanshu_events_backlog 0", "hanshu_ready 0"}) {
            QVERIFY2(metrics.body.find(std::string("\n") + line + "\n") != std::string::npos, metrics.body.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestRestApi)
#include "tst_rest_api.moc"
