// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/catalog.h"
#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "gateway/news_source.h"
#include "scheduler/scheduler.h"
#include "services.grpc.pb.h"

#include <fstream>

namespace hanshu::gateway {
namespace {

// A piece of a package, well under the limit of a message.
constexpr std::size_t kPiece = 512 * 1024;

api::FunctionReply replyOf(catalog::VersionedFunction function) {
    api::FunctionReply reply;
    reply.mutable_function()->Swap(&function.function);
    reply.set_etag(etagOf(function.revision));
    return reply;
}

// A package as it comes in, held against what the client said of it.
struct Incoming {
    std::unique_ptr<catalog::PackageUpload> upload;  // null as long as no byte has come
    std::uint64_t size = 0;                          // announced; 0: not
    std::string sha256;
};

Failure damaged(std::string problem) {
    return invalidField("code.zipFile", problem + "; upload it again");
}

// On the thread for files.
Result<void> append(catalog::Catalog& catalog, Incoming& package, const std::string& bytes) {
    if (package.upload == nullptr) {
        auto begun = catalog.upload();
        HANSHU_TRY(begun);
        package.upload = std::move(*begun);
    }
    HANSHU_TRY(package.upload->write(bytes));
    if (package.size > 0 && package.upload->size() > package.size) {
        return damaged(fmt::format("is longer than the {} bytes that were announced", package.size));
    }
    return {};
}

Result<void> complete(Incoming& package) {
    if (package.size > 0 && package.upload->size() != package.size) {
        return damaged(
            fmt::format("has {} bytes, not the {} that were announced", package.upload->size(), package.size));
    }
    HANSHU_TRY(package.upload->finish());
    if (!package.sha256.empty() && package.upload->sha256() != package.sha256) {
        return damaged(
            fmt::format("has the SHA-256 {}, not the {} that was announced", package.upload->sha256(), package.sha256));
    }
    return {};
}

// The package in the pieces from `piece` on; none where there is none. The memory that it takes is that of a piece.
Task<Result<catalog::Package>> receivePackage(const GrpcCall& call, api::DeployRequest& piece,
                                              ReadStream<api::DeployRequest>& stream) {
    Incoming package{nullptr, piece.zip_size(), piece.zip_sha256()};
    const bool announced = package.size > 0 || !package.sha256.empty();
    bool more = true;
    while (more && !piece.last()) {
        if (!piece.zip_chunk().empty()) {
            auto work = [&] { return append(call.rooms().catalog, package, piece.zip_chunk()); };
            auto kept = co_await onPool(call.core->disk, std::move(work));
            HANSHU_CO_TRY(std::move(kept));
        }
        more = co_await stream.read(piece);
    }
    if (stream.cancelled()) {
        co_return fail(Code::Cancelled, "ClientClosedRequest");
    }
    if (package.upload == nullptr && piece.zip_chunk().empty() && !announced) {
        co_return catalog::Package();
    }
    if (!more) {
        co_return damaged("was cut off: the stream ended without a message that is marked as the last");
    }
    if (!piece.zip_sha256().empty()) {
        package.sha256 = piece.zip_sha256();
    }
    auto work = [&]() -> Result<void> {
        HANSHU_TRY(append(call.rooms().catalog, package, piece.zip_chunk()));
        return complete(package);
    };
    auto whole = co_await onPool(call.core->disk, std::move(work));
    HANSHU_CO_TRY(std::move(whole));
    co_return catalog::Package(std::move(package.upload));
}

Task<Result<api::FunctionReply>> deploy(GrpcCall call, ReadStream<api::DeployRequest>& stream) {
    api::DeployRequest piece;
    const bool begun = co_await stream.read(piece);
    if (!begun || piece.has_create() == piece.has_update()) {
        co_return invalidField("create", "or update must be in the first message, one of the two");
    }
    auto expected = revisionOf(piece.if_match());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    const bool creates = piece.has_create();  // mutable_create would make it so
    auto input = std::move(*piece.mutable_create());
    auto change = std::move(*piece.mutable_update());
    const auto name = piece.function_name();
    auto package = co_await receivePackage(call, piece, stream);
    if (!package) {
        co_return fail(std::move(package.error()));
    }
    auto& catalog = call.rooms().catalog;
    auto done =
        creates ? catalog.create(call.account(), std::move(input), std::move(*package))
                : catalog.update(call.account(), name, std::move(change), std::nullopt, std::move(*package), *expected);
    auto result = co_await std::move(done);
    if (!result) {
        co_return fail(std::move(result.error()));
    }
    co_return replyOf(std::move(*result));
}

Task<Result<api::FunctionReply>> disable(GrpcCall call, api::DisableInvocationRequest request) {
    auto done =
        co_await call.rooms().catalog.setDisabled(call.account(), request.function_name(), request.input().reason());
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    if (request.input().abort_ongoing_request()) {
        call.rooms().scheduler.abort(call.account(), request.function_name());
    }
    co_return replyOf(std::move(*done));
}

Task<Result<api::FunctionReply>> enable(GrpcCall call, api::NameRequest request) {
    auto done = co_await call.rooms().catalog.setDisabled(call.account(), request.name(), std::nullopt);
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return replyOf(std::move(*done));
}

Task<Result<api::FunctionReply>> get(GrpcCall call, api::NameRequest request) {
    auto found = co_await call.rooms().catalog.get(call.account(), request.name());
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return replyOf(std::move(*found));
}

Task<Result<api::ListFunctionsOutput>> list(GrpcCall call, api::ListRequest request) {
    auto options = listOptions(request.prefix(), request.limit(), request.next_token());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    co_return co_await call.rooms().catalog.list(call.account(), std::move(*options),
                                                 std::move(*request.mutable_functions()));
}

Task<Result<api::Empty>> remove(GrpcCall call, api::NameRequest request) {
    auto done = co_await call.rooms().catalog.remove(call.account(), request.name(), std::nullopt);
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return api::Empty();
}

// Empty at the end.
Result<std::string> nextPiece(std::ifstream& file) {
    std::string bytes(kPiece, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.is_open() || file.bad()) {
        return internalError("a code package can't be read");
    }
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

Task<Result<void>> sendCode(GrpcCall call, api::NameRequest request, WriteStream<api::CodeChunk>& stream) {
    auto path = co_await call.rooms().catalog.packageFile(call.account(), request.name());
    if (!path) {
        co_return fail(std::move(path.error()));
    }
    auto file = std::make_shared<std::ifstream>(*path, std::ios::binary);
    api::CodeChunk chunk;
    bool more = true;
    while (more) {
        auto read = [file] { return nextPiece(*file); };
        auto piece = co_await onPool(call.core->disk, std::move(read));
        if (!piece) {
            co_return fail(std::move(piece.error()));
        }
        chunk.set_data(std::move(*piece));
        if (chunk.data().empty()) {
            break;
        }
        more = co_await stream.write(chunk);
    }
    co_return Result<void>{};
}

// Changes that wait for a slow reader: the latest of each function, so that no more wait than there are functions.
class PendingChanges final : public NewsSource {
public:
    void put(const std::string& name, api::FunctionChange news) {
        change([&] { m_changes.insert_or_assign(name, std::move(news)); });
    }
    Task<Result<std::vector<api::FunctionChange>>> take() {
        return takeWhenThere<std::vector<api::FunctionChange>>([this] {
            std::vector<api::FunctionChange> news;
            for (auto& [name, latest] : std::exchange(m_changes, {})) {
                news.push_back(std::move(latest));
            }
            return news;
        });
    }

private:
    bool hasNews() const noexcept override { return !m_changes.empty(); }

    std::map<std::string, api::FunctionChange> m_changes;
};

// The snapshot is taken after the subscription: a change between the two is told twice, and none is missed.
Task<Result<void>> watch(GrpcCall call, api::Empty /*request*/, WriteStream<api::FunctionChange>& stream) {
    auto pending = std::make_shared<PendingChanges>();
    stream.attach(pending);
    call.core->enlist(pending);
    auto& catalog = call.rooms().catalog;
    const auto subscription = catalog.watch([pending, account = call.account()](const catalog::Change& change) {
        if (change.account != account) {
            return;
        }
        api::FunctionChange told;
        told.set_kind(change.deleted ? api::FunctionChange::DELETED : api::FunctionChange::PUT);
        *told.mutable_function() = change.function;
        pending->put(change.function.function_name(), std::move(told));
    });
    std::int64_t cursor = 0;
    const auto snapshot = catalog.snapshot();
    const auto account = snapshot->accounts.find(call.account());
    if (account != snapshot->accounts.end()) {
        for (const auto& [name, route] : account->second) {
            api::FunctionChange told;
            told.set_kind(api::FunctionChange::SNAPSHOT);
            told.set_cursor(++cursor);
            *told.mutable_function() = route->spec->function;
            const bool sent = co_await stream.write(told);
            if (!sent) {
                co_return fail(Code::Cancelled, "ClientClosedRequest");
            }
        }
    }
    std::vector<api::FunctionChange> changes(1);
    changes.front().set_kind(api::FunctionChange::SNAPSHOT_END);
    while (true) {
        for (auto& change : changes) {
            change.set_cursor(++cursor);
            const bool sent = co_await stream.write(change);
            if (!sent) {
                co_return fail(Code::Cancelled, "ClientClosedRequest");
            }
        }
        auto next = co_await pending->take();
        if (!next) {
            co_return fail(std::move(next.error()));
        }
        changes = std::move(*next);
    }
}

class Service final : public api::FunctionService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::FunctionService::service_full_name()) {}

