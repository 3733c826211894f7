// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/catalog.h"

#include "api/validate.h"
#include "base/async_mutex.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/published.h"
#include "base/time_format.h"
#include "catalog/code_store.h"
#include "catalog/package.h"

#include <fmt/format.h>
#include <algorithm>
#include <list>

namespace hanshu::catalog {
namespace {

store::ResourceKey keyOf(std::string account, std::string name) {
    return {std::move(account), store::Kind::Function, {}, std::move(name)};
}

// The store's plain errors in the words of functions.
Error translate(Error error, const std::string& name) {
    if (error.reason == "ResourceNotFound") {
        return {Code::NotFound, "FunctionNotFound", {{"function", name}}, {}};
    }
    if (error.reason == "ResourceAlreadyExists") {
        return {Code::AlreadyExists, "FunctionAlreadyExists", {{"function", name}}, {}};
    }
    return error;
}

Result<api::StoredFunction> parseStored(const store::Resource& resource) {
    api::StoredFunction stored;
    if (!stored.ParseFromString(resource.bytes)) {
        return internalError(fmt::format("the stored function {} is damaged", resource.key.name));
    }
    return stored;
}

bool matches(const api::Function& function, const api::FunctionFilter& filter) {
    const auto hasTag = [&function](const api::Tag& wanted) {
        return std::ranges::any_of(function.tags(), [&wanted](const api::Tag& tag) {
            return tag.key() == wanted.key() && (wanted.value().empty() || tag.value() == wanted.value());
        });
    };
    return (filter.runtime().empty() || function.runtime() == filter.runtime()) &&
           (filter.function_name().empty() || function.function_name() == filter.function_name()) &&
           function.description().find(filter.description()) != std::string::npos &&
           std::ranges::all_of(filter.tags(), hasTag);
}

class StoredCatalog final : public Catalog {
public:
    StoredCatalog(const CatalogOptions& options, store::ResourceStore& store, asio::thread_pool& disk,
                  const Clock& clock, Neighbours neighbours)
        : m_region(options.region),
          m_store(store),
          m_disk(disk),
          m_clock(clock),
          m_neighbours(std::move(neighbours)),
          m_code(std::make_shared<CodeStore>(options.stateDirectory, disk)),
          m_snapshot(std::make_shared<const Snapshot>()) {}

    ~StoredCatalog() override { m_code->close(); }

    Result<void> load() {
        auto all = m_store.loadAll(store::Kind::Function);
        if (!all) {
            return fail(std::move(all.error()));
        }
        std::set<std::string> digests;
        std::vector<std::pair<store::Resource, api::StoredFunction>> functions;
        for (auto& resource : *all) {
            auto stored = parseStored(resource);
            if (!stored) {
                return fail(std::move(stored.error()));
            }
            digests.insert(stored->code_digest());
            functions.emplace_back(std::move(resource), std::move(*stored));
        }
        HANSHU_TRY(m_code->open(digests));
        auto snapshot = std::make_shared<Snapshot>();
        for (const auto& [resource, stored] : functions) {
            auto route = compile(resource.key.account, stored, resource.revision);
            if (!route) {
                log::error("catalog", "function {} can't be served: {}", resource.key.name, route.error().describe());
                continue;
            }
            snapshot->accounts[resource.key.account][resource.key.name] = *route;
        }
        m_snapshot.store(std::move(snapshot));
        return {};
    }

    Result<std::unique_ptr<PackageUpload>> upload() override { return m_code->upload(); }

    Task<Result<VersionedFunction>> create(std::string account, api::CreateFunctionInput input,
                                           Package package) override {
        auto function = api::makeFunction(input);
        if (!function) {
            co_return fail(std::move(function.error()));
        }
        const auto name = function->function_name();
        if (snapshot()->find(account, name) != nullptr) {
            co_return fail(Code::AlreadyExists, "FunctionAlreadyExists", {{"function", name}});
        }
        api::StoredFunction stored;
        *stored.mutable_function() = std::move(*function);
        auto code = co_await takeCode(account, input.code(), std::move(package));
        if (!code) {
            co_return fail(std::move(code.error()));
        }
        if (code->tree == nullptr) {
            co_return fail(
                Code::InvalidArgument, "InvalidArgument",
                {{"field", "code"}, {"message", "code is required: give zipFile or ossBucketName and ossObjectName"}});
        }
        stamp(stored, *code);
        stored.mutable_function()->set_function_id(newUuid());
        stored.mutable_function()->set_function_arn(fmt::format("acs:fc:{}:{}:functions/{}", m_region, account, name));
        stored.mutable_function()->set_created_time(stored.function().last_modified_time());
        // Every defect that makes a function unservable is told before anything is kept.
        if (auto route = compile(account, stored, Revision{}); !route) {
            co_return fail(std::move(route.error()));
        }
        const auto guard = co_await m_changes.lock();
        auto revision = co_await m_store.create(keyOf(account, name), stored.SerializeAsString());
        if (!revision) {
            co_return fail(translate(std::move(revision.error()), name));
        }
        co_return publish(account, stored, *revision);
    }

