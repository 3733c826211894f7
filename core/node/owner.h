// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The account that the first start makes: its id, key pair and limit, in the store and, for its owner, in
// STATE/credentials.toml (mode 0600). Blocks; start-up only.
#pragma once

#include "base/io_pool.h"
#include "base/result.h"
#include "node/node.h"
#include "store/resource_store.h"

#include <filesystem>
#include <string>

namespace hanshu::node {

struct Owner {
    OwnerCredentials credentials;
    int concurrencyLimit = 0;
    std::string sessionSecret;  // 32 bytes; see access::Keyring
};

[[nodiscard]] Result<Owner> loadOrCreateOwner(store::ResourceStore& store, IoPool& io,
                                              const std::filesystem::path& stateDirectory);

// Durable before it returns.
[[nodiscard]] Task<Result<void>> storeConcurrencyLimit(store::ResourceStore& store, std::string account, int limit);

}  // namespace hanshu::node
