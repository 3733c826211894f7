// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A folder for code, io threads, sandboxes and a factory of instances: what every test of a runtime needs.
#pragma once

#include "base/io_pool.h"
#include "runtime/instance_factory.h"
#include "runtime/plain_sandbox.h"

#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

namespace hanshu::test {

// Collects output on the instance's thread; read once the run is over.
struct Output {
    std::shared_ptr<std::string> text = std::make_shared<std::string>();
    [[nodiscard]] runtime::OutputSink sink() const {
        return [text = text](std::string_view bytes) { text->append(bytes); };
    }
};

class RuntimeBench {
public:
    explicit RuntimeBench(int stock = 0, runtime::SandboxConnection door = {},
                          std::chrono::milliseconds customTimeout = std::chrono::seconds(20),
                          runtime::InstanceOutput instanceOutput = {})
        : m_sandboxes(std::filesystem::path(m_folder.path().toStdString()) / "sandboxes") {
        runtime::InstanceFactoryOptions options{.io = m_io, .sandboxes = m_sandboxes, .onSandboxConnection = {}};
        options.onSandboxConnection = std::move(door);
        options.onInstanceOutput = std::move(instanceOutput);
        options.stock = stock;
        options.customTimeout = customTimeout;
        m_factory = runtime::makeInstanceFactory(std::move(options));
        std::filesystem::create_directories(code());
    }
    ~RuntimeBench() {
        m_factory.reset();
        waitFor([this] { return m_sandboxes.alive() == 0; });
        m_io.stop();
    }
    RuntimeBench(const RuntimeBench&) = delete;
    RuntimeBench& operator=(const RuntimeBench&) = delete;

    [[nodiscard]] std::filesystem::path code() const {
        return std::filesystem::path(m_folder.path().toStdString()) / "code";
    }
    void write(const std::string& name, const std::string& text, bool executable = false) const {
        std::filesystem::create_directories((code() / name).parent_path());
        std::ofstream(code() / name, std::ios::binary) << text;
        if (executable) {
            std::filesystem::permissions(code() / name, std::filesystem::perms(0755));
        }
    }
    [[nodiscard]] std::shared_ptr<catalog::FunctionSpec> spec(const std::string& runtime = "python3.11") const {
        auto spec = std::make_shared<catalog::FunctionSpec>();
        spec->account = "1234";
        spec->region = "local";
        spec->versionId = "LATEST";
        spec->codeDirectory = code();
        spec->revision = {1};
        auto& function = spec->function;
        function.set_function_name("f");
        function.set_runtime(runtime);
        function.set_handler("index.handler");
        function.set_memory_size(512);
        function.set_disk_size(512);
        function.set_timeout(5);
        function.set_instance_concurrency(1);
        function.set_cpu(1);
        return spec;
    }

    // Blocks; everything of an instance happens on io thread 0.
    template <class T>
    T wait(Task<T> task) {
        auto future = asio::co_spawn(m_io.context(0), std::move(task), asio::use_future);
        if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
            qFatal("a task did not end within a minute");
        }
        return future.get();
    }
    runtime::Started start(std::shared_ptr<const catalog::FunctionSpec> spec, const Output& output = {}) {
        return start(std::move(spec), output, request(""));
    }
    runtime::Started start(std::shared_ptr<const catalog::FunctionSpec> spec, const Output& output,
                           const runtime::RunRequest& cause) {
        auto started = tryStart(std::move(spec), output, cause);
        if (!started) {
            qFatal("start: %s", started.error().describe().c_str());
        }
        return std::move(*started);
    }
    Result<runtime::Started> tryStart(std::shared_ptr<const catalog::FunctionSpec> spec) {
        return tryStart(std::move(spec), {}, request(""));
    }
    Result<runtime::Started> tryStart(std::shared_ptr<const catalog::FunctionSpec> spec, const Output& output,
                                      const runtime::RunRequest& cause) {
        return wait(startTask(*m_factory, std::move(spec), cause, output.sink()));
    }
    runtime::RunResult run(runtime::Instance& instance, runtime::RunRequest request, const Output& output = {}) {
        return wait(instance.run(std::move(request), output.sink()));
    }
    void destroy(std::unique_ptr<runtime::Instance> instance) {
        wait([](std::unique_ptr<runtime::Instance> dying) -> Task<bool> {
            dying.reset();
            co_return true;
        }(std::move(instance)));
    }
    static runtime::RunRequest request(std::string payload,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
        runtime::RunRequest request;
        request.requestId = newRequestId();
        request.payload = std::move(payload);
        request.deadline = std::chrono::steady_clock::now() + timeout;
        return request;
    }
    template <class Condition>
    static bool waitFor(Condition condition, std::chrono::seconds limit = std::chrono::seconds(10)) {
        const auto until = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }
    [[nodiscard]] runtime::InstanceFactory& factory() { return *m_factory; }
    [[nodiscard]] PlainSandboxes& sandboxes() { return m_sandboxes; }
    [[nodiscard]] IoPool& io() { return m_io; }

private:
    // `start` looks which thread it is on, so it is called on the instance's.
    static Task<Result<runtime::Started>> startTask(runtime::InstanceFactory& factory,
                                                    std::shared_ptr<const catalog::FunctionSpec> spec,
                                                    runtime::RunRequest cause, runtime::OutputSink output) {
        co_return co_await factory.start(std::move(spec), cause, std::move(output));
    }

    QTemporaryDir m_folder;
    IoPool m_io{2};
    PlainSandboxes m_sandboxes;
    std::unique_ptr<runtime::InstanceFactory> m_factory;
};

}  // namespace hanshu::test
