// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/source.h"

#include <charconv>

namespace hanshu::query {
namespace {

std::optional<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

Failure failAt(SourceRange where, std::string_view reason, ErrorParams params) {
    params.emplace_back("offset", std::to_string(where.offset));
    params.emplace_back("length", std::to_string(where.length));
    return fail(Code::InvalidArgument, std::string(reason), std::move(params));
}

Failure failAtLimit(SourceRange where, std::string_view reason, std::size_t limit) {
    return failAt(where, reason, {{"limit", std::to_string(limit)}});
}

std::optional<SourceRange> errorRange(const Error& error) {
    const auto offset = number(error.param("offset"));
    const auto length = number(error.param("length"));
    if (!offset || !length) {
        return std::nullopt;
    }
    return SourceRange{*offset, *length};
}

}  // namespace hanshu::query
