// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_call.h"

#include "access/keyring.h"
#include "access/signature.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/time_format.h"
#include "telemetry/recorder.h"

#include <charconv>

namespace hanshu::gateway {
namespace {

// A client refuses metadata of more than 8 KiB in all (gRPC's default), and binary values grow by a third on the wire.
constexpr std::size_t kParamBudget = 4096;
constexpr std::size_t kMessageLimit = 512;

std::string_view header(const grpc::CallbackServerContext& context, const char* name) {
    const auto& metadata = context.client_metadata();
    const auto found = metadata.find(name);
    return found == metadata.end() ? std::string_view{}
                                   : std::string_view(found->second.data(), found->second.length());
}

Failure unauthenticated(std::string reason, std::vector<std::pair<std::string, std::string>> params) {
    return fail(Code::Unauthenticated, std::move(reason), std::move(params));
}

Result<access::Caller> verify(const Rooms& rooms, const grpc::CallbackServerContext& context, std::string_view path) {
    for (const auto* name : {"x-hanshu-access-key-id", "x-hanshu-date", "x-hanshu-signature"}) {
        if (header(context, name).empty()) {
            return unauthenticated("MissingRequiredHeader", {{"header", name}});
        }
    }
    const auto date = header(context, "x-hanshu-date");
    const auto when = parseBasicIso8601(date);
    if (!when || std::chrono::abs(rooms.clock.now() - *when) > access::kSignatureWindow) {
        return unauthenticated(
            "RequestExpired",
            {{"time", std::string(date)}, {"window", fmt::format("{} minutes", access::kSignatureWindow.count())}});
    }
    auto identity = rooms.keyring.find(header(context, "x-hanshu-access-key-id"), {});
    if (!identity) {
        return unauthenticated(std::move(identity.error().reason), std::move(identity.error().params));
    }
    auto expected = toHex(hmacSha256(identity->secret, fmt::format("{}\n{}", path, date)));
    if (!equalInConstantTime(expected, header(context, "x-hanshu-signature"))) {
        return unauthenticated("SignatureNotMatch", {});
    }
    if (identity->caller.kind != access::Caller::Kind::Owner) {
        return fail(Code::PermissionDenied, "AccessDenied",
                    {{"principal", identity->caller.principal}, {"action", std::string(path)}, {"resource", "*"}});
    }
    return std::move(identity->caller);
}

// accessKeyId → access-key-id: metadata keys have no upper case, and clients turn it back.
std::string metadataName(std::string_view name) {
    std::string key = "hanshu-param-";
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            key += '-';
            key += static_cast<char>(c - 'A' + 'a');
        } else {
            key += c;
        }
    }
    return key + "-bin";
}

std::string shorten(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        return std::string(text);
    }
    auto end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return std::string(text.substr(0, end)) + "…";
}

Failure draining() {
    return fail(Code::Unavailable, "ServiceDraining");
}

}  // namespace

GrpcCore::GrpcCore(const Rooms& all, bool trustsItsListener) : rooms(all), m_trusted(trustsItsListener) {}

GrpcCore::~GrpcCore() {
    // A coroutine that outlived the server may be the last owner, and it may end on this very pool's thread.
    disk.stop();
}

Result<access::Caller> GrpcCore::admit(const grpc::CallbackServerContext& context, std::string_view path) const {
    {
        const std::scoped_lock lock(m_mutex);
        if (m_draining) {
            return draining();
        }
    }
    if (m_trusted || equalInConstantTime(header(context, "x-hanshu-inside"), insideToken)) {
        return access::Caller{
            access::Caller::Kind::Owner, rooms.account, fmt::format("acs:ram::{}:root", rooms.account), {}};
    }
    return verify(rooms, context, path);
}

void GrpcCore::drain() {
    std::vector<std::weak_ptr<Endless>> streams;
    {
        const std::scoped_lock lock(m_mutex);
        m_draining = true;
        streams.swap(m_endless);
    }
    for (const auto& weak : streams) {
        if (const auto stream = weak.lock()) {
            stream->end(draining().value());
        }
    }
}

