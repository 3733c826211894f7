// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a caller may keep beside an object's bytes, and what of it goes out as headers again. Any thread.
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace hanshu::objects {

inline constexpr std::string_view kMetaPrefix = "x-amz-meta-";

using Metadata = std::map<std::string, std::string>;

// Whether it may stand in a header: UTF-8 without control characters.
[[nodiscard]] bool isHeaderValue(std::string_view value) noexcept;

// Whether what is kept under this name is a header of the object's answers: x-amz-*, and cache-control and the like.
[[nodiscard]] bool isKeptHeader(std::string_view name) noexcept;

// User metadata by its plain names, as it is kept: lower case, behind x-amz-meta-. InvalidArgument (parameters field,
// argument, message) for a name that is no token or comes twice, and for a value that is none of a header.
[[nodiscard]] Result<Metadata> keptMetadata(const Metadata& named);
// And back; what is no user metadata is left out.
[[nodiscard]] Metadata namedMetadata(const Metadata& kept);

// What `kept` and a content type must be to be stored: InvalidArgument as above; MetadataTooLarge (limit, size) where
// the user's names and values have more than 2 KB together.
[[nodiscard]] Result<void> checkKept(const Metadata& kept, std::string_view contentType);

}  // namespace hanshu::objects
