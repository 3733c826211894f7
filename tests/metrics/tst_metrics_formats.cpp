// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Histograms against sorted values, and each piece of the files there and back.

#include "metrics/chunk.h"
#include "metrics/manifest.h"
#include "metrics/names.h"

#include <QtTest>
#include <cmath>
#include <fstream>
#include <random>
#include <set>

using namespace hanshu;
using namespace hanshu::metrics;

namespace {

using Random = std::mt19937_64;

// Values of a machine's kind: many sizes, most of them near each other.
std::vector<std::uint64_t> someValues(Random& random, std::size_t count) {
    std::vector<std::uint64_t> values(count);
    const auto doublings = static_cast<double>(random() % 40);
    std::lognormal_distribution<double> sizes(doublings * 0.69, static_cast<double>(random() % 30) / 10);
    for (auto& value : values) {
        value = static_cast<std::uint64_t>(std::min(sizes(random), 1e14));
    }
    return values;
}

Histogram histogramOf(std::span<const std::uint64_t> values) {
    Histogram histogram;
    for (const auto value : values) {
        histogram.record(value);
    }
    return histogram;
}

bool areSame(const Histogram& a, const Histogram& b) {
    std::string left;
    std::string right;
    a.writeBuckets(left);
    b.writeBuckets(right);
    return left == right && a.count() == b.count() && a.sum() == b.sum() && a.min() == b.min() && a.max() == b.max();
}

Sample someSample(Kind kind, bool isRaw, Random& random, std::string& buckets) {
    const auto number = [&] { return static_cast<std::int64_t>(random() >> (8 + random() % 56)); };
    buckets.clear();
    if (kind == Kind::Histogram) {
        return sampleOf(histogramOf(someValues(random, 1 + random() % 40)), buckets);
    }
    if (kind == Kind::Counter) {
        auto sample = counterSample(number());
        for (auto more = isRaw ? 0 : random() % 5; more > 0; --more) {
            join(sample, counterSample(number()));
        }
        if (!isRaw && random() % 4 == 0) {
            sample.min = 0;
        }
        return sample;
    }
    const auto difference = [&] {
        const auto from = number();
        return from - number();
    };
    auto sample = gaugeSample(difference());
    for (auto more = random() % 4; more > 0; --more) {
        join(sample, gaugeSample(random() % 2 == 0 ? sample.last : difference()));
    }
    return sample;
}

}  // namespace

class TestMetricsFormats : public QObject {
    Q_OBJECT

private slots:
    void bucketsFollowEachOtherWithoutGap() {
        for (std::size_t i = 0; i < kBuckets; ++i) {
            const auto bucket = static_cast<Bucket>(i);
            QCOMPARE(bucketOf(lowerEdge(bucket)), bucket);
            QCOMPARE(bucketOf(upperEdge(bucket)), bucket);
            if (i + 1 < kBuckets) {
                QCOMPARE(upperEdge(bucket) + 1, lowerEdge(static_cast<Bucket>(i + 1)));
            }
            QVERIFY((upperEdge(bucket) - lowerEdge(bucket)) * 64 <= lowerEdge(bucket));
        }
        QCOMPARE(upperEdge(static_cast<Bucket>(kBuckets - 1)), kMaxValue);
        QCOMPARE(bucketOf(UINT64_MAX), static_cast<Bucket>(kBuckets - 1));
        QCOMPARE(kPages * kBucketsPerPage, kBuckets);
    }

    void percentilesAreThoseOfTheSortedValues() {
        Random random(1);
        for (int round = 0; round < 200; ++round) {
            auto values = someValues(random, 1 + random() % 2000);
            const auto histogram = histogramOf(values);
            std::ranges::sort(values);
            QCOMPARE(histogram.count(), values.size());
            QCOMPARE(histogram.min(), values.front());
            QCOMPARE(histogram.max(), values.back());
            for (const double percent : {0.0, 1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 100.0}) {
                const auto rank = std::max(std::ceil(percent / 100 * static_cast<double>(values.size())), 1.0);
                const auto exact = static_cast<double>(values[static_cast<std::size_t>(rank) - 1]);
                const auto told = static_cast<double>(histogram.percentile(percent));
                QVERIFY2(std::abs(told - exact) <= exact / 128,
                         fmt::format("p{} of {} values: {} for {}", percent, values.size(), told, exact).c_str());
            }
        }
    }