    Task<Result<VersionedFunction>> update(std::string account, std::string name, api::UpdateFunctionInput input,
                                           std::optional<api::Presence> presence, Package package,
                                           std::optional<Revision> expected) override {
        // The package is unpacked before anything is locked; it may be large.
        if (snapshot()->find(account, name) == nullptr) {
            co_return fail(Code::NotFound, "FunctionNotFound", {{"function", name}});
        }
        auto code = co_await takeCode(account, input.code(), std::move(package));
        if (!code) {
            co_return fail(std::move(code.error()));
        }
        const auto guard = co_await m_changes.lock();
        auto present = co_await read(account, name);
        if (!present) {
            co_return fail(std::move(present.error()));
        }
        auto& [stored, revision] = *present;
        if (expected && *expected != revision) {
            co_return fail(Code::FailedPrecondition, "PreconditionFailed");
        }
        HANSHU_CO_TRY(api::applyUpdate(input, presence ? &*presence : nullptr, *stored.mutable_function()));
        stamp(stored, *code);
        if (auto route = compile(account, stored, revision); !route) {
            co_return fail(std::move(route.error()));
        }
        co_return co_await replace(account, name, stored, revision);
    }

    Task<Result<VersionedFunction>> get(std::string account, std::string name) override {
        auto present = co_await read(account, name);
        if (!present) {
            co_return fail(std::move(present.error()));
        }
        VersionedFunction found{present->first.function(), present->second};
        co_return found;
    }

    Task<Result<api::ListFunctionsOutput>> list(std::string account, store::ListOptions options,
                                                api::FunctionFilter filter) override {
        api::ListFunctionsOutput output;
        const auto full = [&output, limit = options.limit] { return output.functions_size() == limit; };
        while (true) {
            auto page = co_await m_store.list(account, store::Kind::Function, std::string(), options);
            if (!page) {
                co_return fail(std::move(page.error()));
            }
            for (const auto& resource : page->resources) {
                if (full()) {
                    output.set_next_token(resource.key.name);
                    co_return output;
                }
                auto stored = parseStored(resource);
                if (!stored) {
                    co_return fail(std::move(stored.error()));
                }
                if (matches(stored->function(), filter)) {
                    *output.add_functions() = std::move(*stored->mutable_function());
                }
            }
            if (page->next.empty()) {
                co_return output;
            }
            if (full()) {
                output.set_next_token(page->next);
                co_return output;
            }
            options.startAt = page->next;
        }
    }

    Task<Result<void>> remove(std::string account, std::string name, std::optional<Revision> expected) override {
        const auto guard = co_await m_changes.lock();
        if (m_neighbours.hasTriggers(account, name)) {
            co_return fail(Code::FailedPrecondition, "FunctionNotEmpty", {{"function", name}});
        }
        if (auto removed = co_await m_store.remove(keyOf(account, name), expected); !removed) {
            co_return fail(translate(std::move(removed.error()), name));
        }
        auto next = std::make_shared<Snapshot>(*m_snapshot.load());
        next->accounts[account].erase(name);
        m_snapshot.store(std::move(next));
        Change change{account, true, {}};
        change.function.set_function_name(name);
        notify(change);
        co_return Result<void>();
    }

