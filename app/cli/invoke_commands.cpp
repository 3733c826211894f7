// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "cli/commands.h"
#include "cli/object_file.h"
#include "cli/text.h"
#include "cli/words.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace hanshu::cli {
namespace {

struct InvokeOptions {
    std::string name;
    std::string source;  // -
    std::optional<std::string> data;
    std::string file;
    std::string qualifier;
    std::string taskId;
    bool tail = false;
};

constexpr std::size_t kMaxPayload = std::size_t{32} << 20U;  // reference 5.1
constexpr std::size_t kPiece = std::size_t{1} << 20U;

Result<std::string> payloadOf(Session& session, const InvokeOptions& options) {
    if (options.data) {
        return *options.data;
    }
    const auto path = options.source.empty() ? options.file : options.source;
    if (path.empty()) {
        return std::string();
    }
    auto file = ObjectSource::open(path, session.terminal.in);
    HANSHU_TRY(file);
    std::string payload;
    std::string piece;
    do {
        HANSHU_TRY(file->read(piece, kPiece));
        payload += piece;
    } while (!piece.empty() && payload.size() <= kMaxPayload);
    if (payload.size() > kMaxPayload) {
        return usage(fmt::format(
            "the payload is larger than {} MiB, the most that a call takes: put it into a bucket and send its name",
            kMaxPayload >> 20U));
    }
    return payload;
}

// One object: the reply as the REST API would print it; bytes that are not UTF-8 are payloadBase64.
void printReply(Session& session, const api::InvokeReply& reply) {
    boost::json::object object;
    object["requestId"] = reply.request_id();
    if (isUtf8(reply.payload())) {
        object["payload"] = reply.payload();
    } else {
        object["payloadBase64"] = toBase64(reply.payload());
    }
    object["errorType"] = reply.error_type();
    object["logTail"] = reply.log_tail();
    object["invocation"] = boost::json::parse(jsonText(reply.invocation()));
    session.terminal.out << boost::json::serialize(object) << std::endl;
}

void printTail(Session& session, const api::InvokeReply& reply) {
    const std::string_view tail = reply.log_tail();
    for (std::size_t begin = 0; begin < tail.size();) {
        const auto end = std::min(tail.find('\n', begin), tail.size());
        session.terminal.err << printable(tail.substr(begin, end - begin)) << '\n';
        begin = end + 1;
    }
}

void printRun(Session& session, const api::Invocation& run) {
    session.terminal.err << fmt::format("{}  {}  run {}  billed {} ms  memory {} of {} MB  {}\n", run.request_id(),
                                        run.cold_start() ? "cold" : "warm", formatMicroseconds(run.run_us()),
                                        run.billed_duration_ms(), formatSize(run.memory_peak()), run.memory_size(),
                                        run.status());
}

Result<api::InvokeReply> send(Session& session, const InvokeOptions& options, bool async) {
    auto payload = payloadOf(session, options);
    if (!payload) {
        return fail(std::move(payload.error()));
    }
    api::InvokeRequest request;
    request.set_function_name(options.name);
    request.set_qualifier(options.qualifier);
    request.set_payload(std::move(*payload));
    request.set_async(async);
    request.set_log_tail(options.tail);
    request.set_task_id(options.taskId);
    // A run may take as long as its function's timeout, a day at most.
    const auto timeout = async ? std::optional(kCallTimeout) : std::nullopt;
    auto reply = session.call(*session.invocations, &api::InvocationService::Stub::Invoke, request, timeout);
    if (!reply && reply.error().param("function").empty()) {
        reply.error().params.emplace_back("function", options.name);
    }
    return reply;
}

// What an agent's error body says, "MemoryError" or "ValueError: no such size"; else the message of the record.
std::string causeOf(const api::InvokeReply& reply) {
    boost::system::error_code broken;
    const auto body = boost::json::parse(reply.payload(), broken);
    const auto textOf = [&](const char* name) {
        const auto* object = broken ? nullptr : body.if_object();
        const auto* value = object == nullptr ? nullptr : object->if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const auto type = textOf("errorType");
    const auto message = textOf("errorMessage");
    if (type.empty()) {
        return reply.invocation().error_message();
    }
    return message.empty() ? type : type + ": " + message;
}

Result<Exit> invoke(Session& session, const InvokeOptions& options) {
    auto reply = send(session, options, false);
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        printReply(session, *reply);
        return reply->error_type().empty() ? Exit::Ok : Exit::FunctionFailed;
    }
    auto& out = session.terminal.out;
    out << reply->payload();
    if (session.terminal.outIsTerminal && !reply->payload().empty() && !reply->payload().ends_with('\n')) {
        out << '\n';
    }
    out << std::flush;
    if (options.tail) {
        printTail(session, *reply);
        printRun(session, reply->invocation());
    }
    if (reply->error_type().empty()) {
        return Exit::Ok;
    }
    const auto& run = reply->invocation();
    const auto cause = causeOf(*reply);
    session.say(fmt::format("hanshu: the function failed: {}{}{}. See what it wrote: hanshu logs --request {}",
                            run.status().empty() ? reply->error_type() : run.status(), cause.empty() ? "" : ": ",
                            printable(cause), reply->request_id()));
    return Exit::FunctionFailed;
}

Result<Exit> invokeLater(Session& session, const InvokeOptions& options) {
    auto reply = send(session, options, true);
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        boost::json::object object;
        object["requestId"] = reply->request_id();
        session.terminal.out << boost::json::serialize(object) << std::endl;
    } else {
        session.terminal.out << reply->request_id() << std::endl;
    }
    return Exit::Ok;
}

void addPayload(CLI::App* sub, InvokeOptions& options) {
    sub->add_option("name", options.name, "The function")->required()->type_name(kFunctionName);
    auto* source = sub->add_option("source", options.source, "- reads the payload from standard input");
    source->check(CLI::IsMember({"-"}))->type_name("-");
    auto* data = sub->add_option("--data,-d", options.data, "The payload");
    auto* file = sub->add_option("--file,-f", options.file, "The file that holds the payload")->type_name(kPath);
    data->excludes(file)->excludes(source);
    file->excludes(source);
    sub->add_option("--qualifier", options.qualifier, "Version or alias, LATEST by default");
}

}  // namespace

void addInvokeCommands(CLI::App& app, Command& chosen) {
    auto now = std::make_shared<InvokeOptions>();
    auto* sync = app.add_subcommand("invoke", "Run a function and print what it returns");
    addPayload(sync, *now);
    sync->add_flag("--tail", now->tail, "The end of the log and the figures of the run, on standard error");
    runs(sync, chosen, now, invoke);
    auto later = std::make_shared<InvokeOptions>();
    auto* async = app.add_subcommand("async", "Put an event for a function into the queue and print its request id");
    addPayload(async, *later);
    async->add_option("--task-id", later->taskId, "A name that may be used once");
    runs(async, chosen, later, invokeLater);
}

}  // namespace hanshu::cli
