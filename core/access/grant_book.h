// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The grants of all accounts: kept in the store, compiled into the policy. Any io thread.
#pragma once

#include "access/policy.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "grant.pb.h"
#include "store/resource_store.h"

#include <memory>
#include <string>

namespace hanshu::access {

class GrantBook {
public:
    GrantBook(store::ResourceStore& store, Policy& policy, const Clock& clock);
    ~GrantBook();
    // Loads every grant; blocks, for start-up.
    [[nodiscard]] Result<void> load();
    // Creates or replaces. InvalidArgument.
    [[nodiscard]] Task<Result<api::Grant>> put(std::string account, api::Grant grant);
    [[nodiscard]] Task<Result<api::Grant>> get(std::string account, std::string name);  // GrantNotFound
    [[nodiscard]] Task<Result<void>> remove(std::string account, std::string name);     // GrantNotFound
    [[nodiscard]] Task<Result<api::ListGrantsOutput>> list(std::string account, store::ListOptions options);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::access
