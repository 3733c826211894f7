// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/resource_store.h"

#include "store/connection.h"
#include "store/database.h"

namespace hanshu::store {
namespace {

// Parts name and parent in the cursor of a list over every parent; neither may hold it (their grammars are printable).
constexpr char kCursorSeparator = '\x1f';
constexpr int kMaxPage = 1000;

int number(Kind kind) {
    return static_cast<int>(kind);
}

Failure withKey(Code code, std::string reason, const ResourceKey& key) {
    return fail(code, std::move(reason),
                {{"kind", std::to_string(number(key.kind))}, {"parent", key.parent}, {"name", key.name}});
}

// Checks that the resource is there, at the revision that the caller has read.
Result<Revision> presentRevision(Connection& connection, const ResourceKey& key, std::optional<Revision> expected) {
    const auto present =
        connection.queryInteger("SELECT revision FROM resources WHERE account=?1 AND kind=?2 AND parent=?3 AND name=?4",
                                {key.account, number(key.kind), key.parent, key.name});
    if (!present) {
        return fail(present.error());
    }
    if (!*present) {
        return withKey(Code::NotFound, "ResourceNotFound", key);
    }
    if (expected && expected->value != **present) {
        return withKey(Code::FailedPrecondition, "PreconditionFailed", key);
    }
    return Revision{**present};
}

Result<Revision> create(Connection& connection, const ResourceKey& key, const std::string& bytes) {
    const auto removed = connection.queryInteger("SELECT value FROM removed_revision");
    HANSHU_TRY(removed);
    const Revision first{removed->value_or(0) + 1};
    auto inserted = connection.execute(
        "INSERT INTO resources (account, kind, parent, name, revision, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        {key.account, number(key.kind), key.parent, key.name, first.value, Blob{bytes}});
    if (inserted) {
        return first;
    }
    if (inserted.error().code == Code::AlreadyExists) {
        return withKey(Code::AlreadyExists, "ResourceAlreadyExists", key);
    }
    return fail(std::move(inserted.error()));
}

Result<Revision> update(Connection& connection, const ResourceKey& key, const std::string& bytes,
                        std::optional<Revision> expected) {
    auto present = presentRevision(connection, key, expected);
    if (!present) {
        return present;
    }
    const Revision next{present->value + 1};
    HANSHU_TRY(connection.execute(
        "UPDATE resources SET revision=?5, bytes=?6 WHERE account=?1 AND kind=?2 AND parent=?3 AND name=?4",
        {key.account, number(key.kind), key.parent, key.name, next.value, Blob{bytes}}));
    return next;
}

Result<void> remove(Connection& connection, const ResourceKey& key, std::optional<Revision> expected) {
    const auto present = presentRevision(connection, key, expected);
    HANSHU_TRY(present);
    HANSHU_TRY(connection.execute("UPDATE removed_revision SET value=max(value, ?1)", {present->value}));
    HANSHU_TRY(connection.execute("DELETE FROM resources WHERE account=?1 AND kind=?2 AND parent=?3 AND name=?4",
                                  {key.account, number(key.kind), key.parent, key.name}));
    return {};
}

Result<Resource> get(Connection& connection, const ResourceKey& key) {
    auto rows =
        connection.query("SELECT revision, bytes FROM resources WHERE account=?1 AND kind=?2 AND parent=?3 AND name=?4",
                         {key.account, number(key.kind), key.parent, key.name});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    const auto found = rows->next();
    if (!found) {
        return fail(found.error());
    }
    if (!*found) {
        return withKey(Code::NotFound, "ResourceNotFound", key);
    }
    return Resource{key, Revision{rows->integer(0)}, std::string(rows->bytes(1))};
}

struct ListQuery {
    std::string account;
    Kind kind;
    std::optional<std::string> parent;
    ListOptions options;
};

Result<Rows> rowsFrom(Connection& connection, const ListQuery& query) {
    std::string_view name = query.options.startAt;
    std::string_view parent;
    if (const auto cut = name.find(kCursorSeparator); cut != std::string_view::npos) {
        parent = name.substr(cut + 1);
        name = name.substr(0, cut);
    }
    const std::string_view from = std::max(name, std::string_view(query.options.prefix));
    const int limit = query.options.limit + 1;
    if (query.parent) {
        return connection.query(
            "SELECT parent, name, revision, bytes FROM resources "
            "WHERE account=?1 AND kind=?2 AND parent=?3 AND name>=?4 ORDER BY name LIMIT ?5",
            {query.account, number(query.kind), *query.parent, from, limit});
    }
    return connection.query(
        "SELECT parent, name, revision, bytes FROM resources "
        "WHERE account=?1 AND kind=?2 AND (name, parent) >= (?3, ?4) ORDER BY name, parent LIMIT ?5",
        {query.account, number(query.kind), from, parent, limit});
}

Result<ResourcePage> list(Connection& connection, const ListQuery& query) {
    auto rows = rowsFrom(connection, query);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    ResourcePage page;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        // By name, so the first without the prefix ends it.
        if (!*more || !rows->text(1).starts_with(query.options.prefix)) {
            return page;
        }
        if (page.resources.size() == static_cast<std::size_t>(query.options.limit)) {
            page.next = std::string(rows->text(1));
            if (!query.parent) {
                page.next += kCursorSeparator;
                page.next += rows->text(0);
            }
            return page;
        }
        page.resources.push_back({{query.account, query.kind, std::string(rows->text(0)), std::string(rows->text(1))},
                                  Revision{rows->integer(2)},
                                  std::string(rows->bytes(3))});
    }
}

Result<std::vector<Resource>> loadAll(Connection& connection, Kind kind) {
    auto rows = connection.query(
        "SELECT account, parent, name, revision, bytes FROM resources WHERE kind=?1 ORDER BY account, parent, name",
        {number(kind)});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<Resource> all;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return all;
        }
        all.push_back({{std::string(rows->text(0)), kind, std::string(rows->text(1)), std::string(rows->text(2))},
                       Revision{rows->integer(3)},
                       std::string(rows->bytes(4))});
    }
}

