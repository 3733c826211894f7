// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a caller may do, and why: grants compiled into an immutable snapshot. Any thread.
#pragma once

#include "access/caller.h"
#include "base/async.h"
#include "base/result.h"
#include "grant.pb.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::access {

// One question: may `caller` do `action` on `resource`? `context` holds condition keys, for instance oss:Prefix.
struct Question {
    const Caller& caller;
    std::string_view action;    // fc:InvokeFunction, oss:GetObject
    std::string_view resource;  // ARN
    std::map<std::string, std::string, std::less<>> context;
};

struct Decision {
    bool allowed = false;
    std::string reason;     // ExplicitDeny | ImplicitDeny | Allowed | Owner
    std::string grantName;  // the deciding one
    int statementIndex = -1;
};

class Policy {
public:
    Policy();
    ~Policy();
    // Replaces the grants of an account; the next question sees them.
    void setGrants(const std::string& account, const std::vector<api::Grant>& grants);

    // RAM's rule: any matching Deny denies, else any matching Allow allows, else no. An Owner may do everything in its
    // own account and nothing in another.
    [[nodiscard]] Decision decide(const Question& question) const;
    // The same as an error: PermissionDenied `AccessDenied` with parameters principal, action, resource, decision and,
    // of an explicit denial, grant.
    [[nodiscard]] Result<void> check(const Question& question) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// `*` is any run of characters, `?` any one character of UTF-8. Linear in the product of the lengths at worst, never
// exponential.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view text) noexcept;

}  // namespace hanshu::access