    void mergingIsAsRecordingAll() {
        Random random(2);
        for (int round = 0; round < 100; ++round) {
            std::array<std::vector<std::uint64_t>, 3> parts;
            std::vector<std::uint64_t> all;
            for (auto& part : parts) {
                part = someValues(random, random() % 300);
                all.insert(all.end(), part.begin(), part.end());
            }
            auto left = histogramOf(parts[0]);
            left.merge(histogramOf(parts[1]));
            left.merge(histogramOf(parts[2]));
            auto tail = histogramOf(parts[1]);
            tail.merge(histogramOf(parts[2]));
            auto right = histogramOf(parts[0]);
            right.merge(tail);
            auto other = histogramOf(parts[2]);
            other.merge(histogramOf(parts[0]));
            other.merge(histogramOf(parts[1]));
            QVERIFY(areSame(left, right));
            QVERIFY(areSame(left, other));
            QVERIFY(areSame(left, histogramOf(all)));
            left.clear();
            QVERIFY(left.empty() && left.percentile(50) == 0 && left.min() == 0 && left.sum() == 0);
        }
    }

    void histogramsComeBackFromBytes() {
        Random random(3);
        for (int round = 0; round < 200; ++round) {
            const auto histogram = histogramOf(someValues(random, 1 + random() % 500));
            std::string buckets;
            const auto sample = sampleOf(histogram, buckets);
            Histogram back;
            QVERIFY(addTo(back, sample, buckets));
            QVERIFY(areSame(back, histogram));
        }
        Histogram extreme;
        extreme.record(0, 3);
        extreme.record(UINT64_MAX, 1'000'000);
        std::string buckets;
        const auto sample = sampleOf(extreme, buckets);
        Histogram back;
        QVERIFY(addTo(back, sample, buckets));
        QVERIFY(areSame(back, extreme));
    }

    void damagedBucketsAddNothing() {
        Histogram histogram;
        const auto merge = [&](std::string_view bytes) { return histogram.mergeBuckets(bytes, 10, 1, 5); };
        QVERIFY(!merge(""));
        QVERIFY(!merge(std::string(11, '\xFF')));
        QVERIFY(!merge("\xFF\xFF\x03"));  // beyond the last bucket
        QVERIFY(!merge("\x01"));          // a number is missing
        QVERIFY(histogram.empty());
        QVERIFY(!histogram.mergeBuckets(std::string_view("\x02\x02", 2), 10, 5, 1));
        QVERIFY(merge(std::string_view("\x02\x02", 2)));
        QCOMPARE(histogram.count(), 2U);
    }

    void chunksComeBackFromBytes() {
        Random random(4);
        for (int round = 0; round < 600; ++round) {
            const auto kind = static_cast<Kind>(round % 3);
            const auto isRaw = random() % 2 == 0;
            const std::uint32_t end = 1440;
            std::vector<ChunkSample> samples;
            std::deque<std::string> buckets;
            for (std::uint32_t offset = random() % 4 == 0 ? 17 : 0; offset < end;) {
                auto& mine = buckets.emplace_back();
                const auto sample = someSample(kind, isRaw, random, mine);
                for (auto times = random() % 3 == 0 ? random() % 12 : 1; times > 0 && offset < end; --times) {
                    samples.push_back({offset++, sample, mine});
                }
                offset += random() % 3 == 0 ? static_cast<std::uint32_t>(random() % 100) : 0;
            }
            std::string bytes;
            writeChunk(kind, isRaw, samples, bytes);
            std::size_t next = 0;
            bool isSame = true;
            QVERIFY(readChunk(kind, isRaw, bytes, end, [&](const ChunkSample& sample) {
                isSame = isSame && next < samples.size() && sample.offset == samples[next].offset &&
                         sample.sample == samples[next].sample && sample.buckets == samples[next].buckets;
                ++next;
            }));
            QVERIFY(isSame);
            QCOMPARE(next, samples.size());
        }
    }

