// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The S3 dialect without a socket: signatures, body forms, errors, permissions.

#include "objects/checksum.h"
#include "objects/fixture.h"
#include "objects/s3_exchange.h"

using namespace hanshu;
using namespace hanshu::objects;
using namespace hanshu::test;

namespace {

constexpr auto kRole = "acs:ram::1000:role/transcoder";

std::string base64Of(ChecksumKind kind, std::string_view bytes) {
    Checksum checksum(kind);
    checksum.update(bytes);
    return toBase64(checksum.finish());
}

}  // namespace

class TestS3Dialect : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_store = std::make_unique<StoreFixture>(m_folder->path().toStdString());
        VERIFY_OK(m_store->open());
        m_keyring = std::make_unique<access::Keyring>(std::string(32, 's'), m_store->clock);
        m_keyring->add({"AKOWNER", "ownersecret", kAccount});
        m_policy = std::make_unique<access::Policy>();
        m_denied.clear();
        m_service = std::make_unique<S3Service>(S3Service::Rooms{
            .store = m_store->store(),
            .keyring = *m_keyring,
            .policy = *m_policy,
            .clock = m_store->clock,
            .region = "local",
            .disk = &m_store->disk(),
            .onDenied =
                [this](const access::Caller& caller, std::string_view action, std::string_view resource,
                       std::string_view reason) {
                    m_denied.push_back(fmt::format("{} {} {} {}", caller.principal, action, resource, reason));
                },
            .patience = std::chrono::milliseconds{10'000}});
        VERIFY_OK(m_store->createBucket("bucket"));
    }

    void cleanup() {
        m_service.reset();
        m_store.reset();
    }

    void keysTravelThroughTheUrl() {
        for (const auto* key : {"plain", "a b", "a+b", "a%25b", "函数/ü.txt", "x&y=z", "a//b", "q?r#s", "tail/"}) {
            const auto path = "/bucket/" + percentEncode(key, true);
            QCOMPARE(send(S3Request("PUT", path, {}, key)).status, 200U);
            const auto got = send(S3Request("GET", path));
            QCOMPARE(got.status, 200U);
            QCOMPARE(got.body, std::string(key));
            VERIFY_OK(run(m_store->store().head(kAccount, "bucket", key)));
        }
        const auto listed = send(S3Request("GET", "/bucket", "list-type=2&encoding-type=url"));
        QVERIFY(listed.body.find("<Key>a%2Bb</Key>") != std::string::npos);
        QVERIFY(listed.body.find("<Key>%E5%87%BD%E6%95%B0/%C3%BC.txt</Key>") != std::string::npos);
        QCOMPARE(send(S3Request("GET", "/bucket/%zz")).code(), std::string("InvalidURI"));
    }

    void badSignaturesAreRefusedInS3sWords() {
        S3Request unsignedRequest("GET", "/bucket/k");
        QCOMPARE(unsignedRequest.sendTo(*m_service, executor()).code(), std::string("AccessDenied"));
        QCOMPARE(send(S3Request("GET", "/bucket"), {"AKNOBODY", "x", {}}).code(), std::string("InvalidAccessKeyId"));
        QCOMPARE(send(S3Request("GET", "/bucket"), {"AKOWNER", "wrong", {}}).code(),
                 std::string("SignatureDoesNotMatch"));
        S3Request late("GET", "/bucket");
        late.sign(owner(), m_store->clock.now() - std::chrono::minutes{16});
        QCOMPARE(late.sendTo(*m_service, executor()).code(), std::string("RequestTimeTooSkewed"));
        const auto role = m_keyring->issue(kAccount, kRole, "transcode", std::chrono::hours{1});
        QCOMPARE(send(S3Request("GET", "/bucket"), {role.accessKeyId, role.accessKeySecret, "forged"}).code(),
                 std::string("InvalidToken"));
        m_store->clock.advance(std::chrono::hours{2});
        QCOMPARE(send(S3Request("GET", "/bucket"), {role.accessKeyId, role.accessKeySecret, role.securityToken}).code(),
                 std::string("ExpiredToken"));
    }

    void everyBodyFormIsUnderstood() {
        const std::string bytes = std::string(100'000, 'x') + "end";
        QCOMPARE(put("signed", bytes).status, 200U);
        S3Request plain("PUT", "/bucket/unsigned");
        plain.wire(bytes, "UNSIGNED-PAYLOAD");
        QCOMPARE(send(plain).status, 200U);

        auto chunked = streaming("chunked", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        QCOMPARE(chunked.sendTo(*m_service, executor()).status, 200U);
        auto withTrailer = streaming("trailer", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                                     "x-amz-checksum-sha1:" + base64Of(ChecksumKind::Sha1, bytes));
        const auto answer = withTrailer.sendTo(*m_service, executor());
        QCOMPARE(answer.status, 200U);
        QCOMPARE(std::string(answer.headers.get("x-amz-checksum-sha1")), base64Of(ChecksumKind::Sha1, bytes));
        for (const auto kind :
             {ChecksumKind::Crc32, ChecksumKind::Crc32c, ChecksumKind::Crc64Nvme, ChecksumKind::Sha256}) {
            auto request = unsignedTrailer("unsigned-trailer", bytes,
                                           fmt::format("{}:{}", checksumHeader(kind), base64Of(kind, bytes)));
            QCOMPARE(send(request).status, 200U);
        }
        for (const auto* key : {"signed", "unsigned", "chunked", "trailer", "unsigned-trailer"}) {
            QVERIFY2(m_store->get("bucket", key).value() == bytes, key);
        }
    }

    void whatDoesNotMatchIsNotStored() {
        const std::string bytes(50'000, 'x');
        S3Request sum("PUT", "/bucket/k", {}, bytes);
        sum.wire(bytes, sha256Hex("other"));
        QCOMPARE(send(sum).code(), std::string("XAmzContentSHA256Mismatch"));
        const auto with = [&](const char* name, const std::string& value) {
            return send(S3Request("PUT", "/bucket/k", {}, bytes).header(name, value)).code();
        };
        QCOMPARE(with("Content-MD5", toBase64(md5("other"))), std::string("BadDigest"));
        QCOMPARE(with("Content-MD5", "not base64"), std::string("InvalidDigest"));
        QCOMPARE(with("x-amz-checksum-crc32", base64Of(ChecksumKind::Crc32, "other")), std::string("BadDigest"));
        QCOMPARE(with("x-amz-checksum-crc32", "AA=="), std::string("InvalidRequest"));
        QCOMPARE(with("x-amz-checksum-md9", ""), std::string(""));  // no checksum that S3 knows
        VERIFY_OK(m_store->remove("bucket", "k"));
        auto trailer = unsignedTrailer("k", bytes, "x-amz-checksum-crc32:" + base64Of(ChecksumKind::Crc32, "other"));
        QCOMPARE(send(trailer).code(), std::string("BadDigest"));

        auto tampered = streaming("k", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        auto wire = m_wire;
        wire[wire.size() / 2] = 'y';
        tampered.setWire(wire);
        QCOMPARE(tampered.sendTo(*m_service, executor()).code(), std::string("SignatureDoesNotMatch"));
        auto cut = streaming("k", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        cut.setWire(m_wire.substr(0, m_wire.size() / 2));
        QCOMPARE(cut.sendTo(*m_service, executor()).code(), std::string("IncompleteBody"));
        auto forged = streaming("k", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                                "x-amz-checksum-crc32:" + base64Of(ChecksumKind::Crc32, bytes));
        wire = m_wire;
        wire.replace(wire.find("signature:", wire.find("x-amz-trailer-signature")) + 10, 4, "0000");
        forged.setWire(wire);
        QCOMPARE(forged.sendTo(*m_service, executor()).code(), std::string("SignatureDoesNotMatch"));
        auto garbled = streaming("k", bytes, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        garbled.setWire("zz;chunk-signature=00\r\n");
        QCOMPARE(garbled.sendTo(*m_service, executor()).code(), std::string("InvalidRequest"));

        S3Request noLength("PUT", "/bucket/k", {}, bytes);
        QCOMPARE(send(noLength.withoutLength()).code(), std::string("MissingContentLength"));
        S3Request tooLarge("PUT", "/bucket/k");
        tooLarge.raw().contentLength = (5ULL << 30U) + 1;
        QCOMPARE(send(tooLarge).code(), std::string("EntityTooLarge"));
        S3Request shorter("PUT", "/bucket/k", {}, bytes);
        shorter.raw().contentLength = bytes.size() + 1;
        QCOMPARE(send(shorter).code(), std::string("IncompleteBody"));
        VERIFY_REASON(m_store->get("bucket", "k"), "ObjectNotFound");
    }

    void readsHonourRangesAndConditions() {
        QCOMPARE(put("k", "0123456789").status, 200U);
        auto ranged = send(S3Request("GET", "/bucket/k").header("Range", "bytes=2-4"));
        QCOMPARE(ranged.status, 206U);
        QCOMPARE(ranged.body, std::string("234"));
        QCOMPARE(std::string(ranged.headers.get("Content-Range")), std::string("bytes 2-4/10"));
        const auto outside = send(S3Request("GET", "/bucket/k").header("Range", "bytes=10-"));
        QCOMPARE(outside.status, 416U);
        QCOMPARE(outside.code(), std::string("InvalidRange"));
        QCOMPARE(std::string(outside.headers.get("Content-Range")), std::string("bytes */10"));
        QCOMPARE(send(S3Request("GET", "/bucket/k").header("Range", "bytes=0-1,4-5")).body.size(), std::size_t{10});
        const auto etag = std::string(ranged.headers.get("ETag"));
        QCOMPARE(send(S3Request("GET", "/bucket/k").header("If-None-Match", etag)).status, 304U);
        QCOMPARE(send(S3Request("GET", "/bucket/k").header("If-Match", "\"x\"")).status, 412U);
        QCOMPARE(send(S3Request("HEAD", "/bucket/k").header("If-None-Match", etag)).status, 304U);
        const auto chosen = send(S3Request("GET", "/bucket/k", "response-content-type=a%2Fb&response-expires=never"));
        QCOMPARE(std::string(chosen.headers.get("Content-Type")), std::string("a/b"));
        QCOMPARE(std::string(chosen.headers.get("Expires")), std::string("never"));
        const auto head = send(S3Request("HEAD", "/bucket/k"));
        QCOMPARE(std::string(head.headers.get("Content-Length")), std::string("10"));
        QCOMPARE(head.body.size(), std::size_t{0});
        const auto missing = send(S3Request("HEAD", "/bucket/none"));
        QCOMPARE(missing.status, 404U);
        QCOMPARE(missing.body.size(), std::size_t{0});
    }

    void writesHonourConditions() {
        QCOMPARE(put("k", "1", {{"If-None-Match", "*"}}).status, 200U);
        QCOMPARE(put("k", "2", {{"If-None-Match", "*"}}).code(), std::string("PreconditionFailed"));
        QCOMPARE(put("k", "3", {{"If-Match", "\"" + toHex(md5("1")) + "\""}}).status, 200U);
        QCOMPARE(put("k", "4", {{"If-Match", "\"" + toHex(md5("1")) + "\""}}).code(),
                 std::string("PreconditionFailed"));
        QCOMPARE(put("none", "4", {{"If-Match", "\"x\""}}).code(), std::string("NoSuchKey"));
        QCOMPARE(put("k", "5", {{"If-None-Match", "\"x\""}}).code(), std::string("NotImplemented"));
    }

    void bucketsAnswerAsClientsExpect() {
        const auto code = [&](const char* method, const char* path, const char* query = "",
                              const std::string& body = {}) {
            return send(S3Request(method, path, query, body)).code();
        };
        QCOMPARE(send(S3Request("PUT", "/fresh", {},
                                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                                "<LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>"))
                     .status,
                 200U);
        QCOMPARE(code("PUT", "/fresh"), std::string("BucketAlreadyOwnedByYou"));
        QCOMPARE(code("PUT", "/Bad_Name"), std::string("InvalidBucketName"));
        QCOMPARE(code("PUT", "/xml-bucket", "", "<nonsense"), std::string("MalformedXML"));
        const auto all = send(S3Request("GET", "/"));
        QVERIFY(all.body.find("<Name>bucket</Name>") < all.body.find("<Name>fresh</Name>"));
        QCOMPARE(send(S3Request("GET", "/bucket", "location")).between("2006-03-01/\">", "<"), std::string("local"));
        const auto acl = send(S3Request("GET", "/bucket", "acl"));
        QVERIFY(acl.body.find("FULL_CONTROL") != std::string::npos);
        QCOMPARE(send(S3Request("PUT", "/bucket", "acl", acl.body)).status, 200U);
        QCOMPARE(send(S3Request("PUT", "/bucket", "acl").header("x-amz-acl", "private")).status, 200U);
        QCOMPARE(send(S3Request("PUT", "/bucket", "acl").header("x-amz-acl", "public-read")).code(),
                 std::string("AccessControlListNotSupported"));
        for (const auto& [query, expected] :
             std::map<std::string, std::string>{{"tagging", "NoSuchTagSet"},
                                                {"policy", "NoSuchBucketPolicy"},
                                                {"lifecycle", "NoSuchLifecycleConfiguration"},
                                                {"cors", "NoSuchCORSConfiguration"},
                                                {"website", "NoSuchWebsiteConfiguration"},
                                                {"inventory", "NotImplemented"},
                                                {"versions", "NotImplemented"}}) {
            QCOMPARE(code("GET", "/bucket", query.c_str()), expected);
        }
        QCOMPARE(send(S3Request("GET", "/bucket", "versioning")).status, 200U);
        QCOMPARE(code("PUT", "/bucket", "versioning", "<x/>"), std::string("NotImplemented"));
        QCOMPARE(code("PATCH", "/bucket"), std::string("MethodNotAllowed"));
        QCOMPARE(code("POST", "/"), std::string("MethodNotAllowed"));
        for (const auto* method : {"GET", "DELETE"}) {
            QCOMPARE(code(method, "/nowhere"), std::string("NoSuchBucket"));
        }
        QCOMPARE(send(S3Request("HEAD", "/nowhere")).status, 404U);
        QCOMPARE(put("k", "1").status, 200U);
        QCOMPARE(code("DELETE", "/bucket"), std::string("BucketNotEmpty"));
        QCOMPARE(code("GET", "/bucket/none"), std::string("NoSuchKey"));
        QCOMPARE(code("GET", "/bucket/k", "versionId=abc"), std::string("NoSuchVersion"));
        QCOMPARE(code("GET", "/bucket/k", "torrent"), std::string("NotImplemented"));
        QCOMPARE(put(std::string(1025, 'k'), "x").code(), std::string("KeyTooLongError"));
        QCOMPARE(put("k", "x", {{"x-amz-server-side-encryption", "AES256"}}).code(), std::string("NotImplemented"));
        QCOMPARE(put("k", "x", {{"x-amz-storage-class", "GLACIER"}}).code(), std::string("InvalidStorageClass"));
        QCOMPARE(put("k", "x", {{"x-amz-acl", "public-read"}}).code(), std::string("AccessControlListNotSupported"));
        QCOMPARE(put("k", "x", {{"x-amz-meta-big", std::string(3000, 'm')}}).code(), std::string("MetadataTooLarge"));
        const auto control = put("k", "x", {{"x-amz-meta-a", "b\x01"}});
        QCOMPARE(control.code(), std::string("InvalidArgument"));
        QVERIFY2(control.body.find("metadata.a must be UTF-8 without control characters") != std::string::npos,
                 control.body.c_str());
        QCOMPARE(put("k", "x", {{"Content-Type", "text/x\x7f"}}).code(), std::string("InvalidArgument"));
        QCOMPARE(put("k", "x", {{"x-amz-expected-bucket-owner", "2000"}}).code(), std::string("AccessDenied"));
        QVERIFY(!send(S3Request("GET", "/bucket/none")).headers.get("x-amz-request-id").empty());
    }

    void listingsSpeakBothVersions() {
        for (const auto* key : {"a", "b/1", "b/2", "c"}) {
            QCOMPARE(put(key, "x").status, 200U);
        }
        auto page = send(S3Request("GET", "/bucket", "delimiter=%2F&max-keys=2"));
        QCOMPARE(page.between("<NextMarker>", "</NextMarker>"), std::string("b/"));
        page = send(S3Request("GET", "/bucket", "delimiter=%2F&max-keys=2&marker=b%2F"));
        QCOMPARE(page.between("<Key>", "</Key>"), std::string("c"));
        QCOMPARE(page.between("<IsTruncated>", "</IsTruncated>"), std::string("false"));
        page = send(S3Request("GET", "/bucket", "list-type=2&max-keys=3&fetch-owner=true"));
        QCOMPARE(page.between("<KeyCount>", "</KeyCount>"), std::string("3"));
        QCOMPARE(page.between("<Owner><ID>", "</ID>"), std::string(kAccount));
        const auto token = page.between("<NextContinuationToken>", "</NextContinuationToken>");
        page = send(S3Request("GET", "/bucket", "list-type=2&continuation-token=" + token));
        QCOMPARE(page.between("<Key>", "</Key>"), std::string("c"));
        page = send(S3Request("GET", "/bucket", "list-type=2&start-after=b%2F1&prefix=b"));
        QCOMPARE(page.between("<Key>", "</Key>"), std::string("b/2"));
        for (const auto* query :
             {"max-keys=x", "max-keys=-1", "list-type=3", "list-type=2&continuation-token=zz", "encoding-type=xml"}) {
            QCOMPARE(send(S3Request("GET", "/bucket", query)).code(), std::string("InvalidArgument"));
        }
    }

    void copiesKeepOrReplaceMetadata() {
        QCOMPARE(put("k", "bytes", {{"x-amz-meta-a", "1"}, {"Content-Type", "text/x"}}).status, 200U);
        VERIFY_OK(m_store->createBucket("target"));
        const auto copy = [&](const std::string& to, std::map<std::string, std::string> headers) {
            S3Request request("PUT", to);
            for (const auto& [name, value] : headers) {
                request.header(name, value);
            }
            return send(request);
        };
        QCOMPARE(copy("/target/one", {{"x-amz-copy-source", "/bucket/k"}}).status, 200U);
        QCOMPARE(m_store->get("target", "one").value(), std::string("bytes"));
        QCOMPARE(std::string(send(S3Request("HEAD", "/target/one")).headers.get("x-amz-meta-a")), std::string("1"));
        QCOMPARE(copy("/bucket/k", {{"x-amz-copy-source", "bucket/k"}}).code(), std::string("InvalidRequest"));
        QCOMPARE(
            copy("/bucket/k",
                 {{"x-amz-copy-source", "bucket/k"}, {"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-b", "2"}})
                .status,
            200U);
        const auto head = send(S3Request("HEAD", "/bucket/k"));
        QVERIFY(head.headers.get("x-amz-meta-a").empty());
        QCOMPARE(std::string(head.headers.get("x-amz-meta-b")), std::string("2"));
        QCOMPARE(m_store->get("bucket", "k").value(), std::string("bytes"));
        QCOMPARE(copy("/target/x", {{"x-amz-copy-source", "bucket/none"}}).code(), std::string("NoSuchKey"));
        QCOMPARE(copy("/target/x", {{"x-amz-copy-source", "bucket"}}).code(), std::string("InvalidArgument"));
        QCOMPARE(copy("/target/x", {{"x-amz-copy-source", "bucket/k"}, {"x-amz-copy-source-if-match", "x"}}).code(),
                 std::string("PreconditionFailed"));
        QCOMPARE(m_store->changes().back().eventName, std::string("ObjectCreated:CopyObject"));
    }

    void partsAreTakenCopiedListedAndEnded() {
        const std::string large(6U << 20U, 'L');
        VERIFY_OK(m_store->put("bucket", "source", large));
        const auto begun = send(S3Request("POST", "/bucket/big", "uploads").header("x-amz-meta-a", "1"));
        const auto id = begun.between("<UploadId>", "</UploadId>");
        QVERIFY(!id.empty());
        S3Request first("PUT", "/bucket/big", "partNumber=1&uploadId=" + id);
        first.header("x-amz-copy-source", "bucket/source").header("x-amz-copy-source-range", "bytes=0-5242879");
        const auto one = send(first).between("&quot;", "&quot;");
        QVERIFY(!one.empty());
        const auto two = std::string(
            send(S3Request("PUT", "/bucket/big", "partNumber=2&uploadId=" + id, "tail")).headers.get("ETag"));
        QCOMPARE(send(S3Request("PUT", "/bucket/big", "partNumber=0&uploadId=" + id, "x")).code(),
                 std::string("InvalidArgument"));
        QCOMPARE(send(S3Request("PUT", "/bucket/big", "partNumber=1&uploadId=none", "x")).code(),
                 std::string("NoSuchUpload"));
        const auto parts = send(S3Request("GET", "/bucket/big", "max-parts=1&uploadId=" + id));
        QCOMPARE(parts.between("<NextPartNumberMarker>", "<"), std::string("1"));
        QVERIFY(send(S3Request("GET", "/bucket", "uploads")).body.find(id) != std::string::npos);
        const auto end = [&](const std::string& body) {
            return send(S3Request("POST", "/bucket/big", "uploadId=" + id, body));
        };
        QCOMPARE(end("").code(), std::string("MalformedXML"));
        QCOMPARE(end("<CompleteMultipartUpload></CompleteMultipartUpload>").code(), std::string("MalformedXML"));
        QCOMPARE(end("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
                     "</CompleteMultipartUpload>")
                     .code(),
                 std::string("InvalidPart"));
        const auto ended =
            end(fmt::format("<CompleteMultipartUpload xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
                            "<Part><PartNumber>1</PartNumber><ETag>\"{}\"</ETag></Part>"
                            "<Part><PartNumber>2</PartNumber><ETag>{}</ETag></Part>"
                            "</CompleteMultipartUpload>",
                            one, two));
        QCOMPARE(ended.status, 200U);
        QVERIFY(m_store->get("bucket", "big").value() == large.substr(0, 5242880) + "tail");
        QCOMPARE(std::string(send(S3Request("HEAD", "/bucket/big")).headers.get("x-amz-meta-a")), std::string("1"));
        QCOMPARE(send(S3Request("DELETE", "/bucket/big", "uploadId=" + id)).code(), std::string("NoSuchUpload"));
    }

    void aSlowAnswerKeepsItsClientWaiting() {
        S3Service impatient(S3Service::Rooms{.store = m_store->store(),
                                             .keyring = *m_keyring,
                                             .policy = *m_policy,
                                             .clock = m_store->clock,
                                             .region = "local",
                                             .patience = std::chrono::milliseconds{1}});
        VERIFY_OK(m_store->put("bucket", "source", std::string(24U << 20U, 'L')));
        S3Request request("PUT", "/bucket/copy");
        request.header("x-amz-copy-source", "bucket/source");
        request.sign(owner(), m_store->clock.now());
        const auto answer = request.sendTo(impatient, executor());
        QCOMPARE(answer.status, 200U);
        QVERIFY2(answer.body.find("?>\n <CopyObjectResult") != std::string::npos ||
                     answer.body.find("?>\n  ") != std::string::npos,
                 answer.body.c_str());
        QVERIFY(answer.body.ends_with("</CopyObjectResult>"));
    }

    void manyAreDeletedAtOnce() {
        for (const auto* key : {"a", "b", "c&d"}) {
            QCOMPARE(put(key, "x").status, 200U);
        }
        const std::string body =
            "<Delete><Object><Key>a</Key></Object><Object><Key>c&amp;d</Key></Object>"
            "<Object><Key>none</Key></Object><Object><Key>b</Key><VersionId>v</VersionId></Object></Delete>";
        const auto answer =
            send(S3Request("POST", "/bucket", "delete", body).header("Content-MD5", toBase64(md5(body))));
        QVERIFY(answer.body.find("<Deleted><Key>a</Key></Deleted>") != std::string::npos);
        QVERIFY(answer.body.find("<Deleted><Key>none</Key></Deleted>") != std::string::npos);
        QVERIFY(answer.body.find("<Error><Key>b</Key><Code>NoSuchVersion</Code>") != std::string::npos);
        VERIFY_REASON(m_store->get("bucket", "c&d"), "ObjectNotFound");
        VERIFY_OK(m_store->get("bucket", "b"));
        const auto quiet = send(S3Request("POST", "/bucket", "delete",
                                          "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>"));
        QVERIFY(quiet.body.find("<Deleted>") == std::string::npos);
        QCOMPARE(send(S3Request("POST", "/bucket", "delete", "<Delete/>")).code(), std::string("MalformedXML"));
        std::string many = "<Delete>";
        for (int i = 0; i < 1001; ++i) {
            many += fmt::format("<Object><Key>{}</Key></Object>", i);
        }
        QCOMPARE(send(S3Request("POST", "/bucket", "delete", many + "</Delete>")).code(), std::string("MalformedXML"));
        QCOMPARE(m_store->changes().back().eventName, std::string("ObjectRemoved:DeleteObjects"));
    }

    void aRoleMayDoOnlyWhatItsGrantsSay() {
        api::Grant grant;
        grant.set_grant_name("reader");
        grant.set_principal(kRole);
        auto* statement = grant.add_statement();
        statement->set_effect("Allow");
        statement->add_action("oss:GetObject");
        statement->add_resource("acs:oss:*:1000:bucket/in/*");
        m_policy->setGrants(kAccount, {grant});
        VERIFY_OK(m_store->put("bucket", "in/k", "x"));
        VERIFY_OK(m_store->put("bucket", "secret", "x"));
        const auto issued = m_keyring->issue(kAccount, kRole, "transcode", std::chrono::hours{1});
        const S3Key role{issued.accessKeyId, issued.accessKeySecret, issued.securityToken};
        QCOMPARE(send(S3Request("GET", "/bucket/in/k"), role).status, 200U);
        QCOMPARE(send(S3Request("GET", "/bucket/secret"), role).code(), std::string("AccessDenied"));
        QCOMPARE(send(S3Request("PUT", "/bucket/in/k", {}, "y"), role).code(), std::string("AccessDenied"));
        QCOMPARE(send(S3Request("GET", "/bucket"), role).code(), std::string("AccessDenied"));
        QCOMPARE(send(S3Request("PUT", "/bucket/in/copy").header("x-amz-copy-source", "bucket/secret"), role).code(),
                 std::string("AccessDenied"));
        QCOMPARE(send(S3Request("POST", "/bucket", "delete", "<Delete><Object><Key>in/k</Key></Object></Delete>"), role)
                     .between("<Code>", "</Code>"),
                 std::string("AccessDenied"));
        QCOMPARE(m_store->get("bucket", "in/k").value(), std::string("x"));
        QCOMPARE(m_denied.front(),
                 fmt::format("{} oss:GetObject acs:oss:local:1000:bucket/secret ImplicitDeny", kRole));
        QCOMPARE(m_denied.size(), std::size_t{5});
    }

    void aSandboxsDoorTakesItsOwnFunctionsCredentialsAlone() {
        VERIFY_OK(m_store->put("bucket", "k", "x"));
        api::Grant grant;
        grant.set_grant_name("all");
        grant.set_principal(kRole);
        auto* statement = grant.add_statement();
        statement->set_effect("Allow");
        statement->add_action("oss:*");
        statement->add_resource("*");
        m_policy->setGrants(kAccount, {grant});
        const S3Service::Door door{kAccount, "transcode"};
        const auto code = [&](const S3Key& key) {
            S3Request request("GET", "/bucket/k");
            request.sign(key, m_store->clock.now());
            const auto answer = request.sendTo(*m_service, executor(), door);
            return answer.status == 200 ? std::string("ok") : answer.code();
        };
        const auto keyOf = [&](const char* function) {
            const auto issued = m_keyring->issue(kAccount, kRole, function, std::chrono::hours{1});
            return S3Key{issued.accessKeyId, issued.accessKeySecret, issued.securityToken};
        };
        QCOMPARE(code(keyOf("transcode")), std::string("ok"));
        QCOMPARE(code(keyOf("other")), std::string("AccessDenied"));
        QCOMPARE(code(owner()), std::string("AccessDenied"));
        QVERIFY(m_denied.front().ends_with("ForeignCredentials"));
    }

private:
    static S3Key owner() { return {"AKOWNER", "ownersecret", {}}; }
    static asio::any_io_executor executor() { return io().next().get_executor(); }

    S3Answer send(S3Request request, const S3Key& key = owner()) {
        request.sign(key, m_store->clock.now());
        return request.sendTo(*m_service, executor());
    }

    S3Answer put(const std::string& key, const std::string& bytes,
                 const std::map<std::string, std::string>& headers = {}) {
        S3Request request("PUT", "/bucket/" + percentEncode(key, true), {}, bytes);
        for (const auto& [name, value] : headers) {
            request.header(name, value);
        }
        return send(request);
    }

    // Signed, with chunks of 64 KiB as SDKs make them.
    S3Request streaming(const std::string& key, const std::string& bytes, const std::string& mode,
                        const std::string& trailer = {}) {
        S3Request request("PUT", "/bucket/" + key);
        request.header("x-amz-decoded-content-length", std::to_string(bytes.size()));
        request.header("Content-Encoding", "aws-chunked");
        if (!trailer.empty()) {
            request.header("x-amz-trailer", trailer.substr(0, trailer.find(':')));
        }
        request.wire({}, mode);
        request.sign(owner(), m_store->clock.now());
        auto previous = request.signature();
        m_wire.clear();
        for (std::size_t at = 0; at < bytes.size(); at += 65536) {
            m_wire += request.chunk(std::string_view(bytes).substr(at, 65536), previous);
        }
        m_wire += request.chunk({}, previous);
        m_wire += trailer.empty() ? "\r\n" : request.trailer(trailer, previous);
        request.setWire(m_wire);
        return request;
    }

    S3Request unsignedTrailer(const std::string& key, const std::string& bytes, const std::string& trailer) {
        S3Request request("PUT", "/bucket/" + key);
        request.header("x-amz-decoded-content-length", std::to_string(bytes.size()));
        request.header("x-amz-trailer", trailer.substr(0, trailer.find(':')));
        request.wire(fmt::format("{:x}\r\n{}\r\n0\r\n{}\r\n\r\n", bytes.size(), bytes, trailer),
                     "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        return request;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<StoreFixture> m_store;
    std::unique_ptr<access::Keyring> m_keyring;
    std::unique_ptr<access::Policy> m_policy;
    std::unique_ptr<S3Service> m_service;
    std::vector<std::string> m_denied;
    std::string m_wire;
};

QTEST_GUILESS_MAIN(TestS3Dialect)
#include "tst_s3_dialect.moc"
