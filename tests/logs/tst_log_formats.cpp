// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What log lines become on disk and back: checksums, ids in messages, terms and their index, blocks.

#include "base/bytes.h"
#include "base/crc32c.h"
#include "logs/block.h"
#include "logs/corpus.h"
#include "logs/memory_files.h"
#include "logs/message_codec.h"
#include "logs/term_index.h"

#include <QtTest>
#include <map>
#include <numeric>
#include <random>
#include <set>

using namespace hanshu;
using namespace hanshu::logs;
using namespace hanshu::test;

namespace {

std::string randomText(std::mt19937& random, std::size_t size) {
    // Few different bytes, so that marks, digits and dashes meet.
    static constexpr std::string_view kBytes = "0123456789abcdefABCDEF-- \x01\x02\x03\x04\x05xyz\xE5\x87\xBD";
    std::string text(size, '\0');
    for (auto& byte : text) {
        byte = kBytes[random() % kBytes.size()];
    }
    return text;
}

std::optional<std::string> throughCodec(std::string_view message, std::string_view requestId) {
    std::string text;
    std::string ids;
    encodeMessage(message, requestId, text, ids);
    ByteReader textReader(text);
    ByteReader idReader(ids);
    std::string back(message.size(), '?');
    if (!decodeMessage(textReader, idReader, requestId, back.data(), back.size()) || textReader.left() > 0 ||
        idReader.left() > 0) {
        return std::nullopt;
    }
    return back;
}

}  // namespace

class TestLogFormats : public QObject {
    Q_OBJECT

private slots:
    void checksumsAreThoseOfTheStandard() {
        // RFC 3720 B.4, and the check value of the CRC catalogue.
        QCOMPARE(crc32c(std::string(32, '\0')), 0x8A9136AAU);
        QCOMPARE(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
        QCOMPARE(crc32c("123456789"), 0xE3069283U);
        std::mt19937 random(1);
        for (std::size_t size = 0; size < 70; ++size) {
            const auto text = randomText(random, size);
            QCOMPARE(crc32c(text, 7), detail::crc32cByTable(text, 7));
            QCOMPARE(crc32c(text.substr(size / 3), crc32c(text.substr(0, size / 3))), crc32c(text));
        }
    }

    void numbersComeBackAndEndsAreSeen() {
        std::string bytes;
        ByteWriter writer(bytes);
        const std::vector<std::uint64_t> numbers = {0, 1, 127, 128, 16384, UINT32_MAX, UINT64_MAX};
        const std::vector<std::int64_t> signedNumbers = {0, -1, 1, INT64_MIN, INT64_MAX};
        for (const auto number : numbers) {
            writer.varint(number);
        }
        for (const auto number : signedNumbers) {
            writer.zigzag(number);
        }
        ByteReader reader(bytes);
        for (const auto number : numbers) {
            QCOMPARE(reader.varint(), number);
        }
        for (const auto number : signedNumbers) {
            QCOMPARE(reader.zigzag(), number);
        }
        QVERIFY(reader.ok() && reader.left() == 0);
        QCOMPARE(reader.varint(), 0U);
        QVERIFY(!reader.ok());
        const std::string ones(11, '\xFF');
        ByteReader endless(ones);
        QCOMPARE(endless.varint(), 0U);
        QVERIFY(!endless.ok());
    }

    void messagesComeBackAsTheyWere_data() {
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* name, const char* message) { QTest::newRow(name) << QByteArray(message); };
        row("empty", "");
        row("plain", "hello");
        row("a UUID", "order a9745007-6ed1-49d2-8942-629f167fa313 accepted");
        row("a UUID alone", "a9745007-6ed1-49d2-8942-629f167fa313");
        row("two UUIDs without a gap", "a9745007-6ed1-49d2-8942-629f167fa313a9745007-6ed1-49d2-8942-629f167fa313");
        row("a UUID in capitals", "A9745007-6ED1-49D2-8942-629F167FA313");
        row("almost a UUID", "a974500-76ed1-49d2-8942-629f167fa313");
        row("a trace id", "trace=3909c671e10230d600b3029e6e41c9e7;");
        row("an odd run of digits", "12345678901234567");
        row("a run of 700 digits", QByteArray(701, 'a').constData());
        row("the line's own request id", "FC Invoke Start RequestId: 1-6553f100-491718de357e3da885e7bb0f");
        row("it twice", "1-6553f100-491718de357e3da885e7bb0f1-6553f100-491718de357e3da885e7bb0f");
        row("another request id", "1-6553f100-591718de357e3da885e7bb0f");
        row("the marks", "\x01 \x02 \x03 \x04 \x05");
        row("Chinese", "订单已支付，金额 ¥129.95");
    }

