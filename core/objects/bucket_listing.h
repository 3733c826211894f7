// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One page of a bucket's keys, rolled up at a delimiter as S3 does. On a reader's connection.
#pragma once

#include "objects/object_store.h"

namespace hanshu::objects {

// Jumps over what is rolled up: its cost grows with the page, not with the bucket.
[[nodiscard]] Result<Listing> listObjects(store::Connection& connection, std::int64_t bucket, const ListQuery& query);

// What `key` is rolled up to below `prefix`; empty when it stands for itself.
[[nodiscard]] std::string_view commonPrefix(std::string_view key, std::string_view prefix,
                                            std::string_view delimiter) noexcept;

}  // namespace hanshu::objects
