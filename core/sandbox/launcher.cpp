// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/launcher.h"

#include "sandbox/child_process.h"
#include "sandbox/orders.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace hanshu::sandbox {
namespace {

// The descriptors of bubblewrap, from 3 on without a gap; the first one stays open in the sandbox.
constexpr int kControlFd = 3;
constexpr int kArgumentsFd = 4;
constexpr int kSeccompFd = 5;
constexpr int kInfoFd = 6;
constexpr int kFirstFileFd = 7;
// Above all of these: where descriptors wait until their places are free.
constexpr int kAside = 64;

[[noreturn]] void giveUp(const char* step) {
    const std::string message = fmt::format("sandbox launcher: {}: {}\n", step, std::strerror(errno));
    (void)!::write(STDERR_FILENO, message.data(), message.size());
    ::_exit(127);
}

class Arguments {
public:
    Arguments& add(std::initializer_list<std::string_view> words) {
        for (const auto word : words) {
            m_bytes.append(word).push_back('\0');
        }
        return *this;
    }
    // By a memory file: the command line of a process is there for everybody on the host to read.
    [[nodiscard]] int toFile() const {
        const int fd = ::memfd_create("hanshu-arguments", MFD_CLOEXEC);
        if (fd < 0 || ::write(fd, m_bytes.data(), m_bytes.size()) != static_cast<ssize_t>(m_bytes.size()) ||
            ::lseek(fd, 0, SEEK_SET) != 0) {
            giveUp("arguments");
        }
        return fd;
    }

private:
    std::string m_bytes;
};

void addHostSystem(Arguments& arguments, const std::string& etcPath) {
    arguments.add({"--ro-bind", "/usr", "/usr"});
    for (const char* name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
        std::error_code ignored;
        if (const auto target = std::filesystem::read_symlink(name, ignored); !ignored) {
            arguments.add({"--symlink", target.native(), name});
        } else if (std::filesystem::is_directory(name, ignored)) {
            arguments.add({"--ro-bind", name, name});
        }
    }
    arguments.add({"--ro-bind", etcPath, "/etc"});
}

Arguments makeArguments(const LaunchOrder& order, const std::string& etcPath) {
    Arguments arguments;
    const auto uid = std::to_string(kUidInside);
    arguments.add({"--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"});
    arguments.add({"--cap-drop", "ALL", "--uid", uid, "--gid", uid, "--hostname", "function"});
    addHostSystem(arguments, etcPath);
    arguments.add({"--proc", "/proc", "--dev", "/dev"});
    arguments.add({"--perms", "1777", "--size", std::to_string(kShmBytes), "--tmpfs", "/dev/shm"});
    arguments.add({"--perms", "1777", "--size", std::to_string(kFirstTmpBytes), "--tmpfs", "/tmp"});
    for (const char* name : {"/code", "/opt", "/mnt", "/home", "/run", "/var"}) {
        arguments.add({"--dir", name});
    }
    arguments.add({"--symlink", "../tmp", "/var/tmp"});
    int fd = kFirstFileFd;
    for (const auto& file : order.files) {
        arguments.add(
            {"--perms", file.executable ? "0555" : "0444", "--ro-bind-data", std::to_string(fd++), file.path});
    }
    // Without these two / and /dev would be writable, and without a bound.
    arguments.add({"--remount-ro", "/dev", "--remount-ro", "/"});
    arguments.add({"--clearenv"});
    for (const auto& [name, value] : order.environment) {
        arguments.add({"--setenv", name, value});
    }
    arguments.add({"--chdir", "/", "--seccomp", std::to_string(kSeccompFd), "--info-fd", std::to_string(kInfoFd)});
    return arguments;
}

void setLimits() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, kMaxOpenFiles);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    // When the whole host runs out of memory, functions go first and the daemon last.
    (void)writeSmallFile("/proc/self/oom_score_adj", "800");
}

void becomeUser(uid_t uid) {
    if (uid == 0) {
        return;
    }
    if (::setgroups(0, nullptr) != 0 || ::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) {
        giveUp("give up root");
    }
}

void dieWithParent(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(0);
    }
}

