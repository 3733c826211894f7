// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whatever was told, when and in whatever order: answers are those of reading all of it again.

#include "metrics/fixture.h"

using namespace hanshu;
using namespace hanshu::metrics;
using namespace hanshu::test;

namespace {

constexpr Period kHour = 360;
constexpr Period kDay = 8640;

std::unique_ptr<Store> opened(MemoryFiles& files, const StoreOptions& options = {}) {
    auto store = Store::open("/m", files, options);
    if (!store) {
        qFatal("%s", store.error().describe().c_str());
    }
    return std::move(*store);
}

bool isWell(const MaintainReport& report) {
    for (const auto& error : report.errors) {
        qWarning("%s", error.describe().c_str());
    }
    for (const auto& damage : report.damaged) {
        qWarning("%s", damage.c_str());
    }
    return report.errors.empty() && report.damaged.empty();
}

std::array<int, kLevels> levelsOf(const Store& store) {
    std::array<int, kLevels> count{};
    for (const auto& segment : store.catalog()->segments) {
        ++count[static_cast<std::size_t>(segment.level)];
    }
    return count;
}

std::string all(const char* what, const std::string& wrong) {
    return wrong.empty() ? wrong : what + (": " + wrong);
}

// At all resolutions, at odd times, too. Needs times of which everything is kept.
std::string wrongAnywhere(const Store& store, const World& world, Period from, Period to) {
    for (const auto& [start, end, points] : std::initializer_list<std::tuple<Period, Period, std::uint32_t>>{
             {from, to, 360}, {from, to, 7}, {from + 1, to - 5, 50}, {from + (to - from) / 3, to, 100}}) {
        if (auto wrong = wrongAnswers(store, world, start, end, points); !wrong.empty()) {
            return wrong;
        }
    }
    return {};
}

Query queryOf(std::string metric, Period from, Period to, Aggregation aggregation) {
    Query query;
    query.metric = std::move(metric);
    query.from = startOf(from);
    query.to = startOf(to);
    query.aggregation = aggregation;
    query.scale = 1;
    return query;
}

}  // namespace

class TestMetricsStore : public QObject {
    Q_OBJECT

private slots:
    void aDayIsAnsweredRightAtEveryAge() {
        MemoryFiles files;
        World world(1);
        auto store = opened(files);
        for (Period period = kFirst; period < kFirst + 26 * kHour; ++period) {
            if (period % 1000 < 30) {
                continue;  // the daemon was away
            }
            QVERIFY(write(*store, world, period));
            if (period % 60 == 20) {
                QVERIFY(isWell(store->maintain(startOf(period))));
            }
            if (period == kFirst + 40 || period == kFirst + 75 || period == kFirst + 3 * kHour + 100) {
                const auto wrong = wrongAnywhere(*store, world, kFirst, period + 1);
                QVERIFY2(wrong.empty(), all("young", wrong).c_str());
            }
            if (period == kFirst + 15 * kHour + 7) {
                store = opened(files);
                QVERIFY(store->damage().empty());
            }
        }
        const auto end = kFirst + 26 * kHour;
        QVERIFY(isWell(store->maintain(startOf(end + 10))));
        const auto levels = levelsOf(*store);
        QVERIFY(levels[0] > 140 && levels[0] < 160);
        QCOMPARE(levels[1], 2);
        QCOMPARE(levels[2], 1);
        QCOMPARE(levels[3], 1);
        auto wrong = wrongAnswers(*store, world, end - 20 * kHour, end - 19 * kHour, 360);
        QVERIFY2(wrong.empty(), all("ten seconds", wrong).c_str());
        wrong = wrongAnswers(*store, world, end - 2 * kHour - 17, end, 2 * kHour + 17);
        QVERIFY2(wrong.empty(), all("ten seconds, to the end", wrong).c_str());
        wrong = wrongAnywhere(*store, world, end - 20 * kHour, end);
        QVERIFY2(wrong.empty(), wrong.c_str());
        wrong = wrongAnswers(*store, world, kFirst, end, 360);
        QVERIFY2(wrong.empty(), all("minutes", wrong).c_str());
        wrong = wrongAnswers(*store, world, kFirst, end, 13);
        QVERIFY2(wrong.empty(), all("hours", wrong).c_str());
        store = opened(files);
        wrong = wrongAnswers(*store, world, kFirst, end, 100);
        QVERIFY2(wrong.empty(), all("opened again", wrong).c_str());
    }

