// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Identifiers that are unique across nodes, and the types that keep them apart. Any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hanshu {

template <class Tag>
struct StrongId {
    std::string value;
    [[nodiscard]] bool empty() const noexcept { return value.empty(); }
    auto operator<=>(const StrongId&) const = default;
};

using RequestId = StrongId<struct RequestIdTag>;    // 1-{8 hex: Unix seconds}-{24 hex: random}, as Function Compute 3.0
using InstanceId = StrongId<struct InstanceIdTag>;  // c-{8 hex}-{8 hex}-{12 hex}
using EventId =
    StrongId<struct EventIdTag>;  // grows within a process, sorts by time: {12 hex: ms}{5 hex: count}{15 hex: random}

// Grows by one with each change of a resource; the ETag of the REST API.
struct Revision {
    std::int64_t value = 0;
    auto operator<=>(const Revision&) const = default;
};

[[nodiscard]] RequestId newRequestId();
[[nodiscard]] InstanceId newInstanceId();
[[nodiscard]] EventId newEventId();
// A version 4 UUID in its 36-character form.
[[nodiscard]] std::string newUuid();
// `bytes` random bytes of the system's generator, as lower hex.
[[nodiscard]] std::string randomHex(std::size_t bytes);
// `length` characters of [A-Za-z0-9], for keys and secrets, from the system's generator.
[[nodiscard]] std::string randomToken(std::size_t length);

}  // namespace hanshu

template <class Tag>
struct std::hash<hanshu::StrongId<Tag>> {
    std::size_t operator()(const hanshu::StrongId<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.value);
    }
};