int aside(int fd) {
    const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, kAside);
    if (moved < 0) {
        giveUp("descriptors");
    }
    return moved;
}

// A memory file has one offset for all who share it; bubblewrap reads it from the start.
int reopened(int fd) {
    const int fresh = ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC);
    if (fresh < 0) {
        giveUp("open the system call filter");
    }
    return fresh;
}

void place(int fd, int at) {
    if (::dup2(fd, at) < 0) {
        giveUp("descriptors");
    }
}

[[noreturn]] void become(const LauncherPlan& plan, const LaunchOrder& order, Frame& frame, int info, pid_t parent) {
    std::vector<int> moved;
    for (const auto& fd : frame.fds) {
        moved.push_back(aside(fd.get()));
    }
    const int seccomp = aside(reopened(plan.seccomp));
    const int arguments = aside(makeArguments(order, plan.etcPath).toFile());
    const int infoAside = aside(info);
    const int nothing = aside(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    place(nothing, STDIN_FILENO);
    place(moved[1], STDOUT_FILENO);
    place(moved[1], STDERR_FILENO);
    place(moved[0], kControlFd);
    place(arguments, kArgumentsFd);
    place(seccomp, kSeccompFd);
    place(infoAside, kInfoFd);
    int next = kFirstFileFd;
    for (std::size_t i = 2; i < moved.size(); ++i) {
        ::lseek(moved[i], 0, SEEK_SET);
        place(moved[i], next++);
    }
    ::close_range(static_cast<unsigned>(next), ~0U, 0);
    setLimits();
    becomeUser(plan.uid);
    dieWithParent(parent);  // after the change of user, which clears it
    std::vector<std::string> words{"bwrap", "--args", std::to_string(kArgumentsFd), "--"};
    words.insert(words.end(), order.argv.begin(), order.argv.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    ::execve(plan.bubblewrap.c_str(), argv.data(), environment.data());
    giveUp("exec bubblewrap");
}

[[noreturn]] void wait(const LauncherPlan& plan, int socket, int info, pid_t parent) {
    keepOnlyFds({socket, info, plan.seccomp});
    dieWithParent(parent);
    for (int signal = 1; signal < NSIG; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const auto& entrance : plan.cgroups->entrances(plan.slot)) {
        if (const int code = writeSmallFile(entrance, "0"); code != 0) {
            errno = code;
            giveUp(entrance.c_str());
        }
    }
    Frame frame;
    if (receiveFrame(socket, frame, true) != Received::Frame) {
        ::_exit(0);
    }
    Decoder decoder(frame.bytes);
    (void)decoder.get<OrderKind>();
    const auto order = decodeLaunch(decoder);
    if (!order || frame.fds.size() != 2 + order->files.size()) {
        ::_exit(126);
    }
    become(plan, *order, frame, info, parent);
}

}  // namespace

Result<Launcher> parkLauncher(const LauncherPlan& plan) {
    std::array<int, 2> sockets{};
    std::array<int, 2> pipes{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        return systemError("socketpair", errno);
    }
    Launcher launcher;
    launcher.socket = UniqueFd(sockets[0]);
    const UniqueFd ownSocket(sockets[1]);
    if (::pipe2(pipes.data(), O_CLOEXEC) != 0) {
        return systemError("pipe", errno);
    }
    launcher.info = UniqueFd(pipes[0]);
    const UniqueFd ownInfo(pipes[1]);
    ::fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    const UniqueFd birthplace = plan.cgroups->birthplace(plan.slot);
    const pid_t parent = ::getpid();
    launcher.pid = forkInto(birthplace.get());
    if (launcher.pid == 0) {
        wait(plan, ownSocket.get(), ownInfo.get(), parent);
    }
    if (launcher.pid < 0) {
        return systemError("fork", errno);
    }
    launcher.pidFd = openPidFd(launcher.pid);
    if (!launcher.pidFd) {
        const int code = errno;
        ::kill(launcher.pid, SIGKILL);
        return systemError("pidfd_open", code);
    }
    return launcher;
}

}  // namespace hanshu::sandbox
