// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/process_sample.h"

#include <fmt/format.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

namespace hanshu::node {
namespace {

struct Sample {
    std::int64_t cpuMicroseconds = 0;
    std::int64_t threads = 0;
    std::int64_t residentBytes = 0;
};

// Of /proc/PID/stat; the name in parentheses may hold anything.
std::optional<Sample> read(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string text;
    if (!std::getline(file, text)) {
        return std::nullopt;
    }
    const auto end = text.rfind(')');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(text.substr(end + 1));
    constexpr int kUser = 14;
    constexpr int kSystem = 15;
    constexpr int kThreads = 20;
    constexpr int kResident = 24;  // pages
    std::string field;
    Sample sample;
    std::int64_t ticks = 0;
    for (int number = 3; number <= kResident && fields >> field; ++number) {
        if (number == kUser || number == kSystem) {
            ticks += std::atoll(field.c_str());
        } else if (number == kThreads) {
            sample.threads = std::atoll(field.c_str());
        } else if (number == kResident) {
            sample.residentBytes = std::atoll(field.c_str()) * ::sysconf(_SC_PAGESIZE);
        }
    }
    sample.cpuMicroseconds = ticks * (1'000'000 / ::sysconf(_SC_CLK_TCK));
    return sample;
}

std::optional<std::int64_t> openFiles(pid_t pid) {
    std::error_code error;
    std::int64_t count = 0;
    for (std::filesystem::directory_iterator at(fmt::format("/proc/{}/fd", pid), error), end; !error && at != end;
         at.increment(error)) {
        ++count;
    }
    return error ? std::nullopt : std::optional(count);
}

// CPU time is told by its growth: since when is known only here.
std::int64_t growth(pid_t pid, std::int64_t now) {
    static std::mutex mutex;
    static std::map<pid_t, std::int64_t> last;
    const std::lock_guard lock(mutex);
    auto& before = last[pid];
    const auto grown = now - before;
    before = now;
    return grown;
}

}  // namespace

void sampleProcess(metrics::Registry& registry, std::string_view process, pid_t pid) {
    const metrics::Dimensions dimensions{.detail = process};
    const auto set = [&](std::string_view name, std::int64_t value) {
        if (const auto gauge = registry.gauge(name, dimensions)) {
            gauge->set(value);
        }
    };
    const auto sample = read(pid);
    if (!sample) {
        return;
    }
    set("DaemonMemory", sample->residentBytes);
    set("DaemonThreads", sample->threads);
    if (const auto count = openFiles(pid)) {
        set("DaemonOpenFiles", *count);
    }
    if (const auto counter = registry.counter("DaemonCPUTime", dimensions)) {
        counter->add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, growth(pid, sample->cpuMicroseconds))));
    }
}

}  // namespace hanshu::node
