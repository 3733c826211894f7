// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/rest_error.h"

#include "api/json_text.h"

#include <fmt/format.h>
#include <unordered_map>

namespace hanshu::api {
namespace {

struct Template {
    unsigned status;
    std::string_view sentence;  // {name} stands for a parameter
};

// Sentences and numbers are those of Function Compute where the reference has them.
const std::unordered_map<std::string_view, Template> kTemplates{
    {"InvalidArgument", {400, "an argument is set to an invalid value"}},
    {"MissingRequiredHeader", {400, "required HTTP header {header} was not specified"}},
    {"PathNotSupported", {400, "'{method}' against '{path}' is not supported"}},
    {"EntityTooLarge", {400, "payload size exceeds maximum allowed size ({limit} bytes)"}},
    {"AccessDenied", {403, "{principal} is not allowed to {action} on {resource}: no grant allows it"}},
    {"SignatureNotMatch",
     {403,
      "The request signature we calculated does not match the signature you provided. Check your access key and "
      "signing method"}},
    {"RequestExpired",
     {403, "the request's time {time} is more than {window} away from the server's; check your clock"}},
    {"RequestReplayed", {403, "the signature nonce '{nonce}' was used before"}},
    {"InvalidAccessKeyID", {403, "invalid access key ID '{accessKeyId}'"}},
    {"SecurityTokenExpired", {403, "the security token has expired"}},
    {"InvalidSecurityToken", {403, "the security token is not valid"}},
    {"FunctionNotFound", {404, "function '{function}' does not exist."}},
    {"TriggerNotFound", {404, "trigger '{trigger}' of function '{function}' does not exist"}},
    {"VersionNotFound", {404, "version '{version}' of function '{function}' does not exist"}},
    {"AliasNotFound", {404, "alias '{alias}' of function '{function}' does not exist"}},
    {"GrantNotFound", {404, "grant '{grant}' does not exist"}},
    {"BucketNotFound", {404, "bucket '{bucket}' does not exist"}},
    {"ObjectNotFound", {404, "object '{key}' does not exist in bucket '{bucket}'"}},
    {"DeadLetterNotFound", {404, "dead letter '{event}' does not exist"}},
    {"AsyncTaskNotFound", {404, "async task '{task}' does not exist"}},
    {"ConcurrencyConfigNotFound", {404, "function '{function}' has no concurrency configuration"}},
    {"FunctionAlreadyExists", {409, "function '{function}' already exists"}},
    {"TriggerAlreadyExists", {409, "trigger '{trigger}' of function '{function}' already exists"}},
    {"GrantAlreadyExists", {409, "grant '{grant}' already exists"}},
    {"BucketAlreadyExists", {409, "bucket '{bucket}' already exists"}},
    {"AsyncTaskAlreadyExists", {409, "async task '{task}' already exists"}},
    {"BucketNotEmpty", {409, "bucket '{bucket}' is not empty; delete its objects first"}},
    {"FunctionNotEmpty", {409, "function '{function}' has active triggers; delete them first"}},
    {"ConcurrentUpdateError", {409, "the resource is being changed by another request; try again"}},
    {"PreconditionFailed", {412, "the resource being modified has been changed"}},
    {"CAExited", {412, "The CA process either cannot be started or exited: {message}"}},
    {"FunctionNotStarted", {412, "The CA's http server cannot be started: {message}"}},
    {"FunctionDisabled", {403, "invocations of function '{function}' are disabled"}},
    {"ResourceExhausted", {429, "{limit} reached: {value} are running at once and {value} are allowed; retry later"}},
    {"ResourceThrottled", {503, "no machine has room for another instance; retry later"}},
    {"RequestTimeout", {408, "the request made no progress in time"}},
    {"NotReady", {503, "the server is starting or shutting down; retry"}},
    {"ServiceDraining", {503, "the server is shutting down; retry"}},
    {"ShuttingDown", {503, "the server is shutting down; retry"}},
    {"ServiceStopped", {503, "the server was stopped before the function had finished; retry"}},
    {"SandboxUnavailable", {503, "this server can't isolate functions; 'hanshu doctor' says what it lacks"}},
    {"StorageBusy", {503, "the server's storage is busy; retry"}},
    {"StorageCorrupt", {500, "the server's storage is damaged; its log says where"}},
    {"UploadNotFound", {404, "multipart upload '{uploadId}' does not exist"}},
    {"MetadataTooLarge",
     {400, "the names and values of an object's metadata have {size} bytes together; {limit} are allowed"}},
    {"InvalidBucketName",
     {400, "bucket name '{bucket}' must have 3 to 63 characters of a-z, 0-9 and -, no - at either end"}},
    {"KeyTooLong", {400, "an object's key has at most {limit} bytes (actual: {size})"}},
    {"RequestTimeout", {408, "the request did not arrive in time"}},
    {"StorageFull", {507, "the disk of the server is full; free space in its state directory"}},
    {"ClientClosedRequest", {499, "the client disconnected"}},
    {"InternalServerError", {500, "an internal error has occurred. Please retry."}},
};

unsigned statusOf(Code code) noexcept {
    switch (code) {
        case Code::InvalidArgument:
        case Code::OutOfRange:
            return 400;
        case Code::Unauthenticated:
        case Code::PermissionDenied:
            return 403;
        case Code::NotFound:
            return 404;
        case Code::AlreadyExists:
        case Code::Aborted:
            return 409;
        case Code::FailedPrecondition:
            return 412;
        case Code::ResourceExhausted:
            return 429;
        case Code::Cancelled:
            return 499;
        case Code::Unavailable:
            return 503;
        case Code::DeadlineExceeded:
            return 504;
        case Code::Unimplemented:
            return 501;
        case Code::Unknown:
        case Code::Internal:
        case Code::DataLoss:
            return 500;
    }
    return 500;
}

std::string fill(std::string_view sentence, const Error& error) {
    std::string text;
    while (!sentence.empty()) {
        const auto open = sentence.find('{');
        text += sentence.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const auto close = sentence.find('}', open);
        text += error.param(sentence.substr(open + 1, close - open - 1));
        sentence.remove_prefix(close + 1);
    }
    return text;
}

std::string invalidArgument(const Error& error) {
    auto name = error.param("field");
    name = name.empty() ? error.param("argument") : name;
    const auto value = error.param("value");
    return fmt::format("{} is set to an invalid value{}", name.empty() ? "An argument" : name,
                       value.empty() ? std::string{} : fmt::format(" (actual: {})", inQuotes(value)));
}

}  // namespace

RestError toRestError(const Error& error) {
    RestError rest{statusOf(error.code), error.reason, {}};
    const auto known = kTemplates.find(error.reason);
    if (known != kTemplates.end()) {
        rest.status = known->second.status;
        rest.message = fill(known->second.sentence, error);
    }
    if (error.reason == "InvalidArgument") {
        rest.message = invalidArgument(error);
    }
    if (const auto grant = error.param("grant"); error.reason == "AccessDenied" && !grant.empty()) {
        rest.message = fill("{principal} is not allowed to {action} on {resource}: grant '{grant}' denies it", error);
    }
    if (const auto message = error.param("message"); !message.empty() && rest.status < 500 && rest.status != 412) {
        rest.message = std::string(message);
    }
    if (rest.message.empty()) {
        rest.message = rest.code;
    }
    return rest;
}

http::Response toErrorResponse(const Error& error, std::string_view requestId) {
    const auto rest = toRestError(error);
    std::string body = "{";
    const auto add = [&body](std::string_view key, std::string_view value) {
        body += body.size() > 1 ? "," : "";
        appendJsonString(body, key);
        body += ':';
        appendJsonString(body, value);
    };
    add("ErrorCode", rest.code);
    add("ErrorMessage", rest.message);
    add("Code", rest.code);
    add("Message", rest.message);
    add("RequestId", requestId);
    body += '}';
    http::Response response;
    response.status = rest.status;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("X-Fc-Request-Id", std::string(requestId));
    response.body = std::move(body);
    return response;
}

}  // namespace hanshu::api
