// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

namespace hanshu::sandbox {
namespace {

// Not on it, among others: mount and its new forms, chroot, pivot_root, unshare, setns, ptrace, process_vm_*, bpf,
// keyctl, perf_event_open, userfaultfd, io_uring, open_by_handle_at, pidfd_getfd, modules, kexec, clocks, swap, reboot.
// What CPython, Node, Go, the JVM, ffmpeg and a shell need. Every one of them acts on the caller's own memory, files,
// processes of its own pid namespace, or sockets of its own network namespace.
constexpr const char* kAllowed[] = {
    // files
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchown", "fchownat", "fcntl",
    "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync",
    "ftruncate", "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "inotify_add_watch", "inotify_init",
    "inotify_init1", "inotify_rm_watch", "lchown", "lgetxattr", "link", "linkat", "listxattr", "llistxattr",
    "lremovexattr", "lseek", "lsetxattr", "lstat", "memfd_create", "mkdir", "mkdirat", "mknod", "mknodat", "newfstatat",
    "open", "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
    "read", "readahead", "readlink", "readlinkat", "readv", "removexattr", "rename", "renameat", "renameat2", "rmdir",
    "sendfile", "setxattr", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync", "sync_file_range",
    "syncfs", "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "vmsplice", "write",
    "writev", "name_to_handle_at",
    // memory
    "brk", "get_mempolicy", "madvise", "mbind", "membarrier", "mincore", "mlock", "mlock2", "mlockall", "mmap",
    "mprotect", "mremap", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
    "remap_file_pages", "set_mempolicy",
    // processes and threads
    "alarm", "arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork", "get_robust_list",
    "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid",
    "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "ioprio_get",
    "ioprio_set", "kill", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "pause",
    "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "rseq", "sched_get_priority_max", "sched_get_priority_min",
    "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
    "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp",
    "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setpgid",
    "setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setuid", "tgkill", "tkill",
    "vfork", "wait4", "waitid", "waitpid",
    // signals, time, waiting
    "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old",
    "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2", "futex", "futex_waitv",
    "getitimer", "gettimeofday", "nanosleep", "poll", "ppoll", "pselect6", "restart_syscall", "rt_sigaction",
    "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "rt_tgsigqueueinfo", "select", "setitimer", "sigaltstack", "signalfd", "signalfd4", "time", "timer_create",
    "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime",
    "timerfd_settime", "times",
    // inside one's own ipc and network namespace
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "mq_getsetattr",
    "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd",
    "recvfrom", "recvmmsg", "recvmsg", "semctl", "semget", "semop", "semtimedop", "sendmmsg", "sendmsg", "sendto",
    "setsockopt", "shmat", "shmctl", "shmdt", "shmget", "shutdown",
    // asynchronous I/O of the old kind, and what tells about the system
    "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit", "getrandom", "sysinfo",
    "uname"};

// CLONE_NEWTIME is not among them: its bit is part of clone's exit signal there.
constexpr std::uint64_t kNamespaceFlags =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// From the first number that libseccomp 2.5 has no name for to the end of the table of x86-64: newer than every program
// of this house, which then does without.
constexpr int kFirstUnknownCall = 450;
constexpr int kLastUnknownCall = 511;

using Context = std::unique_ptr<void, void (*)(void*)>;

// Names that this architecture or this libseccomp doesn't know have no number to allow.
int add(void* context, std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) {
        return 0;
    }
    return seccomp_rule_add_array(context, action, number, static_cast<unsigned>(conditions.size()),
                                  conditions.begin());
}

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// The low bits of socket's type are the type; the high ones SOCK_CLOEXEC and SOCK_NONBLOCK.
constexpr std::uint64_t kTypeMask = 0xf;

int addSockets(void* context) {
    int failed = 0;
    failed |= add(context, SCMP_ACT_ALLOW, "socket", {equals(0, AF_UNIX)});
    for (const int family : {AF_INET, AF_INET6}) {
        for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
            failed |= add(context, SCMP_ACT_ALLOW, "socket",
                          {equals(0, static_cast<std::uint64_t>(family)),
                           masked(1, kTypeMask, static_cast<std::uint64_t>(type))});
        }
    }
    // getaddrinfo and getifaddrs ask for the addresses by it.
    failed |= add(context, SCMP_ACT_ALLOW, "socket", {equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE)});
    failed |= add(context, SCMP_ACT_ALLOW, "socketpair", {equals(0, AF_UNIX)});
    return failed;
}

int addRules(void* context) {
    int failed = 0;
    for (const char* name : kAllowed) {
        failed |= add(context, SCMP_ACT_ALLOW, name);
    }
    for (int number = kFirstUnknownCall; number <= kLastUnknownCall; ++number) {
        failed |= seccomp_rule_add_array(context, SCMP_ACT_ERRNO(ENOSYS), number, 0, nullptr);
    }
    failed |= addSockets(context);
    failed |= add(context, SCMP_ACT_ALLOW, "clone", {masked(0, kNamespaceFlags, 0)});
    // Its flags lie in memory where no filter sees them; ENOSYS makes the C library use clone.
    failed |= add(context, SCMP_ACT_ERRNO(ENOSYS), "clone3");
    // Typing into the terminal of somebody else.
    failed |= add(context, SCMP_ACT_ALLOW, "ioctl", {{1, SCMP_CMP_NE, TIOCSTI, 0}});
    // 0: Linux, 0x0008: 32-bit uname of a 64-bit machine, 0x20000: uname26, 0x0040000: no randomisation (debuggers),
    // 0xffffffff: only asks.
    for (const std::uint64_t value : {0x0ULL, 0x8ULL, 0x20000ULL, 0x40000ULL, 0xffffffffULL}) {
        failed |= add(context, SCMP_ACT_ALLOW, "personality", {equals(0, value)});
    }
    return failed;
}

}  // namespace

Result<UniqueFd> makeSeccompFilter() {
    const Context context(seccomp_init(SCMP_ACT_ERRNO(EPERM)), [](void* filter) { seccomp_release(filter); });
    if (!context) {
        return internalError("seccomp_init failed");
    }
    // A binary search over the numbers: a linear list of 350 costs every call about a microsecond.
    seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    // A 32-bit call would not be checked by the rules above.
    seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (addRules(context.get()) != 0) {
        return internalError("the system call filter could not be built");
    }
    UniqueFd file(::memfd_create("hanshu-seccomp", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) {
        return systemError("memfd_create", errno);
    }
    if (const int code = seccomp_export_bpf(context.get(), file.get()); code != 0) {
        return systemError("seccomp_export_bpf", -code);
    }
    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return file;
}

}  // namespace hanshu::sandbox