void GrpcCore::enlist(std::weak_ptr<Endless> stream) {
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_draining) {
            std::erase_if(m_endless, [](const auto& weak) { return weak.expired(); });
            m_endless.push_back(std::move(stream));
            return;
        }
    }
    if (const auto alive = stream.lock()) {
        alive->end(draining().value());
    }
}

void GrpcCore::begin(grpc::CallbackServerContext* context) {
    const std::scoped_lock lock(m_callsMutex);
    m_calls.insert(context);
}

void GrpcCore::end(grpc::CallbackServerContext* context) {
    const std::scoped_lock lock(m_callsMutex);
    m_calls.erase(context);
    if (m_calls.empty()) {
        m_idle.notify_all();
    }
}

void GrpcCore::cancelAll() {
    const std::scoped_lock lock(m_callsMutex);
    const auto calls = m_calls;
    for (auto* call : calls) {
        if (m_calls.contains(call)) {
            call->TryCancel();
        }
    }
}

bool GrpcCore::waitUntilIdle(std::chrono::milliseconds timeout) {
    std::unique_lock lock(m_callsMutex);
    return m_idle.wait_for(lock, timeout, [this] { return m_calls.empty(); });
}

Task<void> recordsAreStored(const GrpcCall& call) {
    auto flush = [&recorder = call.rooms().recorder] {
        recorder.flush();
        return true;
    };
    co_await onPool(call.core->disk, std::move(flush));
}

grpc::Status toStatus(const Error& error, grpc::ServerContextBase& context) {
    context.AddTrailingMetadata("hanshu-reason", error.reason);
    const bool internal = error.code == Code::Internal || error.code == Code::Unknown || error.code == Code::DataLoss;
    if (internal) {
        log::error("gateway", "{}", error.describe());
    }
    auto budget = kParamBudget;
    for (const auto& [name, value] : error.params) {
        const auto text = shorten(value, budget);
        context.AddTrailingMetadata(metadataName(name), text);
        budget -= std::min(budget, text.size() + name.size());
    }
    return {static_cast<grpc::StatusCode>(error.code),
            internal ? error.reason : shorten(error.describe(), kMessageLimit)};
}

Failure invalidField(std::string_view field, std::string_view problem) {
    return fail(Code::InvalidArgument, "InvalidArgument",
                {{"field", std::string(field)}, {"message", fmt::format("{} {}", field, problem)}});
}

std::string etagOf(Revision revision) {
    return std::to_string(revision.value);
}

Result<std::optional<Revision>> revisionOf(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    if (etag.empty() || etag == "*") {
        return std::nullopt;
    }
    Revision revision;
    const auto* end = etag.data() + etag.size();
    const auto parsed = std::from_chars(etag.data(), end, revision.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return fail(Code::FailedPrecondition, "PreconditionFailed");
    }
    return revision;
}

Result<int> pageLimit(int limit, int standard, int most) {
    if (limit < 0 || limit > most) {
        return invalidField("limit", fmt::format("must be between 1 and {} (actual: {})", most, limit));
    }
    return limit == 0 ? standard : limit;
}

Result<store::ListOptions> listOptions(std::string_view prefix, int limit, std::string_view nextToken) {
    auto rows = pageLimit(limit, 20, 100);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    return store::ListOptions{std::string(prefix), std::string(nextToken), *rows};
}

Result<std::int64_t> sequenceToken(std::string_view nextToken) {
    std::int64_t value = 0;
    const auto* end = nextToken.data() + nextToken.size();
    const auto parsed = std::from_chars(nextToken.data(), end, value);
    if (!nextToken.empty() && (parsed.ec != std::errc{} || parsed.ptr != end || value <= 0)) {
        return invalidField("nextToken", "is not a token that a list gave");
    }
    return value;
}

}  // namespace hanshu::gateway
