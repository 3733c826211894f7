// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// CRC-32C (Castagnoli, reflected; RFC 3720 appendix B.4), by the processor's instruction where it has one. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hanshu {

// `previous` continues an earlier result.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous = 0) noexcept;

namespace detail {
[[nodiscard]] std::uint32_t crc32cByTable(std::string_view bytes, std::uint32_t previous) noexcept;
}

}  // namespace hanshu