    void whatDoesNotChangeCostsNothing() {
        std::vector<ChunkSample> samples;
        for (std::uint32_t i = 0; i < 1440; ++i) {
            samples.push_back({i, gaugeSample(536'870'912), {}});
        }
        std::string bytes;
        writeChunk(Kind::Gauge, true, samples, bytes);
        QVERIFY2(bytes.size() < 16, std::to_string(bytes.size()).c_str());
    }

    void seriesKeepTheirNumbers() {
        SeriesBook book;
        const auto a = book.intern("m", Kind::Counter, {"1", "f", "LATEST", ""}).value();
        const auto b = book.intern("m", Kind::Counter, {"1", "g", "LATEST", ""}).value();
        const auto c = book.intern("n", Kind::Gauge, {"1", "f", "", "x"}).value();
        QVERIFY(a != b && metricOf(a) == metricOf(b) && metricOf(c) != metricOf(a));
        QCOMPARE(book.intern("m", Kind::Counter, {"1", "f", "LATEST", ""}).value(), a);
        const std::array ids = {a, c};
        auto changes = book.takeChanges(ids, 77);
        QVERIFY(book.takeChanges(ids, 78).empty());
        QCOMPARE(book.end({"*", "g", "*", "*"}, 80), std::size_t{1});
        changes += book.takeChanges({}, 0);
        SeriesBook again;
        QVERIFY(again.load(changes));
        QCOMPARE(again.intern("m", Kind::Counter, {"1", "f", "LATEST", ""}).value(), a);
        QCOMPARE(again.intern("n", Kind::Gauge, {"1", "f", "", "x"}).value(), c);
        std::vector<SeriesBook::Series> found;
        again.select(metricOf(a), {}, [&](const auto& series, const Dimensions&) { found.push_back(series); });
        QCOMPARE(found.size(), std::size_t{2});
        QCOMPARE(found[0].born, 77);
        QCOMPARE(found[0].ended, INT32_MAX);
        QCOMPARE(found[1].ended, 80);
        SeriesBook shorter;
        QVERIFY(shorter.load(again.all(81)));
        QCOMPARE(again.endedBefore(81), std::size_t{1});
        QCOMPARE(shorter.size(), std::size_t{2});
        again.forget(81);
        QCOMPARE(again.size(), std::size_t{2});
        QCOMPARE(again.dimensionsOf(a).function, std::string_view("f"));
    }

    void aSeriesThatEndedMayLiveAgain() {
        SeriesBook book;
        const auto id = book.intern("m", Kind::Counter, {"1", "f", "", ""}).value();
        (void)book.takeChanges(std::array{id}, 10);
        QCOMPARE(book.end({}, 20), std::size_t{1});
        QCOMPARE(book.end({}, 30), std::size_t{0});
        QCOMPARE(book.intern("m", Kind::Counter, {"1", "f", "", ""}).value(), id);
        (void)book.takeChanges(std::array{id}, 40);
        book.select(metricOf(id), {}, [&](const SeriesBook::Series& series, const Dimensions&) {
            QCOMPARE(series.born, 40);
            QCOMPARE(series.ended, INT32_MAX);
        });
    }

    void tooManySeriesAreCountedTogether() {
        SeriesBook book(10);
        std::set<SeriesId> ids;
        for (int i = 0; i < 100; ++i) {
            ids.insert(book.intern("m", Kind::Counter, {"1", std::to_string(i), "", ""}).value());
        }
        QCOMPARE(ids.size(), std::size_t{11});
        QCOMPARE(book.dimensionsOf(*ids.rbegin()).function, SeriesBook::kOtherFunction);
    }

    void badNamesAreRefused() {
        SeriesBook book;
        const std::string large(kMaxNameBytes + 1, 'x');
        QCOMPARE(book.intern("", Kind::Counter, {}).error().code, Code::InvalidArgument);
        QCOMPARE(book.intern(large, Kind::Counter, {}).error().code, Code::InvalidArgument);
        QCOMPARE(book.intern("m", Kind::Counter, {"1", large, "", ""}).error().code, Code::InvalidArgument);
    }

