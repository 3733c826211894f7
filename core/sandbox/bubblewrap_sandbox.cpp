// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/bubblewrap_sandbox.h"

#include <sys/mman.h>

#include <cerrno>

namespace hanshu::sandbox {
namespace {

// The number after `key` in a small text, 0 where there is none.
std::int64_t numberAfter(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    return std::strtoll(text.data() + at + key.size(), nullptr, 10);
}

// One pread into the caller's buffer, which ends in a zero byte for strtoll.
std::string_view readInto(const UniqueFd& file, std::span<char> buffer) {
    const auto size = ::pread(file.get(), buffer.data(), buffer.size() - 1, 0);
    const auto used = static_cast<std::size_t>(std::max<ssize_t>(size, 0));
    buffer[used] = '\0';
    return {buffer.data(), used};
}

// Reads the counters of one sandbox through descriptors that the spawner opened.
class UsageReader {
public:
    UsageReader() = default;
    UsageReader(UsageSource source, std::vector<UniqueFd> files) : m_source(source), m_files(std::move(files)) {}

    [[nodiscard]] Usage read() {
        std::array<char, 4096> buffer;
        Usage usage;
        switch (m_source) {
            case UsageSource::CgroupV1:
                if (m_files.size() == 2) {
                    usage.memoryPeakBytes = numberAfter(readInto(m_files[0], buffer), "");
                    usage.oomKills = numberAfter(readInto(m_files[1], buffer), "oom_kill ");
                    usage.oomKnown = true;
                }
                break;
            case UsageSource::CgroupV2:
                readV2(usage, buffer);
                break;
            case UsageSource::Process:
                if (m_files.size() == 1) {
                    constexpr std::int64_t kKibibyte = 1024;
                    usage.memoryPeakBytes = numberAfter(readInto(m_files[0], buffer), "VmHWM:") * kKibibyte;
                }
                break;
            case UsageSource::None:
                break;
        }
        return usage;
    }

    void reset() {
        if (m_source == UsageSource::CgroupV1 && m_files.size() == 2) {
            (void)!::pwrite(m_files[0].get(), "0", 1, 0);
        } else if (m_source == UsageSource::CgroupV2 && m_files.size() == 3) {
            m_resettable = ::pwrite(m_files[0].get(), "0", 1, 0) == 1;
            std::array<char, 64> buffer;
            m_sampled = numberAfter(readInto(m_files[2], buffer), "");
            m_wasReset = true;
        }
    }

private:
    // Before Linux 6.12 the peak of the whole life is all the kernel knows; since a reset, what was seen here.
    void readV2(Usage& usage, std::span<char> buffer) {
        if (m_files.size() != 3) {
            return;
        }
        usage.memoryPeakBytes = numberAfter(readInto(m_files[0], buffer), "");
        if (m_wasReset && !m_resettable) {
            m_sampled = std::max(m_sampled, numberAfter(readInto(m_files[2], buffer), ""));
            usage.memoryPeakBytes = m_sampled;
        }
        usage.oomKills = numberAfter(readInto(m_files[1], buffer), "oom_kill ");
        usage.oomKnown = true;
    }

    UsageSource m_source = UsageSource::None;
    std::vector<UniqueFd> m_files;
    bool m_resettable = false;
    bool m_wasReset = false;
    std::int64_t m_sampled = 0;
};

class BubblewrapSandbox final : public Sandbox {
public:
    BubblewrapSandbox(std::shared_ptr<SpawnerClient> client, InstanceId id, SpawnerClient::Reply launched)
        : m_client(std::move(client)),
          m_id(std::move(id)),
          m_number(launched.answer.sandbox),
          m_source(launched.answer.usage),
          m_life(std::move(launched.life)),
          m_usage(m_source, std::move(launched.answer.fds)) {}

    ~BubblewrapSandbox() override { kill(); }

    [[nodiscard]] const InstanceId& id() const noexcept override { return m_id; }

