// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files that travel inside the program, put there by hanshu_embed in CMake. Any thread.
#pragma once

#include <string_view>

// Declares `std::string_view NAME()` over the file whose name is SYMBOL with every character outside [A-Za-z0-9_]
// replaced by '_': HANSHU_EMBEDDED(agentSource, agent_py). At namespace scope, in a .cpp file.
#define HANSHU_EMBEDDED(NAME, SYMBOL)                                                                         \
    extern "C" const char hanshu_embedded_##SYMBOL##_begin[];                                                 \
    extern "C" const char hanshu_embedded_##SYMBOL##_end[];                                                   \
    static std::string_view NAME() {                                                                          \
        return {hanshu_embedded_##SYMBOL##_begin,                                                             \
                static_cast<std::size_t>(hanshu_embedded_##SYMBOL##_end - hanshu_embedded_##SYMBOL##_begin)}; \
    }
