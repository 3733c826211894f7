// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/python_instance.h"

#include "base/log.h"
#include "runtime/environment.h"
#include "runtime/reports.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>

namespace hanshu::runtime {
namespace {

constexpr std::size_t kBuffer = 8192;  // one an instance: most results fit, and an idle one costs little
constexpr std::uint32_t kLoadRun = 0;  // the run that LOADED and LOAD_FAILED answer
constexpr std::uint8_t kSucceeded = 0;
constexpr std::uint8_t kFailed = 1;
// Stacks are written by a signal handler within a millisecond; a host under load may need a while to run it.
constexpr auto kDumpGrace = std::chrono::milliseconds(200);
constexpr auto kDumpStep = std::chrono::milliseconds(5);

}  // namespace

PythonInstance::PythonInstance(const asio::any_io_executor& executor, Agent agent,
                               std::shared_ptr<const catalog::FunctionSpec> spec, const SandboxConnection& onConnection)
    : InstanceBody(executor, agent, std::move(spec), onConnection),
      m_control(std::move(agent.control)),
      m_alarm(std::move(agent.alarm)) {
    m_buffer.resize(kBuffer);
}

std::shared_ptr<PythonInstance> PythonInstance::self() {
    return std::static_pointer_cast<PythonInstance>(shared_from_this());
}

// Life

Task<std::optional<RunResult>> PythonInstance::load(std::chrono::milliseconds loadTimeout, RunRequest request,
                                                    OutputSink output) {
    const auto keep = self();
    receive();
    Run run = makeRun(std::chrono::steady_clock::now() + loadTimeout, output);
    run.id = kLoadRun;
    begin(run);
    send(assignment(request.credentials), {});
    co_await over(run);
    auto result = co_await conclude(run, "Function initialization",
                                    std::chrono::duration_cast<std::chrono::seconds>(loadTimeout));
    if (result.status != RunResult::Status::Succeeded) {
        die();
        co_return result;
    }
    m_loaded = true;
    const auto& lifecycle = spec().function.instance_lifecycle_config();
    if (!lifecycle.has_initializer() || lifecycle.initializer().handler().empty()) {
        co_return std::nullopt;
    }
    auto failure = co_await runHook(lifecycle.initializer(), "Initialize", std::move(request), std::move(output));
    if (failure) {
        die();
    }
    co_return failure;
}

Task<RunResult> PythonInstance::run(RunRequest request, OutputSink output) {
    const auto keep = self();
    if (!alive()) {
        co_return exited({}, 0, "the instance had ended before");
    }
    if (request.payload.size() > kPayloadLimit) {
        co_return functionError(errorBody("the event is larger than 32 MB", "EventTooLarge"), {}, 0);
    }
    Run run = makeRun(deadlineOf(request), std::move(output));
    const auto say = [&run](const std::string& line) {
        if (run.output) {
            run.output(line);
        }
    };
    say(fmt::format("FC Invoke Start RequestId: {}\n", request.requestId.value));
    begin(run);
    auto head = order(Order::Invoke, run, request.requestId, request.attempt, request.credentials)
                    .finish(request.payload.size());
    send(std::move(head), std::move(request.payload));
    co_await over(run);
    auto result = co_await conclude(run, "Function", timeout());
    if (result.status == RunResult::Status::Succeeded) {
        say(fmt::format("FC Invoke End RequestId: {}\n", request.requestId.value));
    } else {
        say(fmt::format("FC Invoke End RequestId: {}, Error: {}\n", request.requestId.value, headline(result)));
    }
    co_return result;
}

Task<void> PythonInstance::stop() {
    const auto keep = self();
    const auto& lifecycle = spec().function.instance_lifecycle_config();
    if (alive() && runs().empty() && lifecycle.has_pre_stop() && !lifecycle.pre_stop().handler().empty()) {
        RunRequest request;
        request.requestId = newRequestId();
        co_await runHook(lifecycle.pre_stop(), "PreStop", std::move(request), ownOutput());
    }
    die();
}

Task<std::optional<RunResult>> PythonInstance::runHook(const api::LifecycleHook& hook, std::string_view name,
                                                       RunRequest request, OutputSink output) {
    const auto limit = hookTimeout(hook);
    Run run = makeRun(std::chrono::steady_clock::now() + limit, std::move(output));
    const auto say = [&run](const std::string& line) {
        if (run.output) {
            run.output(line);
        }
    };
    say(fmt::format("FC {} Start RequestId: {}\n", name, request.requestId.value));
    begin(run);
    send(order(Order::Hook, run, request.requestId, 0, request.credentials).text(hook.handler()).finish(), {});
    co_await over(run);
    auto result =
        co_await conclude(run, fmt::format("Function {}", name == "Initialize" ? "initializer" : "preStop"), limit);
    if (result.status == RunResult::Status::Succeeded) {
        say(fmt::format("FC {} End RequestId: {}\n", name, request.requestId.value));
        co_return std::nullopt;
    }
    say(fmt::format("FC {} End RequestId: {}, Error: {}\n", name, request.requestId.value, headline(result)));
    co_return result;
}

Task<RunResult> PythonInstance::conclude(Run& run, std::string_view what, std::chrono::seconds limit) {
    if (run.end == Run::End::Deadline) {
        closeLine(run);
        co_await dumpStacks(run);
    }
    if (alive()) {
        drainOutput();
    }
    const auto measured = measure(run);
    finish(run);
    closeLine(run);
    if (run.end != Run::End::Answered || (run.failed && measured.outOfMemory)) {
        die();
        co_return report(run, measured, what, limit);
    }
    RunResult result;
    result.status = run.failed ? RunResult::Status::FunctionError : RunResult::Status::Succeeded;
    result.payload = std::move(run.payload);
    result.run = measured.run;
    result.memoryPeakBytes = measured.peak;
    co_return result;
}

// A byte on the alarm makes the kernel send the agent SIGTERM, for which it has a handler that writes the stacks.
Task<void> PythonInstance::dumpStacks(const Run& run) {
    if (run.output) {
        run.output("Dumping stack trace after function timeout\n");
    }
    if (::send(m_alarm.get(), "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1) {
        co_return;
    }
    const auto before = outputBytes();
    auto last = before;
    asio::steady_timer timer(executor());
    for (auto waited = kDumpStep; alive() && waited <= kDumpGrace; waited += kDumpStep) {
        timer.expires_after(kDumpStep);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto now = outputBytes();
        if (now > before && now == last) {
            co_return;
        }
        last = now;
    }
}

void PythonInstance::closeChannels() {
    boost::system::error_code ignored;
    m_control->close(ignored);
    m_alarm.reset();
    m_queue.clear();
}

// Orders

std::uint8_t PythonInstance::credentialFlags(const access::Credentials& credentials) const {
    const auto places = credentialPlaces(spec().function);
    if (credentials.accessKeyId.empty() || (!places.environment && !places.request)) {
        return 0;
    }
    return static_cast<std::uint8_t>((places.environment ? kInEnvironment : 0) | (places.request ? kInContext : 0));
}

std::string PythonInstance::assignment(const access::Credentials& credentials) {
    const auto& function = spec().function;
    FrameWriter writer(Order::Assign);
    writer.u32(static_cast<std::uint32_t>(function.memory_size()))
        .u32(static_cast<std::uint32_t>(timeout().count()))
        .u32(static_cast<std::uint32_t>(std::max(1, function.instance_concurrency())));
    writer.text(function.handler())
        .text(function.function_name())
        .text(spec().qualifier)
        .text(spec().versionId)
        .text(spec().region)
        .text(spec().account)
        .text(function.log_config().project())
        .text(function.log_config().logstore());
    const auto environment = pythonEnvironment(spec(), id().value);
    writer.u32(static_cast<std::uint32_t>(environment.size()));
    for (const auto& [name, value] : environment) {
        writer.text(name).text(value);
    }
    const auto flags = credentialFlags(credentials);
    writer.u8(flags == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(flags | kCredentials));
    if (flags != 0) {
        writer.text(credentials.accessKeyId).text(credentials.accessKeySecret).text(credentials.securityToken);
        m_sentKey = credentials.accessKeyId + credentials.securityToken;
    }
    return writer.finish();
}

FrameWriter PythonInstance::order(Order kind, const Run& run, const RequestId& id, int attempt,
                                  const access::Credentials& credentials) {
    auto flags = credentialFlags(credentials);
    // They change once in hours: a run that finds them unchanged does not carry them.
    const bool changed = flags != 0 && m_sentKey != credentials.accessKeyId + credentials.securityToken;
    flags = static_cast<std::uint8_t>(flags | (changed ? kCredentials : 0));
    FrameWriter writer(kind);
    writer.u32(run.id)
        .u32(static_cast<std::uint32_t>(std::max(0, attempt)))
        .u32(static_cast<std::uint32_t>(id.value.size()))
        .u8(flags)
        .raw(id.value);
    if (changed) {
        m_sentKey = credentials.accessKeyId + credentials.securityToken;
        writer.text(credentials.accessKeyId).text(credentials.accessKeySecret).text(credentials.securityToken);
    }
    return writer;
}

void PythonInstance::send(std::string head, std::string payload) {
    std::size_t sent = 0;
    if (m_queue.empty() && alive()) {
        iovec parts[2] = {{head.data(), head.size()}, {payload.data(), payload.size()}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = payload.empty() ? 1 : 2;
        const auto count = ::sendmsg(m_control->native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) {
            die();
            return;
        }
        sent = count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    if (sent == head.size() + payload.size() || !alive()) {
        return;
    }
    const bool idle = m_queue.empty();
    if (sent < head.size()) {
        m_queue.push_back({std::move(head), sent});
        sent = 0;
    } else {
        sent -= head.size();
    }
    if (sent < payload.size()) {
        m_queue.push_back({std::move(payload), sent});
    }
    if (idle) {
        flushQueue();
    }
}

void PythonInstance::flushQueue() {
    auto& front = m_queue.front();
    m_control->async_write_some(asio::buffer(front.bytes.data() + front.sent, front.bytes.size() - front.sent),
                                [self = self()](const boost::system::error_code& error, std::size_t count) {
                                    if (!self->alive()) {
                                        return;
                                    }
                                    if (error) {
                                        self->die();
                                        return;
                                    }
                                    auto& sending = self->m_queue.front();
                                    sending.sent += count;
                                    if (sending.sent == sending.bytes.size()) {
                                        self->m_queue.pop_front();
                                    }
                                    if (!self->m_queue.empty()) {
                                        self->flushQueue();
                                    }
                                });
}

// Answers: claims of code that nobody trusts

void PythonInstance::receive() {
    const auto target = m_largeSize > 0 ? asio::buffer(m_large.data() + m_largeHave, m_large.size() - m_largeHave)
                                        : asio::buffer(m_buffer.data() + m_have, m_buffer.size() - m_have);
    m_control->async_read_some(target, [self = self()](const boost::system::error_code& error, std::size_t count) {
        if (!self->alive()) {
            return;
        }
        if (error) {
            self->die();
            return;
        }
        if (!(self->m_largeSize > 0 ? self->consumeLarge(count) : self->consume(count))) {
            log::warning("runtime", "instance {} of {} broke the agent's protocol", self->id().value,
                         self->spec().function.function_name());
            self->die("code inside broke the protocol of the runtime");
        }
        if (self->alive()) {
            self->receive();
        }
    });
}

bool PythonInstance::consume(std::size_t count) {
    m_have += count;
    std::size_t at = 0;
    while (alive() && m_have - at >= kFrameHead) {
        const std::string_view bytes(m_buffer.data() + at, m_have - at);
        const auto head = readHead(bytes);
        if (!head) {
            return false;
        }
        if (bytes.size() - kFrameHead < head->length) {
            if (kFrameHead + head->length > m_buffer.size()) {
                m_largeKind = head->kind;
                m_largeSize = head->length;
                m_largeHave = bytes.size() - kFrameHead;
                m_large.assign(bytes.substr(kFrameHead));
                m_large.resize(std::min(m_largeSize, kBuffer * 8));
                m_have = 0;
                return true;
            }
            break;
        }
        at += kFrameHead + head->length;
        if (!take(head->kind, std::string(bytes.substr(kFrameHead, head->length)))) {
            return false;
        }
    }
    m_have -= at;
    if (at > 0 && m_have > 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + at, m_have);
    }
    return true;
}

bool PythonInstance::consumeLarge(std::size_t count) {
    m_largeHave += count;
    if (m_largeHave < m_largeSize) {
        // Memory follows what really came, not what was claimed.
        if (m_largeHave == m_large.size()) {
            m_large.resize(std::min(m_largeSize, m_large.size() * 2));
        }
        return true;
    }
    m_largeSize = 0;
    return take(m_largeKind, std::exchange(m_large, {}));
}

bool PythonInstance::take(Answer kind, std::string body) {
    switch (kind) {
        case Answer::Loaded:
        case Answer::LoadFailed: {
            Run* load = m_loaded ? nullptr : find(kLoadRun);
            if (!load) {
                return false;
            }
            load->failed = kind == Answer::LoadFailed;
            load->payload = std::move(body);
            end(*load, Run::End::Answered);
            return true;
        }
        case Answer::Result:
            return takeResult(std::move(body));
        case Answer::Ready:
        case Answer::Sockets:
        case Answer::ExecFailed:
            break;
    }
    return false;
}

bool PythonInstance::takeResult(std::string body) {
    const auto status = static_cast<std::uint8_t>(body[4]);
    const auto id = readU32(body.data());
    Run* run = id == kLoadRun ? nullptr : find(id);
    if (!run || (status != kSucceeded && status != kFailed)) {
        return false;
    }
    body.erase(0, kResultHead);
    run->failed = status == kFailed;
    run->payload = std::move(body);
    end(*run, Run::End::Answered);
    return true;
}

// A run whose deadline has passed counts: its late answer is no lie.
Run* PythonInstance::find(std::uint32_t id) {
    for (Run* run : runs()) {
        if (run->id == id && (run->end == Run::End::Pending || run->end == Run::End::Deadline)) {
            return run;
        }
    }
    return nullptr;
}

}  // namespace hanshu::runtime
