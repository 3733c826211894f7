// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/scratch_disks.h"

#include "sandbox/child_process.h"
#include "sandbox/frame.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace hanshu::sandbox {
namespace {

// Ready beside those in use, for each size that was asked for: a burst takes them one by one, and one is made in 20 ms.
constexpr std::size_t kReadyPerSize = 3;
constexpr std::int64_t kProbeBytes = 16LL << 20;
constexpr int kLoopMajor = 7;  // Documentation/admin-guide/devices.txt

struct Failed {
    std::string what;
};

[[noreturn]] void failStep(const std::string& step) {
    throw Failed{fmt::format("{}: {}", step, std::strerror(errno))};
}

// Without a name from the first moment, so that nothing is left behind whenever this ends.
UniqueFd makeImage(const std::string& directory, std::int64_t bytes) {
    const auto path = fmt::format("{}/image-{}", directory, ::getpid());
    UniqueFd image(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!image) {
        failStep("create " + path);
    }
    ::unlink(path.c_str());
    if (::ftruncate(image.get(), bytes) != 0) {
        failStep("size " + path);
    }
    return image;
}

void format(int image) {
    const pid_t child = ::fork();
    if (child == 0) {
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(nothing, STDOUT_FILENO);
        ::dup2(nothing, STDERR_FILENO);
        ::fcntl(image, F_SETFD, 0);
        const auto path = fmt::format("/proc/self/fd/{}", image);
        // No journal: nothing of it outlives the mount. No reserve for root: the size is the function's.
        ::execle("/sbin/mkfs.ext4", "mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-O",
                 "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard", path.c_str(), nullptr,
                 std::array<char*, 1>{nullptr}.data());
        ::_exit(127);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
        throw Failed{fmt::format("mkfs.ext4 ended with {}", WEXITSTATUS(status))};
    }
}

std::string attach(int image) {
    const UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    if (!control) {
        failStep("/dev/loop-control");
    }
    // Somebody else may take the free one in between.
    for (int attempt = 0; attempt < 64; ++attempt) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) {
            failStep("find a loop device");
        }
        const auto path = fmt::format("/dev/loop{}", number);
        UniqueFd device(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (!device && errno == ENOENT) {
            ::mknod(path.c_str(), S_IFBLK | 0600, ::makedev(kLoopMajor, static_cast<unsigned>(number)));
            device = UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        }
        if (!device) {
            failStep(path);
        }
        loop_config configuration{};
        configuration.fd = static_cast<__u32>(image);
        configuration.block_size = 4096;
        configuration.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (::ioctl(device.get(), LOOP_CONFIGURE, &configuration) == 0) {
            // Keeps it from clearing itself until the mount holds it.
            (void)device.release();
            return path;
        }
        if (errno != EBUSY) {
            failStep("configure " + path);
        }
    }
    throw Failed{"no free loop device"};
}

UniqueFd mountDetached(const std::string& device) {
    const UniqueFd context(::fsopen("ext4", FSOPEN_CLOEXEC));
    const auto option = [&](const char* name, const char* value) {
        const auto command = value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
        if (::fsconfig(context.get(), command, name, value, 0) != 0) {
            failStep(fmt::format("ext4 option {}", name));
        }
    };
    if (!context) {
        failStep("ext4");
    }
    option("source", device.c_str());
    // It dies with the sandbox: no flushes of the disk below, no zeroing of tables in the background.
    option("nobarrier", nullptr);
    option("noinit_itable", nullptr);
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        failStep("mount " + device);
    }
    UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    if (!mount) {
        failStep("mount " + device);
    }
    ::unlinkat(mount.get(), "lost+found", AT_REMOVEDIR);
    if (::fchmodat(mount.get(), ".", 01777, 0) != 0) {
        failStep("permissions of " + device);
    }
    return mount;
}

[[noreturn]] void runMaker(const std::string& directory, std::int64_t bytes, int socket) {
    try {
        const auto image = makeImage(directory, bytes);
        format(image.get());
        const auto mount = mountDetached(attach(image.get()));
        const int fd = mount.get();
        ::_exit(sendFrame(socket, "made", std::span(&fd, 1)));
    } catch (const Failed& failed) {
        (void)sendFrame(socket, failed.what, {});
        ::_exit(1);
    }
}

}  // namespace

ScratchDisks::ScratchDisks(std::string directory, std::function<void(int)> watch)
    : m_directory(std::move(directory)), m_watch(std::move(watch)) {}

Result<int> ScratchDisks::start(std::int64_t bytes) {
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        return systemError("socketpair", errno);
    }
    const UniqueFd other(sockets[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        keepOnlyFds({sockets[1]});
        runMaker(m_directory, bytes, sockets[1]);
    }
    if (child < 0) {
        const int code = errno;
        ::close(sockets[0]);
        return systemError("fork", code);
    }
    m_making[sockets[0]] = {bytes, child};
    return sockets[0];
}

std::pair<std::int64_t, Result<void>> ScratchDisks::collect(int fd) {
    const UniqueFd socket(fd);
    const auto made = m_making.extract(fd).mapped();
    Frame frame;
    const auto received = receiveFrame(fd, frame, true);
    int status = 0;
    ::waitpid(made.child, &status, 0);  // it has sent its last word, or is dead
    if (received == Received::Frame && frame.fds.size() == 1) {
        m_ready[made.bytes].push_back(std::move(frame.fds.front()));
        return {made.bytes, {}};
    }
    const auto why = received == Received::Frame ? frame.bytes : std::string("its maker died");
    return {made.bytes, fail(Code::ResourceExhausted, "ResourceThrottled", {}, "no disk for /tmp: " + why)};
}

bool ScratchDisks::isMaker(pid_t pid) const {
    return std::any_of(m_making.begin(), m_making.end(),
                       [pid](const auto& entry) { return entry.second.child == pid; });
}

Result<void> ScratchDisks::probe() {
    auto socket = start(kProbeBytes);
    if (!socket) {
        return fail(std::move(socket.error()));
    }
    auto result = collect(*socket).second;
    m_ready.erase(kProbeBytes);
    m_available = result.has_value();
    return result;
}

UniqueFd ScratchDisks::take(std::int64_t bytes) {
    auto& ready = m_ready[bytes];
    UniqueFd taken;
    if (!ready.empty()) {
        taken = std::move(ready.front());
        ready.pop_front();
    }
    refill(bytes);
    return taken;
}

void ScratchDisks::refill(std::int64_t bytes) {
    std::size_t coming = m_ready[bytes].size();
    for (const auto& [fd, making] : m_making) {
        coming += making.bytes == bytes ? 1 : 0;
    }
    for (; coming < kReadyPerSize; ++coming) {
        const auto socket = start(bytes);
        if (!socket) {
            return;
        }
        m_watch(*socket);
    }
}

}  // namespace hanshu::sandbox
