// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/reports.h"

#include <fmt/format.h>

namespace hanshu::runtime {
namespace {

// ASCII only, so that text from inside in any encoding makes valid JSON.
void appendQuoted(std::string& into, std::string_view text) {
    into += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            into += '\\';
            into += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            into += fmt::format("\\u{:04x}", byte);
        } else {
            into += byte < 0x80 ? c : '?';
        }
    }
    into += '"';
}

RunResult make(RunResult::Status status, std::string body, std::chrono::microseconds run, std::int64_t peak) {
    RunResult result;
    result.status = status;
    result.payload = std::move(body);
    result.run = run;
    result.memoryPeakBytes = peak;
    return result;
}

auto milliseconds(std::chrono::microseconds time) {
    return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}

}  // namespace

std::string errorBody(std::string_view message, std::string_view type) {
    std::string body = "{\"errorMessage\":";
    appendQuoted(body, message);
    if (!type.empty()) {
        body += ",\"errorType\":";
        appendQuoted(body, type);
    }
    return body + '}';
}

std::string megabytes(std::int64_t bytes) {
    return fmt::format("{:.2f}MB", static_cast<double>(bytes) / (1024.0 * 1024.0));
}

RunResult timedOut(std::string_view what, std::chrono::seconds limit, std::chrono::microseconds run,
                   std::int64_t peak) {
    const auto text =
        fmt::format("{} timed out after {} seconds (maxMemoryUsage: {})", what, limit.count(), megabytes(peak));
    return make(RunResult::Status::Timeout, errorBody(text), run, peak);
}

RunResult exited(std::chrono::microseconds run, std::int64_t peak, std::string_view reason) {
    const auto text =
        fmt::format("Process exited unexpectedly before completing request{}{} (duration: {}ms, maxMemoryUsage: {})",
                    reason.empty() ? "" : ": ", reason, milliseconds(run), megabytes(peak));
    return make(RunResult::Status::Exited, errorBody(text), run, peak);
}

RunResult aborted(std::chrono::microseconds run, std::int64_t peak, std::string_view why) {
    const auto text = fmt::format("The run was aborted: {} (duration: {}ms, maxMemoryUsage: {})", why,
                                  milliseconds(run), megabytes(peak));
    return make(RunResult::Status::Exited, errorBody(text), run, peak);
}

RunResult outOfMemory(std::chrono::microseconds run, std::int64_t peak, std::int64_t limitBytes) {
    const auto text = fmt::format(
        "Process exited unexpectedly before completing request: out of memory (duration: {}ms, maxMemoryUsage: {}, "
        "memory limit: {})",
        milliseconds(run), megabytes(peak), megabytes(limitBytes));
    return make(RunResult::Status::OutOfMemory, errorBody(text, "FunctionOOMError"), run, peak);
}

std::string headline(const RunResult& result) {
    constexpr std::string_view kBegin = "{\"errorMessage\":\"";
    if (result.status == RunResult::Status::FunctionError || result.status == RunResult::Status::HandledError ||
        !result.payload.starts_with(kBegin)) {
        return "Unhandled function error";
    }
    return result.payload.substr(kBegin.size(), result.payload.find('"', kBegin.size()) - kBegin.size());
}

RunResult functionError(std::string body, std::chrono::microseconds run, std::int64_t peak) {
    return make(RunResult::Status::FunctionError, std::move(body), run, peak);
}

}  // namespace hanshu::runtime
