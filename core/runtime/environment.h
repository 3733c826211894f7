// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The environment of a function's process, as documented in the reference, 3.1 and 3.5. Any thread.
#pragma once

#include "access/keyring.h"
#include "catalog/function_spec.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanshu::runtime {

using Environment = std::vector<std::pair<std::string, std::string>>;

// How disableInjectCredentials limits who sees the credentials of the role.
struct CredentialPlaces {
    bool environment = true;
    bool request = true;  // the context object, or the headers of a custom runtime
};
[[nodiscard]] CredentialPlaces credentialPlaces(const api::Function& function);

// Before anybody knows for which function.
[[nodiscard]] Environment launchEnvironment();

// Without credentials. A variable of the owner wins over the platform's, but never over FC_*.
[[nodiscard]] Environment pythonEnvironment(const catalog::FunctionSpec& spec, std::string_view instanceId);
[[nodiscard]] Environment customEnvironment(const catalog::FunctionSpec& spec, std::string_view instanceId);

// Adds the credentials under the names that SDKs of Aliyun and AWS read, but never over a variable of the owner.
void addCredentials(Environment& environment, const access::Credentials& credentials);

[[nodiscard]] int customPort(const api::Function& function);

}  // namespace hanshu::runtime
