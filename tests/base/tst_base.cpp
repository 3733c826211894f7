// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/http.h"
#include "base/ids.h"
#include "base/io_pool.h"
#include "base/time_format.h"

#include <QTest>
#include <regex>

using namespace hanshu;

class TestBase : public QObject {
    Q_OBJECT

private slots:
    void eventIdsGrow() {
        auto last = newEventId();
        for (int i = 0; i < 10'000; ++i) {
            auto next = newEventId();
            QVERIFY(last.value < next.value);
            QCOMPARE(next.value.size(), 32U);
            last = std::move(next);
        }
    }

    void base64RoundTripsEveryLengthAndRefusesWhatIsNot() {
        std::string bytes;
        for (int i = 0; i < 300; ++i) {
            QCOMPARE(fromBase64(toBase64(bytes)).value(), bytes);
            bytes += static_cast<char>(i * 7);
        }
        QCOMPARE(toBase64("foob"), std::string("Zm9vYg=="));  // RFC 4648, section 10
        for (const auto* bad : {"Zg=", "Z", "Zg==Zg==", "Zm9v\n", "Zm9*", "===="}) {
            QVERIFY2(!fromBase64(bad).has_value(), bad);
        }
    }

    void percentEncodingFollowsRfc3986() {
        QCOMPARE(percentEncode("a b/ü*~"), std::string("a%20b%2F%C3%BC%2A~"));
        QCOMPARE(percentEncode("a/b", true), std::string("a/b"));
        QCOMPARE(percentDecode("a%20b%2f+").value(), std::string("a b/+"));
        QCOMPARE(percentDecode("a+b", true).value(), std::string("a b"));
        QVERIFY(!percentDecode("%4").has_value());
        QVERIFY(!percentDecode("%zz").has_value());
    }

    void utf8IsCheckedStrictly() {
        QVERIFY(isUtf8("函数 ü \xf0\x9f\x98\x80"));
        for (const auto* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe5\x87", "\xff"}) {
            QVERIFY(!isUtf8(bad));
        }
    }

    void digestsMatchPublishedVectors() {
        QCOMPARE(sha256Hex("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(toHex(md5("abc")), std::string("900150983cd24fb0d6963f7d28e17f72"));
        QCOMPARE(toHex(hmacSha256("Jefe", "what do ya want for nothing?")),  // RFC 4231, case 2
                 std::string("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        QCOMPARE(crc64("123456789"), std::uint64_t{0x995dc9bbdf1939faU});  // the catalogue's check value of CRC-64/XZ
        QCOMPARE(crc64("6789", crc64("12345")), crc64("123456789"));
        Digest pieces(DigestKind::Sha256);
        pieces.update("a");
        pieces.update("bc");
        QCOMPARE(toHex(pieces.finish()), sha256Hex("abc"));
    }

    void timesRoundTripAndRefuseOtherForms() {
        const SystemTime time{std::chrono::milliseconds{1'136'214'245'678}};
        QCOMPARE(formatRfc3339(time), std::string("2006-01-02T15:04:05Z"));
        QCOMPARE(formatRfc3339Millis(time), std::string("2006-01-02T15:04:05.678Z"));
        QCOMPARE(formatHttpDate(time), std::string("Mon, 02 Jan 2006 15:04:05 GMT"));
        QCOMPARE(formatBasicIso8601(time), std::string("20060102T150405Z"));
        const SystemTime whole{std::chrono::seconds{1'136'214'245}};
        QVERIFY(parseRfc3339("2006-01-02T15:04:05Z").value() == whole);
        QVERIFY(parseRfc3339("2006-01-02T16:04:05+01:00").value() == whole);
        QVERIFY(parseHttpDate("Mon, 02 Jan 2006 15:04:05 GMT").value() == whole);
        QVERIFY(parseBasicIso8601("20060102T150405Z").value() == whole);
        for (const auto* bad : {"", "2006-01-02", "2006-13-02T15:04:05Z", "2006-01-02T15:04:05Zx"}) {
            QVERIFY2(!parseRfc3339(bad).has_value(), bad);
        }
    }

    void idsHaveTheirDocumentedForm() {
        QVERIFY(std::regex_match(newRequestId().value, std::regex("1-[0-9a-f]{8}-[0-9a-f]{24}")));
        QVERIFY(std::regex_match(newInstanceId().value, std::regex("c-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}")));
        QVERIFY(std::regex_match(newUuid(),
                                 std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
        QVERIFY(newRequestId() != newRequestId());
    }

    void headersCompareNamesWithoutCase() {
        http::Headers headers;
        headers.add("X-Fc-Log-Type", "Tail");
        QVERIFY(headers.get("x-fc-log-type") == "Tail");
        headers.set("X-FC-LOG-TYPE", "None");
        QCOMPARE(headers.fields().size(), std::size_t{1});
    }

    void queriesDecodeInOrder() {
        http::Request request;
        request.query = "a=1&b&a=2%20x&c=y+z";
        QCOMPARE(request.queryPairs().size(), std::size_t{4});
        QCOMPARE(request.queryValue("a").value(), std::string("1"));
        QCOMPARE(request.queryValue("c").value(), std::string("y z"));
        QVERIFY(request.queryValue("b").has_value());
        QVERIFY(!request.queryValue("d").has_value());
    }

    void aCoroutineResumesOnItsOwnThreadAfterBlockingWork() {
        IoPool pool(2);
        asio::thread_pool disk(1);
        const auto check = [&]() -> Task<bool> {
            const int before = IoPool::currentIndex();
            const int inside = co_await onPool(disk, [] { return IoPool::currentIndex(); });
            co_return before >= 0 && inside == -1 && IoPool::currentIndex() == before;
        };
        QVERIFY(runBlocking(pool.context(1).get_executor(), check()));
    }
};

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"
