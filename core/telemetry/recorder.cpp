// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/recorder.h"

#include "base/encoding.h"
#include "base/log.h"
#include "store/telemetry_store.h"
#include "telemetry/counters.h"
#include "telemetry/intake.h"
#include "telemetry/log_book.h"
#include "telemetry/log_filter.h"
#include "telemetry/watchers.h"

#include <pthread.h>
#include <algorithm>
#include <condition_variable>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

namespace hanshu::telemetry {
namespace {

// What a person takes for "at once", and still a batch under load.
constexpr std::chrono::milliseconds kFlushEvery{50};
// Of records that wait: half a minute of 1,000 runs a second with 2 KB of log each.
constexpr std::size_t kMaxWaitingBytes = 64 * 1024 * 1024;
// A power cut takes the lines of this time at most; a killed program none that were written.
constexpr std::chrono::milliseconds kSyncEvery{200};
// Between two warnings that the store refuses.
constexpr std::chrono::seconds kWarnEvery{10};

// A function may print any bytes; the schema's strings are UTF-8. What is not becomes U+FFFD.
void makeUtf8(std::string& text) {
    if (isUtf8(text)) {
        return;
    }
    std::string clean;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        while (length <= 4 && !isUtf8(std::string_view(text).substr(at, length))) {
            ++length;
        }
        if (length > 4) {
            clean += "\xef\xbf\xbd";
            ++at;
        } else {
            clean += std::string_view(text).substr(at, length);
            at += length;
        }
    }
    text = std::move(clean);
}

class StoringRecorder final : public Recorder {
public:
    StoringRecorder(store::TelemetryStore& store, LogBook& book, RunListener onRun)
        : m_store(store), m_book(book), m_onRun(std::move(onRun)) {
        if (const auto last = m_store.lastSequence()) {
            m_lastRun = *last;
        } else {
            log::error("telemetry", "cannot read where records ended: {}", last.error().describe());
        }
        m_thread = std::thread([this] { run(); });
    }
    StoringRecorder(const StoringRecorder&) = delete;
    StoringRecorder& operator=(const StoringRecorder&) = delete;
    ~StoringRecorder() override {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }

    void record(RunRecord record) override {
        m_counters.count(record.invocation);
        push({std::move(record), false});
    }

    void recordLines(const std::string& account, const api::Invocation& of, std::vector<LogLine> lines) override {
        if (lines.empty()) {
            return;
        }
        RunRecord record;
        record.account = account;
        record.invocation.set_function_name(of.function_name());
        record.invocation.set_qualifier(of.qualifier());
        record.invocation.set_instance_id(of.instance_id());
        record.invocation.set_request_id(of.request_id());
        record.lines = std::move(lines);
        push({std::move(record), true});
    }

    [[nodiscard]] std::unique_ptr<Subscription> watch(Watcher watcher) override {
        return m_watchers->add(std::move(watcher));
    }

    [[nodiscard]] Totals totals() const override { return m_counters.totals(); }

    void flush() override {
        std::unique_lock lock(m_mutex);
        const auto ticket = ++m_requested;
        m_wake.notify_all();
        m_flushed.wait(lock, [&] { return m_completed >= ticket; });
    }

private:
    void push(Intake::Item item) {
        const auto pushed = m_intake.push(std::move(item));
        if (pushed.dropped > 0) {
            m_counters.countDropped(pushed.dropped);
        }
        if (pushed.wasEmpty) {
            {
                const std::lock_guard lock(m_mutex);
                m_news = true;
            }
            m_wake.notify_all();
        }
    }

    void run() {
        pthread_setname_np(pthread_self(), "recorder");
        auto lastFlush = std::chrono::steady_clock::now() - kFlushEvery;
        auto lastSync = lastFlush;
        while (true) {
            std::unique_lock lock(m_mutex);
            const auto hurried = [this] { return m_stopping || m_requested > m_completed; };
            const auto something = [&] { return m_news || hurried(); };
            if (m_book.hasUnsynced()) {
                m_wake.wait_until(lock, lastSync + kSyncEvery, something);
            } else {
                m_wake.wait(lock, something);
            }
            m_wake.wait_until(lock, lastFlush + kFlushEvery, hurried);
            const auto ticket = m_requested;
            const bool last = m_stopping;
            m_news = false;
            lock.unlock();

            lastFlush = std::chrono::steady_clock::now();
            store(m_intake.takeAll());

            lock.lock();
            m_completed = ticket;
            m_flushed.notify_all();
            lock.unlock();
            if (m_book.hasUnsynced() && (last || std::chrono::steady_clock::now() >= lastSync + kSyncEvery)) {
                m_book.sync();
                lastSync = std::chrono::steady_clock::now();
            }
            if (last) {
                return;
            }
        }
    }

