// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Log lines in the shapes that real programs write, the same ones for the same seed: JSON, access logs, key=value,
// plain text, Chinese, stack traces and the platform's own, with UUIDs, trace ids, numbers and request ids. Some forty
// functions run in turns on some sixty instances, about ten lines a run.
#pragma once

#include "logs/line.h"

#include <fmt/format.h>
#include <array>
#include <vector>

namespace hanshu::test {

class LogCorpus {
public:
    explicit LogCorpus(std::uint64_t seed, SystemTime start, std::chrono::microseconds step)
        : m_state(seed), m_time(start), m_step(step), m_runs(kInstances) {}

    // Valid until the next call.
    const logs::Line& next() {
        auto& run = m_runs[below(kInstances)];
        if (run.left == 0) {
            begin(run);
        }
        ++m_line.sequence;
        m_time += std::chrono::microseconds(1 + below(2 * static_cast<std::uint64_t>(m_step.count())));
        m_line.time = m_time;
        m_line.function = run.function;
        m_line.qualifier = run.function.size() % 3 == 0 ? "prod" : "LATEST";
        m_line.instance = run.instance;
        m_line.requestId = run.requestId;
        m_line.level = logs::Level::None;
        m_line.stream = logs::Stream::Stdout;
        m_line.message.clear();
        write(run);
        --run.left;
        return m_line;
    }

    static constexpr std::uint64_t kInstances = 60;
    static constexpr std::uint64_t kFunctions = 40;
    // A function that runs a thousand times as seldom as the others.
    static constexpr std::string_view kRareFunction = "nightly-settlement";
    // One line in a hundred thousand has it.
    static constexpr std::string_view kRareText = "deadlock detected";

private:
    struct Run {
        std::string function;
        std::string instance;
        std::string requestId;
        std::uint64_t shape = 0;
        std::uint64_t lines = 0;
        std::uint64_t left = 0;
        std::uint64_t runsLeft = 0;
    };
    using Out = std::back_insert_iterator<std::string>;

    std::uint64_t random() {  // splitmix64
        auto value = m_state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
        return value ^ (value >> 31U);
    }
    std::uint64_t below(std::uint64_t bound) { return random() % bound; }
    template <std::size_t N>
    std::string_view oneOf(const std::array<std::string_view, N>& list) {
        return list[below(N)];
    }
    // Small numbers are more frequent, as in most that is counted.
    std::uint64_t skewed(std::uint64_t bound) { return below(1 + below(1 + below(bound))); }

    std::string uuid() {
        const auto a = random();
        const auto b = random();
        return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32U, a >> 16U & 0xFFFFU, a & 0xFFFU,
                           0x8000U | (b >> 48U & 0x3FFFU), b & 0xFFFFFFFFFFFFU);
    }
    std::string requestId() {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(m_time.time_since_epoch()).count();
        return fmt::format("1-{:08x}-{:016x}{:08x}", seconds, random(), random() >> 32U);
    }

    void begin(Run& run) {
        if (run.runsLeft == 0) {  // another instance takes this place
            run.runsLeft = 20 + below(400);
            run.shape = below(kFunctions);
            run.function =
                below(1000) == 0 ? std::string(kRareFunction) : fmt::format("{}-{}", kNames[run.shape % 8], run.shape);
            run.instance = fmt::format("c-{:08x}-{:08x}-{:012x}", random() >> 32U, random() >> 32U, random() >> 16U);
        }
        --run.runsLeft;
        run.requestId = requestId();
        run.lines = run.left = 6 + below(9);
    }

