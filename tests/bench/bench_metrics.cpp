// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Metrics in a folder that is given: 60 metrics of as many functions as are asked for, over as many days: what a
// measurement costs, how fast charts are answered, beside SQLite over the same samples, what it takes on disk and in
// memory. Prints JSON.
//
// Of the functions 2 % are busy in every minute in all their metrics; 18 % every ten minutes; the rest every four
// hours. The first metric, a counter, is that of every function in every minute, and the busiest function has eight
// qualifiers. Periods are told once a minute, and each ten seconds of the last two hours: as dense as what is kept.
// Files are not synced while they are made: how fast they can be is not asked here.
#include "metrics/metrics.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

using namespace hanshu;
using namespace hanshu::metrics;

namespace {

constexpr Period kStart = 176'203'440 / 8640 * 8640;
constexpr Period kDay = 8640;
constexpr std::size_t kMetrics = 60;
constexpr std::size_t kHistograms = 8;
constexpr std::size_t kGauges = 12;
constexpr std::size_t kQualifiers = 8;

void must(bool good, std::string_view what) {
    if (!good) {
        fmt::print(stderr, "bench_metrics: {} failed\n", what);
        std::exit(1);
    }
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double medianMs(const std::function<void()>& work) {
    work();
    std::vector<double> ms;
    for (int i = 0; i < 9; ++i) {
        const auto start = seconds();
        work();
        ms.push_back((seconds() - start) * 1e3);
    }
    std::ranges::sort(ms);
    return ms[ms.size() / 2];
}

double residentMib(std::string_view field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field)) {
            return std::strtod(line.c_str() + field.size() + 1, nullptr) / 1024;
        }
    }
    return 0;
}

// The host's files without syncs.
class UnsyncedFile final : public File {
public:
    explicit UnsyncedFile(std::unique_ptr<File> file) : m_file(std::move(file)) {}
    Errno append(std::string_view bytes) override { return m_file->append(bytes); }
    Errno appendFile(const File& source) override { return m_file->appendFile(source); }
    Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
        return m_file->readAt(offset, into, count);
    }
    Errno truncate(std::uint64_t size) override { return m_file->truncate(size); }
    Errno size(std::uint64_t& bytes) const override { return m_file->size(bytes); }
    Errno sync() override { return 0; }

private:
    std::unique_ptr<File> m_file;
};

class UnsyncedFiles final : public FileOps {
public:
    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        return wrapped(m_host.create(path, file), file);
    }
    Errno open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) override {
        return wrapped(m_host.open(path, mode, file), file);
    }
    Errno link(const std::string& from, const std::string& to) override { return m_host.link(from, to); }
    Errno rename(const std::string& from, const std::string& to) override { return m_host.rename(from, to); }
    Errno unlink(const std::string& path) override { return m_host.unlink(path); }
    Errno makeDirectory(const std::string& path) override { return m_host.makeDirectory(path); }
    Errno removeDirectory(const std::string& path) override { return m_host.removeDirectory(path); }
    Errno syncDirectory(const std::string&) override { return 0; }
    Errno list(const std::string& path, std::vector<std::string>& names) override { return m_host.list(path, names); }
    FileKind kind(const std::string& path) override { return m_host.kind(path); }

private:
    static Errno wrapped(Errno error, std::unique_ptr<File>& file) {
        if (error == 0) {
            file = std::make_unique<UnsyncedFile>(std::move(file));
        }
        return error;
    }
    FileOps& m_host = hostFileOps(FileReaders::OwnerAndGroup);
};

// Cheap, and the same in every run.
class Random {
public:
    std::uint64_t operator()() noexcept {
        m_state ^= m_state << 13U;  // xorshift (Marsaglia 2003)
        m_state ^= m_state >> 7U;
        m_state ^= m_state << 17U;
        return m_state;
    }

private:
    std::uint64_t m_state = 0x9E3779B97F4A7C15U;
};

std::string metricName(std::size_t metric) {
    return metric == 0 ? "FunctionTotalInvocations" : fmt::format("BenchMetric{:02}", metric);
}
Kind kindOf(std::size_t metric) {
    if (metric < kMetrics - kHistograms - kGauges) {
        return Kind::Counter;
    }
    return metric < kMetrics - kHistograms ? Kind::Gauge : Kind::Histogram;
}

class Bench {
public:
    Bench(std::string folder, std::size_t functions, Period days)
        : m_folder(std::move(folder)), m_functions(functions), m_days(days) {}

