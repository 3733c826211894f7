// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/signature.h"
#include "base/digest.h"

#include <QTest>
#include <functional>
#include <thread>

using namespace hanshu;
using namespace hanshu::access;

namespace {

const SystemTime kThen{std::chrono::seconds{1'704'164'645}};  // 2024-01-02T03:04:05Z

// Vector A of the reference: made by the SDK's own signer.
http::Request vectorA() {
    http::Request request;
    request.method = "POST";
    request.path = "/2023-03-30/functions";
    request.headers.add("Host", "127.0.0.1:9600");
    request.headers.add("x-acs-action", "CreateFunction");
    request.headers.add("x-acs-version", "2023-03-30");
    request.headers.add("x-acs-date", "2024-01-02T03:04:05Z");
    request.headers.add("x-acs-signature-nonce", "nonce-0001");
    request.headers.add("x-acs-credentials-provider", "static_ak");
    request.headers.add("content-type", "application/json; charset=utf-8");
    request.headers.add("x-acs-content-sha256", "fda71fdd1dff4ec15e05f8b97621afd181e21baf53f1ac81a69448fe2984d4e9");
    request.headers.add("Authorization",
                        "ACS3-HMAC-SHA256 Credential=testAccessKeyId,SignedHeaders=content-type;host;x-acs-action;"
                        "x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;"
                        "x-acs-version,Signature=1b6ec736feb0cce436112c831901438267ee0a3b17773f2ff78936b1e75f7723");
    return request;
}

constexpr std::string_view kBodyA = R"({"functionName":"f"})";

struct Fixture {
    ManualClock clock{kThen};
    Keyring keyring{std::string(32, 's'), clock};
    NonceCache nonces{clock};
    Fixture() { keyring.add({"testAccessKeyId", "testAccessKeySecret", "123456789"}); }

    std::string outcome(const http::Request& request, std::string_view body) {
        const auto caller = verifyAcs3(request, body, keyring, nonces, clock);
        return caller ? std::string("accepted") : caller.error().reason;
    }
};

http::Request signedGet(const AccessKey& key, std::string_view token, SystemTime now, std::string_view nonce) {
    http::Request request;
    request.method = "GET";
    request.path = "/2023-03-30/functions";
    request.query = "limit=5&prefix=a%20b*";
    request.headers.add("Host", "127.0.0.1:9600");
    request.headers.add("x-acs-action", "ListFunctions");
    request.headers.add("x-acs-credentials-provider", "static_ak");
    signAcs3(request, "", key, token, now, nonce);
    return request;
}

std::string signatureIn(const http::Request& request) {
    const std::string text(request.headers.get("authorization"));
    return text.substr(text.rfind('=') + 1);
}

}  // namespace

class TestAcs3 : public QObject {
    Q_OBJECT

private slots:
    void vectorAOfTheSdkIsAccepted() {
        Fixture f;
        const auto caller = verifyAcs3(vectorA(), kBodyA, f.keyring, f.nonces, f.clock);
        QVERIFY(caller.has_value());
        QVERIFY(caller->kind == Caller::Kind::Owner);
        QCOMPARE(caller->account, std::string("123456789"));
        QCOMPARE(caller->principal, std::string("acs:ram::123456789:root"));
    }

    void vectorBOfTheSdkIsMade() {
        const auto request = signedGet({"testAccessKeyId", "testAccessKeySecret", ""}, "tok", kThen, "nonce-0002");
        QCOMPARE(signatureIn(request), std::string("afd1c15d7d045e93eb3b6ddc3bbe4fc2148cbd59d8f5934386bd4aa4f97a987a"));
    }

    void vectorAOfTheSdkIsMade() {
        auto request = vectorA();
        request.headers.remove("authorization");
        signAcs3(request, kBodyA, {"testAccessKeyId", "testAccessKeySecret", ""}, "", kThen, "nonce-0001");
        QCOMPARE(signatureIn(request), signatureIn(vectorA()));
        QCOMPARE(std::string(request.headers.get("authorization")),
                 std::string(vectorA().headers.get("authorization")));
    }

    void tamperingWithAnyPartIsNoticed() {
        using Change = std::function<void(http::Request&)>;
        const std::vector<std::pair<const char*, Change>> changes{
            {"method", [](auto& r) { r.method = "PUT"; }},
            {"path", [](auto& r) { r.path += "/x"; }},
            {"query", [](auto& r) { r.query = "a=b"; }},
            {"host", [](auto& r) { r.headers.set("host", "127.0.0.1:9601"); }},
            {"content-type", [](auto& r) { r.headers.set("content-type", "text/plain"); }},
            {"action", [](auto& r) { r.headers.set("x-acs-action", "DeleteFunction"); }},
            {"version", [](auto& r) { r.headers.set("x-acs-version", "2021-04-06"); }},
            {"date", [](auto& r) { r.headers.set("x-acs-date", "2024-01-02T03:04:06Z"); }},
            {"nonce", [](auto& r) { r.headers.set("x-acs-signature-nonce", "nonce-0002"); }},
            {"provider", [](auto& r) { r.headers.remove("x-acs-credentials-provider"); }},
            {"hash", [](auto& r) { r.headers.set("x-acs-content-sha256", sha256Hex("x")); }},
            {"second date", [](auto& r) { r.headers.add("x-acs-date", "2024-01-02T03:04:07Z"); }},
            {"another x-acs header", [](auto& r) { r.headers.add("X-Acs-Extra", "1"); }},
            {"signature",
             [](auto& r) {
                 std::string text(r.headers.get("authorization"));
                 text.back() = text.back() == '3' ? '4' : '3';
                 r.headers.set("authorization", text);
             }},
            {"signature cut",
             [](auto& r) {
                 std::string text(r.headers.get("authorization"));
                 text.pop_back();
                 r.headers.set("authorization", text);
             }},
            {"host not signed",
             [](auto& r) {
                 std::string text(r.headers.get("authorization"));
                 text.erase(text.find("host;"), 5);
                 r.headers.set("authorization", text);
             }},
            {"other algorithm",
             [](auto& r) {
                 std::string text(r.headers.get("authorization"));
                 r.headers.set("authorization", "ACS3-HMAC-SM3" + text.substr(text.find(' ')));
             }},
            {"no parts", [](auto& r) { r.headers.set("authorization", "ACS3-HMAC-SHA256 "); }},
            {"bad date", [](auto& r) { r.headers.set("x-acs-date", "yesterday"); }},
        };
        for (const auto& [name, change] : changes) {
            Fixture f;
            auto request = vectorA();
            change(request);
            QVERIFY2(f.outcome(request, kBodyA) == "SignatureNotMatch", name);
            // What was refused leaves no trace: the true request still gets through.
            QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("accepted"));
        }
        Fixture f;
        QCOMPARE(f.outcome(vectorA(), R"({"functionName":"g"})"), std::string("SignatureNotMatch"));
        QCOMPARE(f.outcome(vectorA(), ""), std::string("SignatureNotMatch"));
    }

    void aMissingHeaderIsNamed() {
        for (const auto* name : {"Authorization", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}) {
            Fixture f;
            auto request = vectorA();
            request.headers.remove(name);
            const auto caller = verifyAcs3(request, kBodyA, f.keyring, f.nonces, f.clock);
            QVERIFY(!caller.has_value());
            QCOMPARE(caller.error().reason, std::string("MissingRequiredHeader"));
            QVERIFY(caller.error().param("header") == name);
        }
    }

    void headersMayComeInAnyCaseAndWithSpaces() {
        Fixture f;
        auto request = vectorA();
        request.headers.set("X-ACS-ACTION", "  CreateFunction\t");
        QCOMPARE(f.outcome(request, kBodyA), std::string("accepted"));
    }

    void headersThatAreNotSignedMayBeThere() {
        Fixture f;
        auto request = vectorA();
        request.headers.add("x-fc-invocation-type", "Async");
        request.headers.add("user-agent", "x");
        QCOMPARE(f.outcome(request, kBodyA), std::string("accepted"));
    }

    void anUnknownKeyIsRefusedByName() {
        Fixture f;
        f.keyring.remove("testAccessKeyId");
        const auto caller = verifyAcs3(vectorA(), kBodyA, f.keyring, f.nonces, f.clock);
        QVERIFY(!caller.has_value());
        QCOMPARE(caller.error().reason, std::string("InvalidAccessKeyID"));
        QVERIFY(caller.error().param("accessKeyId") == "testAccessKeyId");
    }

    void aRequestOutsideTheWindowIsRefusedAndOneAtItsEdgeIsNot() {
        for (const auto sign : {1, -1}) {
            Fixture f;
            f.clock.advance(sign * std::chrono::minutes{15});
            QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("accepted"));
            Fixture late;
            late.clock.advance(sign * (std::chrono::minutes{15} + std::chrono::seconds{1}));
            QCOMPARE(late.outcome(vectorA(), kBodyA), std::string("RequestExpired"));
        }
    }