    Task<Result<void>> setReservedConcurrency(std::string account, std::string name,
                                              std::optional<int> value) override {
        if (value && (*value < 1 || *value > kMaxReservedConcurrency)) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"field", "reservedConcurrency"},
                            {"message", fmt::format("reservedConcurrency must be between 1 and {} (actual: {})",
                                                    kMaxReservedConcurrency, *value)}});
        }
        const auto guard = co_await m_changes.lock();
        auto present = co_await read(account, name);
        if (!present) {
            co_return fail(std::move(present.error()));
        }
        auto& [stored, revision] = *present;
        if (value) {
            stored.set_reserved_concurrency(*value);
        } else {
            stored.clear_reserved_concurrency();
        }
        auto replaced = co_await replace(account, name, stored, revision);
        if (!replaced) {
            co_return fail(std::move(replaced.error()));
        }
        co_return Result<void>();
    }

    Task<Result<VersionedFunction>> setDisabled(std::string account, std::string name,
                                                std::optional<std::string> reason) override {
        if (reason && reason->size() > kMaxReasonBytes) {
            co_return fail(
                Code::InvalidArgument, "InvalidArgument",
                {{"field", "reason"}, {"message", fmt::format("reason has at most {} bytes", kMaxReasonBytes)}});
        }
        const auto guard = co_await m_changes.lock();
        auto present = co_await read(account, name);
        if (!present) {
            co_return fail(std::move(present.error()));
        }
        auto& [stored, revision] = *present;
        auto& restriction = *stored.mutable_function()->mutable_invocation_restriction();
        restriction.set_disable(reason.has_value());
        restriction.set_reason(reason.value_or(""));
        restriction.set_last_modified_time(formatRfc3339(m_clock.now()));
        co_return co_await replace(account, name, stored, revision);
    }

    Task<Result<std::filesystem::path>> packageFile(std::string account, std::string name) override {
        auto present = co_await read(account, name);
        if (!present) {
            co_return fail(std::move(present.error()));
        }
        co_return m_code->packageFile(present->first.code_digest());
    }

    std::shared_ptr<const Snapshot> snapshot() const noexcept override { return m_snapshot.load(); }

    std::shared_ptr<void> watch(std::function<void(const Change&)> listener) override {
        auto kept = std::make_shared<std::function<void(const Change&)>>(std::move(listener));
        const std::lock_guard lock(m_listenersMutex);
        m_listeners.push_back(kept);
        return kept;
    }