    void run() {
        const auto before = residentMib("VmRSS:");
        recording();
        auto opened = Metrics::open(m_folder + "/metrics", m_files);
        must(opened.has_value(), "opening");
        m_metrics = std::move(*opened);
        fill();
        figure("disk_mib", static_cast<double>(m_metrics->store().totals().bytes) / 1048576);
        figure("disk_per_sample",
               static_cast<double>(m_metrics->store().totals().bytes) / static_cast<double>(m_samples));
        live();
        charts();
        figure("rss_mib", residentMib("VmHWM:") - before);
        yardstick();
        fmt::print("{{\"functions\":{},\"days\":{},\"samples\":{},\"series\":{}", m_functions, m_days, m_samples,
                   m_metrics->store().totals().series);
        for (const auto& [name, value] : m_figures) {
            fmt::print(",\"{}\":{:.4f}", name, value);
        }
        fmt::print("}}\n");
    }

private:
    // Nanoseconds a call, of the fastest of some rounds: what disturbs makes it slower, nothing makes it faster.
    static double nanoseconds(const std::function<void(std::uint64_t)>& work) {
        constexpr std::uint64_t kTimes = 2'000'000;
        double best = 1e9;
        for (int round = 0; round < 5; ++round) {
            const auto start = seconds();
            for (std::uint64_t i = 0; i < kTimes; ++i) {
                work(i);
            }
            best = std::min(best, (seconds() - start) * 1e9 / kTimes);
        }
        return best;
    }

    void recording() {
        SeriesBook book;
        Registry registry(book);
        const auto counter = registry.counter("FunctionTotalInvocations", {"1", "f", "", ""}).value();
        const auto gauge = registry.gauge("StockLevel", {}).value();
        const auto timing = registry.timing("FunctionDuration", {"1", "f", "", ""}).value();
        std::atomic<std::uint64_t> plain{0};
        Random random;
        std::vector<std::uint64_t> values(4096);
        for (auto& value : values) {
            value = 500 + random() % 20'000;
        }
        const auto value = [&](std::uint64_t i) { return values[i % values.size()]; };
        figure("atomic_ns",
               nanoseconds([&](std::uint64_t i) { plain.fetch_add(value(i), std::memory_order_relaxed); }));
        figure("counter_ns", nanoseconds([&](std::uint64_t i) { counter.add(value(i)); }));
        figure("gauge_ns", nanoseconds([&](std::uint64_t i) { gauge.set(static_cast<std::int64_t>(value(i))); }));
        figure("timing_ns", nanoseconds([&](std::uint64_t i) { timing.record(value(i)); }));
        std::atomic<bool> isOver = false;
        std::thread other([&] {
            for (std::uint64_t i = 0; !isOver.load(std::memory_order_relaxed); ++i) {
                timing.record(value(i));
            }
        });
        figure("timing_contended_ns", nanoseconds([&](std::uint64_t i) { timing.record(value(i)); }));
        isOver = true;
        other.join();
        figure("lookup_ns", nanoseconds([&](std::uint64_t) {
                   (void)registry.counter("FunctionTotalInvocations", {"1", "f", "", ""});
               }));
    }

    void intern() {
        auto& book = m_metrics->store().book();
        for (std::size_t metric = 0; metric < kMetrics; ++metric) {
            for (std::size_t function = 0; function < m_functions; ++function) {
                const auto qualifiers = metric % 10 == 0 && function == 0 ? kQualifiers : 1;
                for (std::size_t qualifier = 0; qualifier < qualifiers; ++qualifier) {
                    const auto id =
                        book.intern(metricName(metric), kindOf(metric),
                                    {"1", fmt::format("function-{:04}", function), fmt::format("v{}", qualifier), ""});
                    must(id.has_value(), "interning");
                    m_series.push_back({*id, metric, function});
                }
            }
        }
    }

    [[nodiscard]] bool isActive(std::size_t metric, std::size_t function, Period minute) const {
        const auto share = function * 100 / m_functions;
        if (metric == 0 || share < 2) {
            return true;
        }
        const auto every = share < 20 ? 10 : 240;
        return (minute + static_cast<Period>(function)) % every == 0;
    }

