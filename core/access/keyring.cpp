// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/keyring.h"

#include "access/session_token.h"
#include "base/published.h"

#include <mutex>

namespace hanshu::access {
namespace {

// The documented life of a function's credentials (reference 3.2).
constexpr std::chrono::hours kLongestSession{36};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

using Keys = std::unordered_map<std::string, AccessKey, TextHash, std::equal_to<>>;

}  // namespace

struct Keyring::State {
    State(std::string secret, const Clock& time) : tokens(std::move(secret)), clock(time) {}

    SessionTokens tokens;
    const Clock& clock;
    std::mutex changing;  // writers alone take it
    Published<Keys> keys{std::make_shared<const Keys>()};

    template <class Change>
    void change(Change apply) {
        const std::lock_guard lock(changing);
        auto next = std::make_shared<Keys>(*keys.load());
        apply(*next);
        keys.store(std::move(next));
    }
};

Keyring::Keyring(std::string sessionSecret, const Clock& clock)
    : m_state(std::make_unique<State>(std::move(sessionSecret), clock)) {}

Keyring::~Keyring() = default;

void Keyring::add(AccessKey key) {
    m_state->change([&](Keys& keys) {
        auto id = key.id;
        keys.insert_or_assign(std::move(id), std::move(key));
    });
}

void Keyring::remove(std::string_view id) {
    m_state->change([&](Keys& keys) { std::erase_if(keys, [id](const auto& entry) { return entry.first == id; }); });
}

Credentials Keyring::issue(std::string_view account, std::string_view role, std::string_view function,
                           std::chrono::seconds lifetime) const {
    const auto life = std::clamp<std::chrono::seconds>(lifetime, std::chrono::seconds{0}, kLongestSession);
    SessionClaims claims;
    claims.account = account;
    claims.role = role;
    claims.function = function;
    claims.expires = std::chrono::floor<std::chrono::seconds>(m_state->clock.now()) + life;
    Credentials credentials;
    credentials.securityToken = m_state->tokens.issue(claims);
    credentials.accessKeyId = m_state->tokens.accessKeyIdOf(credentials.securityToken);
    credentials.accessKeySecret = m_state->tokens.secretOf(credentials.securityToken);
    credentials.expires = claims.expires;
    return credentials;
}

Result<Keyring::Identity> Keyring::find(std::string_view accessKeyId, std::string_view securityToken) const {
    if (!securityToken.empty()) {
        auto claims = m_state->tokens.verify(securityToken);
        if (!claims || m_state->tokens.accessKeyIdOf(securityToken) != accessKeyId) {
            return fail(Code::Unauthenticated, "InvalidSecurityToken");
        }
        if (m_state->clock.now() >= claims->expires) {
            return fail(Code::Unauthenticated, "SecurityTokenExpired");
        }
        Identity identity;
        identity.secret = m_state->tokens.secretOf(securityToken);
        identity.caller.kind = Caller::Kind::Role;
        identity.caller.account = std::move(claims->account);
        identity.caller.principal = std::move(claims->role);
        identity.caller.sessionFunction = std::move(claims->function);
        return identity;
    }
    const auto keys = m_state->keys.load();
    const auto key = keys->find(accessKeyId);
    if (key == keys->end()) {
        return fail(Code::Unauthenticated, "InvalidAccessKeyID", {{"accessKeyId", std::string(accessKeyId)}});
    }
    Identity identity;
    identity.secret = key->second.secret;
    identity.caller.kind = Caller::Kind::Owner;
    identity.caller.account = key->second.account;
    identity.caller.principal = "acs:ram::" + key->second.account + ":root";
    return identity;
}

}  // namespace hanshu::access
