// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/orders.h"

#include <algorithm>
#include <filesystem>

namespace hanshu::sandbox {
namespace {

// Far above what an agent needs; they keep a damaged count from becoming an allocation.
constexpr std::uint32_t kMaxArguments = 256;
constexpr std::uint32_t kMaxVariables = 1024;
constexpr std::uint32_t kMaxMounts = 64;

bool isPlain(const std::string& text) {
    return text.find('\0') == std::string::npos;
}

bool isVariable(const std::pair<std::string, std::string>& variable) {
    const auto& [name, value] = variable;
    return !name.empty() && name.find('=') == std::string::npos && isPlain(name) && isPlain(value);
}

bool isFile(const LaunchOrder::File& file) {
    const std::filesystem::path path(file.path);
    return isPlain(file.path) && path.is_absolute() && path.lexically_normal() == path && path.has_filename();
}

}  // namespace

std::string encode(const LaunchOrder& order) {
    Encoder out;
    out.put(OrderKind::Launch).put(order.request).put(order.instance);
    out.put(static_cast<std::uint32_t>(order.argv.size()));
    for (const auto& argument : order.argv) {
        out.put(argument);
    }
    out.put(static_cast<std::uint32_t>(order.environment.size()));
    for (const auto& [name, value] : order.environment) {
        out.put(name).put(value);
    }
    out.put(static_cast<std::uint32_t>(order.files.size()));
    for (const auto& file : order.files) {
        out.put(file.path).put(file.executable);
    }
    return out.bytes();
}

std::optional<LaunchOrder> decodeLaunch(Decoder& decoder) {
    LaunchOrder order;
    order.request = decoder.get<std::uint64_t>();
    order.instance = decoder.text();
    for (auto left = decoder.count(kMaxArguments); left > 0; --left) {
        order.argv.push_back(decoder.text());
    }
    for (auto left = decoder.count(kMaxVariables); left > 0; --left) {
        auto name = decoder.text();
        order.environment.emplace_back(std::move(name), decoder.text());
    }
    for (auto left = decoder.count(kMaxFrameFds); left > 0; --left) {
        LaunchOrder::File file{decoder.text()};
        file.executable = decoder.get<bool>();
        order.files.push_back(std::move(file));
    }
    return decoder.good() ? std::optional(std::move(order)) : std::nullopt;
}

bool isSensible(const LaunchOrder& order) {
    return !order.argv.empty() && order.argv.front().starts_with('/') && std::ranges::all_of(order.argv, isPlain) &&
           std::ranges::all_of(order.environment, isVariable) && std::ranges::all_of(order.files, isFile);
}

std::string encode(const AssignOrder& order) {
    const auto& assignment = order.assignment;
    Encoder out;
    out.put(OrderKind::Assign).put(order.request).put(order.sandbox);
    out.put(assignment.memoryBytes).put(assignment.cpus).put(assignment.processes).put(assignment.diskBytes);
    out.put(static_cast<std::uint32_t>(assignment.mounts.size()));
    for (const auto& mount : assignment.mounts) {
        out.put(mount.hostPath).put(mount.targetPath);
    }
    return out.bytes();
}

std::optional<AssignOrder> decodeAssign(Decoder& decoder) {
    AssignOrder order;
    order.request = decoder.get<std::uint64_t>();
    order.sandbox = decoder.get<std::uint64_t>();
    auto& assignment = order.assignment;
    assignment.memoryBytes = decoder.get<std::int64_t>();
    assignment.cpus = decoder.get<double>();
    assignment.processes = decoder.get<int>();
    assignment.diskBytes = decoder.get<std::int64_t>();
    for (auto left = decoder.count(kMaxMounts); left > 0; --left) {
        Mount mount;
        mount.hostPath = decoder.text();
        mount.targetPath = decoder.text();
        assignment.mounts.push_back(std::move(mount));
    }
    return decoder.good() ? std::optional(std::move(order)) : std::nullopt;
}

std::string encodeKill(std::uint64_t sandbox) {
    return Encoder().put(OrderKind::Kill).put(sandbox).bytes();
}

std::string encodeStop() {
    return Encoder().put(OrderKind::Stop).bytes();
}

std::string encode(const Answer& answer) {
    Encoder out;
    out.put(answer.kind).put(answer.request).put(answer.sandbox).put(answer.error.has_value());
    if (answer.error) {
        out.put(answer.error->code).put(answer.error->reason).put(answer.error->detail);
    }
    out.put(answer.isolation).put(answer.note).put(answer.usage).put(answer.exit.signaled).put(answer.exit.value);
    return out.bytes();
}

std::optional<Answer> decodeAnswer(Frame frame) {
    Decoder decoder(frame.bytes);
    Answer answer;
    answer.kind = decoder.get<AnswerKind>();
    answer.request = decoder.get<std::uint64_t>();
    answer.sandbox = decoder.get<std::uint64_t>();
    if (decoder.get<bool>()) {
        Error error;
        error.code = decoder.get<Code>();
        error.reason = decoder.text();
        error.detail = decoder.text();
        answer.error = std::move(error);
    }
    answer.isolation = decoder.get<Isolation>();
    answer.note = decoder.text();
    answer.usage = decoder.get<UsageSource>();
    answer.exit.signaled = decoder.get<bool>();
    answer.exit.value = decoder.get<int>();
    answer.fds = std::move(frame.fds);
    return decoder.good() ? std::optional(std::move(answer)) : std::nullopt;
}

}  // namespace hanshu::sandbox