    void tell(Period period, Period minute) {
        m_batch.clear();
        m_batch.period = period;
        for (const auto& series : m_series) {
            if (!isActive(series.metric, series.function, minute)) {
                continue;
            }
            const auto kind = kindOf(series.metric);
            if (kind == Kind::Histogram) {
                Histogram histogram;
                for (auto times = 1 + m_random() % 12; times > 0; --times) {
                    histogram.record(2'000 + m_random() % 3'000 * (1 + m_random() % 16));
                }
                m_batch.add(series.id, histogram);
            } else if (kind == Kind::Gauge) {
                m_batch.add(series.id, kind, gaugeSample(static_cast<std::int64_t>(m_random() % 64)));
            } else {
                m_batch.add(series.id, kind, counterSample(static_cast<std::int64_t>(1 + m_random() % 600)));
            }
        }
        m_samples += m_batch.entries.size();
        must(m_metrics->store().append(m_batch).has_value(), "append");
    }

    void fill() {
        intern();
        const auto start = seconds();
        m_end = kStart + m_days * kDay + 200;  // in the middle of an hour
        double longest = 0;
        for (auto period = kStart; period < m_end; period += period >= m_end - 720 ? 1 : 6) {
            tell(period, (period - kStart) / 6);
            if (period % 60 == 18) {
                const auto began = seconds();
                const auto report = m_metrics->maintain(startOf(period));
                must(report.errors.empty() && report.damaged.empty(), "upkeep");
                longest = std::max(longest, seconds() - began);
            }
        }
        figure("fill_s", seconds() - start);
        figure("maintain_longest_s", longest);
        m_batch = {};
    }

    // All series are measured at once: what that takes in memory, and for how long a tick has work.
    void live() {
        std::vector<Timing> timings;
        for (const auto& series : m_series) {
            const auto dimensions = m_metrics->store().book().dimensionsOf(series.id);
            const auto name = metricName(series.metric);
            auto& registry = m_metrics->registry();
            if (kindOf(series.metric) == Kind::Counter) {
                registry.counter(name, dimensions).value().add(3);
            } else if (kindOf(series.metric) == Kind::Gauge) {
                registry.gauge(name, dimensions).value().set(3);
            } else {
                const auto timing = registry.timing(name, dimensions).value();
                for (int i = 0; i < 30; ++i) {
                    timing.record(1'000 + m_random() % 30'000);  // five doublings
                }
            }
        }
        must(m_metrics->tick(startOf(m_end)).has_value(), "tick");
        const auto start = seconds();
        must(m_metrics->tick(startOf(m_end + 1)).has_value(), "tick");
        figure("tick_ms", (seconds() - start) * 1e3);
        figure("live_rss_mib", residentMib("VmRSS:"));
        std::size_t text = 0;
        figure("expose_ms", medianMs([&] {
                   text = 0;
                   m_metrics->expose([&](std::string_view piece) { text += piece.size(); });
               }));
        figure("expose_mib", static_cast<double>(text) / 1048576);
    }

    double chartMs(const std::string& name, std::size_t metric, Aggregation aggregation, Period periods, bool isOfAll) {
        Query query;
        query.metric = metricName(metric);
        query.from = startOf(m_end - periods);
        query.to = startOf(m_end);
        query.aggregation = aggregation;
        if (isOfAll) {
            query.groupBy = {};
        } else {
            query.filter.function = "function-0000";
        }
        std::optional<Answer> answer;
        const auto ms = medianMs([&] {
            auto asked = m_metrics->query(query);
            must(asked.has_value(), name);
            answer = std::move(*asked);
        });
        must(answer->damaged.empty() && !answer->lines.empty() && answer->lines[0].points.size() > 100, name);
        must(isOfAll || answer->lines.size() == kQualifiers, name);
        figure(name + "_ms", ms);
        figure(name + "_samples", static_cast<double>(answer->samples));
        return ms;
    }

