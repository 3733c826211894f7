// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/slots.h"

namespace hanshu::sandbox {

Slots::Slots(const CgroupTree& cgroups, int count) : m_cgroups(cgroups) {
    for (int slot = 0; slot < count; ++slot) {
        m_free.push_back(slot);
    }
}

Result<int> Slots::take() {
    if (m_free.empty()) {
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, "every sandbox slot of this node is taken");
    }
    const int slot = m_free.front();
    m_free.pop_front();
    if (auto made = m_cgroups.make(slot); !made) {
        release(slot);
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, made.error().detail);
    }
    return slot;
}

void Slots::release(int slot) {
    if (m_cgroups.remove(slot)) {
        m_free.push_back(slot);
    } else {
        m_leaving.push_back(slot);
    }
}

void Slots::retryReleases() {
    std::erase_if(m_leaving, [this](int slot) {
        const bool gone = m_cgroups.remove(slot);
        if (gone) {
            m_free.push_back(slot);
        }
        return gone;
    });
}

}  // namespace hanshu::sandbox
