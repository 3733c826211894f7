// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The log store in a folder that is given, with as many lines as are asked for of a day of sixty instances
// (tests/logs/corpus.h): how fast they come in on one core, what they take on disk, and how fast questions are
// answered, beside grep over the same lines as text and zstd over the same messages. Prints JSON.
//
// Raw bytes are those of the messages and a line feed each: what the programs wrote. The text that grep reads has time,
// function and request id before each message. Times of queries are medians with the files in the page cache, as grep
// has its own; for each kind the slowest question counts.
#include "logs/corpus.h"
#include "logs/log_store.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <sys/wait.h>
#include <zstd.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

using namespace hanshu;
using namespace hanshu::logs;
using namespace std::chrono_literals;

namespace {

constexpr SystemTime kStart{std::chrono::seconds(1'763'769'600)};  // 2025-11-22T00:00:00Z
constexpr auto kDay = std::chrono::microseconds(24h);
constexpr std::size_t kBatch = 1000;

void must(bool good, std::string_view what) {
    if (!good) {
        fmt::print(stderr, "bench_logs: {} failed\n", what);
        std::exit(1);
    }
}

double wallSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
// Of this thread: what one core spent, whoever else is on the machine.
double cpuSeconds() {
    timespec spent{};
    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) == 0, "clock_gettime");
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double medianMs(const std::function<void()>& work) {
    work();
    std::vector<double> ms;
    for (int i = 0; i < 5; ++i) {
        const auto start = wallSeconds();
        work();
        ms.push_back((wallSeconds() - start) * 1e3);
    }
    std::ranges::sort(ms);
    return ms[ms.size() / 2];
}

class Bench {
public:
    Bench(std::filesystem::path folder, std::size_t lines)
        : m_folder(std::move(folder)), m_count(lines), m_store(m_folder.string()) {
        auto opened = m_store.account("bench");
        must(opened.has_value(), "opening");
        m_logs = *opened;
    }

    void run() {
        ingest();
        yardsticks();
        queries();
        fmt::print("{{\"lines\":{},\"raw_bytes\":{},\"text_bytes\":{},\"disk_bytes\":{}", m_count, m_rawBytes,
                   m_textBytes, m_logs->totals().bytes);
        for (const auto& [name, value] : m_figures) {
            fmt::print(",\"{}\":{:.4f}", name, value);
        }
        fmt::print("}}\n");
    }

private:
    // Calls work(lines) for all lines, the same ones each time.
    void eachBatch(const std::function<void(const std::vector<Line>&)>& work) const {
        test::LogCorpus corpus(1, kStart, kDay / static_cast<std::int64_t>(m_count));
        std::vector<Line> lines;
        for (std::size_t done = 0; done < m_count; done += lines.size()) {
            lines.resize(std::min(kBatch, m_count - done));
            for (auto& line : lines) {
                line = corpus.next();
            }
            work(lines);
        }
    }

    void ingest() {
        double cpu = 0;
        double wall = 0;
        auto synced = wallSeconds();
        std::vector<LineView> views;
        eachBatch([&](const std::vector<Line>& lines) {
            views.clear();
            std::ranges::transform(lines, std::back_inserter(views), &Line::view);
            const auto cpuStart = cpuSeconds();
            const auto wallStart = wallSeconds();
            must(m_logs->append(views).has_value(), "append");
            if (wallSeconds() - synced > 0.2) {
                must(m_logs->sync().has_value(), "sync");
                synced = wallSeconds();
            }
            must(m_logs->maintain(lines.back().time).errors.empty(), "maintain");
            cpu += cpuSeconds() - cpuStart;
            wall += wallSeconds() - wallStart;
        });
        must(m_logs->sync().has_value(), "sync");
        figure("ingest_lines", static_cast<double>(m_count) / cpu);
        figure("ingest_wall_lines", static_cast<double>(m_count) / wall);
    }

    // After the lines are in: the files of text would fill the disk's queue.
    void yardsticks() {
        std::ofstream text(m_folder / "text.log");
        std::ofstream hour(m_folder / "hour.log");
        double packing = 0;
        eachBatch([&](const std::vector<Line>& lines) {
            for (const auto& line : lines) {
                writeText(line, text, hour);
            }
            remember(lines);
            packing += pack(lines);
        });
        figure("zstd_lines", static_cast<double>(m_count) / packing);
        figure("disk_ratio", static_cast<double>(m_logs->totals().bytes) / static_cast<double>(m_rawBytes));
        figure("disk_text_ratio", static_cast<double>(m_logs->totals().bytes) / static_cast<double>(m_textBytes));
    }

    void writeText(const Line& line, std::ofstream& text, std::ofstream& hour) {
        auto message = line.message;
        std::ranges::replace(message, '\n', '\t');  // a line is a line for grep
        m_text.clear();
        fmt::format_to(std::back_inserter(m_text), "{} {} {} {}\n", line.time.time_since_epoch().count(), line.function,
                       line.requestId, message);
        text << m_text;
        if (isInHour(line.time)) {
            hour << m_text;
            ++m_linesInHour;
        }
        m_rawBytes += line.message.size() + 1;
        m_textBytes += m_text.size();
    }

    // The last id and the last number of the day's first half: one line has each.
    void remember(const std::vector<Line>& lines) {
        if (lines.back().time > kStart + kDay / 2) {
            return;
        }
        for (const auto& line : lines) {
            if (const auto at = line.message.find("\"orderId\":\""); at != std::string::npos) {
                m_uuid = line.message.substr(at + 11, 36);
            } else if (const auto order = line.message.find("订单 "); order != std::string::npos) {
                m_number = line.message.substr(order + std::string_view("订单 ").size(), 14);
            }
        }
    }

    // Seconds that zstd takes for the messages alone, at the store's level.
    double pack(const std::vector<Line>& lines) {
        for (const auto& line : lines) {
            m_unpacked += line.message;
            m_unpacked += '\n';
        }
        m_packed.resize(ZSTD_compressBound(m_unpacked.size()));
        const auto start = cpuSeconds();
        must(
            ZSTD_isError(ZSTD_compress(m_packed.data(), m_packed.size(), m_unpacked.data(), m_unpacked.size(), 3)) == 0,
            "zstd");
        m_unpacked.clear();
        return cpuSeconds() - start;
    }

    static bool isInHour(SystemTime time) { return time >= kStart + 10h && time < kStart + 11h; }
    static Filter hourFilter() {
        Filter filter;
        filter.since = kStart + 10h;
        filter.until = kStart + 11h;
        return filter;
    }

    // The first page, newest first.
    double pageMs(std::string name, const Filter& filter, std::size_t atLeast) {
        LinesPage page;
        const auto ms = medianMs([&] { page = m_logs->view().lines(filter, {100, Order::NewestFirst, {}}); });
        must(page.lines.size() >= atLeast && page.report.damaged.empty(), name);
        figure(name + "_ms", ms);
        figure(name + "_found", static_cast<double>(page.lines.size()));
        figure(name + "_blocks", static_cast<double>(page.report.blocksRead));
        return ms;
    }

    void queries() {
        auto field = hourFilter();
        field.function.anyOf = {"web-front-30"};
        const auto common = pageMs("field_common", field, 1);
        field.function.anyOf = {std::string(test::LogCorpus::kRareFunction)};
        field.since = kStart;
        figure("field_ms", std::max(common, pageMs("field_rare", field, 0)));

        double text = 0;
        const auto textMs = [&](const std::string& name, const std::string& term, std::size_t atLeast) {
            Filter filter;
            filter.text = {{term}};
            text = std::max(text, pageMs("text_" + name, filter, atLeast));
            figure("grep_" + name + "_ms", grepMs("-c -F", term, "text.log"));
        };
        textMs("common", "slow query", 1);
        textMs("rare", std::string(test::LogCorpus::kRareText), 0);
        textMs("absent", "segmentation fault", 0);
        textMs("uuid", m_uuid, 1);
        textMs("number", m_number, 1);
        figure("text_ms", text);

        const auto literal = regexMs("regex_literal", "blocked by process [0-9]+7$", {{"blocked by process"}});
        const auto plain = regexMs("regex_plain", "user:[0-9]+77:profile shard=1[0-5] dur=19[0-9]\\.", {});
        figure("regex_ms", std::max(literal, plain));
        figure("hour_lines", static_cast<double>(m_linesInHour));
        figure("rss_mib", residentMib());
    }

    double regexMs(const std::string& name, const std::string& pattern,
                   std::vector<std::vector<std::string>> literals) {
        const RE2 regex(pattern);
        auto filter = hourFilter();
        filter.text = std::move(literals);
        filter.predicate = [&regex](const LineView& line) {
            return RE2::PartialMatch(re2::StringPiece(line.message.data(), line.message.size()), regex);
        };
        const auto ms = pageMs(name, filter, 0);
        figure("grep_" + name + "_ms", grepMs("-c -E", pattern, "hour.log"));
        return ms;
    }

    double grepMs(std::string_view options, const std::string& term, std::string_view file) {
        // Through a pipe: with /dev/null as its output, grep stops at the first match.
        const auto command =
            fmt::format("LC_ALL=C grep {} -e '{}' '{}' | cat > /dev/null", options, term, (m_folder / file).string());
        return medianMs([&] {
            const auto status = std::system(command.c_str());
            must(WIFEXITED(status) && WEXITSTATUS(status) == 0, "grep");
        });
    }

    static double residentMib() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmHWM:")) {
                return std::strtod(line.c_str() + 6, nullptr) / 1024;
            }
        }
        return 0;
    }

    void figure(std::string name, double value) { m_figures.emplace_back(std::move(name), value); }

    std::filesystem::path m_folder;
    std::size_t m_count;
    LogStore m_store;
    std::shared_ptr<AccountLogs> m_logs;
    std::uint64_t m_rawBytes = 0;
    std::uint64_t m_textBytes = 0;
    std::uint64_t m_linesInHour = 0;
    std::string m_uuid;
    std::string m_number;
    std::string m_text;
    std::string m_unpacked;
    std::string m_packed;
    std::vector<std::pair<std::string, double>> m_figures;
};

}  // namespace

int main(int argc, char** argv) {
    must(argc == 2 || argc == 3, "usage: bench_logs FOLDER [LINES]");
    // Enough for every part to be run; the figures of the issue are of ten million.
    const auto lines = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
    must(lines >= 10'000, "LINES, at least 10000,");
    Bench(argv[1], lines).run();
    return 0;
}
