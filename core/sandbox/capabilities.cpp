// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/capabilities.h"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace hanshu::sandbox {
namespace {

// resources/docs/security.md tells the same list.
constexpr std::array<cap_value_t, 8> kNeeded{
    CAP_DAC_OVERRIDE,  // the state directory, which is the daemon's and closed to everybody else
    CAP_KILL,          // sandboxes, which have uids of their own
    CAP_SETGID,        // a launcher takes its sandbox's uid and gid
    CAP_SETUID,
    CAP_SYS_CHROOT,  // setns to a sandbox's mount namespace takes both of these,
    CAP_SYS_ADMIN,   // and mounts, own namespaces and loop devices the second
    CAP_SYS_PTRACE,  // setns by the pidfd of a process of another uid
    CAP_MKNOD,       // nodes of loop devices where /dev has none
};

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)>;

bool has(cap_t capabilities, cap_value_t value, cap_flag_t set) {
    cap_flag_value_t flag = CAP_CLEAR;
    return ::cap_get_flag(capabilities, value, set, &flag) == 0 && flag == CAP_SET;
}

Result<void> dropBounding() {
    for (cap_value_t value = 0; value < ::cap_max_bits(); ++value) {
        if (std::ranges::find(kNeeded, value) == kNeeded.end() && ::cap_get_bound(value) == 1 &&
            ::cap_drop_bound(value) != 0) {
            return systemError("drop a capability from the bounding set", errno);
        }
    }
    return {};
}

}  // namespace

Result<void> keepNeededCapabilities() {
    const Capabilities now(::cap_get_proc(), ::cap_free);
    const Capabilities kept(::cap_init(), ::cap_free);
    if (!now || !kept) {
        return systemError("read capabilities", errno);
    }
    // Who lacks it has nothing that the bounding set could bound.
    if (has(now.get(), CAP_SETPCAP, CAP_EFFECTIVE)) {
        HANSHU_TRY(dropBounding());
    }
    for (const auto value : kNeeded) {
        if (has(now.get(), value, CAP_PERMITTED)) {
            ::cap_set_flag(kept.get(), CAP_PERMITTED, 1, &value, CAP_SET);
            ::cap_set_flag(kept.get(), CAP_EFFECTIVE, 1, &value, CAP_SET);
        }
    }
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (::cap_set_proc(kept.get()) != 0) {
        return systemError("give up capabilities", errno);
    }
    return {};
}

}  // namespace hanshu::sandbox
