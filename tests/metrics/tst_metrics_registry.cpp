// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What many threads measure at once is all there, once, and reads well in the text format.

#include "metrics/exposition.h"

#include <QtTest>
#include <random>
#include <thread>

using namespace hanshu;
using namespace hanshu::metrics;
using namespace std::chrono_literals;

namespace {

constexpr Dimensions kF{"1", "f", "LATEST", ""};

struct Sums {
    std::map<SeriesId, Sample> samples;
    std::map<SeriesId, Histogram> histograms;
    std::uint64_t damaged = 0;

    void add(const Batch& batch) {
        for (const auto& entry : batch.entries) {
            auto [place, isNew] = samples.try_emplace(entry.id, entry.sample);
            if (!isNew) {
                join(place->second, entry.sample);
            }
            if (entry.kind == Kind::Histogram) {
                damaged += addTo(histograms[entry.id], entry.sample, batch.bucketsOf(entry)) ? 0 : 1;
            }
        }
    }
};

std::string exposed(const Registry& registry) {
    std::string text;
    expose(registry, [&](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace

class TestMetricsRegistry : public QObject {
    Q_OBJECT

private slots:
    void aPeriodHasWhatCameInIt() {
        SeriesBook book;
        Registry registry(book);
        const auto counter = registry.counter("FunctionTotalInvocations", kF).value();
        const auto gauge = registry.gauge("StockLevel", {}).value();
        const auto timing = registry.timing("FunctionDuration", kF).value();
        Batch batch;
        registry.drain(batch);
        QVERIFY(batch.entries.empty());

        counter.add();
        counter.add(4);
        gauge.set(3);
        gauge.set(-2);
        gauge.set(1);
        timing.record(1500us);
        timing.record(std::chrono::microseconds(-5));
        timing.record(std::uint64_t{1'000'000});
        registry.drain(batch);
        QCOMPARE(batch.entries.size(), std::size_t{3});
        QVERIFY(batch.entries[0].sample == counterSample(5));
        QVERIFY((batch.entries[1].sample == Sample{2, -2, 3, 1, 3}));
        QVERIFY((batch.entries[2].sample == Sample{1'001'500, 0, 1'000'000, 0, 3}));
        Histogram histogram;
        QVERIFY(addTo(histogram, batch.entries[2].sample, batch.bucketsOf(batch.entries[2])));
        QCOMPARE(histogram.percentile(0), 0U);
        QVERIFY(histogram.percentile(50) > 1480 && histogram.percentile(50) < 1520);

        batch.clear();
        timing.record(70us);
        registry.drain(batch);
        QCOMPARE(batch.entries.size(), std::size_t{1});
        QVERIFY((batch.entries[0].sample == Sample{70, 70, 70, 0, 1}));
        QVERIFY(batch.buckets.empty());
    }

    void emptyHandlesDoNothing() {
        Counter().add();
        Gauge().set(1);
        Timing().record(1us);
    }

    void nothingIsLostBetweenThreads() {
        constexpr int kThreads = 4;
        constexpr std::uint64_t kTimes = 20'000;
        SeriesBook book;
        Registry registry(book);
        std::atomic<int> running = kThreads;
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                const auto counter = registry.counter("FunctionTotalInvocations", kF).value();
                const auto timing = registry.timing("FunctionDuration", kF).value();
                const auto gauge = registry.gauge("StockLevel", {}).value();
                std::mt19937_64 random(static_cast<unsigned>(i));
                for (std::uint64_t n = 0; n < kTimes; ++n) {
                    counter.add(2);
                    timing.record(std::uint64_t{1} << (random() % 30));
                    gauge.set(7);
                    if (n % 1000 == 0) {
                        const auto name = std::to_string(n / 1000);
                        registry.counter("FunctionRetries", {"1", name, "", ""}).value().add();
                    }
                }
                --running;
            });
        }
        Sums sums;
        std::size_t texts = 0;
        while (running.load() > 0) {
            Batch batch;
            registry.drain(batch);
            sums.add(batch);
            texts += exposed(registry).size();
        }
        for (auto& thread : threads) {
            thread.join();
        }
        Batch batch;
        registry.drain(batch);
        sums.add(batch);
        const auto sampleOf = [&](std::string_view metric, Kind kind, const Dimensions& dimensions) {
            return sums.samples[book.intern(metric, kind, dimensions).value()];
        };
        QCOMPARE(sampleOf("FunctionTotalInvocations", Kind::Counter, kF).sum, std::int64_t{2 * kThreads * kTimes});
        QCOMPARE(sampleOf("FunctionRetries", Kind::Counter, {"1", "3", "", ""}).sum, std::int64_t{kThreads});
        QCOMPARE(sampleOf("StockLevel", Kind::Gauge, {}).count, std::int64_t{kThreads * kTimes});
        QCOMPARE(sampleOf("StockLevel", Kind::Gauge, {}).max, std::int64_t{7});
        const auto duration = book.intern("FunctionDuration", Kind::Histogram, kF).value();
        QCOMPARE(sums.histograms[duration].count(), std::uint64_t{kThreads * kTimes});
        QCOMPARE(sums.damaged, 0U);
        QVERIFY(texts > 0);
    }

    // What a histogram once needed goes to others; what it then gets is all there.
    void pagesThatAreQuietGoToOthers() {
        SeriesBook book;
        Registry registry(book);
        const auto timing = registry.timing("FunctionDuration", kF).value();
        Sums sums;
        std::uint64_t recorded = 0;
        for (int period = 0; period < 60; ++period) {
            timing.record(std::uint64_t{1} << (period / 10 * 5 + 7));
            timing.record(std::uint64_t{100});
            recorded += 2;
            Batch batch;
            registry.drain(batch);
            sums.add(batch);
        }
        QCOMPARE(sums.histograms.begin()->second.count(), recorded);
        QVERIFY2(registry.pagesUsed() <= 4, std::to_string(registry.pagesUsed()).c_str());
    }

    void whatEndsTellsItsLast() {
        SeriesBook book;
        Registry registry(book);
        const auto old = registry.counter("FunctionTotalInvocations", kF).value();
        old.add(3);
        Batch batch;
        QCOMPARE(registry.end({"*", "f", "*", "*"}, 100, batch), std::size_t{1});
        QCOMPARE(batch.entries.size(), std::size_t{1});
        old.add(5);  // to nobody
        batch.clear();
        registry.drain(batch);
        QVERIFY(batch.entries.empty());
        registry.counter("FunctionTotalInvocations", kF).value().add(7);
        registry.drain(batch);
        QCOMPARE(batch.entries.size(), std::size_t{1});
        QCOMPARE(batch.entries[0].sample.sum, std::int64_t{7});
    }

    void theTextIsThatOfPrometheus() {
        SeriesBook book;
        Registry registry(book);
        registry.counter("FunctionTotalInvocations", kF).value().add(12);
        registry.counter("FunctionTotalInvocations", {"1", "g\"\\\n", "", ""}).value().add(1);
        registry.gauge("DaemonMemory", {"", "", "", "hanshud"}).value().set(1'048'576);
        (void)registry.gauge("DaemonThreads", {}).value();  // never seen
        registry.counter("MyOwnCPUThing", {"", "", "", "\xFF"}).value().add(3);
        const auto timing = registry.timing("FunctionDuration", kF).value();
        timing.record(1ms);
        timing.record(3h);
        Batch batch;
        registry.drain(batch);
        const auto text = exposed(registry);
        const std::string of = "{account=\"1\",function=\"f\",qualifier=\"LATEST\"";
        const std::string duration = "hanshu_function_duration_seconds";
        const std::vector<std::string> lines = {
            "# TYPE hanshu_function_invocations_total counter",
            "# HELP hanshu_function_invocations_total Invocations, all of them.",
            "hanshu_function_invocations_total" + of + "} 12",
            "hanshu_function_invocations_total{account=\"1\",function=\"g\\\"\\\\\\n\"} 1",
            "hanshu_daemon_memory_bytes{process=\"hanshud\"} 1048576",
            "hanshu_my_own_cputhing_total{detail=\"?\"} 3",
            "# TYPE " + duration + " histogram",
            duration + "_bucket" + of + ",le=\"0.0005\"} 0",
            duration + "_bucket" + of + ",le=\"0.001\"} 1",
            duration + "_bucket" + of + ",le=\"7200\"} 1",
            duration + "_bucket" + of + ",le=\"+Inf\"} 2",
            duration + "_sum" + of + "} 10800.001",
            duration + "_count" + of + "} 2",
        };
        for (const auto& line : lines) {
            QVERIFY2(text.find(line + "\n") != std::string::npos, (line + " in\n" + text).c_str());
        }
        QVERIFY(text.find("hanshu_daemon_threads") == std::string::npos);
        // Counters and histograms go on; they are not of a period.
        batch.clear();
        registry.drain(batch);
        QCOMPARE(exposed(registry), text);
    }
};

QTEST_GUILESS_MAIN(TestMetricsRegistry)
#include "tst_metrics_registry.moc"
