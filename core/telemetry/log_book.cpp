// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/log_book.h"

#include "base/log.h"
#include "logs/log_store.h"

#include <pthread.h>
#include <condition_variable>
#include <set>
#include <thread>

namespace hanshu::telemetry {
namespace {

// A question reads blocks from disk and unpacks them; more at once would only share the cores with runs.
constexpr std::size_t kReaders = 2;
// Of messages: a quarter of what a file holds before it is sealed.
constexpr std::uint64_t kLookAfterBytes = 4U << 20U;
// For what is due by age alone.
constexpr std::chrono::minutes kLookAfterEvery{10};

void tell(const std::string& account, const logs::MaintainReport& report) {
    for (const auto& dropped : report.dropped) {
        log::info("logs", "account {}: dropped {} lines ({} bytes) that were {}", account, dropped.lines, dropped.bytes,
                  dropped.byQuota ? "more than the account may keep" : "older than is kept");
    }
    for (const auto& damage : report.damaged) {
        log::error("logs", "account {}: {}", account, damage);
    }
    for (const auto& error : report.errors) {
        log::warning("logs", "account {}: {}", account, error.describe());
    }
}

}  // namespace

struct LogBook::Shelves {
    Shelves(std::string folder, const logs::LogOptions& options, const Clock& with)
        : store(std::move(folder), options), clock(with) {}

    logs::LogStore store;
    const Clock& clock;
    // The writer's alone.
    std::set<std::shared_ptr<logs::AccountLogs>> unsynced;
    std::uint64_t bytes = 0;  // since files were looked after
    std::mutex upkeep;        // an account's files are looked after by one thread at a time
};

class LogBook::Upkeep {
public:
    explicit Upkeep(LogBook& book) : m_thread([this, &book] { run(book); }) {}
    ~Upkeep() {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    void hurry() {
        {
            const std::lock_guard lock(m_mutex);
            m_due = true;
        }
        m_wake.notify_all();
    }

private:
    void run(LogBook& book) {
        pthread_setname_np(pthread_self(), "log-upkeep");
        std::unique_lock lock(m_mutex);
        while (!m_stopping) {
            m_due = false;
            lock.unlock();
            book.lookAfter();
            lock.lock();
            m_wake.wait_for(lock, kLookAfterEvery, [this] { return m_due || m_stopping; });
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_due = false;
    bool m_stopping = false;
    std::thread m_thread;
};

LogBook::LogBook(const std::filesystem::path& folder, const LogKeeping& keeping, const Clock& clock)
    : m_readers(kReaders) {
    logs::LogOptions options;
    options.maxAge = keeping.maxAge;
    options.maxBytes = keeping.maxBytes;
    m_shelves = std::make_unique<Shelves>(folder.string(), options, clock);
    m_upkeep = std::make_unique<Upkeep>(*this);
}

Result<std::unique_ptr<LogBook>> LogBook::open(const std::filesystem::path& folder, const LogKeeping& keeping,
                                               const Clock& clock) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return systemError("make " + folder.string(), error.value());
    }
    return std::unique_ptr<LogBook>(new LogBook(folder, keeping, clock));
}

LogBook::~LogBook() {
    m_readers.join();
    m_upkeep.reset();
    sync();
}

Result<void> LogBook::append(const std::string& account, std::span<logs::LineView> lines) {
    auto opened = m_shelves->store.account(account);
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    auto sequence = (*opened)->lastSequence();
    for (auto& line : lines) {
        line.sequence = ++sequence;
        m_shelves->bytes += line.message.size();
    }
    m_shelves->unsynced.insert(*opened);
    if (m_shelves->bytes >= kLookAfterBytes) {
        m_shelves->bytes = 0;
        m_upkeep->hurry();
    }
    return (*opened)->append(lines);
}

void LogBook::sync() {
    std::erase_if(m_shelves->unsynced, [](const auto& account) {
        const auto synced = account->sync();
        if (!synced) {
            log::warning("logs", "log lines are not on disk yet: {}", synced.error().describe());
        }
        return synced.has_value();
    });
}

bool LogBook::hasUnsynced() const noexcept {
    return !m_shelves->unsynced.empty();
}

Result<logs::LogView> LogBook::viewOf(const std::string& account) {
    auto opened = m_shelves->store.account(account);
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    return (*opened)->view();
}

void LogBook::lookAfter() {
    const std::lock_guard lock(m_shelves->upkeep);
    const auto names = m_shelves->store.accounts();
    if (!names) {
        log::warning("logs", "cannot list the accounts: {}", names.error().describe());
        return;
    }
    for (const auto& name : *names) {
        auto opened = m_shelves->store.account(name);
        if (!opened) {
            log::warning("logs", "account {}: {}", name, opened.error().describe());
            continue;
        }
        tell(name, (*opened)->maintain(m_shelves->clock.now()));
    }
}

}  // namespace hanshu::telemetry