    void messagesComeBackAsTheyWere() {
        QFETCH(QByteArray, message);
        const auto back = throughCodec(message.toStdString(), "1-6553f100-491718de357e3da885e7bb0f");
        QVERIFY(back.has_value());
        QCOMPARE(*back, message.toStdString());
    }

    void anyMessageComesBack() {
        std::mt19937 random(2);
        for (int i = 0; i < 20'000; ++i) {
            const auto message = randomText(random, random() % 200);
            const auto request = random() % 2 == 0 ? message.substr(0, message.size() / 2) : std::string("own-request");
            const auto back = throughCodec(message, request);
            QVERIFY(back.has_value());
            QCOMPARE(*back, message);
        }
    }

    void idsTakeLessAndComeBack() {
        for (const std::string id :
             {"", "x", "1-6553f100-491718de357e3da885e7bb0f", "1-6553F100-491718de357e3da885e7bb0f",
              "a9745007-6ed1-49d2-8942-629f167fa313", "c-0c9d-1"}) {
            std::string bytes;
            encodeId(id, bytes);
            QVERIFY(bytes.size() <= id.size() + 1);
            std::string back;
            ByteReader reader(bytes);
            QVERIFY(decodeId(reader, back));
            QCOMPARE(back, id);
        }
        std::string bytes;
        encodeId("1-6553f100-491718de357e3da885e7bb0f", bytes);
        QCOMPARE(bytes.size(), std::size_t{17});
    }

    void runsOfDigitsAreAllFound() {
        std::mt19937 random(3);
        for (int i = 0; i < 5'000; ++i) {
            const auto text = randomText(random, random() % 120);
            std::vector<std::pair<std::size_t, std::size_t>> found;
            forEachHexRun(text, [&](std::size_t begin, std::size_t end) { found.emplace_back(begin, end); });
            std::vector<std::pair<std::size_t, std::size_t>> expected;
            for (std::size_t begin = 0; begin < text.size();) {
                auto end = begin;
                while (end < text.size() && isHex(text[end])) {
                    ++end;
                }
                if (end - begin >= kMinHexRun) {
                    expected.emplace_back(begin, end);
                }
                begin = std::max(end, begin + 1);
            }
            QVERIFY(found == expected);
        }
    }

    void aTextHasTheTermsOfAllItsParts() {
        LogCorpus corpus(4, SystemTime{}, std::chrono::seconds(1));
        std::mt19937 random(4);
        TermCollector collector;
        std::vector<Term> terms;
        for (int i = 0; i < 2'000; ++i) {
            const auto message = i % 4 == 0 ? randomText(random, 90) : corpus.next().message;
            collector.addMessage(message);
            collector.take(terms);
            const std::set<Term> has(terms.begin(), terms.end());
            QCOMPARE(has.size(), terms.size());
            const auto begin = random() % (message.size() + 1);
            auto part = message.substr(begin, random() % 60);
            for (auto& byte : part) {  // in another case
                byte = static_cast<char>(byte >= 'a' && byte <= 'z' && random() % 2 == 0 ? byte - 32 : byte);
            }
            for (const auto term : termsOf(part)) {
                QVERIFY2(has.contains(term), part.c_str());
            }
        }
    }

