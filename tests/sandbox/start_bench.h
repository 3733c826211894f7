// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the parts of a sandbox's start cost, beside a plain bubblewrap around /bin/true and a plain Python.
#pragma once

#include "levels.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

namespace hanshu::sandbox {

// Whether a process waits for something.
inline bool isAtRest(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    // Its state stands behind its name, which may hold anything.
    const auto name = text.rfind(')');
    return name != std::string::npos && name + 2 < text.size() && text[name + 2] == 'S';
}

// Prints them.
inline int runStartBench() {
    using Clock = std::chrono::steady_clock;
    const auto microseconds = [](Clock::time_point from) {
        return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
    };
    std::map<std::string, std::vector<double>> times;
    constexpr int kRounds = 60;
    for (int round = 0; round < kRounds; ++round) {
        for (const auto& [name, command] :
             {std::pair{"yardstick: bwrap /bin/true",
                        "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev /bin/true"},
              {"yardstick: python3 -I -c 0", "/usr/bin/python3 -I -c 0"}}) {
            const auto start = Clock::now();
            (void)!std::system(command);
            times[name].push_back(microseconds(start));
        }
        for (auto& level : levels()) {
            auto start = Clock::now();
            Cell cell(io(), *level.factory, {"/bin/sh", "-c", "echo; read x <&3"});
            times[level.name + ": launch"].push_back(microseconds(start));
            const auto wanted = assignment(level.state);
            // As from a stock: its program runs, and the spawner rests.
            if (!cell || !readableWithin(cell.output(), Cell::kDeadline) ||
                !eventually([&] { return isAtRest(level.handle->pid()); })) {
                return 1;
            }
            start = Clock::now();
            if (!cell.assign(wanted).empty()) {
                return 1;
            }
            times[level.name + ": assign"].push_back(microseconds(start));
            start = Clock::now();
            (void)cell.sandbox().usage();
            times[level.name + ": usage"].push_back(microseconds(start));
            start = Clock::now();
            cell.sandbox().kill();
            (void)cell.ended();
            times[level.name + ": kill"].push_back(microseconds(start));
        }
    }
    for (auto& [name, values] : times) {
        std::sort(values.begin(), values.end());
        std::printf("%-32s p50 %8.0f us   p90 %8.0f us\n", name.c_str(), values[values.size() / 2],
                    values[values.size() * 9 / 10]);
    }
    return 0;
}

}  // namespace hanshu::sandbox