    grpc::ServerReadReactor<api::DeployRequest>* DeployFunction(grpc::CallbackServerContext* context,
                                                                api::FunctionReply* reply) override {
        return clientStream(m_door.enter(context, __func__), reply, deploy);
    }
    grpc::ServerUnaryReactor* GetFunction(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                          api::FunctionReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, get);
    }
    grpc::ServerUnaryReactor* ListFunctions(grpc::CallbackServerContext* context, const api::ListRequest* request,
                                            api::ListFunctionsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, list);
    }
    grpc::ServerUnaryReactor* DeleteFunction(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                             api::Empty* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, remove);
    }
    grpc::ServerWriteReactor<api::CodeChunk>* GetFunctionCode(grpc::CallbackServerContext* context,
                                                              const api::NameRequest* request) override {
        return serverStream(m_door.enter(context, __func__), request, sendCode);
    }
    grpc::ServerWriteReactor<api::FunctionChange>* WatchFunctions(grpc::CallbackServerContext* context,
                                                                  const api::Empty* request) override {
        return serverStream(m_door.enter(context, __func__), request, watch);
    }

    grpc::ServerUnaryReactor* DisableInvocation(grpc::CallbackServerContext* context,
                                                const api::DisableInvocationRequest* request,
                                                api::FunctionReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, disable);
    }
    grpc::ServerUnaryReactor* EnableInvocation(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                               api::FunctionReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, enable);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcFunctionService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
