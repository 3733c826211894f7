// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What hostile code tries, and how each attempt must end. resources/docs/security.md tells the same table in words.
#pragma once

#include <array>
#include <string_view>

namespace hanshu::sandbox {

struct Attack {
    const char* name;
    // Python for the inmate. @PORT@, @ABSTRACT@, @SOCKET@, @STATE@, @OTHER@ and @PID@ are replaced by what is really
    // there on the host.
    const char* source;
    std::string_view outcome;  // the name of an errno, or "done " and the value of `result`
};

// Numbers of system calls are those of x86-64.
inline constexpr std::array kAttacks{
    Attack{"read /etc/shadow", "open('/etc/shadow')", "ENOENT"},
    Attack{"read another function's code", "open('@OTHER@')", "ENOENT"},
    Attack{"list the state directory", "os.listdir('@STATE@')", "ENOENT"},
    Attack{"reach the host's root by /proc/1/root", "result = os.path.exists('/proc/1/root@STATE@')", "done False"},
    Attack{"see a host process", "result = os.path.exists('/proc/@PID@')", "done False"},
    Attack{"see any foreign process", "result = [p for p in os.listdir('/proc') if p.isdigit() and int(p) > 64]",
           "done []"},
    Attack{"signal a host process", "os.kill(@PID@, 0)", "ESRCH"},
    Attack{"connect to a port of the host's loopback",
           "s = socket.socket(); s.settimeout(3); s.connect(('127.0.0.1', @PORT@))", "ECONNREFUSED"},
    Attack{"connect to the outside", "s = socket.socket(); s.settimeout(3); s.connect(('192.0.2.1', 80))",
           "ENETUNREACH"},
    Attack{"connect to an abstract socket of the host",
           "s = socket.socket(socket.AF_UNIX); s.connect(b'\\0@ABSTRACT@')", "ECONNREFUSED"},
    Attack{"connect to a socket file of the host", "s = socket.socket(socket.AF_UNIX); s.connect('@SOCKET@')",
           "ENOENT"},
    Attack{"mount a file system", "call(165, b'tmpfs', b'/tmp', b'tmpfs', 0, 0)", "EPERM"},
    Attack{"open a mount tree", "call(428, -100, b'/', 1)", "EPERM"},
    Attack{"make a file system context", "call(430, b'tmpfs', 0)", "EPERM"},
    Attack{"unmount /code", "call(166, b'/code', 2)", "EPERM"},
    Attack{"change the root", "call(161, b'/tmp')", "EPERM"},
    Attack{"unshare a user namespace", "call(272, 0x10000000)", "EPERM"},
    Attack{"clone into a user namespace", "call(56, 0x10000000 | 17, 0, 0, 0, 0)", "EPERM"},
    Attack{"clone3 (flags out of a filter's sight)", "call(435, 0, 0)", "ENOSYS"},
    Attack{"join a namespace", "call(308, os.open('/proc/1/ns/mnt', os.O_RDONLY) if False else 3, 0)", "EPERM"},
    Attack{"trace a process", "call(101, 16, 1, 0, 0)", "EPERM"},
    Attack{"read a process's memory", "call(310, 1, 0, 0, 0, 0, 0)", "EPERM"},
    Attack{"take a descriptor of another process", "call(438, 3, 0, 0)", "EPERM"},
    Attack{"load a BPF program", "call(321, 5, 0, 0)", "EPERM"},
    Attack{"use the kernel's keyring", "call(250, 0, -3, 0)", "EPERM"},
    Attack{"add a key", "call(248, b'user', b'x', b'y', 1, -3)", "EPERM"},
    Attack{"open performance events", "call(298, 0, 0, -1, -1, 0)", "EPERM"},
    Attack{"userfaultfd", "call(323, 0)", "EPERM"},
    Attack{"io_uring", "call(425, 8, 0)", "EPERM"},
    Attack{"open a file by its handle", "call(304, 3, 0, 0)", "EPERM"},
    Attack{"load a kernel module", "call(175, 0, 0, b'')", "EPERM"},
    Attack{"load a new kernel", "call(246, 0, 0, 0, 0)", "EPERM"},
    Attack{"set the clock", "call(227, 0, 0)", "EPERM"},
    Attack{"watch the file system (fanotify)", "call(300, 0, 0)", "EPERM"},
    Attack{"packet socket", "socket.socket(17, socket.SOCK_RAW, 0)", "EPERM"},
    Attack{"raw IP socket", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", "EPERM"},
    Attack{"raw IPv6 socket", "socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)", "EPERM"},
    Attack{"netlink to anything but routes", "socket.socket(16, socket.SOCK_RAW, 12)", "EPERM"},
    Attack{"socket to the hypervisor", "socket.socket(40, socket.SOCK_STREAM)", "EPERM"},
    Attack{"become root", "os.setuid(0)", "EINVAL"},
    Attack{"any capability, and none to gain",
           "t = open('/proc/self/status').read().split('\\n')\n"
           "c = {l.split(':')[0]: l.split()[1] for l in t if ':' in l and len(l.split()) > 1}\n"
           "result = [int(c[k], 16) for k in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')] + [c['NoNewPrivs'], "
           "c['Seccomp']]",
           "done [0, 0, 0, 0, 0, '1', '2']"},
    Attack{"write to /", "open('/x', 'w')", "EROFS"},
    Attack{"write to /dev", "open('/dev/x', 'w')", "EROFS"},
    Attack{"write to /usr", "open('/usr/x', 'w')", "EROFS"},
    Attack{"write to /etc", "open('/etc/passwd', 'w')", "EROFS"},
    Attack{"write to its own code", "open('/code/x', 'w')", "EROFS"},
    Attack{"make a device", "os.mknod('/tmp/d', 0o60600, os.makedev(7, 0))", "EPERM"},
    Attack{"open the host's disk",
           "result = [d for d in os.listdir('/dev') if d not in ('null', 'zero', 'full', 'random', 'urandom', 'tty', "
           "'pts', 'ptmx', 'shm', 'fd', 'stdin', 'stdout', 'stderr', 'core', 'console')]",
           "done []"},
    Attack{"change a kernel setting", "open('/proc/sys/kernel/core_pattern', 'w')", "EACCES"},
    Attack{"see the host's cgroups", "os.listdir('/sys')", "ENOENT"},
    Attack{"type into a terminal", "import fcntl; fcntl.ioctl(0, 0x5412, b'x')", "EPERM"},
    Attack{"raise its limits",
           "import resource; h = resource.getrlimit(resource.RLIMIT_NOFILE)[1]; "
           "call(160, 7, (__import__('ctypes').c_ulong * 2)(h + 1, h + 1))",
           "EPERM"},
    Attack{"descriptors from the host",
           "result = sorted(int(f) for f in os.listdir('/proc/self/fd') if int(f) != 3 and int(f) > 2)[1:]", "done []"},
    Attack{"its environment",
           "result = sorted(os.environ) == ['GREETING', 'LC_CTYPE', 'PATH', 'PWD'] or sorted(os.environ)", "done True"},
    Attack{"fill /dev/shm",
           "f = open('/dev/shm/x', 'wb', 0)\n"
           "try:\n"
           "    while f.write(b'x' * 1048576): pass\n"
           "finally: os.unlink('/dev/shm/x')",
           "ENOSPC"},
    Attack{"fill /tmp",
           "f = open('/tmp/x', 'wb', 0)\n"
           "try:\n"
           "    while f.write(b'x' * 1048576): pass\n"
           "finally:\n"
           "    f.close(); os.unlink('/tmp/x')",
           "ENOSPC"},
    Attack{"descriptors without end",
           "held = []\n"
           "try:\n"
           "    while True: held.append(os.open('/dev/null', 0))\n"
           "finally:\n"
           "    for f in held: os.close(f)",
           "EMFILE"},
};

}  // namespace hanshu::sandbox
