// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a failed file operation means to a caller. Any thread.
#pragma once

#include "base/result.h"
#include "objects/file_ops.h"

#include <cerrno>
#include <string_view>

namespace hanshu::objects {

// A full disk or quota is the caller's to hear of, and concerns one write; the rest are internal errors.
[[nodiscard]] inline Failure fileError(std::string_view what, Errno error) {
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        return fail(Code::ResourceExhausted, "StorageFull", {}, std::string(what));
    }
    return systemError(what, error);
}

}  // namespace hanshu::objects
