// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/progress.h"

#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

// Often enough to look alive, rarely enough to cost nothing.
constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

Progress::Progress(std::ostream& err, bool shown, std::string label)
    : m_err(err), m_shown(shown), m_label(std::move(label)) {}

Progress::~Progress() {
    if (m_drawn) {
        m_err << "\r\x1b[K" << std::flush;
    }
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (!m_shown || now < m_next) {
        return;
    }
    m_next = now + kInterval;
    m_drawn = true;
    const auto seconds = std::chrono::duration<double>(now - m_begin).count();
    const auto amount = static_cast<double>(done);
    auto line = fmt::format("{}  {}", m_label, formatSize(amount));
    if (total > 0) {
        line += fmt::format(" of {}  {:.0f} %", formatSize(static_cast<double>(total)),
                            100 * amount / static_cast<double>(total));
    }
    if (seconds > 0.5) {
        line += fmt::format("  {}/s", formatSize(amount / seconds));
    }
    m_err << '\r' << line << "\x1b[K" << std::flush;
}

}  // namespace hanshu::cli
