// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The host uids of one daemon's sandboxes, kept apart from those of every other daemon on this host. For the spawner's
// one thread only.
#pragma once

#include "base/unique_fd.h"

#include <sys/types.h>
#include <optional>

namespace hanshu::sandbox {

class UidRange {
public:
    // A free range of at least `slots` uids, for as long as the object lives; nothing where all are taken.
    [[nodiscard]] static std::optional<UidRange> claim(int slots);
    [[nodiscard]] uid_t first() const noexcept { return m_first; }
    // Kills what runs under these uids: since the range was free, nobody owns it any more.
    void endLeftovers() const;

private:
    UidRange(UniqueFd lock, uid_t first, int slots) : m_lock(std::move(lock)), m_first(first), m_slots(slots) {}

    UniqueFd m_lock;
    uid_t m_first = 0;
    int m_slots = 0;
};

}  // namespace hanshu::sandbox
