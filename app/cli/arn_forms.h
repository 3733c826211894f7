// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The short names that the command line takes for principals and resources, as the ARNs that they stand for. A text
// that is an ARN already, or `*`, stays as it is. Any thread.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu::cli {

struct Home {
    std::string region;
    std::string account;
};

// bucket:NAME, role:NAME, trigger:FUNCTION/TRIGGER.
[[nodiscard]] Result<std::string> principalArn(std::string_view form, const Home& home);
// function:NAME, bucket:NAME, object:BUCKET/KEY (object:BUCKET for all its objects); * and ? are wildcards.
[[nodiscard]] Result<std::string> resourceArn(std::string_view form, const Home& home);
// NAME, role:NAME or an ARN.
[[nodiscard]] Result<std::string> roleArn(std::string_view form, const Home& home);

// The short form of an ARN of this home, for tables; any other text stays as it is.
[[nodiscard]] std::string shortForm(std::string_view arn, const Home& home);

}  // namespace hanshu::cli