    // Lines first: whoever sees a run finds what it wrote.
    void store(std::vector<Intake::Item> items) {
        if (items.empty()) {
            return;
        }
        WatchedBatch watched;
        storeLines(items, m_watchers->empty() ? nullptr : &watched);
        storeRuns(items, m_watchers->empty() ? nullptr : &watched);
        m_watchers->hand(watched);
    }

    void storeLines(std::vector<Intake::Item>& items, WatchedBatch* watched) {
        std::map<std::string_view, std::vector<logs::LineView>> lines;
        for (auto& item : items) {
            for (auto& line : item.record.lines) {
                makeUtf8(line.message);
                lines[item.record.account].push_back(viewOf(item.record.invocation, line));
            }
        }
        for (auto& [account, views] : lines) {
            const std::string name(account);
            if (const auto stored = m_book.append(name, views); !stored) {
                m_counters.countDropped(views.size());
                warn(stored.error());
            }
            if (watched != nullptr) {
                auto& records = watched->lines[name];
                records.reserve(views.size());
                std::ranges::transform(views, std::back_inserter(records), recordOf);
            }
        }
    }

    void storeRuns(std::vector<Intake::Item>& items, WatchedBatch* watched) {
        store::TelemetryBatch batch;
        for (auto& item : items) {
            if (item.linesOnly) {
                continue;
            }
            auto& run = item.record.invocation;
            makeUtf8(*run.mutable_error_type());
            makeUtf8(*run.mutable_error_message());
            run.set_sequence(++m_lastRun);
            if (m_onRun) {
                m_onRun(item.record.account, run);
            }
            if (watched != nullptr) {
                watched->invocations[item.record.account].push_back(run);
            }
            batch.runs.push_back({std::move(item.record.account), std::move(run)});
        }
        if (batch.runs.empty()) {
            return;
        }
        const auto runs = batch.runs.size();
        std::promise<Result<void>> stored;
        m_store.append(std::move(batch), [&](Result<void> result) { stored.set_value(std::move(result)); });
        if (const auto result = stored.get_future().get(); !result) {
            m_counters.countDropped(runs);
            warn(result.error());
        }
    }

    static logs::LineView viewOf(const api::Invocation& run, const LogLine& line) {
        return {.time = line.time,
                .function = run.function_name(),
                .qualifier = run.qualifier(),
                .instance = run.instance_id(),
                .requestId = run.request_id(),
                .level = line.level,
                .stream = line.stream,
                .message = line.message};
    }

    void warn(const Error& error) {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_lastWarning >= kWarnEvery) {
            m_lastWarning = now;
            log::warning("telemetry", "records are lost: {}", error.describe());
        }
    }

    store::TelemetryStore& m_store;
    LogBook& m_book;
    RunListener m_onRun;
    Counters m_counters;
    Intake m_intake{kMaxWaitingBytes};
    std::shared_ptr<Watchers> m_watchers = std::make_shared<Watchers>();

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_flushed;
    bool m_news = false;
    bool m_stopping = false;
    std::uint64_t m_requested = 0;
    std::uint64_t m_completed = 0;

    // The recorder's thread's alone.
    std::int64_t m_lastRun = 0;
    std::chrono::steady_clock::time_point m_lastWarning = std::chrono::steady_clock::now() - kWarnEvery;
    std::thread m_thread;
};

}  // namespace

std::unique_ptr<Recorder> makeRecorder(store::TelemetryStore& store, LogBook& book, RunListener onRun) {
    return std::make_unique<StoringRecorder>(store, book, std::move(onRun));
}

}  // namespace hanshu::telemetry