    void write(Run& run) {
        auto out = std::back_inserter(m_line.message);
        if (run.left == run.lines || run.left == 1) {
            m_line.stream = logs::Stream::Platform;
            platform(run, out);
            return;
        }
        if (below(100'000) == 0) {
            m_line.level = logs::Level::Error;
            fmt::format_to(out, "ERROR {} while waiting for ShareLock on transaction {}; blocked by process {}",
                           kRareText, 10'000'000 + below(90'000'000), below(32768));
            return;
        }
        if (below(300) == 0) {
            stackTrace(out);
            return;
        }
        switch (run.shape % 6) {
            case 0:
                return json(out);
            case 1:
                return access(out);
            case 2:
                return keyValue(out);
            case 3:
                return plain(run, out);
            case 4:
                return chinese(out);
            default:
                return below(2) == 0 ? json(out) : plain(run, out);
        }
    }

    std::string clock() const {
        const auto total = std::chrono::duration_cast<std::chrono::milliseconds>(m_time.time_since_epoch()).count();
        const auto day = total / 1000 % 86400;
        return fmt::format("2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z", 1 + total / 86'400'000 % 28, day / 3600,
                           day / 60 % 60, day % 60, total % 1000);
    }
    std::string_view level() {
        const auto dice = below(100);
        m_line.level = dice < 78   ? logs::Level::Info
                       : dice < 90 ? logs::Level::Debug
                       : dice < 97 ? logs::Level::Warn
                                   : logs::Level::Error;
        m_line.stream = logs::Stream::Logger;
        constexpr std::array<std::string_view, 7> kText = {"", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
        return kText[static_cast<std::size_t>(m_line.level)];
    }

    void platform(const Run& run, Out out) {
        if (run.left > 1) {
            fmt::format_to(out, "FC Invoke Start RequestId: {}", run.requestId);
            return;
        }
        const auto micros = 2000 + skewed(3'000'000);
        fmt::format_to(
            out,
            "FC Invoke End RequestId: {}, Duration: {}.{:02} ms, Billed Duration: {} ms, Memory Size: 512 MB, "
            "Max Memory Used: {}.{:02} MB",
            run.requestId, micros / 1000, micros / 10 % 100, micros / 1000 + 1, 60 + skewed(200), below(100));
    }
    void json(Out out) {
        const auto text = level();
        fmt::format_to(out,
                       R"({{"timestamp":"{}","level":"{}","logger":"{}","message":"{}","orderId":"{}","customerId":{},)"
                       R"("amount":{}.{:02},"currency":"CNY","latencyMs":{})",
                       clock(), text, oneOf(kLoggers), oneOf(kEvents), uuid(), 10'000 + skewed(900'000), skewed(2000),
                       below(100), skewed(500));
        if (below(3) == 0) {
            fmt::format_to(out, R"(,"traceId":"{:016x}{:016x}")", random(), random());
        }
        m_line.message += '}';
    }
    void access(Out out) {
        const auto total = std::chrono::duration_cast<std::chrono::seconds>(m_time.time_since_epoch()).count();
        constexpr std::array<std::string_view, 8> kStatus = {"200", "200", "200", "200", "201", "304", "404", "500"};
        fmt::format_to(
            out,
            R"(10.{}.{}.{} - - [{:02}/Nov/2026:{:02}:{:02}:{:02} +0000] "{} {}{} HTTP/1.1" {} {} "-" "{}" 0.{:03})",
            below(4), below(64), below(256), 1 + total / 86400 % 28, total / 3600 % 24, total / 60 % 60, total % 60,
            below(4) == 0 ? "POST" : "GET", oneOf(kPaths), 1'000'000 + skewed(90'000'000), oneOf(kStatus),
            skewed(60'000), oneOf(kAgents), skewed(1000));
    }
    void keyValue(Out out) {
        const auto text = level();
        fmt::format_to(out, "ts={} level={} caller={}:{} msg=\"{}\" key=user:{}:profile shard={} dur={}.{:03}ms",
                       clock(), text, oneOf(kFiles), 20 + below(30) * 7, oneOf(kEvents), 10'000 + skewed(900'000),
                       below(16), skewed(200), below(1000));
    }
    void plain(const Run& run, Out out) {
        const auto text = level();
        fmt::format_to(out, "{} {} [{}] {} oss://acme-media-{}/2026/11/{:02}/IMG_{}.jpg size={} etag={:016X}{:016X}",
                       clock(), run.requestId, text, oneOf(kEvents), below(6), 1 + below(28), 1000 + below(9000),
                       20'000 + skewed(8'000'000), random(), random());
    }
    void chinese(Out out) {
        const auto text = level();
        constexpr std::array<std::string_view, 6> kPeople = {"张伟", "王芳", "李娜", "刘洋", "陈静", "杨磊"};
        constexpr std::array<std::string_view, 5> kWhat = {"已支付", "已发货", "已取消", "等待支付",
                                                           "库存不足，稍后重试"};
        fmt::format_to(out, "{} [{}] 订单 202611{}{} {}，金额 ¥{}.{:02}，用户 {}（ID {}），耗时 {} 毫秒", clock(), text,
                       10 + below(18), 100'000 + below(900'000), oneOf(kWhat), skewed(3000), below(100), oneOf(kPeople),
                       10'000 + skewed(900'000), skewed(500));
    }
    void stackTrace(Out out) {
        m_line.level = logs::Level::Error;
        m_line.stream = logs::Stream::Stderr;
        fmt::format_to(out, "java.lang.IllegalStateException: Connection pool exhausted after {} ms, {} active",
                       30'000 + below(500), 10 + below(90));
        for (auto depth = 6 + below(20); depth > 0; --depth) {
            fmt::format_to(out, "\n\tat {}.{}({}:{})", oneOf(kLoggers), oneOf(kMethods), oneOf(kFiles),
                           20 + below(30) * 13);
        }
    }

    static constexpr std::array<std::string_view, 8> kNames = {"img-resize",  "order-api",    "user-sync", "pdf-render",
                                                               "支付-notify", "report-build", "web-front", "video-cut"};
    static constexpr std::array<std::string_view, 8> kLoggers = {
        "com.acme.orders.OrderService", "com.acme.orders.PaymentGateway", "com.acme.stock.ReservationRepository",
        "com.acme.web.SessionFilter",   "com.acme.media.Transcoder",      "com.acme.mail.TemplateRenderer",
        "org.apache.http.impl.Pool",    "com.acme.common.RetryPolicy"};
    static constexpr std::array<std::string_view, 16> kEvents = {"order accepted",
                                                                 "payment authorised",
                                                                 "cache miss, loading from database",
                                                                 "cache hit",
                                                                 "retrying after timeout",
                                                                 "stock reserved",
                                                                 "message published",
                                                                 "session refreshed",
                                                                 "upload finished",
                                                                 "thumbnail written",
                                                                 "validation failed: missing field",
                                                                 "slow query",
                                                                 "connection reset by peer",
                                                                 "lease renewed",
                                                                 "config reloaded",
                                                                 "rate limit close"};
    static constexpr std::array<std::string_view, 6> kPaths = {
        "/api/v1/orders/", "/api/v1/users/", "/static/img/", "/api/v2/search?page=", "/health?n=", "/api/v1/cart/"};
    static constexpr std::array<std::string_view, 4> kAgents = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
        "Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "okhttp/4.12.0", "curl/8.9.1"};
    static constexpr std::array<std::string_view, 6> kFiles = {"cache.go",        "OrderService.java", "pool.go",
                                                               "Transcoder.java", "session.py",        "retry.go"};
    static constexpr std::array<std::string_view, 6> kMethods = {"acquire", "reserve",  "lambda$submit$4",
                                                                 "execute", "doFilter", "invoke0"};

    std::uint64_t m_state;
    SystemTime m_time;
    std::chrono::microseconds m_step;
    std::vector<Run> m_runs;
    logs::Line m_line;
};

inline std::vector<logs::Line> linesOfCorpus(std::size_t count, std::uint64_t seed = 1) {
    LogCorpus corpus(seed, SystemTime{std::chrono::seconds(1'700'000'000)}, std::chrono::milliseconds(10));
    std::vector<logs::Line> lines;
    for (std::size_t i = 0; i < count; ++i) {
        lines.push_back(corpus.next());
    }
    return lines;
}

}  // namespace hanshu::test
