// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/failure.h"

#include "api/rest_error.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace hanshu::cli {
namespace {

struct Advice {
    std::string_view sentence;  // empty: the one of the REST API
    std::string_view remedy;
};

// {name} stands for a parameter.
const std::unordered_map<std::string_view, Advice> kAdvice{
    {"NoServer", {"no daemon was found at {places}", "Start one with hanshud, or name it with --server."}},
    {"ServerUnreachable", {"the daemon does not answer: {detail}", "Is it running? Check --server and HANSHU_SERVER."}},
    {"SocketDenied",
     {"{path} belongs to the user {owner}, and you may not open it",
      "Run this as {owner}, or reach the daemon over TCP with an access key."}},
    {"OutputLost", {"can't write to standard output", "Is there room where it goes?"}},
    {"ServiceDraining", {"", "The daemon is stopping; try again when it is back."}},
    {"FunctionNotFound", {"", "See the list: hanshu function list"}},
    {"TriggerNotFound", {"", "See the list: hanshu trigger list {function}"}},
    {"GrantNotFound", {"", "See the list: hanshu grant list"}},
    {"BucketNotFound", {"", "See the list: hanshu bucket list"}},
    {"ObjectNotFound", {"", "See the list: hanshu object ls {bucket}"}},
    {"FunctionDisabled", {"", "Serve it again: hanshu function enable {function}"}},
    {"FunctionNotEmpty", {"", "See them: hanshu trigger list {function}"}},
    {"BucketNotEmpty", {"", "Empty it: hanshu object rm --recursive {bucket}/"}},
    {"AccessDenied", {"", "Ask why: hanshu grant explain"}},
    {"MissingRequiredHeader",
     {"the daemon asks for an access key",
      "Give --access-key-id and --access-key-secret, or --credentials with the daemon's credentials.toml."}},
    {"InvalidAccessKeyID", {"", "The daemon's credentials.toml holds the key of its owner."}},
    {"SignatureNotMatch", {"the secret does not belong to the access key", "Check --access-key-secret."}},
    {"ResourceExhausted", {"", "See the limits: hanshu account get"}},
    {"PackageUnreadable", {"can't read {path}: {detail}", ""}},
    {"PackageNameNotUtf8", {"the name of {path} is not UTF-8", "Rename it, or list it in .fcignore."}},
    {"PackageSpecialFile", {"{path} is neither a file nor a folder nor a link", "List it in .fcignore."}},
    {"PackageLinkOutside",
     {"{path} is a link that leads out of the folder", "Put the file itself there, or list the link in .fcignore."}},
    {"PackageEmpty", {"{path} has no files to deploy", "Put the function's code into it first."}},
    {"PackageNotZip", {"{path} is neither a folder nor a zip", ""}},
    {"PackageTooLarge", {"{path} has more than {limit} entries", "List what the function does not need in .fcignore."}},
    {"PackageNotWritten",
     {"can't write the package to {folder}: {detail}", "Make room there, or set TMPDIR to another folder."}},
    {"MetricNotFound", {"there is no metric {metric}", "See the list: hanshu metrics"}},
    {"LogLineNotFound", {"there is no line {sequence} any more", "See the sequences of lines: hanshu logs -o json"}},
    {"QueryTooLong", {"the filter is longer than {limit} bytes", "Shorten it, or ask twice."}},
    {"QueryTooDeep", {"the filter has more than {limit} levels of parentheses and signs", "Take some away."}},
    {"QueryTooManyTerms", {"the filter has more than {limit} values", "Shorten it, or ask twice."}},
    {"QueryTooManyRegexes", {"the filter has more than {limit} regular expressions", "Join some with |."}},
    {"QueryPatternTooLong", {"this pattern is longer than {limit} bytes", "Shorten it."}},
    {"QueryInvalidText", {"the filter is not plain UTF-8 text", "Write a control character as \\x1b in quotes."}},
    {"QueryUnterminatedQuote", {"these quotes are not closed", "Close them, or write \\\"."}},
    {"QueryUnterminatedRegex", {"this regular expression has no end", "End it with / or /i; put a path in quotes."}},
    {"QueryBadEscape", {"\\{escape} means nothing", "Write \\\\ for a backslash."}},
    {"QueryUnclosedParenthesis", {"this parenthesis is not closed", "Close it, or put the text in quotes."}},
    {"QueryUnexpected", {"'{found}' is not expected here", "Take it out, or put the text in quotes."}},
    {"QueryMissingOperand", {"nothing follows {after}", "Write what it is about."}},
    {"QueryMissingValue", {"'{field}:' has no value", "Write the value right behind the colon."}},
    {"QueryEmptyText", {"there is nothing to look for here", "Write a text."}},
    {"QueryUnknownField", {"there is no field '{field}'", "Put free text with a colon in quotes."}},
    {"QueryNoFreeText", {"this list has no text to search", "Name a field."}},
    {"QueryBadValue", {"'{value}' is no {kind} for '{field}'", "A duration has its unit: 2s; a day is 2026-11-22."}},
    {"QueryUnknownValue", {"'{field}' is never '{value}'", "It is one of: {allowed}"}},
    {"QueryNotComparable", {"'{field}' has no order for {operator}", "Leave the operator out."}},
    {"QueryListCompared", {"'{field}' takes one value here", "Write one value."}},
    {"QueryPatternNotAllowed", {"'{field}' takes no pattern", "Write the value without wildcard or expression."}},
    {"QueryBadRegex", {"the regular expression is wrong: {message}", ""}},
    {"QueryRangeOrder", {"this range of '{field}' is the wrong way round", "Write the lesser value first."}},
    {"QueryTimeOrder", {"nothing is after {since} and before {until}", "Change one of the two."}},
    {"QueryUnknownZone", {"'{zone}' is no time zone", "Set TZ to one like Asia/Shanghai."}},
    {"StorageFull", {"", "See what takes room: hanshu bucket list"}},
    {"PreconditionFailed", {"", "Look at it again, then repeat the change."}},
    {"InternalServerError", {"", "The daemon's log tells more."}},
};

std::string fill(std::string_view text, const Error& error) {
    std::string filled;
    while (!text.empty()) {
        const auto open = text.find('{');
        filled += text.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const auto close = text.find('}', open);
        const auto name = text.substr(open + 1, close - open - 1);
        filled += name == "detail" ? std::string_view(error.detail) : error.param(name);
        text.remove_prefix(close + 1);
    }
    return filled;
}

// access-key-id → accessKeyId
std::string paramName(std::string_view key) {
    std::string name;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (key[i] == '-' && i + 1 < key.size()) {
            ++i;
            name += key[i] >= 'a' && key[i] <= 'z' ? static_cast<char>(key[i] - 'a' + 'A') : key[i];
        } else {
            name += key[i];
        }
    }
    return name;
}

