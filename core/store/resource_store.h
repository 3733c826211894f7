// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where resources are kept: the port, and its SQLite implementation. A resource is the serialized message of the schema
// with the few columns that queries need. Any thread.
#pragma once

#include "base/async.h"
#include "base/ids.h"
#include "base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::store {

class Database;

enum class Kind : int {
    Account = 1,
    AccessKey = 2,
    Function = 3,
    Trigger = 4,  // parent: the function's name
    Grant = 5,
    Setting = 6,
};

struct ResourceKey {
    std::string account;
    Kind kind;
    std::string parent;  // empty where the kind has none
    std::string name;
};

struct Resource {
    ResourceKey key;
    Revision revision;
    std::string bytes;
};

struct ListOptions {
    std::string prefix{};
    std::string startAt{};  // first name that may be returned; a page's `next` continues it
    int limit = 20;
};

struct ResourcePage {
    std::vector<Resource> resources;  // by name, ascending
    std::string next;                 // empty: that was all
};

// A resource that is made anew where one was removed gets a higher revision than that one ever had.
//
// Errors: NotFound `ResourceNotFound`, AlreadyExists `ResourceAlreadyExists`, FailedPrecondition `PreconditionFailed`
// when `expected` is not the present revision. Each call that changes is durable when it returns.
class ResourceStore {
public:
    virtual ~ResourceStore() = default;
    [[nodiscard]] virtual Task<Result<Revision>> create(ResourceKey key, std::string bytes) = 0;
    [[nodiscard]] virtual Task<Result<Revision>> update(ResourceKey key, std::string bytes,
                                                        std::optional<Revision> expected) = 0;
    [[nodiscard]] virtual Task<Result<void>> remove(ResourceKey key, std::optional<Revision> expected) = 0;
    [[nodiscard]] virtual Task<Result<Resource>> get(ResourceKey key) = 0;
    // `parent` null: of every parent.
    [[nodiscard]] virtual Task<Result<ResourcePage>> list(std::string account, Kind kind,
                                                          std::optional<std::string> parent, ListOptions options) = 0;
    // Every resource of a kind in every account; blocks, for start-up.
    [[nodiscard]] virtual Result<std::vector<Resource>> loadAll(Kind kind) = 0;
};

[[nodiscard]] std::unique_ptr<ResourceStore> makeSqliteResourceStore(Database& database);

}  // namespace hanshu::store
