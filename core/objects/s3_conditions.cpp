// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_conditions.h"

#include "base/time_format.h"
#include "objects/s3_error.h"

#include <charconv>

namespace hanshu::objects {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    while (text.starts_with(' ') || text.starts_with('\t')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ') || text.ends_with('\t')) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// HTTP's times have whole seconds: a time that was sent once must compare equal to what it was made of. What is no time
// is no condition (RFC 7232, 3.3).
std::optional<bool> modifiedAfter(std::string_view date, const ObjectMeta& meta) {
    const auto time = parseHttpDate(date);
    if (!time) {
        return std::nullopt;
    }
    return std::chrono::floor<std::chrono::seconds>(meta.modified) > *time;
}

}  // namespace

std::string_view bareEtag(std::string_view etag) noexcept {
    etag = trimmed(etag);
    if (etag.starts_with("W/")) {
        etag.remove_prefix(2);
    }
    if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) {
        etag = etag.substr(1, etag.size() - 2);
    }
    return etag;
}

bool matchesEtag(std::string_view list, std::string_view etag) noexcept {
    for (;;) {
        const auto comma = list.find(',');
        const auto one = trimmed(list.substr(0, comma));
        if (one == "*" || bareEtag(one) == etag) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        list.remove_prefix(comma + 1);
    }
}

Result<void> checkConditions(const http::Headers& headers, std::string_view prefix, const ObjectMeta& meta) {
    const auto get = [&](std::string_view name) { return headers.get(fmt::format("{}{}", prefix, name)); };
    const auto has = [&](std::string_view name) { return headers.has(fmt::format("{}{}", prefix, name)); };
    const auto failed = [](std::string_view condition) {
        return fail(Code::FailedPrecondition, "PreconditionFailed", {{"condition", std::string(condition)}});
    };
    const auto notModified = [&](std::string_view condition) {
        return prefix.empty() ? s3Fail("NotModified") : failed(condition);
    };
    if (has("if-match")) {
        if (!matchesEtag(get("if-match"), meta.etag)) {
            return failed("If-Match");
        }
    } else if (has("if-unmodified-since") && modifiedAfter(get("if-unmodified-since"), meta).value_or(false)) {
        return failed("If-Unmodified-Since");
    }
    if (has("if-none-match")) {
        if (matchesEtag(get("if-none-match"), meta.etag)) {
            return notModified("If-None-Match");
        }
    } else if (has("if-modified-since") && !modifiedAfter(get("if-modified-since"), meta).value_or(true)) {
        return notModified("If-Modified-Since");
    }
    return {};
}

Result<std::optional<ByteRange>> requestedRange(std::string_view header, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    const auto whole = std::optional<ByteRange>{};
    if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) {
        return whole;
    }
    const auto text = trimmed(header.substr(kUnit.size()));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        return whole;
    }
    const auto first = number(text.substr(0, dash));
    const auto last = number(text.substr(dash + 1));
    const auto outside = [&] { return s3Fail("InvalidRange", {{"actualSize", std::to_string(size)}}); };
    if (dash == 0) {
        if (!last) {
            return whole;
        }
        const auto length = std::min(*last, size);
        return length == 0 ? Result<std::optional<ByteRange>>(outside()) : ByteRange{size - length, length};
    }
    if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first)) {
        return whole;
    }
    if (*first >= size) {
        return outside();
    }
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return ByteRange{*first, end - *first + 1};
}

}  // namespace hanshu::objects