    void aReplayIsRefusedForAsLongAsTheRequestCouldPass() {
        Fixture f;
        f.clock.advance(-std::chrono::minutes{15});
        QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("accepted"));
        for (int i = 0; i < 30; ++i) {
            QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("RequestReplayed"));
            f.clock.advance(std::chrono::minutes{1});
        }
        QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("RequestReplayed"));
        f.clock.advance(std::chrono::seconds{1});
        QCOMPARE(f.outcome(vectorA(), kBodyA), std::string("RequestExpired"));
    }

    void noncesOfTwoKeysAreTwo() {
        ManualClock clock;
        NonceCache nonces(clock);
        QVERIFY(nonces.insert("a", "n"));
        QVERIFY(nonces.insert("b", "n"));
        QVERIFY(!nonces.insert("a", "n"));
        clock.advance(std::chrono::minutes{31});
        QVERIFY(nonces.insert("a", "n"));
    }

    void aFloodOfNoncesForgetsTheOldestTimeAndLetsNothingOfItIn() {
        ManualClock clock;
        NonceCache nonces(clock);
        const auto start = clock.now();
        QVERIFY(nonces.remember("a", "first", start) == NonceCache::Outcome::Fresh);
        clock.advance(std::chrono::minutes{5});
        for (int i = 0; i < 4'400'000; ++i) {
            if (i % 10'000 == 0) {
                clock.advance(std::chrono::seconds{1});
            }
            if (!nonces.insert("a", std::to_string(i))) {
                QFAIL("a fresh nonce was taken for a used one");
            }
        }
        QVERIFY(nonces.remember("a", "first", start) == NonceCache::Outcome::TooOld);
        QVERIFY(nonces.remember("a", "second", start) == NonceCache::Outcome::TooOld);
    }

    void threadsAgreeOnWhoCameFirst() {
        ManualClock clock;
        NonceCache nonces(clock);
        std::atomic<int> fresh{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 20'000; ++i) {
                    fresh += nonces.insert("a", std::to_string(i)) ? 1 : 0;
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        QCOMPARE(fresh.load(), 20'000);
    }

    void temporaryCredentialsSignAsTheirRole() {
        Fixture f;
        const auto session =
            f.keyring.issue("123456789", "acs:ram::123456789:role/r", "transcode", std::chrono::hours{1});
        const AccessKey key{session.accessKeyId, session.accessKeySecret, ""};
        const auto request = signedGet(key, session.securityToken, kThen, "n1");
        const auto caller = verifyAcs3(request, "", f.keyring, f.nonces, f.clock);
        QVERIFY(caller.has_value());
        QVERIFY(caller->kind == Caller::Kind::Role);
        QCOMPARE(caller->principal, std::string("acs:ram::123456789:role/r"));
        QCOMPARE(caller->sessionFunction, std::string("transcode"));

        QCOMPARE(f.outcome(signedGet(key, "", kThen, "n2"), ""), std::string("InvalidAccessKeyID"));
        const auto foreign =
            signedGet({"testAccessKeyId", "testAccessKeySecret", ""}, session.securityToken, kThen, "n3");
        QCOMPARE(f.outcome(foreign, ""), std::string("InvalidSecurityToken"));
        auto token = session.securityToken;
        token[5] = token[5] == 'A' ? 'B' : 'A';
        QCOMPARE(f.outcome(signedGet(key, token, kThen, "n4"), ""), std::string("InvalidSecurityToken"));
        f.clock.advance(std::chrono::hours{1});
        QCOMPARE(f.outcome(signedGet(key, session.securityToken, f.clock.now(), "n5"), ""),
                 std::string("SecurityTokenExpired"));
    }

    void pathsAndQueriesAreMadeCanonical() {
        Fixture f;
        http::Request request;
        request.method = "GET";
        request.path = "/2023-03-30/functions/a%7Eb*c+d";
        request.query = "z=1&a=%7E&b=x+y&c";
        request.headers.add("Host", "h");
        signAcs3(request, "", {"testAccessKeyId", "testAccessKeySecret", ""}, "", kThen, "n");
        request.path = "/2023-03-30/functions/a~b%2Ac%20d";
        request.query = "c=&b=x%20y&a=~&z=1";
        QCOMPARE(f.outcome(request, ""), std::string("accepted"));
    }
};

QTEST_GUILESS_MAIN(TestAcs3)
#include "tst_acs3.moc"