std::string_view reasonOf(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::UNAVAILABLE:
            return "ServerUnreachable";
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return "TimedOut";
        default:
            return "RpcFailed";
    }
}

// The filter with a line below that points at what is wrong.
std::string pointer(const Error& error) {
    const auto text = error.param("filter");
    std::size_t offset = 0;
    std::size_t length = 0;
    const auto read = [&](std::string_view name, std::size_t& into) {
        const auto value = error.param(name);
        return !value.empty() && std::from_chars(value.data(), value.data() + value.size(), into).ec == std::errc();
    };
    if (text.empty() || !read("offset", offset) || !read("length", length) || offset > text.size()) {
        return {};
    }
    const auto before = printable(text.substr(0, offset));
    const auto wrong = printable(text.substr(offset, length));
    const auto marks = std::max<std::size_t>(1, displayWidth(wrong));
    return fmt::format("\n  {}\n  {}{}", printable(text), std::string(displayWidth(before), ' '),
                       std::string(marks, '^'));
}

}  // namespace

Error located(Error error, std::string_view filter) {
    if (error.reason.starts_with("Query")) {
        error.params.emplace_back("filter", filter);
    }
    return error;
}

Error toError(const grpc::Status& status, const grpc::ClientContext& context) {
    Error error;
    error.code = static_cast<Code>(status.error_code());
    error.detail = status.error_message();
    constexpr std::string_view kPrefix = "hanshu-param-";
    constexpr std::string_view kSuffix = "-bin";
    for (const auto& [rawKey, rawValue] : context.GetServerTrailingMetadata()) {
        const std::string_view key(rawKey.data(), rawKey.length());
        const std::string value(rawValue.data(), rawValue.length());
        if (key == "hanshu-reason") {
            error.reason = value;
        } else if (key.starts_with(kPrefix) && key.ends_with(kSuffix)) {
            error.params.emplace_back(
                paramName(key.substr(kPrefix.size(), key.size() - kPrefix.size() - kSuffix.size())), value);
        }
    }
    if (error.reason.empty()) {
        error.reason = reasonOf(status.error_code());
    }
    return error;
}

Exit exitFor(const Error& error) {
    if (error.reason == "ResourceThrottled") {
        return Exit::LimitReached;
    }
    switch (error.code) {
        case Code::InvalidArgument:
        case Code::OutOfRange:
            return Exit::Usage;
        case Code::NotFound:
            return Exit::NotFound;
        case Code::PermissionDenied:
        case Code::Unauthenticated:
            return Exit::Denied;
        case Code::AlreadyExists:
        case Code::FailedPrecondition:
        case Code::Aborted:
            return Exit::Conflict;
        case Code::ResourceExhausted:
            return Exit::LimitReached;
        case Code::Unavailable:
            return Exit::Unreachable;
        case Code::Cancelled:
        case Code::Unknown:
        case Code::DeadlineExceeded:
        case Code::Unimplemented:
        case Code::Internal:
        case Code::DataLoss:
            return Exit::Other;
    }
    return Exit::Other;
}

std::string explain(const Error& error) {
    const auto found = kAdvice.find(error.reason);
    auto advice = found == kAdvice.end() ? Advice{} : found->second;
    if (error.reason == "ResourceExhausted" && error.param("limit") == "function concurrency") {
        advice.remedy = "It is the function's own: hanshu function concurrency {function}";
    }
    auto sentence = advice.sentence.empty() ? api::toRestError(error).message : fill(advice.sentence, error);
    if (sentence.empty() || sentence == error.reason) {
        sentence = error.detail.empty() ? error.reason : fmt::format("{}: {}", error.reason, error.detail);
    }
    sentence = printable(sentence);
    if (!sentence.ends_with('.')) {
        sentence += '.';
    }
    if (error.reason == "QueryUnknownField" && !error.param("suggestion").empty()) {
        advice.remedy = "Did you mean {suggestion}?";
    }
    if (!advice.remedy.empty()) {
        sentence += ' ' + printable(fill(advice.remedy, error));
    }
    return sentence + pointer(error);
}

}  // namespace hanshu::cli
