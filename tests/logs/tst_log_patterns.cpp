// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/patterns.h"

#include <QTest>
#include <map>
#include <random>

using namespace hanshu;
using namespace hanshu::logs;

namespace {

const SystemTime kStart{std::chrono::hours(480'000)};

class Counter {
public:
    void add(std::string message) {
        LineView line;
        line.sequence = ++m_sequence;
        line.time = kStart + std::chrono::seconds(m_sequence);
        line.message = message;
        m_counter.add(line);
    }
    [[nodiscard]] std::map<std::string, std::uint64_t> shapes() const {
        std::map<std::string, std::uint64_t> found;
        for (const auto& pattern : m_counter.top(PatternCounter::kMaxPatterns)) {
            found[pattern.shape] += pattern.lines;
        }
        return found;
    }
    [[nodiscard]] const PatternCounter& operator*() const { return m_counter; }

private:
    PatternCounter m_counter;
    std::uint64_t m_sequence = 0;
};

using Shapes = std::map<std::string, std::uint64_t>;

}  // namespace

class TestLogPatterns : public QObject {
    Q_OBJECT

private slots:
    void numbersAndIdsAreWhatDiffers() {
        Counter counter;
        for (int i = 0; i < 10; ++i) {
            counter.add("order " + std::to_string(i) + " took " + std::to_string(i * 7) + "ms (user=u" +
                        std::to_string(i) + ")");
            counter.add("cache is warm");
        }
        QCOMPARE(counter.shapes(), (Shapes{{"order <*> took <*> (user=<*>)", 10}, {"cache is warm", 10}}));
    }

    void wordsThatDifferBecomeVariableWhenTheRestIsAlike() {
        Counter counter;
        for (const auto* name : {"anna", "bert", "carl"}) {
            counter.add(std::string("login of ") + name + " was accepted at once");
        }
        counter.add("login of dora was refused, because she is blocked");
        QCOMPARE(counter.shapes(), (Shapes{{"login of <*> was accepted at once", 3},
                                           {"login of dora was refused, because she is blocked", 1}}));
    }

    void otherSeparatorsAreAnotherShape() {
        Counter counter;
        counter.add("load of disk (sda) is high");
        counter.add("load of disk [sda] is high");
        QCOMPARE(counter.shapes().size(), 2U);
    }

    void ofATraceTheFirstLineCounts() {
        Counter counter;
        counter.add("it failed\n  File a, line 1\nKeyError: 1");
        counter.add("it failed\n  File b, line 2\nValueError: 2");
        counter.add("");
        counter.add("");
        QCOMPARE(counter.shapes(), (Shapes{{"it failed", 2}, {"", 2}}));
    }

    void theMostFrequentComeFirstWithTheirTimes() {
        Counter counter;
        counter.add("rare one");
        counter.add("frequent thing happened here");
        counter.add("frequent thing happened here");
        const auto top = (*counter).top(1);
        QCOMPARE(top.size(), 1U);
        QCOMPARE(top[0].shape, std::string("frequent thing happened here"));
        QCOMPARE(top[0].lines, 2U);
        QVERIFY(top[0].first == kStart + std::chrono::seconds(2) && top[0].last == kStart + std::chrono::seconds(3));
        QCOMPARE(top[0].sample.sequence, 2U);
    }

    // Lines of any bytes: every one is counted once, and memory has its bound.
    void whateverComesIsCountedOnce() {
        std::mt19937 random(3);
        Counter counter;
        constexpr std::uint64_t kLines = 30'000;
        for (std::uint64_t i = 0; i < kLines; ++i) {
            std::string message;
            for (auto words = random() % 8; words > 0; --words) {
                for (auto letters = 1 + random() % 6; letters > 0; --letters) {
                    message += static_cast<char>(random() % 256);
                }
                message += ' ';
            }
            counter.add(message);
        }
        std::uint64_t clustered = 0;
        for (const auto& [shape, lines] : counter.shapes()) {
            clustered += lines;
        }
        QCOMPARE((*counter).lines(), kLines);
        QCOMPARE(clustered + (*counter).unclustered(), kLines);
        QVERIFY((*counter).unclustered() > 0);
        QVERIFY((*counter).top(100'000).size() <= PatternCounter::kMaxPatterns);
    }

    void aLongLineIsCutBetweenCharacters() {
        Counter counter;
        std::string text(PatternCounter::kMaxShapeBytes - 1, 'x');
        counter.add(text + "函数");
        const auto shape = (*counter).top(1).at(0).shape;
        QCOMPARE(shape, text);
    }
};

QTEST_GUILESS_MAIN(TestLogPatterns)
#include "tst_log_patterns.moc"