    void charts() {
        double worst = 0;
        for (const auto& [name, periods] : std::initializer_list<std::pair<const char*, Period>>{
                 {"hour", 360}, {"day", kDay}, {"week", 7 * kDay}, {"month", m_days * kDay}}) {
            if (periods > m_days * kDay) {
                continue;
            }
            worst = std::max(worst, chartMs(fmt::format("chart_{}", name), 0, Aggregation::Rate, periods, false));
            worst = std::max(worst, chartMs(fmt::format("chart_{}_gauge", name), 40, Aggregation::Avg, periods, false));
            const auto all = chartMs(fmt::format("all_{}", name), 0, Aggregation::Rate, periods, true);
            m_worstOfAll = std::max(m_worstOfAll, all);
        }
        figure("chart_ms", worst);
        figure("all_ms", m_worstOfAll);
        for (const auto& [name, periods] : std::initializer_list<std::pair<const char*, Period>>{
                 {"day", kDay}, {"week", std::min<Period>(7, m_days) * kDay}, {"month", m_days * kDay}}) {
            Query query;
            query.metric = metricName(kMetrics - 1);
            query.filter.function = "function-0000";
            query.from = startOf(m_end - periods);
            query.to = startOf(m_end);
            query.aggregation = Aggregation::Percentile;
            figure(fmt::format("p99_{}_ms", name), medianMs([&] {
                       const auto answer = m_metrics->query(query);
                       must(answer && answer->lines.size() == 1 && answer->lines[0].points.size() > 100, "p99");
                   }));
        }
    }

    // The samples of the week's chart in a table of SQLite, by series and time, and the same chart of them.
    void yardstick() {
        sqlite3* database = nullptr;
        must(sqlite3_open((m_folder + "/yardstick.db").c_str(), &database) == SQLITE_OK, "SQLite");
        const auto execute = [&](const char* sql) {
            must(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
        };
        execute(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA mmap_size=1000000000; BEGIN;"
            "CREATE TABLE samples(series INT, time INT, value INT, least INT, greatest INT,"
            " PRIMARY KEY(series, time)) WITHOUT ROWID");
        sqlite3_stmt* insert = nullptr;
        must(sqlite3_prepare_v2(database, "INSERT INTO samples VALUES(?,?,?,?,?)", -1, &insert, nullptr) == SQLITE_OK,
             "prepare");
        const auto minutes = std::min<Period>(7, m_days) * 1440;
        for (std::size_t series = 0; series < kQualifiers; ++series) {
            for (Period minute = 0; minute < minutes; ++minute) {
                const std::array<std::int64_t, 5> row = {static_cast<std::int64_t>(series), minute * 60,
                                                         static_cast<std::int64_t>(m_random() % 600), 1, 600};
                for (std::size_t i = 0; i < row.size(); ++i) {
                    sqlite3_bind_int64(insert, static_cast<int>(i + 1), row[i]);
                }
                must(sqlite3_step(insert) == SQLITE_DONE, "insert");
                sqlite3_reset(insert);
            }
        }
        sqlite3_finalize(insert);
        execute("COMMIT");
        sqlite3_stmt* select = nullptr;
        const auto sql = fmt::format(
            "SELECT series, time/{0}, sum(value), min(least), max(greatest) FROM samples"
            " WHERE series < 8 AND time >= 0 GROUP BY series, time/{0}",
            minutes * 60 / 360);
        must(sqlite3_prepare_v2(database, sql.c_str(), -1, &select, nullptr) == SQLITE_OK, "prepare");
        figure("sqlite_ms", medianMs([&] {
                   int rows = 0;
                   while (sqlite3_step(select) == SQLITE_ROW) {
                       ++rows;
                   }
                   sqlite3_reset(select);
                   must(rows >= 8 * 360, "rows");
               }));
        sqlite3_finalize(select);
        sqlite3_close(database);
    }

    void figure(std::string name, double value) { m_figures.emplace_back(std::move(name), value); }

    struct Series {
        SeriesId id;
        std::size_t metric;
        std::size_t function;
    };

    std::string m_folder;
    std::size_t m_functions;
    Period m_days;
    UnsyncedFiles m_files;
    std::unique_ptr<Metrics> m_metrics;
    std::vector<Series> m_series;
    Batch m_batch;
    Random m_random;
    Period m_end = 0;
    std::uint64_t m_samples = 0;
    double m_worstOfAll = 0;
    std::vector<std::pair<std::string, double>> m_figures;
};

}  // namespace

int main(int argc, char** argv) {
    must(argc >= 2 && argc <= 4, "usage: bench_metrics FOLDER [FUNCTIONS [DAYS]]");
    // Enough for every part to be run; the figures of the issue are of a thousand functions and thirty days.
    const auto functions = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100;
    const auto days = argc > 3 ? std::strtoll(argv[3], nullptr, 10) : 2;
    must(functions >= 10 && days >= 1 && days <= 30, "FUNCTIONS, at least 10, and DAYS, 1 to 30,");
    Bench(argv[1], functions, days).run();
    return 0;
}
