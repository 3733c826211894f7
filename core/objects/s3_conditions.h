// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Conditional requests and ranges, by RFC 7232 and 7233 as S3 reads them. Pure; any thread.
#pragma once

#include "base/http.h"
#include "base/result.h"
#include "objects/object_store.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace hanshu::objects {

// Whether one of the list's entity tags, or `*`, is this one. Weak marks and missing quotes are overlooked.
[[nodiscard]] bool matchesEtag(std::string_view list, std::string_view etag) noexcept;
// Without quotes and the weak mark.
[[nodiscard]] std::string_view bareEtag(std::string_view etag) noexcept;

// The four conditions of a read: PreconditionFailed or NotModified where the object is not to be sent. `prefix` is
// empty, or x-amz-copy-source- for those of a copy's source, where both outcomes are PreconditionFailed.
[[nodiscard]] Result<void> checkConditions(const http::Headers& headers, std::string_view prefix,
                                           const ObjectMeta& meta);

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

// The part that is asked for: none for the whole, which is also the answer to what is malformed and to several ranges.
// InvalidRange when nothing of the object lies in it.
[[nodiscard]] Result<std::optional<ByteRange>> requestedRange(std::string_view header, std::uint64_t size);

}  // namespace hanshu::objects
