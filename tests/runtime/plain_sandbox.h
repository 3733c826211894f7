// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A sandbox for tests of what talks to one: bubblewrap with a network and process namespace of its own and nothing
// more: no limits, no accounting. One io thread each.
#pragma once

#include "base/async.h"
#include "sandbox/sandbox.h"

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

namespace hanshu::test {

class PlainSandbox final : public sandbox::Sandbox {
public:
    PlainSandbox(const asio::any_io_executor& executor, InstanceId id, std::filesystem::path folder, pid_t pid,
                 std::atomic<int>& alive)
        : m_id(std::move(id)),
          m_folder(std::move(folder)),
          m_pid(pid),
          m_alive(alive),
          m_pidfd(executor, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
        ++m_alive;
    }
    ~PlainSandbox() override {
        kill();
        if (!m_exit) {
            ::waitpid(m_pid, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
        --m_alive;
    }
    PlainSandbox(const PlainSandbox&) = delete;
    PlainSandbox& operator=(const PlainSandbox&) = delete;

    [[nodiscard]] const InstanceId& id() const noexcept override { return m_id; }
    [[nodiscard]] Task<Result<void>> assign(sandbox::Assignment assignment) override {
        std::error_code error;
        for (const auto& mount : assignment.mounts) {
            std::filesystem::copy(
                mount.hostPath, m_folder / mount.targetPath.substr(1),
                std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing, error);
        }
        if (error) {
            co_return internalError("copy: " + error.message());
        }
        co_return Result<void>{};
    }
    [[nodiscard]] sandbox::Usage usage() override { return m_usage; }
    void resetPeak() override {}
    void kill() override {
        if (!m_exit) {
            ::kill(m_pid, SIGKILL);
        }
    }
    [[nodiscard]] Task<sandbox::ExitStatus> exited() override {
        if (!m_exit) {
            boost::system::error_code ignored;
            co_await m_pidfd.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                        asio::redirect_error(asio::use_awaitable, ignored));
            int status = 0;
            ::waitpid(m_pid, &status, 0);
            m_exit = sandbox::ExitStatus{.signaled = WIFSIGNALED(status),
                                         .value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)};
        }
        co_return *m_exit;
    }
    sandbox::Usage m_usage;

private:
    InstanceId m_id;
    std::filesystem::path m_folder;
    pid_t m_pid;
    std::atomic<int>& m_alive;
    boost::asio::posix::stream_descriptor m_pidfd;
    std::optional<sandbox::ExitStatus> m_exit;
};

class PlainSandboxes final : public sandbox::SandboxFactory {
public:
    explicit PlainSandboxes(std::filesystem::path scratch) : m_scratch(std::move(scratch)) {}

    [[nodiscard]] Task<Result<std::unique_ptr<sandbox::Sandbox>>> launch(sandbox::LaunchSpec spec) override {
        if (m_refuse) {
            ++m_refused;
            co_return fail(Code::Unavailable, "ResourceThrottled");
        }
        ++m_launched;
        if (m_tamper) {
            m_tamper(spec);
        }
        const auto folder = m_scratch / spec.id.value;
        std::filesystem::create_directories(folder / "code");
        std::filesystem::create_directories(folder / "opt");
        auto arguments = wrap(spec, folder);
        std::vector<char*> argv;
        for (auto& argument : arguments) {
            argv.push_back(argument.data());
        }
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, spec.output.get(), 1);
        posix_spawn_file_actions_adddup2(&actions, spec.output.get(), 2);
        posix_spawn_file_actions_adddup2(&actions, spec.control.get(), 3);
        pid_t pid = 0;
        const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) {
            co_return systemError("posix_spawn bwrap", error);
        }
        const auto executor = co_await asio::this_coro::executor;
        co_return std::make_unique<PlainSandbox>(executor, spec.id, folder, pid, m_alive);
    }
    [[nodiscard]] sandbox::Isolation isolation() const noexcept override { return sandbox::Isolation::User; }
    [[nodiscard]] int alive() const noexcept override { return m_alive; }

    [[nodiscard]] int launched() const noexcept { return m_launched; }
    [[nodiscard]] int refused() const noexcept { return m_refused; }
    void refuse(bool on) { m_refuse = on; }
    // Before the first launch: changes what is launched.
    void tamper(std::function<void(sandbox::LaunchSpec&)> tamper) { m_tamper = std::move(tamper); }

private:
    static std::vector<std::string> wrap(const sandbox::LaunchSpec& spec, const std::filesystem::path& folder) {
        std::vector<std::string> a{"/usr/bin/bwrap", "--unshare-net", "--unshare-pid", "--die-with-parent",
                                   "--ro-bind",      "/usr",          "/usr",          "--symlink",
                                   "usr/lib",        "/lib",          "--symlink",     "usr/lib64",
                                   "/lib64",         "--symlink",     "usr/bin",       "/bin",
                                   "--proc",         "/proc",         "--dev",         "/dev",
                                   "--tmpfs",        "/tmp",          "--bind",        folder / "code",
                                   "/code",          "--bind",        folder / "opt",  "/opt",
                                   "--clearenv"};
        for (const auto& [name, value] : spec.environment) {
            a.insert(a.end(), {"--setenv", name, value});
        }
        int number = 0;
        for (const auto& file : spec.files) {
            const auto host = folder / ("file" + std::to_string(number++));
            std::ofstream(host, std::ios::binary) << file.bytes;
            std::filesystem::permissions(host, std::filesystem::perms(file.executable ? 0755 : 0644));
            a.insert(a.end(), {"--ro-bind", host, file.path});
        }
        a.push_back("--");
        a.insert(a.end(), spec.argv.begin(), spec.argv.end());
        return a;
    }

    std::filesystem::path m_scratch;
    std::atomic<int> m_alive{0};
    std::atomic<int> m_launched{0};
    std::atomic<int> m_refused{0};
    std::atomic<bool> m_refuse{false};
    std::function<void(sandbox::LaunchSpec&)> m_tamper;
};

}  // namespace hanshu::test
