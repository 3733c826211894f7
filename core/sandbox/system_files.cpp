// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/system_files.h"

#include "sandbox/child_process.h"
#include "sandbox/launcher.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <fstream>

namespace hanshu::sandbox {
namespace {

namespace fs = std::filesystem;

// Tables and certificates for everybody; nothing here names a user, a host or a secret. As far as others may read it.
constexpr const char* kCopied[] = {
    "alternatives",  "ld.so.cache", "ld.so.conf",     "ld.so.conf.d", "ssl/certs", "ssl/openssl.cnf",
    "localtime",     "timezone",    "mime.types",     "fonts",        "python3",   "python3.11",
    "services",      "protocols",   "os-release",     "host.conf",    "gai.conf",  "java-17-openjdk",
    "ImageMagick-6", "magic",       "debian_version", "bash.bashrc",  "profile",   "ca-certificates.conf"};

void copyReadable(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    const auto status = fs::symlink_status(from, failed);
    if (fs::is_symlink(status)) {
        fs::copy_symlink(from, to, failed);
    } else if (fs::is_directory(status)) {
        fs::create_directories(to, failed);
        for (const auto& entry : fs::directory_iterator(from, failed)) {
            copyReadable(entry.path(), to / entry.path().filename());
        }
    } else if (fs::is_regular_file(status) && (status.permissions() & fs::perms::others_read) != fs::perms::none) {
        fs::create_directories(to.parent_path(), failed);
        fs::copy_file(from, to, failed);
    }
}

void writeNames(const fs::path& etc) {
    const auto write = [&](const char* name, const std::string& text) { std::ofstream(etc / name) << text; };
    write("passwd", fmt::format("root:x:0:0:root:/root:/usr/sbin/nologin\n"
                                "function:x:{0}:{0}:function:/tmp:/bin/sh\n"
                                "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
                                kUidInside));
    write("group", fmt::format("root:x:0:\nfunction:x:{}:\nnogroup:x:65534:\n", kUidInside));
    write("hosts", "127.0.0.1 localhost function\n::1 localhost\n");
    write("hostname", "function\n");
    write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n");
    write("resolv.conf", "");
}

bool isInside(const fs::path& path, const fs::path& folder) {
    const auto relative = path.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Result<void> enterPrivateNamespaces() {
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    if (::unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) {
        const int code = errno;
        return fail(Code::FailedPrecondition, "SandboxUnavailable", {},
                    fmt::format("no namespaces for an ordinary user: {}", std::strerror(code)));
    }
    if (uid != 0) {
        (void)writeSmallFile("/proc/self/setgroups", "deny");
        for (const auto& [file, id] : {std::pair{"/proc/self/uid_map", uid}, {"/proc/self/gid_map", gid}}) {
            if (const int code = writeSmallFile(file, fmt::format("0 {} 1", id)); code != 0) {
                return systemError(fmt::format("write {}", file), code);
            }
        }
    }
    // Mounts of the host still arrive here; those made here stay here.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
        return systemError("make / a slave mount", errno);
    }
    return {};
}

Result<std::string> makeEtc(const fs::path& stateDirectory) {
    for (const char* candidate : {"/mnt", "/srv", "/media", "/opt", "/tmp"}) {
        std::error_code ignored;
        if (!fs::is_directory(fs::symlink_status(candidate, ignored)) || isInside(stateDirectory, candidate)) {
            continue;
        }
        if (::mount("tmpfs", candidate, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=32m") != 0) {
            return systemError(fmt::format("mount a tmpfs on {}", candidate), errno);
        }
        const fs::path etc = fs::path(candidate) / "etc";
        ::umask(022);
        fs::create_directory(etc, ignored);
        for (const char* name : kCopied) {
            std::error_code failed;
            fs::create_directories((etc / name).parent_path(), failed);
            copyReadable(fs::path("/etc") / name, etc / name);
        }
        writeNames(etc);
        if (::mount(nullptr, candidate, nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0) {
            return systemError(fmt::format("make {} read-only", candidate), errno);
        }
        return etc.native();
    }
    return internalError("there is no folder on which the sandboxes' /etc could be put");
}

}  // namespace hanshu::sandbox