    void aBookWithAHoleGivesNoNumberTwice() {
        SeriesBook book;
        std::string first;
        std::string last;
        for (int i = 0; i < 3; ++i) {
            (void)book.intern("m", Kind::Counter, {"1", std::to_string(i), "", ""});
            auto changes = book.takeChanges({}, 0);
            (i == 0 ? first : last) = changes;
        }
        SeriesBook again;
        QVERIFY(again.load(first) && again.load(last));  // what was between is lost
        again.skipNumbers();
        const auto made = again.intern("m", Kind::Counter, {"1", "new", "", ""}).value();
        QVERIFY(numberOf(made) > 2);
        QCOMPARE(numberOf(again.intern("m", Kind::Counter, {"1", "2", "", ""}).value()), 2U);
    }

    void globs_data() {
        QTest::addColumn<QString>("glob");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* glob, const char* text, bool matches) {
            QTest::addRow("%s of %s", glob, text) << glob << text << matches;
        };
        row("*", "", true);
        row("*", "anything", true);
        row("", "", true);
        row("", "a", false);
        row("img-*", "img-resize", true);
        row("img-*", "pdf-img-", false);
        row("*-a*b", "x-aab", true);
        row("*-a*b", "x-aabc", false);
        row("a?c", "abc", true);
        row("a?c", "ac", false);
        row("**", "a", true);
    }
    void globs() {
        QFETCH(QString, glob);
        QFETCH(QString, text);
        QFETCH(bool, matches);
        QCOMPARE(matchesGlob(glob.toStdString(), text.toStdString()), matches);
    }

    void manifestsComeBack() {
        Manifest manifest;
        manifest.nextId = 99;
        manifest.segments = {{7, Level::MinutesOfDay, 8640 * 3, true, 12345}, {8, Level::TenSeconds, 60, false, 0}};
        manifest.sealedJournals = {3, 4};
        auto bytes = manifestBytes(manifest);
        QVERIFY(readManifest(bytes) == manifest);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ 4);
            QVERIFY(!readManifest(damaged));
            QVERIFY(!readManifest(std::string_view(bytes).substr(0, i)));
        }
    }

    void theTableOfNamesIsInOrderAndTold() {
        const auto table = metricTable();
        QVERIFY(std::ranges::is_sorted(table, {}, &MetricInfo::name));
        std::set<std::string_view> exposed;
        for (const auto& info : table) {
            QVERIFY(findMetric(info.name) == &info);
            QVERIFY(findView(info.name) == nullptr);
            QVERIFY2(exposed.insert(info.exposed).second, std::string(info.exposed).c_str());
            QVERIFY(info.exposed.starts_with("hanshu_"));
            QCOMPARE(info.exposed.ends_with("_total"), info.kind == Kind::Counter);
            QVERIFY(info.help.ends_with('.'));
            QVERIFY(std::ranges::is_sorted(boundsOf(info.name)));
        }
        std::ifstream file(qEnvironmentVariable("HANSHU_SOURCE").toStdString() + "/resources/docs/metrics.md");
        const std::string page(std::istreambuf_iterator<char>(file), {});
        const auto isTold = [&](const std::string& row) { return page.find(row) != std::string::npos; };
        for (const auto& info : table) {
            const auto row = fmt::format("| `{}` | `{}` |", info.name, info.exposed);
            QVERIFY2(isTold(row) && isTold(fmt::format("| {} | {} |", info.detail, info.help)), row.c_str());
        }
        for (const auto& view : viewTable()) {
            QVERIFY2(isTold(fmt::format("| `{}` | `{}` |", view.name, view.metric)), std::string(view.name).c_str());
            const auto* info = findMetric(view.metric);
            QVERIFY2(info != nullptr, std::string(view.name).c_str());
            QVERIFY((aggregationsOf(info->kind) & maskOf(view.aggregation)) != 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestMetricsFormats)
#include "tst_metrics_formats.moc"
