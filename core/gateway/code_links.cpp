// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/code_links.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/ids.h"

#include <fmt/format.h>
#include <cstdlib>

namespace hanshu::gateway {
namespace {

// Long enough for a slow download to begin, short enough for a link that was left in a log.
constexpr std::chrono::minutes kLifetime{10};

}  // namespace

CodeLinks::CodeLinks() : m_secret(randomHex(32)) {}

std::string CodeLinks::issue(const Target& target, SystemTime now) const {
    const auto ends = std::chrono::duration_cast<std::chrono::seconds>((now + kLifetime).time_since_epoch()).count();
    const auto claim = toHex(fmt::format("{}\n{}\n{}\n{}", ends, target.account, target.function, target.checksum));
    return claim + "." + toHex(hmacSha256(m_secret, claim));
}

Result<CodeLinks::Target> CodeLinks::open(std::string_view token, SystemTime now) const {
    const auto dot = token.find('.');
    const auto claim = token.substr(0, dot);
    const auto proof = dot == std::string_view::npos ? std::string_view{} : token.substr(dot + 1);
    if (!equalInConstantTime(proof, toHex(hmacSha256(m_secret, claim)))) {
        return fail(Code::PermissionDenied, "AccessDenied", {{"message", "the download link is not valid"}});
    }
    std::vector<std::string> parts;
    std::string_view rest;
    const auto text = fromHex(claim).value_or(std::string{});
    for (rest = text; parts.size() < 3;) {
        const auto end = rest.find('\n');
        parts.emplace_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    if (SystemTime{std::chrono::seconds{std::strtoll(parts[0].c_str(), nullptr, 10)}} < now) {
        return fail(Code::PermissionDenied, "AccessDenied",
                    {{"message", "the download link has expired; ask for a new one"}});
    }
    return Target{parts[1], parts[2], std::string(rest)};
}

}  // namespace hanshu::gateway