    Task<Result<void>> assign(Assignment assignment) override {
        AssignOrder order;
        order.request = m_client->newRequest();
        order.sandbox = m_number;
        order.assignment = std::move(assignment);
        // Named, as everywhere: g++ 12 destroys a temporary closure with captures twice in a co_await expression.
        auto start = [client = m_client, request = order.request, bytes = encode(order)](auto done) mutable {
            client->call(request, std::move(bytes), {}, std::move(done));
        };
        auto reply = co_await awaitCallback<SpawnerClient::Reply>(std::move(start));
        if (reply.answer.error) {
            co_return fail(std::move(*reply.answer.error));
        }
        if (!reply.answer.fds.empty()) {
            m_usage = UsageReader(m_source, std::move(reply.answer.fds));
        }
        co_return Result<void>{};
    }

    [[nodiscard]] Usage usage() override { return m_usage.read(); }
    void resetPeak() override { m_usage.reset(); }

    void kill() override {
        if (!m_killed && !m_life->ended()) {
            m_client->tell(encodeKill(m_number));
        }
        m_killed = true;
    }

    Task<ExitStatus> exited() override {
        auto start = [life = m_life](auto done) mutable { life->whenEnded(std::move(done)); };
        co_return co_await awaitCallback<ExitStatus>(std::move(start));
    }

private:
    std::shared_ptr<SpawnerClient> m_client;
    InstanceId m_id;
    std::uint64_t m_number;
    UsageSource m_source;
    std::shared_ptr<Life> m_life;
    UsageReader m_usage;
    bool m_killed = false;
};

Result<UniqueFd> toMemoryFile(const std::string& bytes) {
    UniqueFd file(::memfd_create("hanshu-file", MFD_CLOEXEC));
    if (!file) {
        return systemError("memfd_create", errno);
    }
    for (std::size_t done = 0; done < bytes.size();) {
        const auto size = ::write(file.get(), bytes.data() + done, bytes.size() - done);
        if (size <= 0) {
            return systemError("write a memory file", errno);
        }
        done += static_cast<std::size_t>(size);
    }
    return file;
}

// Why the code of a sandbox can't be told: the daemon asked for more than an order holds.
Failure tooLarge(std::string detail) {
    return fail(Code::InvalidArgument, "InvalidArgument", {}, std::move(detail));
}

}  // namespace

BubblewrapFactory::BubblewrapFactory(std::shared_ptr<SpawnerClient> client, Isolation isolation)
    : m_client(std::move(client)), m_isolation(isolation) {}

BubblewrapFactory::~BubblewrapFactory() {
    m_client->close();
}

Task<Result<std::unique_ptr<Sandbox>>> BubblewrapFactory::launch(LaunchSpec spec) {
    LaunchOrder order;
    order.request = m_client->newRequest();
    order.instance = spec.id.value;
    order.argv = std::move(spec.argv);
    order.environment = std::move(spec.environment);
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(spec.control));
    fds.push_back(std::move(spec.output));
    if (!fds[0] || !fds[1]) {
        co_return internalError("a launch needs a control socket and an output pipe");
    }
    if (spec.files.size() + fds.size() > kMaxFrameFds) {
        co_return tooLarge(fmt::format("{} files for one sandbox", spec.files.size()));
    }
    for (auto& file : spec.files) {
        auto made = toMemoryFile(file.bytes);
        if (!made) {
            co_return fail(std::move(made.error()));
        }
        fds.push_back(std::move(*made));
        order.files.push_back({std::move(file.path), file.executable});
    }
    auto bytes = encode(order);
    if (bytes.size() > kMaxFrameBytes) {
        co_return tooLarge(fmt::format("arguments and environment of {} bytes", bytes.size()));
    }
    auto start = [client = m_client, request = order.request, bytes = std::move(bytes), fds = std::move(fds)](
                     auto done) mutable { client->call(request, std::move(bytes), std::move(fds), std::move(done)); };
    auto reply = co_await awaitCallback<SpawnerClient::Reply>(std::move(start));
    if (reply.answer.error) {
        co_return fail(std::move(*reply.answer.error));
    }
    std::unique_ptr<Sandbox> made = std::make_unique<BubblewrapSandbox>(m_client, std::move(spec.id), std::move(reply));
    co_return Result<std::unique_ptr<Sandbox>>(std::move(made));
}

}  // namespace hanshu::sandbox
