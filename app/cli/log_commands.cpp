// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/query_text.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace hanshu::cli {
namespace {

struct LogOptions {
    std::string what;  // a function's name, or a filter
    std::string request;
    std::string since;
    std::string contains;
    std::size_t limit = 100;  // 0: all
    bool all = false;
    bool follow = false;
    std::int64_t around = 0;
    int context = 10;
    bool count = false;
    std::string bucket;
    std::string top;
    bool patterns = false;
    bool toExport = false;
};
constexpr std::size_t kLogPage = 1000;  // as many as the daemon gives at once

// Reference 5.1: names are letters, digits, - and _. A filter of one such word is written in quotes.
bool isName(const std::string& text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string functionOf(const LogOptions& options) {
    return isName(options.what) ? options.what : std::string();
}

std::string filterOf(const LogOptions& options) {
    return isName(options.what) ? std::string() : options.what;
}

Result<api::LogSelection> selectionOf(Session& session, const LogOptions& options) {
    api::LogSelection which;
    which.set_filter(filterOf(options));
    which.set_zone(localZone());
    which.set_function_name(functionOf(options));
    which.set_request_id(options.request);
    which.set_contains(options.contains);
    if (!options.since.empty()) {
        auto since = parseSince(options.since, session.now());
        HANSHU_TRY(since);
        which.set_since(unixMilliseconds(*since));
    }
    return which;
}

void sayDamage(Session& session, const api::LogDamage& damage) {
    for (const auto& file : damage.files()) {
        // With -o json too: a script that takes a part for the whole would be wrong.
        session.terminal.err << fmt::format("hanshu: damaged: {}\n", printable(file)) << std::flush;
    }
}

void printRecord(Session& session, const api::LogRecord& record, bool withName) {
    if (session.json()) {
        session.printJson(record);
        return;
    }
    auto& out = session.terminal.out;
    out << formatLocal(record.time()) << "  " << (withName ? printable(record.function_name()) + "  " : "")
        << (record.level().empty() ? "" : printable(record.level()) + "  ");
    std::string_view rest = record.message();
    while (true) {
        const auto end = rest.find('\n');
        out << printable(rest.substr(0, end)) << '\n';
        if (end == std::string_view::npos) {
            return;
        }
        out << "    ";
        rest.remove_prefix(end + 1);
    }
}

Result<Exit> ended(Session& session, const grpc::Status& status, const grpc::ClientContext& context,
                   const LogOptions& options) {
    session.terminal.out << std::flush;
    if (!status.ok()) {
        return fail(located(toError(status, context), filterOf(options)));
    }
    return Exit::Ok;
}

Result<Exit> follow(Session& session, const LogOptions& options) {
    HANSHU_TRY(checkFunction(session, functionOf(options)));
    api::TailLogsRequest request;
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    request.mutable_which()->Swap(&*which);
    const bool all = options.all || options.limit == 0;
    request.set_backlog(static_cast<int>(all ? kLogPage : std::min(options.limit, kLogPage)));
    grpc::ClientContext context;
    const auto reader = session.logs->TailLogs(&context, request);
    api::LogBatch batch;
    while (reader->Read(&batch)) {
        sayGap(session, batch.gap());
        for (const auto& record : batch.records()) {
            printRecord(session, record, functionOf(options).empty());
        }
        if (!session.terminal.out.flush()) {
            context.TryCancel();
            static_cast<void>(reader->Finish());
            return outputLost();
        }
    }
    const auto status = reader->Finish();
    return ended(session, status, context, options);
}

// A line of JSON each, the oldest first, as they come.
Result<Exit> exportAll(Session& session, const LogOptions& options) {
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    grpc::ClientContext context;
    const auto reader = session.logs->ExportLogs(&context, *which);
    api::LogBatch batch;
    while (reader->Read(&batch)) {
        sayDamage(session, batch.damage());
        for (const auto& record : batch.records()) {
            session.terminal.out << jsonText(record) << '\n';
        }
        if (!session.terminal.out.flush()) {
            context.TryCancel();
            static_cast<void>(reader->Finish());
            return outputLost();
        }
    }
    const auto status = reader->Finish();
    return ended(session, status, context, options);
}

// The newest `wanted` lines (0: all), the newest first.
Result<std::vector<api::LogRecord>> newest(Session& session, api::QueryLogsRequest request, std::size_t wanted) {
    std::vector<api::LogRecord> lines;
    while (true) {
        const auto ask = wanted == 0 ? kLogPage : std::min(kLogPage, wanted - lines.size());
        request.set_limit(static_cast<int>(ask));
        auto page = session.call(*session.logs, &api::LogService::Stub::QueryLogs, request);
        if (!page) {
            return fail(located(std::move(page.error()), request.which().filter()));
        }
        sayDamage(session, page->damage());
        auto& records = *page->mutable_records();
        std::move(records.rbegin(), records.rend(), std::back_inserter(lines));
        if (page->next_sequence() == 0 || lines.size() == wanted) {
            return lines;
        }
        request.set_before_sequence(page->next_sequence());
    }
}

Result<Exit> show(Session& session, const LogOptions& options) {
    api::QueryLogsRequest request;
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    request.mutable_which()->Swap(&*which);
    const auto limit = options.all ? 0 : options.limit;
    auto lines = newest(session, request, limit == 0 ? 0 : limit + 1);
    HANSHU_TRY(lines);
    if (lines->empty()) {
        HANSHU_TRY(checkFunction(session, functionOf(options)));
    }
    const bool more = limit > 0 && lines->size() > limit;
    if (more) {
        lines->pop_back();
    }
    std::ranges::reverse(*lines);
    if (session.json()) {
        session.printJsonList(*lines);
    } else {
        for (const auto& record : *lines) {
            printRecord(session, record, functionOf(options).empty());
        }
        session.terminal.out << std::flush;
    }
    if (more) {
        // With -o json too: a script that takes a part for the whole would be wrong.
        session.terminal.err
            << fmt::format(
                   "hanshu: these are the newest {} lines, and there are more: -n {} shows more, --all "
                   "shows all\n",
                   limit, 10 * limit)
            << std::flush;
    }
    return Exit::Ok;
}

Result<Exit> showAround(Session& session, const LogOptions& options) {
    api::LogContextRequest request;
    request.set_sequence(options.around);
    request.set_lines(options.context);
    auto batch = session.call(*session.logs, &api::LogService::Stub::LogContext, request);
    HANSHU_TRY(batch);
    sayDamage(session, batch->damage());
    if (session.json()) {
        session.printJsonList(batch->records());
        return Exit::Ok;
    }
    for (const auto& record : batch->records()) {
        session.terminal.out << (record.sequence() == options.around ? "> " : "  ");
        printRecord(session, record, true);
    }
    session.terminal.out << std::flush;
    return Exit::Ok;
}

constexpr std::array<std::string_view, 7> kLevels{"none", "trace", "debug", "info", "warn", "error", "fatal"};

Result<Exit> showCounts(Session& session, const LogOptions& options) {
    api::CountLogsRequest request;
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    request.mutable_which()->Swap(&*which);
    if (!options.bucket.empty()) {
        const auto width = parseDuration(options.bucket);
        HANSHU_TRY(width);
        request.set_bucket_ms(static_cast<double>(width->count()));
    }
    auto counts = session.call(*session.logs, &api::LogService::Stub::CountLogs, request);
    if (!counts) {
        return fail(located(std::move(counts.error()), request.which().filter()));
    }
    sayDamage(session, counts->damage());
    if (session.json()) {
        session.printJson(*counts);
        return Exit::Ok;
    }
    Table table({{"FROM"}, {"LINES", Align::Right}, {"BY LEVEL"}});
    auto start = counts->start();
    for (const auto& bucket : counts->buckets()) {
        std::int64_t lines = 0;
        std::string levels;
        for (int i = 0; i < bucket.lines_size(); ++i) {
            lines += bucket.lines(i);
            if (bucket.lines(i) > 0) {
                levels += fmt::format("{}{} {}", levels.empty() ? "" : ", ", kLevels.at(static_cast<std::size_t>(i)),
                                      bucket.lines(i));
            }
        }
        table.add({formatLocal(start), std::to_string(lines), levels});
        start += counts->bucket_ms();
    }
    table.print(session.terminal.out);
    session.terminal.out << std::flush;
    return Exit::Ok;
}

Result<Exit> showTop(Session& session, const LogOptions& options) {
    api::TopLogValuesRequest request;
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    request.mutable_which()->Swap(&*which);
    request.set_field(options.top);
    auto top = session.call(*session.logs, &api::LogService::Stub::GetTopLogValues, request);
    if (!top) {
        return fail(located(std::move(top.error()), request.which().filter()));
    }
    sayDamage(session, top->damage());
    if (session.json()) {
        session.printJson(*top);
        return Exit::Ok;
    }
    Table table({{"VALUE"}, {"LINES", Align::Right}, {"SHARE", Align::Right}});
    for (const auto& value : top->values()) {
        table.add({value.value().empty() ? "-" : value.value(), std::to_string(value.lines()),
                   fmt::format("{:.1f} %", 100.0 * static_cast<double>(value.lines()) /
                                               static_cast<double>(std::max<std::int64_t>(1, top->lines())))});
    }
    if (table.empty()) {
        session.say("No lines match.");
    }
    table.print(session.terminal.out);
    session.terminal.out << std::flush;
    return Exit::Ok;
}

Result<Exit> showPatterns(Session& session, const LogOptions& options) {
    api::LogPatternsRequest request;
    auto which = selectionOf(session, options);
    HANSHU_TRY(which);
    request.mutable_which()->Swap(&*which);
    auto found = session.call(*session.logs, &api::LogService::Stub::GetLogPatterns, request);
    if (!found) {
        return fail(located(std::move(found.error()), request.which().filter()));
    }
    sayDamage(session, found->damage());
    if (session.json()) {
        session.printJson(*found);
        return Exit::Ok;
    }
    Table table({{"LINES", Align::Right}, {"LEVEL"}, {"LAST"}, {"SHAPE"}});
    for (const auto& pattern : found->patterns()) {
        table.add({std::to_string(pattern.lines()), pattern.sample().level(),
                   formatWhen(pattern.last_time(), session.now()), pattern.shape()});
    }
    if (table.empty()) {
        session.say("No lines match.");
    }
    table.print(session.terminal.out);
    session.terminal.out << std::flush;
    if (found->truncated()) {
        session.say(fmt::format("Of the newest {} lines: there are more.", found->lines()));
    }
    return Exit::Ok;
}

Result<Exit> logs(Session& session, const LogOptions& options) {
    if (options.follow) {
        return follow(session, options);
    }
    if (options.toExport) {
        return exportAll(session, options);
    }
    if (options.around > 0) {
        return showAround(session, options);
    }
    if (options.count || !options.bucket.empty()) {
        return showCounts(session, options);
    }
    if (!options.top.empty()) {
        return showTop(session, options);
    }
    return options.patterns ? showPatterns(session, options) : show(session, options);
}

}  // namespace

void sayGap(Session& session, std::int64_t gap) {
    if (gap > 0) {
        session.say(fmt::format("-- up to {} were left out: they came faster than they could be shown --", gap));
    }
}

void addLogCommands(CLI::App& app, Command& chosen) {
    auto logged = std::make_shared<LogOptions>();
    auto* tail = app.add_subcommand("logs", "What functions wrote");
    tail->add_option("what", logged->what,
                     "A function's name, or a filter: 'level:error function:img-* since:1h \"free text\" /regex/'")
        ->type_name(kFunctionName);
    tail->add_option("--request", logged->request, "Only of this request");
    auto* since = tail->add_option("--since", logged->since, "For instance 1h, or 2026-01-02T15:04:05Z");
    tail->add_option("--contains", logged->contains, "Only lines that hold this text");
    auto* limit = tail->add_option("--limit,-n", logged->limit,
                                   "Lines at most, the newest; 100 by default, 0 for all (with --follow at most 1000)");
    limit->check(CLI::Range(0, 100'000'000));
    tail->add_flag("--all", logged->all, "Every line there is")->excludes(limit);
    auto* following = tail->add_flag("--follow,-f", logged->follow, "Go on with what comes")->excludes(since);
    auto* around = tail->add_option("--around", logged->around, "The lines around the one of this sequence");
    around->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 62U))->excludes(following);
    tail->add_option("--context,-C", logged->context, "With --around: lines on each side, 10 by default")
        ->check(CLI::Range(1, 500))
        ->needs(around);
    auto* count = tail->add_flag("--count", logged->count, "How many lines by time, of the last hour by default");
    auto* bucket = tail->add_option("--every", logged->bucket, "With --count: the time of one row, such as 5m");
    auto* top = tail->add_option("--top", logged->top, "The most frequent values of a field")
                    ->check(CLI::IsMember({"function", "qualifier", "instance", "request", "level", "stream"}));
    auto* patterns = tail->add_flag("--patterns", logged->patterns, "Lines clustered by their shape");
    auto* out = tail->add_flag("--export", logged->toExport, "Every line as one line of JSON, the oldest first");
    const std::array<CLI::Option*, 6> forms{following, around, count, top, patterns, out};
    for (auto* form : forms) {
        for (auto* other : forms) {
            if (form != other) {
                form->excludes(other);
            }
        }
    }
    bucket->needs(count);
    runs(tail, chosen, logged, logs);
}

}  // namespace hanshu::cli
