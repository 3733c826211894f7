// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the daemon orders from the spawner and what that answers: the wire form of both. Values; any thread.
#pragma once

#include "base/result.h"
#include "sandbox/frame.h"
#include "sandbox/sandbox.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::sandbox {

enum class OrderKind : std::uint32_t { Launch = 1, Assign, Kill, Stop };
enum class AnswerKind : std::uint32_t { Hello = 1, Launched, Assigned, Exited };

struct LaunchOrder {
    std::uint64_t request = 0;
    std::string instance;
    std::vector<std::string> argv;
    std::vector<std::pair<std::string, std::string>> environment;
    struct File {
        std::string path;
        bool executable = false;
    };
    std::vector<File> files;  // with the frame's fds: control, output, then one for each file
};

struct AssignOrder {
    std::uint64_t request = 0;
    std::uint64_t sandbox = 0;
    Assignment assignment;
};

// How the fds that come with Launched are read.
enum class UsageSource : std::uint32_t {
    None,
    CgroupV1,  // memory.max_usage_in_bytes, memory.oom_control
    CgroupV2,  // memory.peak, memory.events, memory.current
    Process,   // /proc/PID/status of the first process
};

struct Answer {
    AnswerKind kind = AnswerKind::Hello;
    std::uint64_t request = 0;
    std::uint64_t sandbox = 0;
    std::optional<Error> error;
    Isolation isolation = Isolation::User;  // Hello
    std::string note;                       // Hello: what this host lacks, for the log
    UsageSource usage = UsageSource::None;  // Launched
    std::vector<UniqueFd> fds;              // Launched
    ExitStatus exit;                        // Exited
};

[[nodiscard]] std::string encode(const LaunchOrder& order);
[[nodiscard]] std::string encode(const AssignOrder& order);
[[nodiscard]] std::string encodeKill(std::uint64_t sandbox);
[[nodiscard]] std::string encodeStop();
[[nodiscard]] std::string encode(const Answer& answer);  // without its fds

// The decoder stands after the kind.
[[nodiscard]] std::optional<LaunchOrder> decodeLaunch(Decoder& decoder);
// Whether it names a program, variables and files in a form that can be carried out.
[[nodiscard]] bool isSensible(const LaunchOrder& order);
[[nodiscard]] std::optional<AssignOrder> decodeAssign(Decoder& decoder);
[[nodiscard]] std::optional<Answer> decodeAnswer(Frame frame);

}  // namespace hanshu::sandbox
