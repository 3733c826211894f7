// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The pure rules of the room: paths, checksums, conditions, ranges, XML.

#include "base/encoding.h"
#include "base/time_format.h"
#include "objects/checksum.h"
#include "objects/natural_path.h"
#include "objects/s3_conditions.h"
#include "objects/s3_error.h"
#include "objects/s3_xml.h"

#include <fmt/format.h>
#include <QTest>

using namespace hanshu;
using namespace hanshu::objects;

namespace {

std::string sum(ChecksumKind kind, std::string_view bytes) {
    Checksum checksum(kind);
    checksum.update(bytes.substr(0, bytes.size() / 3));
    checksum.update(bytes.substr(bytes.size() / 3));
    return toHex(checksum.finish());
}

ObjectMeta sample() {
    ObjectMeta meta;
    meta.key = "k";
    meta.size = 100;
    meta.etag = "abc";
    meta.modified = SystemTime{std::chrono::milliseconds{1'700'000'000'900}};
    return meta;
}

std::string outcome(std::vector<std::pair<std::string, std::string>> fields, std::string_view prefix = {}) {
    http::Headers headers;
    for (auto& [name, value] : fields) {
        headers.add(name, value);
    }
    const auto checked = checkConditions(headers, prefix, sample());
    return checked ? "ok" : checked.error().reason;
}

}  // namespace

class TestObjectRules : public QObject {
    Q_OBJECT

private slots:
    void checksumsMatchTheCatalogue() {
        // Check values of the catalogue of parametrised CRC algorithms, and FIPS 180's vectors.
        QCOMPARE(sum(ChecksumKind::Crc32, "123456789"), std::string("cbf43926"));
        QCOMPARE(sum(ChecksumKind::Crc32c, "123456789"), std::string("e3069283"));
        QCOMPARE(sum(ChecksumKind::Crc64Nvme, "123456789"), std::string("ae8b14860a799888"));
        QCOMPARE(sum(ChecksumKind::Sha1, "abc"), std::string("a9993e364706816aba3e25717850c26c9cd0d89d"));
        QCOMPARE(sum(ChecksumKind::Sha256, "abc"),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sum(ChecksumKind::Crc32, std::string(32, '\0')), std::string("190a55ad"));   // RFC 3720's neighbour
        QCOMPARE(sum(ChecksumKind::Crc32c, std::string(32, '\0')), std::string("8a9136aa"));  // RFC 3720, B.4
        QVERIFY(checksumKind("CRC32C") == ChecksumKind::Crc32c);
        QVERIFY(!checksumKind("md5"));
    }

