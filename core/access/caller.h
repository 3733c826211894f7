// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who asks for something. A value; any thread.
#pragma once

#include <string>

namespace hanshu::access {

struct Caller {
    enum class Kind {
        Owner,      // the account's own access key, or its own socket: may do everything in the account
        Role,       // temporary credentials of a role: may do what grants to the role allow
        Source,     // a trigger's source: may do what grants to it allow
        Anonymous,  // an HTTP trigger with authType anonymous
    };
    Kind kind = Kind::Anonymous;
    std::string account;
    std::string principal;        // ARN: acs:ram::{account}:root, acs:ram::{account}:role/{name}, a source's ARN
    std::string sessionFunction;  // of a Role: the function whose instance the credentials were made for
};

}  // namespace hanshu::access
