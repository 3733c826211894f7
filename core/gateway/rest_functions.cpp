// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The functions themselves, and where their code can be fetched.
#include "api/rest_error.h"
#include "base/encoding.h"
#include "catalog/catalog.h"
#include "gateway/rest_call.h"
#include "services.pb.h"

#include <fstream>

namespace hanshu::gateway {
namespace {

// A piece of a package: large beside the cost of a hop between threads, small beside what the daemon may hold.
constexpr std::size_t kPiece = std::size_t{256} * 1024;

http::Response functionResponse(const catalog::VersionedFunction& function) {
    auto response = jsonResponse(function.function);
    response.headers.add("ETag", fmt::format("\"{}\"", function.revision.value));
    return response;
}

// An input as it was read, with its package out of the Base64.
template <class Input>
struct ParsedInput {
    Input input;
    api::Presence presence;
    catalog::Package package;
};

template <class Input>
Result<ParsedInput<Input>> parseInput(const std::string& body, std::string_view checksumHeader) {
    ParsedInput<Input> parsed;
    auto presence = api::readJson(body, parsed.input);
    if (!presence) {
        return fail(std::move(presence.error()));
    }
    parsed.presence = std::move(*presence);
    if (!parsed.input.has_code()) {
        return parsed;
    }
    auto* code = parsed.input.mutable_code();
    if (!checksumHeader.empty() && code->checksum().empty()) {
        code->set_checksum(std::string(checksumHeader));
    }
    if (!code->zip_file().empty()) {
        auto zip = fromBase64(code->zip_file());
        if (!zip) {
            return api::violations({{"code.zipFile", "must be Base64 (RFC 4648, padded)"}});
        }
        parsed.package = std::move(*zip);
        code->clear_zip_file();
    }
    return parsed;
}

template <class Input>
Task<Result<ParsedInput<Input>>> parse(RestCall& call) {
    const auto checksum = std::string(call.request().headers.get("x-fc-code-checksum"));
    co_return co_await offThreadWhenLarge(call.core, call.body.size(),
                                          [&call, &checksum] { return parseInput<Input>(call.body, checksum); });
}

// The filters of the query. None where no function can pass them: those of Function Compute 2, of GPUs and of resource
// groups, which there are not.
Result<std::optional<api::FunctionFilter>> functionFilter(const http::Request& request) {
    const auto value = [&request](std::string_view name) { return request.queryValue(name).value_or(""); };
    const auto version = value("fcVersion");
    if (!version.empty() && version != "v2" && version != "v3") {
        return invalid(fmt::format("fcVersion is set to an invalid value (allowed: v2 | v3, actual: '{}')", version));
    }
    api::FunctionFilter filter;
    filter.set_runtime(value("runtime"));
    filter.set_function_name(value("functionName"));
    filter.set_description(value("description"));
    if (const auto tags = value("tags"); !tags.empty()) {
        // A JSON list of {"Key","Value"}, as the SDKs send it.
        auto read = api::readJson(fmt::format(R"({{"tags":{}}})", tags), filter);
        if (!read) {
            return fail(std::move(read.error()));
        }
    }
    if (version == "v2" || !value("gpuType").empty() || !value("resourceGroupId").empty()) {
        return std::optional<api::FunctionFilter>{};
    }
    return std::optional(std::move(filter));
}

}  // namespace

RestReply createFunction(RestCall& call) {
    auto parsed = co_await parse<api::CreateFunctionInput>(call);
    if (!parsed) {
        co_return fail(std::move(parsed.error()));
    }
    HANSHU_CO_TRY(authorize(call, "fc:CreateFunction", functionResource(parsed->input.function_name())));
    auto created =
        co_await call.rooms().catalog.create(call.account(), std::move(parsed->input), std::move(parsed->package));
    if (!created) {
        co_return fail(std::move(created.error()));
    }
    co_return functionResponse(*created);
}

RestReply listFunctions(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:ListFunctions", functionResource("*")));
    auto options = listOptions(call.request());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    auto filter = functionFilter(call.request());
    if (!filter) {
        co_return fail(std::move(filter.error()));
    }
    if (!*filter) {
        co_return jsonResponse(R"({"functions":[]})");
    }
    auto listed = co_await call.rooms().catalog.list(call.account(), std::move(*options), std::move(**filter));
    if (!listed) {
        co_return fail(std::move(listed.error()));
    }
    // SDK users iterate over the list: it is there even when it is empty.
    co_return listed->functions().empty() ? jsonResponse(R"({"functions":[]})") : jsonResponse(*listed);
}

RestReply getFunction(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:GetFunction", functionResource(call.names[0])));
    HANSHU_CO_TRY(onlyLatest(call));
    auto found = co_await call.rooms().catalog.get(call.account(), call.names[0]);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return functionResponse(*found);
}

RestReply updateFunction(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:UpdateFunction", functionResource(call.names[0])));
    auto expected = expectedRevision(call.request());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    auto parsed = co_await parse<api::UpdateFunctionInput>(call);
    if (!parsed) {
        co_return fail(std::move(parsed.error()));
    }
    auto updated =
        co_await call.rooms().catalog.update(call.account(), call.names[0], std::move(parsed->input),
                                             std::move(parsed->presence), std::move(parsed->package), *expected);
    if (!updated) {
        co_return fail(std::move(updated.error()));
    }
    co_return functionResponse(*updated);
}

RestReply deleteFunction(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:DeleteFunction", functionResource(call.names[0])));
    auto expected = expectedRevision(call.request());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    auto removed = co_await call.rooms().catalog.remove(call.account(), call.names[0], *expected);
    if (!removed) {
        co_return fail(std::move(removed.error()));
    }
    co_return noContent();
}

RestReply getFunctionCode(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:GetFunctionCode", functionResource(call.names[0])));
    HANSHU_CO_TRY(onlyLatest(call));
    auto found = co_await call.rooms().catalog.get(call.account(), call.names[0]);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    const auto& checksum = found->function.code_checksum();
    const auto token = call.core.links.issue({call.account(), call.names[0], checksum}, call.rooms().clock.now());
    // The client reached this server by its Host header: so will the link.
    auto host = std::string(call.request().headers.get("host"));
    if (host.empty()) {
        host = call.rooms().status().http_address();
    }
    api::OutputFuncCode code;
    code.set_url(fmt::format("{}://{}/code/{}", call.request().secure ? "https" : "http", host, token));
    code.set_checksum(checksum);
    co_return jsonResponse(code);
}

namespace {

struct OpenPackage {
    std::shared_ptr<std::ifstream> file;
    std::uint64_t size = 0;
    std::string name;
};

Task<Result<OpenPackage>> openPackage(RestCore& core, std::string token) {
    auto target = core.links.open(token, core.rooms.clock.now());
    if (!target) {
        co_return fail(std::move(target.error()));
    }
    auto found = co_await core.rooms.catalog.get(target->account, target->function);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    if (found->function.code_checksum() != target->checksum) {
        co_return fail(Code::FailedPrecondition, "PreconditionFailed");
    }
    auto path = co_await core.rooms.catalog.packageFile(target->account, target->function);
    if (!path) {
        co_return fail(std::move(path.error()));
    }
    auto open = [path = *path, name = target->function]() -> Result<OpenPackage> {
        std::error_code error;
        OpenPackage package{std::make_shared<std::ifstream>(path, std::ios::binary),
                            std::filesystem::file_size(path, error), name};
        if (error || !package.file->is_open()) {
            return internalError("a code package can't be opened");
        }
        return package;
    };
    co_return co_await onPool(core.blocking, std::move(open));
}

}  // namespace

Task<void> serveCode(RestCore& core, http::Exchange& exchange, std::string_view token) {
    const auto requestId = newRequestId();
    auto package = co_await openPackage(core, std::string(token));
    if (!package) {
        auto refused = api::toErrorResponse(package.error(), requestId.value);
        (void)co_await exchange.reply.send(std::move(refused));
        co_return;
    }
    http::Response response;
    response.headers.add("Content-Type", "application/zip");
    response.headers.add("Content-Disposition", fmt::format("attachment; filename=\"{}.zip\"", package->name));
    response.headers.add("X-Fc-Request-Id", requestId.value);
    auto sent = co_await exchange.reply.begin(std::move(response), package->size);
    for (std::uint64_t left = package->size; sent && left > 0;) {
        auto take = [file = package->file, left] {
            std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece)), '\0');
            file->read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            bytes.resize(static_cast<std::size_t>(file->gcount()));
            return bytes;
        };
        auto piece = co_await onPool(core.blocking, std::move(take));
        if (piece.empty()) {
            co_return;  // the file is shorter than it was: the client sees an answer that is not whole
        }
        left -= piece.size();
        sent = co_await exchange.reply.write(piece);
    }
    if (sent) {
        (void)co_await exchange.reply.finish();
    }
}

}  // namespace hanshu::gateway
