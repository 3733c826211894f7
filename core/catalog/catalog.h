// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Functions and their code packages; publishes the routing snapshot. Any io thread; `snapshot` any thread.
#pragma once

#include "api/json.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalog/function_spec.h"
#include "catalog/package_upload.h"
#include "function.pb.h"
#include "store/resource_store.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hanshu::catalog {

// The package that comes with an input, decoded: none, its bytes, or a file that it was written to.
using Package = std::variant<std::monostate, std::string, std::unique_ptr<PackageUpload>>;

// A route is what a call needs of a function. Compiled once per change, immutable.
struct Route {
    std::shared_ptr<const FunctionSpec> spec;
    std::optional<int> reservedConcurrency;
    std::string codeChecksum;
};

// All functions of all accounts at one moment.
class Snapshot {
public:
    // Null when there is none. `qualifier` is empty or LATEST: versions come later.
    [[nodiscard]] std::shared_ptr<const Route> find(std::string_view account, std::string_view function) const;

    std::map<std::string, std::map<std::string, std::shared_ptr<const Route>, std::less<>>, std::less<>> accounts;
};

struct VersionedFunction {
    api::Function function;
    Revision revision;
};

// One change, for streams. `function.function_name` alone is set where it was deleted.
struct Change {
    std::string account;
    bool deleted = false;
    api::Function function;
};

class Catalog {
public:
    virtual ~Catalog() = default;

    // A package that comes in pieces. Any thread; may block for a moment.
    [[nodiscard]] virtual Result<std::unique_ptr<PackageUpload>> upload() = 0;
    // Errors: FunctionAlreadyExists, InvalidArgument (every violation of the input; every defect of the package).
    [[nodiscard]] virtual Task<Result<VersionedFunction>> create(std::string account, api::CreateFunctionInput input,
                                                                 Package package) = 0;
    // FunctionNotFound, PreconditionFailed, InvalidArgument.
    [[nodiscard]] virtual Task<Result<VersionedFunction>> update(std::string account, std::string name,
                                                                 api::UpdateFunctionInput input,
                                                                 std::optional<api::Presence> presence, Package package,
                                                                 std::optional<Revision> expected) = 0;
    [[nodiscard]] virtual Task<Result<VersionedFunction>> get(std::string account, std::string name) = 0;
    [[nodiscard]] virtual Task<Result<api::ListFunctionsOutput>> list(std::string account, store::ListOptions options,
                                                                      api::FunctionFilter filter) = 0;
    // FunctionNotFound, FunctionNotEmpty while it has triggers, PreconditionFailed.
    [[nodiscard]] virtual Task<Result<void>> remove(std::string account, std::string name,
                                                    std::optional<Revision> expected) = 0;
    // Null clears. Range 1-10000.
    [[nodiscard]] virtual Task<Result<void>> setReservedConcurrency(std::string account, std::string name,
                                                                    std::optional<int> value) = 0;
    // A reason: calls are refused with FunctionDisabled from now on. None: they are served again.
    [[nodiscard]] virtual Task<Result<VersionedFunction>> setDisabled(std::string account, std::string name,
                                                                      std::optional<std::string> reason) = 0;
    // The package as a file of the host, to be read by the daemon.
    [[nodiscard]] virtual Task<Result<std::filesystem::path>> packageFile(std::string account, std::string name) = 0;

    [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const noexcept = 0;

    // Called after each change, in order, on some io thread. The subscription ends with the returned handle.
    [[nodiscard]] virtual std::shared_ptr<void> watch(std::function<void(const Change&)> listener) = 0;
};

// What the catalog asks of other rooms.
struct Neighbours {
    std::function<bool(const std::string& account, const std::string& function)> hasTriggers;
    // The folder of the host behind a bucket path that is to be mounted.
    std::function<Result<std::string>(const std::string& account, const std::string& bucket, const std::string& path)>
        bucketFolder;
    // A package that lies in a bucket, at most `limit` bytes of it.
    std::function<Task<Result<std::string>>(std::string account, std::string bucket, std::string key,
                                            std::uint64_t limit)>
        readObject;
};

struct CatalogOptions {
    std::filesystem::path stateDirectory;  // packages/ and code/ below it are the catalog's
    std::string region;
};

// Loads every function and removes code that none of them uses; blocks. `disk` must outlive the catalog.
[[nodiscard]] Result<std::unique_ptr<Catalog>> makeCatalog(const CatalogOptions& options, store::ResourceStore& store,
                                                           asio::thread_pool& disk, const Clock& clock,
                                                           Neighbours neighbours);

}  // namespace hanshu::catalog
