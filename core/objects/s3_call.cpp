// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_call.h"

#include "base/log.h"
#include "objects/s3_error.h"
#include "objects/s3_xml.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>

namespace hanshu::objects {

std::string_view S3Call::parameter(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view{} : std::string_view(found->second);
}

Result<int> S3Call::number(std::string_view name, int fallback, int least, int most) const {
    if (!has(name)) {
        return fallback;
    }
    const auto text = parameter(name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        return s3Fail("InvalidArgument", {{"argument", std::string(name)}, {"value", std::string(text)}});
    }
    return value;
}

Actor S3Call::actor() const {
    return {session.caller.principal, requestId, exchange.request.remoteAddress};
}

std::string arnOf(const S3Call& call, std::string_view bucket, std::string_view key) {
    return fmt::format("acs:oss:{}:{}:{}{}{}", call.rooms.region, call.account(), bucket.empty() ? "*" : bucket,
                       key.empty() ? "" : "/", key);
}

void tellDenied(const S3Service::Rooms& rooms, const access::Caller& caller, std::string_view action,
                std::string_view resource, std::string_view reason) {
    log::warning("objects", "denied {} on {} to {}{}{}: {}", action, resource, caller.principal,
                 caller.sessionFunction.empty() ? "" : " of function ", caller.sessionFunction, reason);
    if (rooms.onDenied) {
        rooms.onDenied(caller, action, resource, reason);
    }
}

Result<void> S3Call::authorizeFor(std::string_view action, std::string_view bucketName, std::string_view objectKey,
                                  std::map<std::string, std::string, std::less<>> context) const {
    const auto resource = arnOf(*this, bucketName, objectKey);
    auto allowed = rooms.policy.check({session.caller, action, resource, std::move(context)});
    if (!allowed) {
        tellDenied(rooms, session.caller, action, resource, allowed.error().param("decision"));
    }
    return allowed;
}

Task<Result<void>> S3Call::send(unsigned status, http::Headers headers, std::string body) {
    headers.set("x-amz-request-id", requestId);
    http::Response response{status, std::move(headers), std::move(body)};
    co_return co_await exchange.reply.send(std::move(response));
}

Task<Result<void>> S3Call::sendXml(std::string document) {
    http::Headers headers;
    headers.set("Content-Type", "application/xml");
    co_return co_await send(200, std::move(headers), std::move(document));
}

Task<void> S3Call::sendError(Error error) {
    const auto known = s3ErrorOf(error);
    if (known.status >= 500 && known.status != 501) {
        log::error("objects", "{} {}: {}", exchange.request.method, arnOf(*this, bucket, key), error.describe());
    }
    http::Headers headers;
    if (known.code == "InvalidRange") {
        headers.set("Content-Range", fmt::format("bytes */{}", error.param("actualSize")));
    }
    std::string body;
    if (known.status != 304 && exchange.request.method != "HEAD") {
        headers.set("Content-Type", "application/xml");
        body = s3ErrorDocument(error, exchange.request.path, requestId);
    }
    const auto sent = co_await send(known.status, std::move(headers), std::move(body));
    if (!sent) {
        log::debug("objects", "an error answer did not reach its client: {}", sent.error().describe());
    }
}

namespace {

// Both ends live on one io thread.
struct Outcome {
    asio::steady_timer bell;
    std::optional<Result<std::string>> result;
    explicit Outcome(const asio::any_io_executor& executor) : bell(executor) {}
};

Task<void> finish(std::shared_ptr<Outcome> outcome, Task<Result<std::string>> work) {
    outcome->result.emplace(co_await std::move(work));
    outcome->bell.cancel();
}

}  // namespace

Task<Result<void>> S3Call::sendXmlWhenDone(Task<Result<std::string>> work) {
    auto executor = co_await asio::this_coro::executor;
    auto outcome = std::make_shared<Outcome>(executor);
    asio::co_spawn(executor, finish(outcome, std::move(work)), asio::detached);
    auto& reply = exchange.reply;
    bool reachable = true;
    while (!outcome->result) {
        outcome->bell.expires_after(rooms.patience);
        co_await outcome->bell.async_wait(asio::as_tuple(asio::use_awaitable));
        if (outcome->result || !reachable) {
            continue;
        }
        Result<void> sent;
        if (!reply.begun()) {
            http::Response response;
            response.headers.set("Content-Type", "application/xml");
            response.headers.set("x-amz-request-id", requestId);
            sent = co_await reply.begin(std::move(response), std::nullopt);
            if (sent) {
                sent = co_await reply.write(kXmlDeclaration);
            }
        } else {
            sent = co_await reply.write(" ");
        }
        reachable = sent.has_value();
    }
    auto& result = *outcome->result;
    if (!reply.begun()) {
        if (!result) {
            co_return fail(std::move(result.error()));
        }
        co_return co_await sendXml(std::move(*result));
    }
    const auto document = result ? *result : s3ErrorDocument(result.error(), exchange.request.path, requestId);
    auto sent = co_await reply.write(std::string_view(document).substr(kXmlDeclaration.size()));
    if (!sent) {
        co_return sent;
    }
    co_return co_await reply.finish();
}

std::string quotedEtag(std::string_view etag) {
    return fmt::format("\"{}\"", etag);
}

}  // namespace hanshu::objects
