// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the platform says about a run that did not end by itself: the bodies of the reference, 3.6. Any thread.
#pragma once

#include "runtime/instance.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hanshu::runtime {

// {"errorMessage":…} and, where `type` is not empty, "errorType".
[[nodiscard]] std::string errorBody(std::string_view message, std::string_view type = {});

// 112.24MB
[[nodiscard]] std::string megabytes(std::int64_t bytes);

[[nodiscard]] RunResult timedOut(std::string_view what, std::chrono::seconds limit, std::chrono::microseconds run,
                                 std::int64_t peak);
// `reason`: where it is known better than that the process ended.
[[nodiscard]] RunResult exited(std::chrono::microseconds run, std::int64_t peak, std::string_view reason = {});
// Ended from outside, on purpose: `why` is half a sentence.
[[nodiscard]] RunResult aborted(std::chrono::microseconds run, std::int64_t peak, std::string_view why);
[[nodiscard]] RunResult outOfMemory(std::chrono::microseconds run, std::int64_t peak, std::int64_t limitBytes);
// What a log line says of a result that is no success.
[[nodiscard]] std::string headline(const RunResult& result);
[[nodiscard]] RunResult functionError(std::string body, std::chrono::microseconds run, std::int64_t peak);

}  // namespace hanshu::runtime
