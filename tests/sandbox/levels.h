// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Spawners for every level of isolation that this host gives to who runs a test: as root both of root's, otherwise the
// ordinary user's. For a test's own thread.
#pragma once

#include "cell.h"
#include "sandbox/sandbox.h"
#include "sandbox/spawner_process.h"

#include <QTest>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::sandbox {

constexpr std::int64_t kMemory = 256LL << 20;
constexpr std::int64_t kDisk = 64LL << 20;
constexpr int kProcesses = 60;
constexpr int kFewSlots = 2;

// One spawner with its state directory.
struct Level {
    std::string name;
    std::filesystem::path state;
    std::unique_ptr<SpawnerHandle> handle;
    std::unique_ptr<SandboxFactory> factory;
};

// Forks all spawners, runs `work` with them, and ends them. Returns what `work` returned.
[[nodiscard]] int runAtLevels(const std::function<int()>& work);
// Only while that runs.
[[nodiscard]] std::vector<Level>& levels();
[[nodiscard]] Level& tinyLevel();  // of kFewSlots
[[nodiscard]] IoPool& io();

// For a _data function: one row a level.
void addLevelRows();
// With some code and objects in it.
[[nodiscard]] std::filesystem::path makeState(const std::string& name);
void writeFile(const std::filesystem::path& path, const std::string& text);
[[nodiscard]] Assignment assignment(const std::filesystem::path& state);
// The uid on the host of what runs inside: as the kernel tells it of a message that came from there.
[[nodiscard]] uid_t hostUidOf(Cell& cell);
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

// Outcomes of attacks by level.
void note(const std::string& attack, const std::string& level, const std::string& outcome);
void printOutcomes();

// Runs this program as an ordinary user; the outcomes that it noted are noted here too.
[[nodiscard]] bool sameHoldsForAnOrdinaryUser();
// What it printed.
[[nodiscard]] const char* ordinaryUsersWords();

}  // namespace hanshu::sandbox

#define HANSHU_LEVEL                                           \
    QFETCH(int, index);                                        \
    const Level& level = levels()[static_cast<size_t>(index)]; \
    SandboxFactory& factory = *level.factory
#define HANSHU_READY(cell)                    \
    QVERIFY2((cell), (cell).error().c_str()); \
    QCOMPARE((cell).next(), std::string("ready"))
#define HANSHU_ASSIGNED(cell) QCOMPARE((cell).assign(assignment(level.state)), std::string())
