// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The one way in which an operation of Hanshu says that it failed. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace hanshu {

// Closed, and 1:1 with gRPC's status codes.
enum class Code {
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
};

// `reason` is a stable id (Function Compute's error code where it has one: FunctionNotFound, ResourceExhausted, …).
// `params` fill the sentence that the REST API, the command line or the console makes of it. `detail` is for logs.
struct Error {
    Code code = Code::Internal;
    std::string reason;
    std::vector<std::pair<std::string, std::string>> params;
    std::string detail;

    // The value of a parameter, empty when there is none of that name.
    [[nodiscard]] std::string_view param(std::string_view name) const noexcept;
    // One line for a log: reason, parameters, detail.
    [[nodiscard]] std::string describe() const;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
};

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure fail(Error error) {
    return Failure(std::move(error));
}

[[nodiscard]] inline Failure fail(Code code, std::string reason,
                                  std::vector<std::pair<std::string, std::string>> params = {},
                                  std::string detail = {}) {
    return Failure(Error{code, std::move(reason), std::move(params), std::move(detail)});
}

// A failure of the platform itself (a bug, a broken disk): answered as InternalServerError, told in the log.
[[nodiscard]] inline Failure internalError(std::string detail) {
    return fail(Code::Internal, "InternalServerError", {}, std::move(detail));
}

// The errno of a failed system call as an internal error; `what` names the call and its object.
[[nodiscard]] Failure systemError(std::string_view what, int errnoValue);

}  // namespace hanshu

// Leaves the enclosing function with the error of `expression` when it has one.
#define HANSHU_TRY(expression)                                   \
    do {                                                         \
        if (auto&& hanshuTry = (expression); !hanshuTry) {       \
            return ::hanshu::fail(std::move(hanshuTry.error())); \
        }                                                        \
    } while (false)
// A copy where `expression` is a variable: g++ 12 loses temporaries of a co_await that a reference is bound to.
#define HANSHU_CO_TRY(expression)                                   \
    do {                                                            \
        if (auto hanshuTry = (expression); !hanshuTry) {            \
            co_return ::hanshu::fail(std::move(hanshuTry.error())); \
        }                                                           \
    } while (false)
