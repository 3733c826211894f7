// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Errors in S3's words. Pure; any thread.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu::objects {

struct S3Error {
    std::string_view code;  // NoSuchKey
    unsigned status = 500;
    std::string_view message;
};

// What a client is told of an error; one that is not known is InternalError.
[[nodiscard]] S3Error s3ErrorOf(const Error& error);

// The document of an error answer.
[[nodiscard]] std::string s3ErrorDocument(const Error& error, std::string_view resource, std::string_view requestId);

// An error of the dialect itself, named by its S3 code, which must be in the table.
[[nodiscard]] Failure s3Fail(std::string_view code, std::vector<std::pair<std::string, std::string>> params = {});

}  // namespace hanshu::objects
