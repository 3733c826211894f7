// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One confined process tree, and what makes them. Orders go to the spawner process; the answers come back on the io
// thread that awaits them. A Sandbox is used from one io thread.
#pragma once

#include "base/async.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanshu::sandbox {

// How strongly this host confines; resources/docs/security.md says which attack each level stops by what.
enum class Isolation {
    RootCgroup,  // own host uid per instance, cgroup limits, loop images for /tmp
    Root,        // own host uid per instance, rlimits only
    User,        // user namespace of an ordinary user, rlimits only (or delegated cgroup v2)
};

[[nodiscard]] std::string_view toString(Isolation isolation) noexcept;

// A read-only file that exists inside from the start.
struct DataFile {
    std::string path;  // inside, absolute
    std::string bytes;
    bool executable = false;
};

// What is started before anybody knows for which function: an agent.
struct LaunchSpec {
    InstanceId id;
    std::vector<std::string> argv;  // inside; argv[0] is a path inside
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<DataFile> files;
    UniqueFd control;  // becomes fd 3 inside: one end of a socket pair
    UniqueFd output;   // becomes fds 1 and 2 inside: the write end of a pipe
};

// A folder of the host that appears read-only inside.
struct Mount {
    std::string hostPath;    // absolute; opaque, because /proc/self/mountinfo shows it inside
    std::string targetPath;  // inside, absolute: /code, /opt, /mnt/…
};

// What turns an agent into an instance of a function. Once per sandbox, before user code loads.
struct Assignment {
    std::int64_t memoryBytes = 0;
    double cpus = 0;
    int processes = 1024;  // processes and threads (reference 5.7)
    std::int64_t diskBytes = 0;
    std::vector<Mount> mounts;
};

struct Usage {
    std::int64_t memoryPeakBytes = 0;  // since the last resetPeak, or since start where it can't be reset
    std::int64_t oomKills = 0;         // of the whole life: it rose, or it did not
    bool oomKnown = false;             // false where no memory cgroup counts
};

struct ExitStatus {
    bool signaled = false;
    int value = 0;  // exit code or signal
};

class Sandbox {
public:
    virtual ~Sandbox() = default;  // kills the whole tree

    [[nodiscard]] virtual const InstanceId& id() const noexcept = 0;
    // Limits, /tmp of the right size, mounts.
    [[nodiscard]] virtual Task<Result<void>> assign(Assignment assignment) = 0;
    // Cheap (a few µs, no order to the spawner): it is on the request path.
    [[nodiscard]] virtual Usage usage() = 0;
    virtual void resetPeak() = 0;
    // Ends every process inside. Idempotent.
    virtual void kill() = 0;
    // Resumes when the tree is gone; at once when it already is.
    [[nodiscard]] virtual Task<ExitStatus> exited() = 0;
};

class SandboxFactory {
public:
    virtual ~SandboxFactory() = default;
    // Errors: ResourceThrottled where the host has no room (processes, fds, loop devices, disk).
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Sandbox>>> launch(LaunchSpec spec) = 0;
    [[nodiscard]] virtual Isolation isolation() const noexcept = 0;
    [[nodiscard]] virtual int alive() const noexcept = 0;  // sandboxes that exist
};

}  // namespace hanshu::sandbox
