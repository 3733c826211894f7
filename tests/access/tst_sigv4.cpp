// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The examples of "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference.
#include "access/signature.h"
#include "base/digest.h"
#include "base/encoding.h"

#include <QTest>
#include <functional>

using namespace hanshu;
using namespace hanshu::access;

namespace {

const SystemTime kThen{std::chrono::seconds{1'369'353'600}};  // 2013-05-24T00:00:00Z
constexpr auto kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto kScope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

struct Fixture {
    ManualClock clock{kThen};
    Keyring keyring{std::string(32, 's'), clock};
    Fixture() { keyring.add({"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "1"}); }

    std::string outcome(const http::Request& request) {
        const auto session = verifySigV4(request, keyring, clock);
        return session ? std::string("accepted") : session.error().reason;
    }
};

http::Request request(const char* method, const char* path, const char* query, const char* payload,
                      const char* signedHeaders, const char* signature) {
    http::Request made;
    made.method = method;
    made.path = path;
    made.query = query;
    made.headers.add("Host", "examplebucket.s3.amazonaws.com");
    made.headers.add("x-amz-date", "20130524T000000Z");
    made.headers.add("x-amz-content-sha256", payload);
    made.headers.add("Authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kScope +
                                          ",SignedHeaders=" + signedHeaders + ",Signature=" + signature);
    return made;
}

http::Request getObject() {
    auto made = request("GET", "/test.txt", "", kEmpty, "host;range;x-amz-content-sha256;x-amz-date",
                        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    made.headers.add("Range", "bytes=0-9");
    return made;
}

http::Request presigned() {
    http::Request made;
    made.method = "GET";
    made.path = "/test.txt";
    made.query =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
        "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    made.headers.add("Host", "examplebucket.s3.amazonaws.com");
    return made;
}

http::Request chunked() {
    auto made = request("PUT", "/examplebucket/chunkObject.txt", "", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                        "x-amz-decoded-content-length;x-amz-storage-class",
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    made.headers.set("Host", "s3.amazonaws.com");
    made.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    made.headers.add("Content-Encoding", "aws-chunked");
    made.headers.add("x-amz-decoded-content-length", "66560");
    made.headers.add("Content-Length", "66824");
    return made;
}

http::Request trailed() {
    auto made = request("PUT", "/examplebucket/chunkObject.txt", "", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                        "x-amz-storage-class;x-amz-trailer",
                        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    made.headers.set("Host", "s3.amazonaws.com");
    made.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    made.headers.add("Content-Encoding", "aws-chunked");
    made.headers.add("x-amz-decoded-content-length", "66560");
    made.headers.add("x-amz-trailer", "x-amz-checksum-crc32c");
    return made;
}

// Signs as a client does, independently of the code under test.
void sign(http::Request& made, const std::string& secret, const std::string& id, const std::string& canonicalPath,
          const std::string& canonicalQuery, const std::string& canonicalHeaders, const std::string& names) {
    const std::string payload(made.headers.get("x-amz-content-sha256"));
    const auto canonical = made.method + "\n" + canonicalPath + "\n" + canonicalQuery + "\n" + canonicalHeaders + "\n" +
                           names + "\n" + payload;
    const auto text = "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/eu/s3/aws4_request\n" + sha256Hex(canonical);
    auto key = "AWS4" + secret;
    for (const auto* part : {"20130524", "eu", "s3", "aws4_request"}) {
        key = hmacSha256(key, part);
    }
    made.headers.set("authorization", "AWS4-HMAC-SHA256 Credential=" + id +
                                          "/20130524/eu/s3/aws4_request, SignedHeaders=" + names +
                                          ", Signature=" + toHex(hmacSha256(key, text)));
}

}  // namespace

class TestSigV4 : public QObject {
    Q_OBJECT

private slots:
    void thePublishedHeaderExamplesAreAccepted() {
        Fixture f;
        QCOMPARE(f.outcome(getObject()), std::string("accepted"));

        auto put =
            request("PUT", "/test%24file.text", "", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
        put.headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
        put.headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
        const auto session = verifySigV4(put, f.keyring, f.clock);
        QVERIFY(session.has_value());
        QVERIFY(session->mode == PayloadMode::Signed);
        QCOMPARE(session->payloadSha256, sha256Hex("Welcome to Amazon S3."));
        QVERIFY(session->caller.kind == Caller::Kind::Owner);
        put.path = "/test$file.text";  // the same path, encoded otherwise
        QCOMPARE(f.outcome(put), std::string("accepted"));

        QCOMPARE(f.outcome(request("GET", "/", "lifecycle", kEmpty, "host;x-amz-content-sha256;x-amz-date",
                                   "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")),
                 std::string("accepted"));
        QCOMPARE(f.outcome(request("GET", "/", "prefix=J&max-keys=2", kEmpty, "host;x-amz-content-sha256;x-amz-date",
                                   "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")),
                 std::string("accepted"));
    }

    void thePublishedPresignedExampleIsAcceptedForADay() {
        Fixture f;
        const auto session = verifySigV4(presigned(), f.keyring, f.clock);
        QVERIFY(session.has_value());
        QVERIFY(session->mode == PayloadMode::Unsigned);
        f.clock.advance(std::chrono::hours{24});
        QCOMPARE(f.outcome(presigned()), std::string("accepted"));
        f.clock.advance(std::chrono::seconds{1});
        QCOMPARE(f.outcome(presigned()), std::string("RequestExpired"));
        f.clock.set(kThen - std::chrono::minutes{16});
        QCOMPARE(f.outcome(presigned()), std::string("RequestExpired"));
        f.clock.set(kThen - std::chrono::minutes{5});
        QCOMPARE(f.outcome(presigned()), std::string("accepted"));
    }

    void thePublishedChunksFollowOneAnother() {
        Fixture f;
        const auto session = verifySigV4(chunked(), f.keyring, f.clock);
        QVERIFY(session.has_value());
        QVERIFY(session->mode == PayloadMode::Chunked);
        const auto first = chunkSignature(*session, session->seedSignature, sha256Hex(std::string(65536, 'a')));
        QCOMPARE(first, std::string("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
        const auto second = chunkSignature(*session, first, sha256Hex(std::string(1024, 'a')));
        QCOMPARE(second, std::string("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"));
        QCOMPARE(chunkSignature(*session, second, kEmpty),
                 std::string("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"));
    }

    void thePublishedTrailerFollowsTheChunks() {
        Fixture f;
        const auto session = verifySigV4(trailed(), f.keyring, f.clock);
        QVERIFY(session.has_value());
        QVERIFY(session->mode == PayloadMode::ChunkedTrailer);
        const auto first = chunkSignature(*session, session->seedSignature, sha256Hex(std::string(65536, 'a')));
        QCOMPARE(first, std::string("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"));
        const auto second = chunkSignature(*session, first, sha256Hex(std::string(1024, 'a')));
        QCOMPARE(second, std::string("1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"));
        const auto last = chunkSignature(*session, second, kEmpty);
        QCOMPARE(last, std::string("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"));
        QCOMPARE(trailerSignature(*session, last, sha256Hex("x-amz-checksum-crc32c:sOO8/Q==\n")),
                 std::string("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"));
    }

    void tamperingWithAnyPartIsNoticed() {
        using Change = std::function<void(http::Request&)>;
        const std::vector<std::pair<const char*, Change>> changes{
            {"method", [](auto& r) { r.method = "HEAD"; }},
            {"path", [](auto& r) { r.path = "/test.txt2"; }},
            {"query", [](auto& r) { r.query += "&acl"; }},
            {"host", [](auto& r) { r.headers.set("host", "other"); }},
            {"unsigned amz header", [](auto& r) { r.headers.add("x-amz-acl", "public-read"); }},
        };
        for (const auto& base : {getObject(), presigned()}) {
            for (const auto& [name, change] : changes) {
                Fixture f;
                auto changed = base;
                change(changed);
                QVERIFY2(f.outcome(changed) == "SignatureNotMatch", name);
            }
        }
        Fixture f;
        auto range = getObject();
        range.headers.set("range", "bytes=0-10");
        QCOMPARE(f.outcome(range), std::string("SignatureNotMatch"));
        auto payload = getObject();
        payload.headers.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        QCOMPARE(f.outcome(payload), std::string("SignatureNotMatch"));
        auto longer = presigned();
        longer.query.replace(longer.query.find("86400"), 5, "96400");
        QCOMPARE(f.outcome(longer), std::string("SignatureNotMatch"));
        auto date = getObject();
        date.headers.set("x-amz-date", "20130524T000001Z");
        QCOMPARE(f.outcome(date), std::string("SignatureNotMatch"));
    }

    void malformedClaimsAreRefused() {
        Fixture f;
        auto none = getObject();
        none.headers.remove("authorization");
        QCOMPARE(f.outcome(none), std::string("MissingRequiredHeader"));
        auto noHash = getObject();
        noHash.headers.remove("x-amz-content-sha256");
        QCOMPARE(f.outcome(noHash), std::string("MissingRequiredHeader"));
        auto badHash = getObject();
        badHash.headers.set("x-amz-content-sha256", "STREAMING-NOPE");
        QCOMPARE(f.outcome(badHash), std::string("InvalidArgument"));
        for (const auto* bad :
             {"", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=/,SignedHeaders=host,Signature=1",
              "AWS4-HMAC-SHA256 Credential=////,SignedHeaders=host,Signature=1",
              "AWS4-HMAC-SHA256 Credential=a/b/c,SignedHeaders=host,Signature=1", "AWS AKIA:sig",
              "AWS4-HMAC-SHA256 Credential=K/20130524/r/sqs/aws4_request,SignedHeaders=host;x-amz-date,Signature=1",
              "AWS4-HMAC-SHA256 Credential=K/20130525/r/s3/aws4_request,SignedHeaders=host;x-amz-date,Signature=1",
              "AWS4-HMAC-SHA256 Credential=K/20130524/r/s3/aws4_request,SignedHeaders=;;;,Signature=1"}) {
            auto changed = getObject();
            changed.headers.set("authorization", bad);
            QVERIFY2(f.outcome(changed) == "SignatureNotMatch", bad);
        }
        for (const auto* bad : {"0", "-1", "604801", "x", "99999999999999999999", ""}) {
            auto changed = presigned();
            changed.query.replace(changed.query.find("86400"), 5, bad);
            QVERIFY2(f.outcome(changed) == "InvalidArgument", bad);
        }
    }

    void headersOutsideTheWindowAreRefused() {
        Fixture f;
        f.clock.advance(std::chrono::minutes{15});
        QCOMPARE(f.outcome(getObject()), std::string("accepted"));
        f.clock.advance(std::chrono::seconds{1});
        QCOMPARE(f.outcome(getObject()), std::string("RequestExpired"));
    }

    void keysPathsAndValuesOfEveryKindVerify() {
        Fixture f;
        const auto session = f.keyring.issue("1", "acs:ram::1:role/r", "transcode", std::chrono::hours{1});
        http::Request made;
        made.method = "PUT";
        made.path = "/b/a%20b%2Bc/%E5%87%BD~(1)*.txt";
        made.query = "uploadId=a%2Bb%3D&partNumber=1";
        made.headers.add("Host", "127.0.0.1:9000");
        made.headers.add("x-amz-date", "20130524T000000Z");
        made.headers.add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        made.headers.add("x-amz-meta-note", "  two   words ");
        made.headers.add("x-amz-security-token", session.securityToken);
        const std::string names = "host;x-amz-content-sha256;x-amz-date;x-amz-meta-note;x-amz-security-token";
        const auto headers =
            "host:127.0.0.1:9000\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20130524T000000Z\n"
            "x-amz-meta-note:two words\nx-amz-security-token:" +
            session.securityToken + "\n";
        sign(made, session.accessKeySecret, session.accessKeyId, "/b/a%20b%2Bc/%E5%87%BD~%281%29%2A.txt",
             "partNumber=1&uploadId=a%2Bb%3D", headers, names);
        const auto verified = verifySigV4(made, f.keyring, f.clock);
        QVERIFY(verified.has_value());
        QVERIFY(verified->caller.kind == Caller::Kind::Role);
        QCOMPARE(verified->caller.sessionFunction, std::string("transcode"));
        // A client that signs the path as it sends it.
        sign(made, session.accessKeySecret, session.accessKeyId, made.path, "partNumber=1&uploadId=a%2Bb%3D", headers,
             names);
        QCOMPARE(f.outcome(made), std::string("accepted"));
        made.headers.set("x-amz-security-token", "x");
        QCOMPARE(f.outcome(made), std::string("InvalidSecurityToken"));
    }

    void aChangedSecretIsNotServedFromTheCacheOfKeys() {
        Fixture f;
        QCOMPARE(f.outcome(getObject()), std::string("accepted"));
        f.keyring.add({"AKIAIOSFODNN7EXAMPLE", "another", "1"});
        QCOMPARE(f.outcome(getObject()), std::string("SignatureNotMatch"));
        f.keyring.remove("AKIAIOSFODNN7EXAMPLE");
        QCOMPARE(f.outcome(getObject()), std::string("InvalidAccessKeyID"));
    }
};

QTEST_GUILESS_MAIN(TestSigV4)
#include "tst_sigv4.moc"
