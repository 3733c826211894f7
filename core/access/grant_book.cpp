// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/grant_book.h"

#include "api/validate.h"
#include "base/async_mutex.h"
#include "base/time_format.h"

#include <mutex>

namespace hanshu::access {
namespace {

store::ResourceKey keyOf(const std::string& account, const std::string& name) {
    return {account, store::Kind::Grant, {}, name};
}

Result<api::Grant> parse(const store::Resource& resource) {
    api::Grant grant;
    if (!grant.ParseFromString(resource.bytes)) {
        return internalError(fmt::format("grant {} of {} can't be read", resource.key.name, resource.key.account));
    }
    return grant;
}

Failure asGrantError(Error error, const std::string& name) {
    if (error.reason == "ResourceNotFound") {
        return fail(Code::NotFound, "GrantNotFound", {{"grant", name}});
    }
    return fail(std::move(error));
}

}  // namespace

struct GrantBook::State {
    store::ResourceStore& store;
    Policy& policy;
    const Clock& clock;
    // One change at a time, so that the policy and the store agree on which came last.
    AsyncMutex changing;
    std::mutex guard;
    std::map<std::string, std::map<std::string, api::Grant>> accounts;

    // Runs `change` on the account's grants and publishes what they are then.
    template <class Change>
    void publish(const std::string& account, Change change) {
        const std::lock_guard lock(guard);
        auto& grants = accounts[account];
        change(grants);
        std::vector<api::Grant> list;
        list.reserve(grants.size());
        for (const auto& [name, grant] : grants) {
            list.push_back(grant);
        }
        policy.setGrants(account, list);
    }
};

GrantBook::GrantBook(store::ResourceStore& store, Policy& policy, const Clock& clock)
    : m_state(std::make_unique<State>(store, policy, clock)) {}

GrantBook::~GrantBook() = default;

Result<void> GrantBook::load() {
    auto resources = m_state->store.loadAll(store::Kind::Grant);
    if (!resources) {
        return fail(std::move(resources.error()));
    }
    std::map<std::string, std::map<std::string, api::Grant>> loaded;
    for (const auto& resource : *resources) {
        auto grant = parse(resource);
        if (!grant) {
            return fail(std::move(grant.error()));
        }
        loaded[resource.key.account][resource.key.name] = std::move(*grant);
    }
    for (auto& [account, grants] : loaded) {
        m_state->publish(account, [&grants](auto& present) { present = std::move(grants); });
    }
    return {};
}

Task<Result<api::Grant>> GrantBook::put(std::string account, api::Grant grant) {
    HANSHU_CO_TRY(api::validateGrant(grant));
    const auto held = co_await m_state->changing.lock();
    const auto key = keyOf(account, grant.grant_name());
    const auto now = formatRfc3339(m_state->clock.now());
    grant.set_created_time(now);
    grant.set_last_modified_time(now);
    auto present = co_await m_state->store.get(key);
    if (!present && present.error().reason != "ResourceNotFound") {
        co_return fail(std::move(present.error()));
    }
    if (present) {
        auto before = parse(*present);
        if (before) {
            grant.set_created_time(before->created_time());
        }
        auto updated = co_await m_state->store.update(key, grant.SerializeAsString(), present->revision);
        if (!updated) {
            co_return fail(std::move(updated.error()));
        }
    } else {
        auto created = co_await m_state->store.create(key, grant.SerializeAsString());
        if (!created) {
            co_return fail(std::move(created.error()));
        }
    }
    m_state->publish(account, [&grant](auto& grants) { grants[grant.grant_name()] = grant; });
    co_return grant;
}

Task<Result<api::Grant>> GrantBook::get(std::string account, std::string name) {
    auto resource = co_await m_state->store.get(keyOf(account, name));
    if (!resource) {
        co_return asGrantError(std::move(resource.error()), name);
    }
    co_return parse(*resource);
}

Task<Result<void>> GrantBook::remove(std::string account, std::string name) {
    const auto held = co_await m_state->changing.lock();
    auto removed = co_await m_state->store.remove(keyOf(account, name), std::nullopt);
    if (!removed) {
        co_return asGrantError(std::move(removed.error()), name);
    }
    m_state->publish(account, [&name](auto& grants) { grants.erase(name); });
    co_return Result<void>{};
}

Task<Result<api::ListGrantsOutput>> GrantBook::list(std::string account, store::ListOptions options) {
    auto page = co_await m_state->store.list(std::move(account), store::Kind::Grant, std::string{}, options);
    if (!page) {
        co_return fail(std::move(page.error()));
    }
    api::ListGrantsOutput output;
    for (const auto& resource : page->resources) {
        auto grant = parse(resource);
        if (!grant) {
            co_return fail(std::move(grant.error()));
        }
        *output.add_grants() = std::move(*grant);
    }
    if (!page->next.empty()) {
        output.set_next_token(page->next);
    }
    co_return output;
}

}  // namespace hanshu::access