    void onlyKeysThatArePathsHaveNaturalPaths() {
        for (const auto* key : {"a", "a/b", "in/video.mp4", "函数/ü", "a b+c%20", ".hidden", "...", "a/..b"}) {
            QVERIFY2(hasNaturalPath(key), key);
        }
        for (const auto* key : {"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "../a", "a/../b", "a\nb", "a\x7f"}) {
            QVERIFY2(!hasNaturalPath(key), key);
        }
        QVERIFY(hasNaturalPath(std::string(255, 'x')));
        QVERIFY(!hasNaturalPath(std::string(256, 'x')));
        QVERIFY(!hasNaturalPath(std::string_view("a\0b", 3)));
    }

    void bucketNamesFollowTheGrammar() {
        for (const auto* name : {"abc", "a-b.c", "1bucket", "in-videos"}) {
            QVERIFY2(isBucketName(name), name);
        }
        for (const auto* name : {"", "ab", "Abc", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "a/b", "..."}) {
            QVERIFY2(!isBucketName(name), name);
        }
        QVERIFY(isBucketName(std::string(63, 'a')));
        QVERIFY(!isBucketName(std::string(64, 'a')));
    }

    void rangesAreReadAsRfc7233Says() {
        const auto range = [](std::string_view header, std::uint64_t size) -> std::string {
            const auto wanted = requestedRange(header, size);
            if (!wanted) {
                return wanted.error().reason;
            }
            return *wanted ? fmt::format("{}+{}", (*wanted)->first, (*wanted)->length) : "whole";
        };
        QCOMPARE(range("bytes=0-4", 10), std::string("0+5"));
        QCOMPARE(range("bytes=5-", 10), std::string("5+5"));
        QCOMPARE(range("bytes=-3", 10), std::string("7+3"));
        QCOMPARE(range("bytes=-30", 10), std::string("0+10"));
        QCOMPARE(range("bytes=8-99", 10), std::string("8+2"));
        QCOMPARE(range("bytes=10-", 10), std::string("InvalidRange"));
        QCOMPARE(range("bytes=-0", 10), std::string("InvalidRange"));
        QCOMPARE(range("bytes=0-", 0), std::string("InvalidRange"));
        for (const auto* header : {"", "bytes", "bytes=", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2",
                                   "bytes=-", "bytes=1-x", "bytes=99999999999999999999-"}) {
            QCOMPARE(range(header, 10), std::string("whole"));
        }
    }

    void conditionsAreReadAsRfc7232Says() {
        const auto same = formatHttpDate(sample().modified);
        const auto earlier = formatHttpDate(sample().modified - std::chrono::seconds{1});
        QCOMPARE(outcome({{"If-Match", "\"abc\""}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Match", "\"x\", \"abc\""}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Match", "*"}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Match", "\"x\""}}), std::string("PreconditionFailed"));
        QCOMPARE(outcome({{"If-None-Match", "\"abc\""}}), std::string("NotModified"));
        QCOMPARE(outcome({{"If-None-Match", "W/\"abc\""}}), std::string("NotModified"));
        QCOMPARE(outcome({{"If-None-Match", "\"x\""}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Modified-Since", same}}), std::string("NotModified"));
        QCOMPARE(outcome({{"If-Modified-Since", earlier}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Modified-Since", "yesterday"}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Unmodified-Since", same}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Unmodified-Since", earlier}}), std::string("PreconditionFailed"));
        // The entity tag decides where both are given.
        QCOMPARE(outcome({{"If-None-Match", "\"x\""}, {"If-Modified-Since", same}}), std::string("ok"));
        QCOMPARE(outcome({{"If-Match", "\"abc\""}, {"If-Unmodified-Since", earlier}}), std::string("ok"));
        QCOMPARE(outcome({{"x-amz-copy-source-if-none-match", "\"abc\""}}, "x-amz-copy-source-"),
                 std::string("PreconditionFailed"));
    }

    void xmlIsReadStrictlyAndWrittenSafely() {
        const auto parsed = parseXml("<a:R xmlns:a='u'><Key>x&amp;y&#10;</Key><Key> z </Key><E/></a:R>");
        QVERIFY(parsed.has_value());
        QCOMPARE(parsed->name, std::string("R"));
        QCOMPARE(parsed->children.size(), std::size_t{3});
        QCOMPARE(parsed->childText("Key"), std::string_view("x&y\n"));
        QCOMPARE(parsed->children[1].text, std::string(" z "));
        std::string deep;
        for (int i = 0; i < 9; ++i) {
            deep += "<a>";
        }
        for (int i = 0; i < 9; ++i) {
            deep += "</a>";
        }
        for (const std::string& bad :
             {std::string{}, std::string("<a>"), std::string("<a></b>"), std::string("<a/><b/>"),
              std::string("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), std::string("<a>\xff</a>"), deep}) {
            QVERIFY2(!parseXml(bad), bad.c_str());
        }
        XmlWriter xml("R", "");
        xml.text("Key", "<&>\"\x01");
        QCOMPARE(xml.take(), std::string(kXmlDeclaration) + "<R><Key>&lt;&amp;&gt;&quot;&#x1;</Key></R>");
    }

    void everyErrorOfTheDialectIsKnown() {
        for (const auto* code : {"BadDigest", "IncompleteBody", "MalformedXML", "NotImplemented", "NoSuchTagSet"}) {
            QCOMPARE(s3ErrorOf(s3Fail(code).value()).code, std::string_view(code));
        }
        QCOMPARE(s3ErrorOf(Error{Code::Internal, "Whatever", {}, {}}).status, 500U);
    }
};

QTEST_GUILESS_MAIN(TestObjectRules)
#include "tst_object_rules.moc"
