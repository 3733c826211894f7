// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/trace.h"

#include <fmt/format.h>
#include <algorithm>
#include <boost/json.hpp>

namespace hanshu::invoke {
namespace {

using Status = runtime::RunResult::Status;

std::string_view nameOf(Status status) noexcept {
    switch (status) {
        case Status::Succeeded:
            return "Succeeded";
        case Status::HandledError:
        case Status::FunctionError:
            return "FunctionError";
        case Status::Timeout:
            return "Timeout";
        case Status::OutOfMemory:
            return "OutOfMemory";
        case Status::Exited:
            return "Exited";
    }
    return "PlatformError";
}

// The request metric's errorType (reference 3.6 and 6.2).
std::string_view errorTypeOf(Status status) noexcept {
    switch (status) {
        case Status::Succeeded:
            return "";
        case Status::Timeout:
            return "FunctionTimeoutError";
        case Status::OutOfMemory:
            return "FunctionOOMError";
        case Status::HandledError:
            return "FunctionHandledError";
        case Status::FunctionError:
        case Status::Exited:
            return "FunctionUnhandledError";
    }
    return "";
}

std::string_view statusOfRefusal(const Error& error) noexcept {
    switch (error.code) {
        case Code::PermissionDenied:
            return error.reason == "FunctionDisabled" ? "Disabled" : "Denied";
        case Code::ResourceExhausted:
            return "Throttled";
        case Code::Cancelled:
            return "Canceled";
        default:
            return "PlatformError";
    }
}

// The errorMessage of an error body (reference 3.6), or the body itself where it has none.
std::string messageOf(const std::string& body) {
    constexpr std::size_t kMaxMessage = 1024;
    // Larger ones are no error body of an agent's: not worth a parse on an io thread.
    constexpr std::size_t kMaxParsed = 64 << 10U;
    if (body.size() > kMaxParsed) {
        return body.substr(0, kMaxMessage);
    }
    boost::system::error_code broken;
    const auto parsed = boost::json::parse(body, broken);
    const auto* object = broken ? nullptr : parsed.if_object();
    const auto* message = object == nullptr ? nullptr : object->if_contains("errorMessage");
    if (message != nullptr && message->is_string()) {
        return std::string(message->get_string()).substr(0, kMaxMessage);
    }
    return body.substr(0, kMaxMessage);
}

double microseconds(std::chrono::microseconds time) noexcept {
    return static_cast<double>(time.count());
}

}  // namespace

Trace::Trace(const Call& call, const Clock& clock)
    : m_account(call.account), m_log(std::make_shared<RunLog>(clock, call.wantTail)) {
    const auto now = clock.now();
    m_invocation.set_request_id(call.requestId.value);
    m_invocation.set_function_name(call.functionName);
    m_invocation.set_qualifier(call.qualifier.empty() ? "LATEST" : call.qualifier);
    m_invocation.set_version_id("LATEST");
    m_invocation.set_invocation_type(call.enqueued ? "Async" : "Sync");
    m_invocation.set_source(call.source);
    m_invocation.set_source_arn(call.sourceArn);
    m_invocation.set_trigger_name(call.triggerName);
    m_invocation.set_started_time(unixMilliseconds(now));
    m_invocation.set_request_bytes(static_cast<double>(call.payload.size()));
    m_invocation.set_attempt(call.attempt);
    if (call.enqueued && now > *call.enqueued) {
        m_invocation.set_queue_us(microseconds(now - *call.enqueued));
    }
}

runtime::OutputSink Trace::sink(telemetry::Recorder& recorder) {
    // Identifies the lines of a run that is still going. While an instance starts for it, its id is not known.
    auto identity = std::make_shared<const api::Invocation>(m_invocation);
    return [log = m_log, identity, instance = m_instance, account = m_account, &recorder](std::string_view bytes) {
        log->write(bytes);
        if (bytes.empty() ? !log->hasLines() : !log->worthTaking()) {
            return;
        }
        auto of = *identity;
        if (const auto id = instance->load()) {
            of.set_instance_id(*id);
        }
        recorder.recordLines(account, of, log->takeLines());
    };
}

void Trace::function(const api::Function& function) {
    m_invocation.set_memory_size(function.memory_size());
}

void Trace::acquired(const InstanceId& instance, bool cold, const runtime::StartTimes& times,
                     std::chrono::microseconds waited) {
    m_invocation.set_instance_id(instance.value);
    m_instance->store(std::make_shared<const std::string>(instance.value));
    m_invocation.set_cold_start(cold);
    if (cold) {
        m_invocation.set_start_us(microseconds(times.start));
        m_invocation.set_init_us(microseconds(times.init));
        // The phases follow each other: what was spent on making the instance is not counted as waiting for it.
        waited = std::max(waited - times.start - times.init, std::chrono::microseconds{0});
    }
    m_invocation.set_schedule_us(microseconds(waited));
}

void Trace::finished(const runtime::RunResult& result) {
    m_invocation.set_status(std::string(nameOf(result.status)));
    m_invocation.set_error_type(std::string(errorTypeOf(result.status)));
    if (result.status != Status::Succeeded) {
        m_invocation.set_error_message(messageOf(result.payload));
    }
    if (result.status != Status::Succeeded && result.status != Status::FunctionError) {
        // What the code inside could not say itself.
        m_log->say(logs::Level::Error, fmt::format("{}: {}", nameOf(result.status), m_invocation.error_message()));
    }
    m_invocation.set_run_us(microseconds(result.run));
    m_invocation.set_memory_peak(static_cast<double>(result.memoryPeakBytes));
    m_invocation.set_response_bytes(static_cast<double>(result.payload.size()));
    const auto bill = telemetry::billFor(result.run, m_invocation.memory_size());
    m_invocation.set_billed_duration_ms(bill.billedMs);
    m_invocation.set_gb_seconds(bill.gbSeconds);
}

void Trace::refused(const Error& error) {
    m_invocation.set_status(std::string(statusOfRefusal(error)));
    m_invocation.set_error_type(error.reason);
    m_invocation.set_error_message(error.describe());
}

telemetry::RunRecord Trace::takeRecord() {
    m_log->close();
    return {m_account, m_invocation, m_log->takeLines()};
}

std::string Trace::logTail() const {
    auto text = fmt::format(
        "{}\nDuration: {:.2f} ms, Billed Duration: {:.0f} ms, Memory Size: {} MB, Max Memory Used: {:.2f} MB",
        m_log->tail(), m_invocation.run_us() / 1000.0, m_invocation.billed_duration_ms(), m_invocation.memory_size(),
        m_invocation.memory_peak() / 1048576.0);
    if (text.size() > kTailBytes) {
        text.erase(0, text.size() - kTailBytes);
    }
    return text;
}

}  // namespace hanshu::invoke
