// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Links to code packages that need no signature and end after a while. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu::gateway {

class CodeLinks {
public:
    // What a link stands for; `checksum` is that of the package, so that a link never serves another one.
    struct Target {
        std::string account;
        std::string function;
        std::string checksum;
    };
    // The links of one process are of no use to another.
    CodeLinks();
    [[nodiscard]] std::string issue(const Target& target, SystemTime now) const;
    // PermissionDenied AccessDenied for a token that is forged or too old.
    [[nodiscard]] Result<Target> open(std::string_view token, SystemTime now) const;

private:
    std::string m_secret;
};

}  // namespace hanshu::gateway
