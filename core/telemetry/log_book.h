// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the lines of all accounts are kept: written by the recorder, asked by whoever wants to know, and looked after
// on a thread of its own (files are sealed, and dropped when they are old or too many).
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "logs/log_view.h"
#include "telemetry/log_keeping.h"

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace hanshu::telemetry {

class LogBook {
public:
    // The folder is made where it is not there. `clock` outlives the book.
    [[nodiscard]] static Result<std::unique_ptr<LogBook>> open(const std::filesystem::path& folder,
                                                               const LogKeeping& keeping, const Clock& clock);
    ~LogBook();  // what was written is on disk
    LogBook(const LogBook&) = delete;
    LogBook& operator=(const LogBook&) = delete;

    // Gives the lines sequences above all that the account ever had, and writes them. One thread at a time. On an error
    // the lines are lost.
    [[nodiscard]] Result<void> append(const std::string& account, std::span<logs::LineView> lines);
    // What was written is on disk when it returns. The same thread.
    void sync();
    [[nodiscard]] bool hasUnsynced() const noexcept;

    // Runs `question` on a thread that may block. Any thread. Lines are there once the recorder has stored them.
    template <class Answer>
    [[nodiscard]] Task<Result<Answer>> ask(std::string account, std::function<Answer(const logs::LogView&)> question) {
        auto work = [this, account = std::move(account), question = std::move(question)]() -> Result<Answer> {
            auto view = viewOf(account);
            if (!view) {
                return fail(std::move(view.error()));
            }
            return question(*view);
        };
        co_return co_await onPool(m_readers, std::move(work));
    }
    // Blocks.
    [[nodiscard]] Result<logs::LogView> viewOf(const std::string& account);
    // Seals and drops what is due, as its own thread does by and by. Blocks; any thread.
    void lookAfter();

private:
    class Upkeep;
    LogBook(const std::filesystem::path& folder, const LogKeeping& keeping, const Clock& clock);

    struct Shelves;
    std::unique_ptr<Shelves> m_shelves;
    asio::thread_pool m_readers;
    std::unique_ptr<Upkeep> m_upkeep;
};

}  // namespace hanshu::telemetry
