// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Access keys of accounts, and temporary credentials of roles. Lookups are by value from an immutable snapshot; any
// thread.
#pragma once

#include "access/caller.h"
#include "base/clock.h"
#include "base/result.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hanshu::access {

struct AccessKey {
    std::string id;
    std::string secret;
    std::string account;
};

// What a function finds in its environment and context. `token` is empty for an account's own key.
struct Credentials {
    std::string accessKeyId;  // STS.…
    std::string accessKeySecret;
    std::string securityToken;
    SystemTime expires;
};

class Keyring {
public:
    // `sessionSecret`: 32 random bytes that only this installation knows. Temporary credentials are not stored: id and
    // secret are derived from the token, which carries its claims and an HMAC over them.
    Keyring(std::string sessionSecret, const Clock& clock);
    ~Keyring();

    void add(AccessKey key);
    void remove(std::string_view id);

    // Credentials of `role` (an ARN) for instances of `function`, valid for `lifetime` (at most 36 h, as documented).
    [[nodiscard]] Credentials issue(std::string_view account, std::string_view role, std::string_view function,
                                    std::chrono::seconds lifetime) const;

    struct Identity {
        std::string secret;  // to check the signature with
        Caller caller;
    };
    // Errors: InvalidAccessKeyID (parameter accessKeyId), InvalidSecurityToken, SecurityTokenExpired.
    [[nodiscard]] Result<Identity> find(std::string_view accessKeyId, std::string_view securityToken) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::access