private:
    // The ceiling of an account's own limit: more could never be used.
    static constexpr int kMaxReservedConcurrency = 10'000;
    // A sentence for people; it comes with every refusal.
    static constexpr std::size_t kMaxReasonBytes = 256;

    struct TakenCode {
        std::shared_ptr<const CodeTree> tree;  // null: the input names none
        std::string checksum;
        double size = 0;
    };

    Task<Result<TakenCode>> takeCode(std::string account, api::InputCodeLocation location, Package package) {
        const bool given = !std::holds_alternative<std::monostate>(package);
        if (!given && !location.zip_file().empty()) {
            auto decoded = fromBase64(location.zip_file());
            if (!decoded) {
                co_return fail(Code::InvalidArgument, "InvalidArgument",
                               {{"field", "code.zipFile"}, {"message", "code.zipFile is not Base64 (RFC 4648)"}});
            }
            package = std::move(*decoded);
        } else if (!given && !location.oss_bucket_name().empty()) {
            auto object = co_await m_neighbours.readObject(account, location.oss_bucket_name(),
                                                           location.oss_object_name(), kMaxPackageBytes);
            if (!object) {
                co_return fail(std::move(object.error()));
            }
            package = std::move(*object);
        } else if (!given) {
            co_return TakenCode{};
        }
        auto take = [this, checksum = location.checksum(), package = std::move(package)]() mutable {
            return keep(std::move(package), checksum);
        };
        co_return co_await onPool(m_disk, std::move(take));
    }

    // On a disk thread.
    Result<TakenCode> keep(Package package, const std::string& checksum) {
        if (const auto* bytes = std::get_if<std::string>(&package)) {
            auto written = m_code->upload();
            HANSHU_TRY(written);
            HANSHU_TRY((*written)->write(*bytes));
            HANSHU_TRY((*written)->finish());
            package = std::move(*written);
        }
        auto& upload = *std::get<std::unique_ptr<PackageUpload>>(package);
        auto actual = std::to_string(upload.crc64());
        if (!checksum.empty() && checksum != actual) {
            return fail(
                Code::InvalidArgument, "InvalidArgument",
                {{"field", "code.checksum"},
                 {"message", fmt::format("the CRC-64 of the package is {}, not the {} that was sent; upload it again",
                                         actual, checksum)}});
        }
        auto tree = m_code->add(upload);
        HANSHU_TRY(tree);
        return TakenCode{std::move(*tree), std::move(actual), static_cast<double>(upload.size())};
    }

    // What the platform sets at every change.
    void stamp(api::StoredFunction& stored, const TakenCode& code) {
        auto& function = *stored.mutable_function();
        if (code.tree != nullptr) {
            stored.set_code_digest(code.tree->digest());
            function.set_code_checksum(code.checksum);
            function.set_code_size(code.size);
        }
        function.set_state("Active");
        function.set_last_update_status("Successful");
        function.set_last_modified_time(formatRfc3339(m_clock.now()));
    }

    Result<std::shared_ptr<const Route>> compile(const std::string& account, const api::StoredFunction& stored,
                                                 Revision revision) {
        auto tree = m_code->find(stored.code_digest());
        if (!tree) {
            return fail(std::move(tree.error()));
        }
        auto spec = std::make_shared<FunctionSpec>();
        spec->account = account;
        spec->region = m_region;
        spec->function = stored.function();
        spec->versionId = "LATEST";
        spec->codeDirectory = (*tree)->folder().string();
        spec->codeTree = std::move(*tree);
        spec->revision = revision;
        if (stored.function().layers_size() > 0) {
            return fail(Code::InvalidArgument, "InvalidArgument",
                        {{"field", "layers"},
                         {"message", fmt::format("layer '{}' does not exist", stored.function().layers(0).arn())}});
        }
        for (const auto& point : stored.function().oss_mount_config().mount_points()) {
            auto folder = m_neighbours.bucketFolder(account, point.bucket_name(), point.bucket_path());
            if (!folder) {
                return fail(std::move(folder.error()));
            }
            spec->mounts.push_back({std::move(*folder), point.mount_dir()});
        }
        auto route = std::make_shared<Route>();
        route->spec = std::move(spec);
        route->codeChecksum = stored.function().code_checksum();
        if (stored.has_reserved_concurrency()) {
            route->reservedConcurrency = stored.reserved_concurrency();
        }
        return std::shared_ptr<const Route>(std::move(route));
    }

    Task<Result<std::pair<api::StoredFunction, Revision>>> read(std::string account, std::string name) {
        auto resource = co_await m_store.get(keyOf(account, name));
        if (!resource) {
            co_return fail(translate(std::move(resource.error()), name));
        }
        auto stored = parseStored(*resource);
        if (!stored) {
            co_return fail(std::move(stored.error()));
        }
        std::pair found(std::move(*stored), resource->revision);
        co_return found;
    }

    Task<Result<VersionedFunction>> replace(std::string account, std::string name, api::StoredFunction stored,
                                            Revision expected) {
        auto revision = co_await m_store.update(keyOf(account, name), stored.SerializeAsString(), expected);
        if (!revision) {
            co_return fail(translate(std::move(revision.error()), name));
        }
        co_return publish(account, stored, *revision);
    }

    Result<VersionedFunction> publish(const std::string& account, const api::StoredFunction& stored,
                                      Revision revision) {
        auto route = compile(account, stored, revision);
        if (!route) {
            return fail(std::move(route.error()));
        }
        auto next = std::make_shared<Snapshot>(*m_snapshot.load());
        next->accounts[account][stored.function().function_name()] = std::move(*route);
        m_snapshot.store(std::move(next));
        notify({account, false, stored.function()});
        return VersionedFunction{stored.function(), revision};
    }

    void notify(const Change& change) {
        std::vector<std::shared_ptr<std::function<void(const Change&)>>> listeners;
        {
            const std::lock_guard lock(m_listenersMutex);
            std::erase_if(m_listeners, [](const auto& weak) { return weak.expired(); });
            for (const auto& weak : m_listeners) {
                if (auto listener = weak.lock()) {
                    listeners.push_back(std::move(listener));
                }
            }
        }
        for (const auto& listener : listeners) {
            (*listener)(change);
        }
    }

    std::string m_region;
    store::ResourceStore& m_store;
    asio::thread_pool& m_disk;
    const Clock& m_clock;
    Neighbours m_neighbours;
    std::shared_ptr<CodeStore> m_code;
    // One change at a time: the order of commits is the order in which snapshots appear.
    AsyncMutex m_changes;
    Published<Snapshot> m_snapshot;
    std::mutex m_listenersMutex;
    std::list<std::weak_ptr<std::function<void(const Change&)>>> m_listeners;
};

}  // namespace

std::shared_ptr<const Route> Snapshot::find(std::string_view account, std::string_view function) const {
    const auto functions = accounts.find(account);
    if (functions == accounts.end()) {
        return nullptr;
    }
    const auto route = functions->second.find(function);
    return route == functions->second.end() ? nullptr : route->second;
}

Result<std::unique_ptr<Catalog>> makeCatalog(const CatalogOptions& options, store::ResourceStore& store,
                                             asio::thread_pool& disk, const Clock& clock, Neighbours neighbours) {
    auto catalog = std::make_unique<StoredCatalog>(options, store, disk, clock, std::move(neighbours));
    if (auto loaded = catalog->load(); !loaded) {
        return fail(std::move(loaded.error()));
    }
    return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace hanshu::catalog
