// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/function_url_event.h"
#include "gateway/function_url_rules.h"
#include "gateway/rest_fixture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace hanshu;
using tests::RawAnswer;
using tests::RestFixture;

namespace {

QJsonObject jsonOf(const std::string& text) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

invoke::Outcome outcomeOf(std::string payload, std::string errorType = {}) {
    invoke::Outcome outcome;
    outcome.payload = std::move(payload);
    outcome.errorType = std::move(errorType);
    return outcome;
}

}  // namespace

class TestFunctionUrl : public QObject {
    Q_OBJECT

    std::unique_ptr<RestFixture> m_fixture;
    RestFixture& f() { return *m_fixture; }

    // Makes function `f` with an HTTP trigger, and returns the path of its address.
    std::string makeUrl(const std::string& config, const std::string& runtime = "python3.11") {
        auto body = RestFixture::functionJson("f");
        const auto at = body.find("python3.11");
        body.replace(at, 10, runtime);
        auto made = f().own("POST", "/2023-03-30/functions", body);
        if (made.status != 200) {
            qFatal("%s", made.body.c_str());
        }
        QJsonObject input{{"triggerName", "web"}, {"triggerType", "http"}, {"triggerConfig", config.c_str()}};
        made = f().own("POST", "/2023-03-30/functions/f/triggers", QJsonDocument(input).toJson().toStdString());
        if (made.status != 200) {
            qFatal("%s", made.body.c_str());
        }
        const auto url =
            jsonOf(made.body).value("httpTrigger").toObject().value("urlInternet").toString().toStdString();
        const auto base = "http://" + f().server->address();
        if (!url.starts_with(base + "/fn/")) {
            qFatal("%s", url.c_str());
        }
        auto path = url.substr(base.size());
        while (path.ends_with('/')) {
            path.pop_back();
        }
        return path;
    }
    static void verifyError(const RawAnswer& answer, unsigned status, const char* code) {
        QVERIFY2(answer.status == status, fmt::format("{} {}", answer.status, answer.body).c_str());
        const auto json = jsonOf(answer.body);
        QCOMPARE(json.keys().size(), 5);
        QCOMPARE(json.value("Code").toString(), QString(code));
        QCOMPARE(json.value("RequestId").toString().toStdString(), std::string(answer.headers.get("x-fc-request-id")));
    }

private slots:
    void init() { m_fixture = std::make_unique<RestFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void anEventFunctionGetsTheDocumentedEvent() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["POST"]})");
        const auto got = f().call(nullptr, "POST", url + "/a%20b/c?x=1&y=%C3%BC", "text", {{"X-A", "1"}, {"X-A", "2"}});
        QCOMPARE(got.status, 200u);
        QCOMPARE(got.headers.get("content-type"), std::string_view("application/json"));
        const auto event = jsonOf(got.body);  // the function gives it back
        QCOMPARE(event.value("version").toString(), QString("v1"));
        QCOMPARE(event.value("rawPath").toString(), QString("/a%20b/c"));
        QCOMPARE(event.value("body").toString(), QString("text"));
        QCOMPARE(event.value("isBase64Encoded").toBool(), false);
        QCOMPARE(event.value("queryParameters").toObject().value("y").toString(), QString("ü"));
        QCOMPARE(event.value("headers").toObject().value("X-A").toString(), QString("1, 2"));
        const auto context = event.value("requestContext").toObject();
        QCOMPARE(context.value("accountId").toString(), QString(RestFixture::kAccount));
        QCOMPARE(context.value("http").toObject().value("method").toString(), QString("POST"));
        QCOMPARE(context.value("http").toObject().value("sourceIp").toString(), QString("127.0.0.1"));
        QCOMPARE(context.value("requestId").toString().toStdString(), std::string(got.headers.get("x-fc-request-id")));
        const auto call = f().pipeline.last();
        QVERIFY(call.authorized);
        QVERIFY(call.caller.kind == access::Caller::Kind::Anonymous);
        QCOMPARE(call.source, std::string("http"));
        QCOMPARE(call.triggerName, std::string("web"));
        const auto binary = jsonOf(f().call(nullptr, "POST", url, std::string("\xff\0", 2)).body);
        QCOMPARE(binary.value("isBase64Encoded").toBool(), true);
        QCOMPARE(binary.value("body").toString(), QString("/wA="));
        QCOMPARE(binary.value("rawPath").toString(), QString("/"));
    }

    void aReplyIsUnpacked() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["GET","HEAD"]})");
        std::string reply = R"({"statusCode":201,"isBase64Encoded":true,"body":"AP8=","headers":{
            "Content-Type":"image/png","X-Fc-Forged":"1","Connection":"close","Date":"never","X-N":3,
            "Content-Length":"1","Set-Cookie":["a=1","b=2"],"Content-Disposition":"inline","X-Bad":"a@X-Evil: 1"}})";
        reply.replace(reply.find('@'), 1, "\\r\\n");
        f().pipeline.play([reply](const invoke::Call&) { return outcomeOf(reply); });
        auto got = f().call(nullptr, "GET", url + "/");
        QCOMPARE(got.status, 201u);
        QCOMPARE(got.body, std::string("\0\xff", 2));
        QCOMPARE(got.headers.get("content-type"), std::string_view("image/png"));
        QCOMPARE(got.headers.get("content-disposition"), std::string_view("inline"));
        QCOMPARE(got.headers.get("x-n"), std::string_view("3"));
        QVERIFY(!got.headers.has("x-fc-forged") && !got.headers.has("connection") && !got.headers.has("x-evil"));
        QVERIFY(got.headers.get("date") != "never");
        QCOMPARE(std::ranges::count(got.headers.fields(), "Set-Cookie", &std::pair<std::string, std::string>::first),
                 2);
        got = f().call(nullptr, "HEAD", url + "/");
        QCOMPARE(got.status, 201u);
        QCOMPARE(got.headers.get("content-length"), std::string_view("2"));
    }

    void aPlainResultIsTheBody() {
        QCOMPARE(gateway::unpackUrlResult("hello")->headers.get("content-type"),
                 std::string_view("application/octet-stream"));
        QCOMPARE(gateway::unpackUrlResult("hello")->body, std::string("hello"));
        for (const auto* json : {"[1,2]", "{\"a\":1}", "\"text\"", "{\"statuscode\":1}"}) {
            const auto response = gateway::unpackUrlResult(json);
            QCOMPARE(response->status, 200u);
            QCOMPARE(response->body, std::string(json));
            QCOMPARE(response->headers.get("content-type"), std::string_view("application/json"));
        }
        QCOMPARE(gateway::unpackUrlResult(R"({"statusCode":204})")->status, 204u);
        QCOMPARE(gateway::unpackUrlResult(R"({"statusCode":200,"body":{"a":1}})")->body, std::string(R"({"a":1})"));
        for (const auto* bad :
             {R"({"statusCode":"200"})", R"({"statusCode":99})", R"({"statusCode":600})", R"({"statusCode":200.5})",
              R"({"statusCode":1e99})", R"({"statusCode":200,"headers":[]})",
              R"({"statusCode":200,"body":"*","isBase64Encoded":true})"}) {
            QVERIFY2(!gateway::unpackUrlResult(bad), bad);
        }
    }

    void aFunctionsFailureIsA502WithItsMessage() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["GET"]})");
        f().pipeline.play([](const invoke::Call&) {
            auto outcome = outcomeOf(R"({"errorMessage":"Process exited unexpectedly before completing request"})",
                                     "UnhandledInvocationError");
            outcome.invocation.set_error_type("FunctionUnhandledError");
            return outcome;
        });
        auto got = f().call(nullptr, "GET", url);
        verifyError(got, 502, "FunctionUnhandledError");
        QCOMPARE(jsonOf(got.body).value("Message").toString(),
                 QString("Process exited unexpectedly before completing request"));
        f().pipeline.play([](const invoke::Call&) { return outcomeOf(R"({"statusCode":1})"); });
        verifyError(f().call(nullptr, "GET", url), 502, "FunctionResponseInvalid");
        f().pipeline.play([](const invoke::Call&) -> Result<invoke::Outcome> {
            return fail(Code::ResourceExhausted, "ResourceExhausted", {{"limit", "function concurrency"}});
        });
        verifyError(f().call(nullptr, "GET", url), 429, "ResourceExhausted");
    }

    void whatTheTriggerDoesNotAllowIsRefused() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["GET"]})");
        verifyError(f().call(nullptr, "POST", url), 403, "AccessDenied");
        verifyError(f().call(nullptr, "GET", "/fn/nothing/"), 404, "TriggerNotFound");
        verifyError(f().call(nullptr, "GET", "/fn/"), 404, "TriggerNotFound");
        verifyError(f().call(nullptr, "GET", url + "/" + std::string(4200, 'a')), 400, "InvalidArgument");
        const QJsonObject off{
            {"triggerConfig", R"({"authType":"anonymous","methods":["GET"],"disableURLInternet":true})"}};
        const auto changed =
            f().own("PUT", "/2023-03-30/functions/f/triggers/web", QJsonDocument(off).toJson().toStdString());
        QVERIFY2(changed.status == 200, changed.body.c_str());
        verifyError(f().call(nullptr, "GET", url), 403, "AccessDenied");
    }

    void anAuthenticatedTriggerWantsASignature() {
        const auto url = makeUrl(R"({"authType":"function","methods":["GET","POST"]})");
        verifyError(f().call(nullptr, "GET", url), 400, "MissingRequiredHeader");
        const auto got = f().own("POST", url + "/p?q=1", "body");
        QVERIFY2(got.status == 200, got.body.c_str());
        QVERIFY(!f().pipeline.last().authorized);
        QVERIFY(f().pipeline.last().caller.kind == access::Caller::Kind::Owner);
        const access::AccessKey wrong{f().owner.id, "wrong", RestFixture::kAccount};
        verifyError(f().call(&wrong, "GET", url), 403, "SignatureNotMatch");
    }

    void aCustomRuntimeGetsTheRequestAsItIs() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["PUT"]})", "custom");
        f().pipeline.play([](const invoke::Call& call) {
            auto outcome = outcomeOf(call.payload);
            outcome.http = runtime::HttpReply{418, {{"X-A", "b"}, {"Server", "mine"}, {"X-Fc-Status", "200"}}};
            return outcome;
        });
        const auto got = f().call(nullptr, "PUT", url + "/p%20q?z=1", "bytes",
                                  {{"X-B", "c"}, {"X-Fc-Evil", "1"}, {"Keep-Alive", "1"}});
        QCOMPARE(got.status, 418u);
        QCOMPARE(got.body, std::string("bytes"));
        QCOMPARE(got.headers.get("x-a"), std::string_view("b"));
        QVERIFY(!got.headers.has("server") && !got.headers.has("x-fc-status"));
        const auto head = f().pipeline.last().http;
        QVERIFY(head.has_value());
        QCOMPARE(head->method, std::string("PUT"));
        QCOMPARE(head->target, std::string("/p%20q?z=1"));
        std::vector<std::string> names;
        for (const auto& [name, value] : head->headers) {
            names.push_back(name);
        }
        QCOMPARE(names, (std::vector<std::string>{"Host", "X-B"}));
    }

    void anAsynchronousRequestIsKept() {
        const auto url = makeUrl(R"({"authType":"anonymous","methods":["POST"]})");
        const auto got = f().call(nullptr, "POST", url, "later", {{"X-Fc-Invocation-Type", "Async"}});
        QCOMPARE(got.status, 202u);
        const auto tasks = jsonOf(f().own("GET", "/2023-03-30/functions/f/async-tasks").body).value("tasks").toArray();
        QCOMPARE(tasks.size(), 1);
        QCOMPARE(tasks.at(0).toObject().value("requestId").toString().toStdString(),
                 std::string(got.headers.get("x-fc-request-id")));
    }

    void browsersOfAllowedOriginsMayCall() {
        const QJsonObject cors{{"allowOrigins", QJsonArray{"https://a.example"}},
                               {"allowMethods", QJsonArray{"GET"}},
                               {"allowHeaders", QJsonArray{"X-A"}},
                               {"exposeHeaders", QJsonArray{"X-B"}},
                               {"allowCredentials", true},
                               {"maxAge", 60}};
        const QJsonObject config{{"authType", "anonymous"}, {"methods", QJsonArray{"GET"}}, {"corsConfig", cors}};
        const auto url = makeUrl(QJsonDocument(config).toJson().toStdString());
        int runs = 0;
        f().pipeline.play([&runs](const invoke::Call&) {
            ++runs;
            return outcomeOf("ok");
        });
        auto got = f().call(nullptr, "OPTIONS", url, {},
                            {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}});
        QCOMPARE(got.status, 204u);
        QCOMPARE(runs, 0);
        QCOMPARE(got.headers.get("access-control-allow-origin"), std::string_view("https://a.example"));
        QCOMPARE(got.headers.get("access-control-allow-methods"), std::string_view("GET"));
        QCOMPARE(got.headers.get("access-control-allow-headers"), std::string_view("X-A"));
        QCOMPARE(got.headers.get("access-control-allow-credentials"), std::string_view("true"));
        QCOMPARE(got.headers.get("access-control-max-age"), std::string_view("60"));
        got = f().call(nullptr, "OPTIONS", url, {},
                       {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "GET"}});
        QVERIFY(!got.headers.has("access-control-allow-origin"));
        got = f().call(nullptr, "GET", url, {}, {{"Origin", "https://a.example"}});
        QCOMPARE(got.headers.get("access-control-allow-origin"), std::string_view("https://a.example"));
        QCOMPARE(got.headers.get("access-control-expose-headers"), std::string_view("X-B"));
        QCOMPARE(got.headers.get("vary"), std::string_view("Origin"));
        QVERIFY(!f().call(nullptr, "GET", url).headers.has("access-control-allow-origin"));
        verifyError(f().call(nullptr, "OPTIONS", url), 403, "AccessDenied");
    }
};

QTEST_GUILESS_MAIN(TestFunctionUrl)
#include "tst_function_url.moc"