    void theIndexKnowsExactlyWhichBlocksHaveATerm_data() {
        QTest::addColumn<int>("blocks");
        for (const int blocks : {1, 7, 64, 65, 300}) {
            QTest::addRow("%d blocks", blocks) << blocks;
        }
    }

    void theIndexKnowsExactlyWhichBlocksHaveATerm() {
        QFETCH(int, blocks);
        std::mt19937 random(5);
        TermIndexBuilder builder;
        std::map<Term, std::set<std::size_t>> expected;
        for (int block = 0; block < blocks; ++block) {
            std::set<Term> terms;
            for (int i = 0; i < 600; ++i) {
                // Some in nearly all blocks, some in half, some in one.
                const auto dice = random() % 3;
                terms.insert(static_cast<Term>(dice == 0   ? random() % 120
                                               : dice == 1 ? 1000 + random() % 600
                                                           : kFirstHash | random()));
            }
            QVERIFY(builder.addBlock(std::vector<Term>(terms.begin(), terms.end())));
            for (const auto term : terms) {
                expected[term].insert(static_cast<std::size_t>(block));
            }
        }
        Compressor compressor(3);
        std::string bytes;
        auto groups = builder.finish(static_cast<std::size_t>(blocks), compressor, bytes);
        std::uint64_t offset = 0;
        for (auto& group : groups) {
            group.offset = std::exchange(offset, offset + group.size);
        }
        const MemoryFile file(bytes);
        TermIndexReader reader(file, groups, static_cast<std::size_t>(blocks));
        for (const auto& [term, inBlocks] : expected) {
            const auto found = reader.find(term);
            QVERIFY(found.has_value());
            for (std::size_t block = 0; block < static_cast<std::size_t>(blocks); ++block) {
                QCOMPARE(found->has(block), inBlocks.contains(block));
            }
        }
        for (const Term absent : {Term{500}, Term{900}, kTrigrams, UINT32_MAX}) {
            if (!expected.contains(absent)) {
                const auto found = reader.find(absent);
                QVERIFY(found && found->empty());
            }
        }
    }

    void anIndexThatIsFullRefusesABlock() {
        TermIndexBuilder builder;
        std::vector<Term> terms(400'000);
        std::iota(terms.begin(), terms.end(), 0U);
        QVERIFY(builder.addBlock(terms));
        for (auto& term : terms) {
            term += 400'000;
        }
        QVERIFY(!builder.addBlock(terms));
        QVERIFY(builder.addBlock(std::vector<Term>{1, 2, 3}));
    }

    void aBlockGivesItsLinesBack() {
        LogCorpus corpus(6, SystemTime{std::chrono::seconds(1'700'000'000)}, std::chrono::microseconds(900));
        std::vector<Line> lines;
        BlockBuilder builder;
        Dictionaries dictionaries;
        while (!builder.isFull()) {
            auto line = corpus.next();
            line.sequence *= 3;
            if (lines.size() % 9 == 4) {
                line.time -= std::chrono::milliseconds(50);  // clocks go back
            }
            lines.push_back(line);
            builder.add(line.view(), dictionaries);
        }
        Compressor compressor(3);
        std::string bytes;
        const auto info = builder.finish(compressor, bytes);
        QVERIFY(builder.empty());
        const Names names{dictionaries.functions.names(), dictionaries.qualifiers.names(),
                          dictionaries.instances.names()};
        BlockReader reader;
        DecodedLines decoded;
        const MemoryFile file(bytes);
        QVERIFY(reader.readFields(file, info, names, decoded));
        QVERIFY(reader.readMessages(info, decoded));
        QCOMPARE(decoded.lines.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            QVERIFY(Line(decoded.lines[i]) == lines[i]);
        }
        QCOMPARE(info.span.firstSequence, lines.front().sequence);
        QCOMPARE(info.span.lastSequence, lines.back().sequence);
    }
};

QTEST_GUILESS_MAIN(TestLogFormats)
#include "tst_log_formats.moc"
