// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/user_metadata.h"

#include "base/encoding.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace hanshu::objects {
namespace {

constexpr std::size_t kMaxMetadata = 2048;     // S3's limit of all x-amz-meta-* names and values
constexpr std::size_t kMaxContentType = 1024;  // an answer's head must stay far below the 8 KB that clients take

constexpr std::array<std::string_view, 5> kKeptHeaders{"cache-control", "content-disposition", "content-encoding",
                                                       "content-language", "expires"};

// RFC 9110, 5.6.2.
bool isToken(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

Failure refused(std::string_view argument, std::string_view field, std::string_view problem) {
    return fail(Code::InvalidArgument, "InvalidArgument",
                {{"argument", std::string(argument)},
                 {"field", std::string(field)},
                 {"message", fmt::format("{} {}", field, problem)}});
}

}  // namespace

bool isHeaderValue(std::string_view value) noexcept {
    return isUtf8(value) && std::ranges::all_of(value, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return c == '\t' || (byte >= 0x20 && byte != 0x7f);
           });
}

bool isKeptHeader(std::string_view name) noexcept {
    return name.starts_with("x-amz-") || std::ranges::find(kKeptHeaders, name) != kKeptHeaders.end();
}

Result<Metadata> keptMetadata(const Metadata& named) {
    Metadata kept;
    for (const auto& [name, value] : named) {
        if (!isToken(name)) {
            return refused(kMetaPrefix, "metadata", "must have names of letters, digits and - . _, as headers have");
        }
        if (!kept.emplace(std::string(kMetaPrefix) + lower(name), value).second) {
            return refused(name, "metadata." + name, "is given twice: case makes no difference");
        }
    }
    return kept;
}

Metadata namedMetadata(const Metadata& kept) {
    Metadata named;
    for (const auto& [name, value] : kept) {
        if (name.starts_with(kMetaPrefix)) {
            named.emplace(name.substr(kMetaPrefix.size()), value);
        }
    }
    return named;
}

Result<void> checkKept(const Metadata& kept, std::string_view contentType) {
    if (!isHeaderValue(contentType) || contentType.size() > kMaxContentType) {
        return refused("content-type", "contentType",
                       "must be UTF-8 without control characters, and have at most 1024 bytes");
    }
    std::size_t bytes = 0;
    for (const auto& [name, value] : kept) {
        const bool isUsers = name.starts_with(kMetaPrefix);
        const auto plain = isUsers ? name.substr(kMetaPrefix.size()) : name;
        if (!isHeaderValue(value)) {
            return refused(name, "metadata." + plain, "must be UTF-8 without control characters such as line ends");
        }
        bytes += isUsers ? plain.size() + value.size() : 0;
    }
    if (bytes > kMaxMetadata) {
        return fail(Code::InvalidArgument, "MetadataTooLarge",
                    {{"limit", std::to_string(kMaxMetadata)}, {"size", std::to_string(bytes)}});
    }
    return {};
}

}  // namespace hanshu::objects
