// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/sandbox.h"

namespace hanshu::sandbox {

std::string_view toString(Isolation isolation) noexcept {
    switch (isolation) {
        case Isolation::RootCgroup:
            return "root with cgroups";
        case Isolation::Root:
            return "root without cgroups";
        case Isolation::User:
            return "ordinary user";
    }
    return "unknown";
}

}  // namespace hanshu::sandbox