    void monthsAreKeptAsHours() {
        MemoryFiles files;
        World world(2);
        const auto store = opened(files);
        const auto end = kFirst + 70 * kDay;
        for (Period period = kFirst; period < end; period += 77) {
            QVERIFY(write(*store, world, period));
            if (period % 5 == 0) {
                QVERIFY(isWell(store->maintain(startOf(period))));
            }
        }
        QVERIFY(isWell(store->maintain(startOf(end + kHour))));
        const auto levels = levelsOf(*store);
        QVERIFY(levels[0] <= 145);
        QCOMPARE(levels[1], 0);
        QVERIFY(levels[2] >= 30 && levels[2] <= 31);
        QVERIFY(levels[3] < 30);
        QVERIFY(levels[4] >= 2);
        auto wrong = wrongAnswers(*store, world, kFirst, end, 360);
        QVERIFY2(wrong.empty(), all("hours", wrong).c_str());
        wrong = wrongAnswers(*store, world, end - 25 * kDay, end, 10'000);
        QVERIFY2(wrong.empty(), all("minutes", wrong).c_str());
        wrong = wrongAnswers(*store, world, kFirst + 3 * kDay, kFirst + 4 * kDay, 360);
        QVERIFY2(wrong.empty(), all("a day of which hours alone are left", wrong).c_str());
        wrong = wrongAnswers(*store, world, end - 10 * kDay, end - 10 * kDay + kHour, 360);
        QVERIFY2(wrong.empty(), all("an hour of which minutes are left", wrong).c_str());
        for (const auto& [name, bytes] : files.all()) {
            QVERIFY2(!name.ends_with(".tmp"), name.c_str());
        }
    }

    void oldFilesGo() {
        MemoryFiles files;
        World world(3);
        StoreOptions options;
        options.keepTenSeconds = 2h;
        options.keepMinutes = 48h;
        options.keepHours = std::chrono::days(40);
        const auto store = opened(files, options);
        for (Period period = kFirst; period < kFirst + 200 * kDay; period += 600) {
            QVERIFY(write(*store, world, period));
            QVERIFY(isWell(store->maintain(startOf(period))));
            QVERIFY(store->catalog()->segments.size() < 120);
        }
        QVERIFY(isWell(store->maintain(startOf(kFirst + 400 * kDay))));
        QCOMPARE(store->catalog()->segments.size(), std::size_t{0});
        QCOMPARE(files.all().size(), std::size_t{2});  // the book and the manifest
    }

    void anyOrderIsAsGood() {
        MemoryFiles files;
        World world(4);
        auto store = opened(files);
        std::vector<Period> periods;
        for (Period period = kFirst; period < kFirst + 3 * kDay; period += 7) {
            periods.push_back(period);
        }
        auto first = batchOf(store->book(), kFirst, world.tell(kFirst));
        QVERIFY(store->append(first));
        std::mt19937 random(5);
        for (std::size_t i = 1; i < periods.size(); ++i) {  // each goes astray by up to a day
            std::swap(periods[i], periods[i + random() % std::min<std::size_t>(1200, periods.size() - i)]);
        }
        for (std::size_t i = 0; i < periods.size(); ++i) {
            QVERIFY(write(*store, world, periods[i]));
            if (i % 50 == 0) {
                QVERIFY(isWell(store->maintain(startOf(periods[i]))));
            }
            if (i % 1000 == 0) {
                store = opened(files);
            }
        }
        const auto end = kFirst + 3 * kDay;
        auto wrong = wrongAmounts(*store, world, kFirst, end);
        QVERIFY2(wrong.empty(), wrong.c_str());
        QVERIFY(isWell(store->maintain(startOf(end + kDay))));
        wrong = wrongAmounts(*store, world, kFirst, end);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void aPeriodThatIsToldTwiceIsJoined() {
        MemoryFiles files;
        World world(6);
        const auto store = opened(files);
        for (Period period = kFirst; period < kFirst + 2 * kHour; ++period) {
            QVERIFY(write(*store, world, period));
            if (period % 3 == 0) {
                QVERIFY(write(*store, world, period));
            }
        }
        auto wrong = wrongAmounts(*store, world, kFirst, kFirst + 2 * kHour);
        QVERIFY2(wrong.empty(), wrong.c_str());
        QVERIFY(isWell(store->maintain(startOf(kFirst + 3 * kHour))));
        wrong = wrongAnywhere(*store, world, kFirst, kFirst + 2 * kHour);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void quietIsZeroAndAwayIsNothing() {
        MemoryFiles files;
        const auto store = opened(files);
        const auto id = store->book().intern("FunctionTotalInvocations", Kind::Counter, {"1", "f", "", ""}).value();
        const auto gauge = store->book().intern("StockLevel", Kind::Gauge, {}).value();
        const auto tell = [&](Period period, std::int64_t value) {
            Batch batch;
            batch.period = period;
            if (value > 0) {
                batch.add(id, Kind::Counter, counterSample(value));
                batch.add(gauge, Kind::Gauge, gaugeSample(value));
            }
            return store->append(batch).has_value();
        };
        // Before its birth; born; quiet; the daemon is away for three; quiet; the end.
        for (const auto& [offset, value] : std::vector<std::pair<Period, int>>{
                 {0, 0}, {1, 0}, {2, 5}, {3, 0}, {4, 0}, {8, 0}, {9, 3}, {10, 0}, {11, 0}, {12, 0}}) {
            QVERIFY(tell(kFirst + offset, value));
        }
        QCOMPARE(store->end({"1", "f", "*", "*"}, kFirst + 10).value(), std::size_t{1});
        const auto check = [&] {
            const auto counted =
                query(*store, queryOf("FunctionTotalInvocations", kFirst, kFirst + 20, Aggregation::Sum));
            std::vector<std::pair<Period, double>> points;
            for (const auto& point : counted->lines[0].points) {
                points.emplace_back(periodOf(point.time) - kFirst, point.value);
            }
            const std::vector<std::pair<Period, double>> wanted = {{2, 5}, {3, 0}, {4, 0}, {8, 0}, {9, 3}, {10, 0}};
            QVERIFY(points == wanted);
            const auto seen = query(*store, queryOf("StockLevel", kFirst, kFirst + 20, Aggregation::Avg));
            QCOMPARE(seen->lines[0].points.size(), std::size_t{2});
            // A rate is of the time that was watched: nine periods of ten.
            auto rate = queryOf("FunctionTotalInvocations", kFirst, kFirst + 60, Aggregation::Rate);
            rate.maxPoints = 1;
            const auto rates = query(*store, rate);
            QCOMPARE(rates->lines[0].points.size(), std::size_t{1});
            QVERIFY(isNear(rates->lines[0].points[0].value, 8.0 / 100));
            QVERIFY(isNear(rates->lines[0].points[0].max, 0.5));
            QVERIFY(isNear(rates->lines[0].points[0].min, 0));
        };
        check();
        QVERIFY(isWell(store->maintain(startOf(kFirst + kHour * 2))));
        check();
    }

    void manySeriesAreOneLine() {
        MemoryFiles files;
        World world(7);
        const auto store = opened(files);
        for (Period period = kFirst; period < kFirst + 3 * kHour; ++period) {
            QVERIFY(write(*store, world, period));
            if (period % 60 == 59) {
                QVERIFY(isWell(store->maintain(startOf(period))));
            }
        }
        auto one = queryOf("FunctionTotalInvocations", kFirst, kFirst + 3 * kHour, Aggregation::Sum);
        one.groupBy = {true, false, false, false};
        for (const std::uint32_t points : {2000U, 180U, 3U}) {
            one.maxPoints = points;
            const auto answer = query(*store, one).value();
            QCOMPARE(answer.lines.size(), std::size_t{1});
            QCOMPARE(answer.lines[0].series, 3U);
            QCOMPARE(answer.lines[0].dimensions[0], std::string("1"));
            QVERIFY(answer.lines[0].dimensions[1].empty());
            const auto step = answer.step / kPeriod;
            for (const auto& point : answer.lines[0].points) {
                const auto from = periodOf(point.time);
                double sum = 0;
                double peak = 0;
                double least = 1e18;
                for (auto period = from; period < from + step; ++period) {
                    double of = 0;
                    for (std::size_t i = 0; i < 3; ++i) {
                        of += expectedOf(world, i, period, period + 1).sum;
                    }
                    sum += of;
                    peak = std::max(peak, of);
                    least = std::min(least, of);
                }
                QVERIFY(isNear(point.value, sum));
                // Added limits: never short of the true ones, and exact where samples are periods.
                QVERIFY(point.max >= peak && point.min <= least);
                QVERIFY(step > 1 || (isNear(point.max, peak) && isNear(point.min, least)));
            }
        }
        auto globbed = queryOf("FunctionTotalInvocations", kFirst, kFirst + kHour, Aggregation::Sum);
        globbed.filter.function = "img-*";
        QCOMPARE(query(*store, globbed)->lines.size(), std::size_t{2});
        globbed.maxLines = 1;
        QCOMPARE(query(*store, globbed)->lines.size(), std::size_t{1});
        QCOMPARE(query(*store, globbed)->linesLeftOut, 1U);

        auto both = queryOf("FunctionDuration", kFirst, kFirst + 3 * kHour, Aggregation::Percentile);
        both.groupBy = {false, false, false, false};
        both.percentile = 90;
        both.maxPoints = 1;
        auto values = expectedOf(world, 6, kFirst, kFirst + 3 * kHour).values;
        const auto more = expectedOf(world, 7, kFirst, kFirst + 3 * kHour).values;
        values.insert(values.end(), more.begin(), more.end());
        std::ranges::sort(values);
        const auto exact = static_cast<double>(
            values[static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(values.size()))) - 1]);
        const auto told = query(*store, both)->lines[0].points.at(0).value;
        QVERIFY2(std::abs(told - exact) <= exact / 64, fmt::format("{} for {}", told, exact).c_str());

        auto level = queryOf("StockLevel", kFirst, kFirst + 10, Aggregation::Sum);
        level.groupBy = {false, false, false, false};
        const auto levels = query(*store, level).value();
        for (const auto& point : levels.lines[0].points) {
            double sum = 0;
            for (const std::size_t i : {4U, 5U}) {
                const auto expected = expectedOf(world, i, periodOf(point.time), periodOf(point.time) + 1);
                sum += expected.count > 0 ? expected.sum / expected.count : 0;
            }
            QVERIFY(isNear(point.value, sum));
        }
    }

    void badQuestionsAreRefused() {
        MemoryFiles files;
        World world(8);
        const auto store = opened(files);
        QVERIFY(write(*store, world, kFirst));
        const auto refused = [&](const std::function<void(Query&)>& change) {
            auto asked = queryOf("FunctionTotalInvocations", kFirst, kFirst + 60, Aggregation::Sum);
            change(asked);
            const auto answer = query(*store, asked);
            return !answer && answer.error().code == Code::InvalidArgument;
        };
        QVERIFY(!refused([](Query&) {}));
        QVERIFY(refused([](Query& q) { q.to = q.from; }));
        QVERIFY(refused([](Query& q) { q.from = SystemTime::min(); }));
        QVERIFY(refused([](Query& q) { q.to = SystemTime::max(); }));
        QVERIFY(refused([](Query& q) { q.maxPoints = 0; }));
        QVERIFY(refused([](Query& q) { q.maxPoints = 10'001; }));
        QVERIFY(refused([](Query& q) { q.maxLines = 0; }));
        QVERIFY(refused([](Query& q) { q.aggregation = Aggregation::Percentile; }));
        QVERIFY(refused([](Query& q) {
            q.metric = "FunctionDuration";
            q.aggregation = Aggregation::Percentile;
            q.percentile = std::nan("");
        }));
        QVERIFY(query(*store, queryOf("NoSuchMetric", kFirst, kFirst + 60, Aggregation::Sum))->lines.empty());
        QCOMPARE(Query::byName("NoSuchMetric", startOf(kFirst), startOf(kFirst + 1)).error().code, Code::NotFound);
        const auto p99 = Query::byName("FunctionP99Duration", startOf(kFirst), startOf(kFirst + 60)).value();
        QCOMPARE(p99.metric, std::string("FunctionDuration"));
        const auto answer = query(*store, p99).value();
        QCOMPARE(answer.unit, std::string_view("ms"));
        QVERIFY(answer.lines.size() == 2 && answer.lines[0].points.size() == 1);
        Batch batch;
        batch.period = -1;
        QCOMPARE(store->append(batch).error().code, Code::OutOfRange);
    }

    void neverMorePointsThanAsked() {
        MemoryFiles files;
        World world(9);
        const auto store = opened(files);
        QVERIFY(write(*store, world, kFirst));
        std::mt19937 random(1);
        for (int round = 0; round < 2000; ++round) {
            auto asked = queryOf("FunctionTotalInvocations", 0, 1, Aggregation::Sum);
            asked.from = SystemTime{std::chrono::seconds(random() % 3'000'000'000U)};
            asked.to = asked.from + std::chrono::milliseconds(1 + random() % (1ULL << (random() % 40)));
            asked.maxPoints = static_cast<std::uint32_t>(1 + random() % (1U << (random() % 13)));
            const auto answer = query(*store, asked);
            QVERIFY(answer);
            const auto step = answer->step;
            QVERIFY(step.count() > 0 && step % (kPeriod * periodsOf(answer->resolution)) == 0s);
            const auto first = asked.from.time_since_epoch() / step;
            const auto last = (asked.to.time_since_epoch() - 1us) / step;
            QVERIFY(last - first + 1 <= asked.maxPoints);
        }
    }

    void ticksMakePeriods() {
        MemoryFiles files;
        const auto metrics = Metrics::open("/m", files).value();
        const auto counter = metrics->registry().counter("FunctionTotalInvocations", {"1", "f", "", ""}).value();
        const auto at = [](Period period, int seconds) { return startOf(period) + std::chrono::seconds(seconds); };
        QVERIFY(metrics->tick(at(kFirst, 3)));
        counter.add(1);
        QVERIFY(metrics->tick(at(kFirst, 9)));  // still the same period
        counter.add(2);
        QVERIFY(metrics->tick(at(kFirst + 1, 0)));
        counter.add(10);
        QVERIFY(metrics->tick(at(kFirst + 4, 2)));  // late by two
        counter.add(20);
        QVERIFY(metrics->tick(at(kFirst + 50, 0)));  // asleep
        counter.add(40);
        QVERIFY(metrics->tick(at(kFirst + 20, 0)));  // the clock was set back
        counter.add(80);
        QVERIFY(metrics->flush());
        QVERIFY(metrics->flush());
        const auto answer = metrics->query(queryOf("FunctionTotalInvocations", kFirst, kFirst + 60, Aggregation::Sum));
        std::vector<std::pair<Period, double>> points;
        for (const auto& point : answer->lines[0].points) {
            points.emplace_back(periodOf(point.time) - kFirst, point.value);
        }
        const std::vector<std::pair<Period, double>> wanted = {{0, 3},  {1, 10},  {2, 0},  {3, 0},
                                                               {4, 20}, {20, 80}, {50, 40}};
        QVERIFY(points == wanted);
    }

    void theDiskMayRefuseForAWhile() {
        MemoryFiles files;
        const auto metrics = Metrics::open("/m", files).value();
        const auto counter = metrics->registry().counter("FunctionTotalInvocations", {"1", "f", "", ""}).value();
        QVERIFY(metrics->tick(startOf(kFirst)));
        files.failAt(1, MemoryFiles::kAll, ENOSPC);
        for (Period period = 1; period <= 5; ++period) {
            counter.add(static_cast<std::uint64_t>(period));
            const auto ticked = metrics->tick(startOf(kFirst + period));
            QVERIFY(!ticked);
            QCOMPARE(ticked.error().reason, std::string("StorageFull"));
        }
        QCOMPARE(metrics->lost(), 2U);
        files.heal();
        QVERIFY(metrics->tick(startOf(kFirst + 5)));
        const auto answer = metrics->query(queryOf("FunctionTotalInvocations", kFirst, kFirst + 60, Aggregation::Sum));
        QCOMPARE(answer->lines[0].points.size(), std::size_t{3});
        QCOMPARE(answer->lines[0].points[2].value, 5.0);
    }

    void readersAndUpkeepMeet() {
        const QTemporaryDir folder;  // files in memory are for one thread
        auto& files = hostFileOps(FileReaders::OwnerAndGroup);
        World world(10);
        const auto store = Store::open((folder.path() + "/m").toStdString(), files).value();
        QVERIFY(write(*store, world, kFirst));
        std::atomic<bool> isOver = false;
        std::atomic<int> wrong = 0;
        std::atomic<int> asked = 0;
        std::thread reader([&] {
            double before = 0;
            while (!isOver.load()) {
                auto question = queryOf("FunctionTotalInvocations", kFirst, kFirst + 2 * kDay, Aggregation::Sum);
                question.groupBy = {};
                question.maxPoints = 1;
                const auto answer = query(*store, question);
                const auto now = answer && !answer->lines.empty() && !answer->lines[0].points.empty()
                                     ? answer->lines[0].points[0].value
                                     : -1;
                // Nothing goes missing for a moment, and nothing is there twice.
                wrong += now < before || (answer && !answer->damaged.empty()) ? 1 : 0;
                before = now;
                ++asked;
            }
        });
        for (Period period = kFirst + 20; period < kFirst + 2 * kDay; period += 20) {
            QVERIFY(write(*store, world, period));
            if (period % 60 == 0) {
                QVERIFY(isWell(store->maintain(startOf(period))));
            }
        }
        isOver = true;
        reader.join();
        QCOMPARE(wrong.load(), 0);
        QVERIFY(asked.load() > 0);
    }

private:
    // Of what came late, limits may be those of pieces; sums and counts are right all the same.
    static std::string wrongAmounts(const Store& store, const World& world, Period from, Period to) {
        for (std::size_t i = 0; i < worldSeries().size(); ++i) {
            const auto& series = worldSeries()[i];
            for (const std::uint32_t points : {1000U, 72U, 5U}) {
                const auto isTiming = series.kind == Kind::Histogram;
                auto asked = queryOf(
                    series.metric, from, to,
                    series.kind == Kind::Gauge ? Aggregation::Avg : (isTiming ? Aggregation::Count : Aggregation::Sum));
                asked.filter.function = series.function;
                asked.filter.detail = series.detail;
                asked.maxPoints = points;
                const auto answer = query(store, asked).value();
                const auto step = answer.step / kPeriod;
                if (!answer.damaged.empty() || answer.lines.size() != 1) {
                    return "damaged";
                }
                double found = 0;
                for (const auto& point : answer.lines[0].points) {
                    const auto at = periodOf(point.time);
                    const auto expected = expectedOf(world, i, at, at + step);
                    const auto wanted = series.kind == Kind::Gauge ? expected.sum / expected.count
                                                                   : (isTiming ? expected.count : expected.sum);
                    if (!isNear(point.value, wanted)) {
                        return fmt::format("{} {} at {}: {} for {}", series.metric, series.function, at - kFirst,
                                           point.value, wanted);
                    }
                    found += isTiming ? expected.count : expected.sum;
                }
                const auto whole = expectedOf(world, i, from, to);
                if (!isNear(found, isTiming ? whole.count : whole.sum)) {
                    return "points are missing";
                }
            }
        }
        return {};
    }
};

QTEST_GUILESS_MAIN(TestMetricsStore)
#include "tst_metrics_store.moc"
