// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Damaged files cost what is damaged and nothing else: never a crash, never a wrong number without a name.

#include "metrics/fixture.h"
#include "metrics/survival.h"

using namespace hanshu;
using namespace hanshu::metrics;
using namespace hanshu::test;

namespace {

constexpr Period kEnd = kFirst + 8640 + 500;

struct Sound {
    MemoryFiles files;
    World world{1};

    // Files of every kind but a month's.
    Sound() {
        const auto store = Store::open("/m", files).value();
        for (Period period = kFirst; period < kEnd; period += 5) {
            if (!write(*store, world, period) || !store->maintain(startOf(period)).errors.empty()) {
                qFatal("writing failed");
            }
        }
    }
    // A copy with files of its own.
    [[nodiscard]] MemoryFiles copy() const {
        MemoryFiles copy;
        for (const auto& [name, bytes] : const_cast<MemoryFiles&>(files).all()) {
            copy.all()[name] = std::make_shared<std::string>(*bytes);
        }
        return copy;
    }
};

const Sound& sound() {
    static const Sound sound;
    return sound;
}

std::string wrongAfter(MemoryFiles& files) {
    const auto store = Store::open("/m", files);
    if (!store) {
        return store.error().code == Code::DataLoss ? "" : store.error().describe();
    }
    constexpr Leniency kMayMiss{true, true};
    for (const std::uint32_t points : {10'000U, 300U, 20U}) {
        if (auto wrong = wrongAnswers(**store, sound().world, kFirst, kEnd, points, kMayMiss); !wrong.empty()) {
            return wrong;
        }
    }
    // Upkeep leaves out what is damaged, says so, and comes to an end.
    const auto before = (*store)->damage().size();
    const auto report = (*store)->maintain(startOf(kFirst + 3 * 8640));
    if (!report.errors.empty()) {
        return "upkeep: " + report.errors.front().describe();
    }
    if (report.damaged.empty() && before == 0) {
        return wrongAnswers(**store, sound().world, kFirst, kEnd, 20, kMayMiss);
    }
    return {};
}

}  // namespace

class TestMetricsDamage : public QObject {
    Q_OBJECT

private slots:
    void aFlippedBitIsNamed() {
        std::mt19937 random(1);
        std::vector<std::string> names;
        auto whole = sound().copy();
        for (const auto& [name, bytes] : whole.all()) {
            names.push_back(name);
        }
        QVERIFY(wrongAfter(whole).empty());
        for (int round = 0; round < 150; ++round) {
            auto files = sound().copy();
            // The book, the manifest and the last files are few among many: each of them has its turn.
            const auto at = round % 3 == 0 ? names.size() - 1 - random() % 4 : random() % names.size();
            auto& bytes = *files.all()[names[at]];
            const auto byte = random() % bytes.size();
            bytes[byte] = static_cast<char>(static_cast<unsigned char>(bytes[byte]) ^ (1U << random() % 8));
            const auto wrong = wrongAfter(files);
            QVERIFY2(wrong.empty(), fmt::format("{} byte {}: {}", names[at], byte, wrong).c_str());
        }
    }

    void aCutFileIsNamed() {
        std::mt19937 random(2);
        auto whole = sound().copy();
        std::vector<std::string> names;
        for (const auto& [name, bytes] : whole.all()) {
            // A journal or a book that ends early is one that was ended early: that is no damage.
            if (name.ends_with(".seg") || name.ends_with("manifest")) {
                names.push_back(name);
            }
        }
        for (int round = 0; round < 60; ++round) {
            auto files = sound().copy();
            auto& bytes = *files.all()[names[random() % names.size()]];
            bytes.resize(random() % bytes.size());
            const auto wrong = wrongAfter(files);
            QVERIFY2(wrong.empty(), wrong.c_str());
        }
    }

    void aLostManifestIsMadeAnew() {
        auto files = sound().copy();
        (*files.all()["/m/manifest"])[20] ^= 1;
        {
            const auto store = Store::open("/m", files).value();
            QCOMPARE(store->damage().size(), std::size_t{1});
            QVERIFY(store->maintain(startOf(kEnd)).errors.empty());
        }
        const auto store = Store::open("/m", files).value();
        QVERIFY(store->damage().empty());
        for (const std::uint32_t points : {10'000U, 300U, 20U}) {
            const auto wrong = wrongAnswers(*store, sound().world, kFirst, kEnd, points);
            QVERIFY2(wrong.empty(), wrong.c_str());
        }
    }

    void aLostBookIsNotMadeUp() {
        auto files = sound().copy();
        files.all().erase("/m/series.log");
        const auto store = Store::open("/m", files);
        QVERIFY(!store);
        QCOMPARE(store.error().code, Code::DataLoss);
        QCOMPARE(store.error().reason, std::string("MetricsBookLost"));
    }

    void whatStandsBehindRightChecksumsIsNotTrustedEither() {
        std::mt19937 random(3);
        // What is right, changed in a few places, and what never was.
        std::vector<std::string> seeds = {std::string("\0\4\0\2\4\2", 6)};
        for (const auto kind : {Kind::Counter, Kind::Gauge, Kind::Histogram}) {
            std::string buckets;
            Histogram histogram;
            for (std::uint64_t i = 1; i < 9; ++i) {
                histogram.record(i * i * 100);
            }
            const auto sample = kind == Kind::Histogram ? sampleOf(histogram, buckets) : counterSample(5);
            std::vector<ChunkSample> samples;
            for (std::uint32_t i = 0; i < 20; i += 1 + i % 3) {
                samples.push_back({i, sample, buckets});
            }
            writeChunk(kind, true, samples, seeds.emplace_back());
            writeChunk(kind, false, samples, seeds.emplace_back());
        }
        SeriesBook book;
        nameAll(book);
        seeds.push_back(book.takeChanges({}, 5));
        for (int round = 0; round < 4000; ++round) {
            auto bytes = seeds[random() % seeds.size()];
            if (round % 4 == 0) {
                bytes.assign(random() % 60, '\0');
                std::ranges::generate(bytes, [&] { return static_cast<char>(random() % (1U << (random() % 9))); });
            }
            for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            const std::string head = {static_cast<char>(round % 8), static_cast<char>(random())};
            const auto wrong = brokenMetricsBy(head + bytes);
            QVERIFY2(wrong.empty(), wrong.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestMetricsDamage)
#include "tst_metrics_damage.moc"
