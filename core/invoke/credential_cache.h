// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Temporary credentials of functions' roles, made anew at half their life. An instance that gets the same ones again
// need not change its environment. Any thread; the lock is held for a look-up alone.
#pragma once

#include "access/keyring.h"
#include "base/clock.h"

#include <mutex>
#include <string>
#include <unordered_map>

namespace hanshu::invoke {

class CredentialCache {
public:
    CredentialCache(const access::Keyring& keyring, const Clock& clock) : m_keyring(keyring), m_clock(clock) {}

    [[nodiscard]] access::Credentials get(const std::string& account, const std::string& role,
                                          const std::string& function) {
        // Long enough for the longest run that begins at half of it (24 h, reference 1.4), within the 36 h that the
        // context's documentation allows (3.2).
        constexpr std::chrono::hours kLifetime{36};
        constexpr std::chrono::hours kLongestRun{24};
        const auto key = account + '/' + role + '/' + function;
        const std::lock_guard lock(m_mutex);
        auto& cached = m_credentials[key];
        if (cached.accessKeyId.empty() || cached.expires - m_clock.now() < kLongestRun) {
            cached = m_keyring.issue(account, role, function, kLifetime);
        }
        return cached;
    }

private:
    const access::Keyring& m_keyring;
    const Clock& m_clock;
    std::mutex m_mutex;
    std::unordered_map<std::string, access::Credentials> m_credentials;
};

}  // namespace hanshu::invoke