class SqliteResourceStore final : public ResourceStore {
public:
    explicit SqliteResourceStore(Database& database) : m_database(database) {}

    [[nodiscard]] Task<Result<Revision>> create(ResourceKey key, std::string bytes) override {
        return m_database.writeFor<Revision>([key = std::move(key), bytes = std::move(bytes)](Connection& connection) {
            return store::create(connection, key, bytes);
        });
    }

    [[nodiscard]] Task<Result<Revision>> update(ResourceKey key, std::string bytes,
                                                std::optional<Revision> expected) override {
        return m_database.writeFor<Revision>(
            [key = std::move(key), bytes = std::move(bytes), expected](Connection& connection) {
                return store::update(connection, key, bytes, expected);
            });
    }

    [[nodiscard]] Task<Result<void>> remove(ResourceKey key, std::optional<Revision> expected) override {
        return m_database.write([key = std::move(key), expected](Connection& connection) {
            return store::remove(connection, key, expected);
        });
    }

    [[nodiscard]] Task<Result<Resource>> get(ResourceKey key) override {
        return m_database.read<Resource>(
            [key = std::move(key)](Connection& connection) { return store::get(connection, key); });
    }

    [[nodiscard]] Task<Result<ResourcePage>> list(std::string account, Kind kind, std::optional<std::string> parent,
                                                  ListOptions options) override {
        if (options.limit < 1 || options.limit > kMaxPage) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"field", "limit"}, {"value", std::to_string(options.limit)}});
        }
        ListQuery query{std::move(account), kind, std::move(parent), std::move(options)};
        auto work = [query = std::move(query)](Connection& connection) { return store::list(connection, query); };
        co_return co_await m_database.read<ResourcePage>(std::move(work));
    }

    [[nodiscard]] Result<std::vector<Resource>> loadAll(Kind kind) override {
        return m_database.readAndWait<std::vector<Resource>>(
            [kind](Connection& connection) { return store::loadAll(connection, kind); });
    }

private:
    Database& m_database;
};

}  // namespace

std::unique_ptr<ResourceStore> makeSqliteResourceStore(Database& database) {
    return std::make_unique<SqliteResourceStore>(database);
}

}  // namespace hanshu::store
