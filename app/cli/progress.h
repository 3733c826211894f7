// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One line that says how far a transfer is, on a terminal alone, gone when it is over. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace hanshu::cli {

class Progress {
public:
    // Silent unless `shown`.
    Progress(std::ostream& err, bool shown, std::string label);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    // `total` 0: not known.
    void update(std::uint64_t done, std::uint64_t total);

private:
    std::ostream& m_err;
    const bool m_shown;
    const std::string m_label;
    const std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point m_next{};
    bool m_drawn = false;
};

}  // namespace hanshu::cli
