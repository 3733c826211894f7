// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/io_pool.h"
#include "scheduler/pool.h"
#include "scheduler/pooled_scheduler.h"

namespace hanshu::scheduler {
namespace {

// A coroutine of its own, so that everything of the instance is touched on its thread.
Task<runtime::RunResult> runAtHome(std::shared_ptr<Member> member, runtime::RunRequest request,
                                   runtime::OutputSink output) {
    co_return co_await member->instance->run(std::move(request), std::move(output));
}

Task<runtime::RunResult> runThere(asio::any_io_executor home, std::shared_ptr<Member> member,
                                  runtime::RunRequest request, runtime::OutputSink output) {
    co_return co_await asio::co_spawn(home, runAtHome(std::move(member), std::move(request), std::move(output)),
                                      asio::use_awaitable);
}

}  // namespace

Slot::Slot(IoPool& io, Grant grant, std::shared_ptr<PooledScheduler> scheduler)
    : m_io(io), m_grant(std::move(grant)), m_scheduler(std::move(scheduler)) {}

Slot::~Slot() {
    const auto home = m_grant.member->home;
    if (IoPool::currentIndex() == static_cast<int>(home)) {
        m_scheduler->release(std::move(m_grant.member));
        return;
    }
    asio::post(m_io.context(home), [scheduler = std::move(m_scheduler), member = std::move(m_grant.member)]() mutable {
        scheduler->release(std::move(member));
    });
}

Task<runtime::RunResult> Slot::run(runtime::RunRequest request, runtime::OutputSink output) {
    const auto home = m_grant.member->home;
    if (IoPool::currentIndex() == static_cast<int>(home)) {
        return m_grant.member->instance->run(std::move(request), std::move(output));
    }
    return runThere(m_io.context(home).get_executor(), m_grant.member, std::move(request), std::move(output));
}

Lease::Lease(std::shared_ptr<Slot> slot) noexcept : m_slot(std::move(slot)) {}

Lease& Lease::operator=(Lease&&) noexcept = default;

Lease::~Lease() = default;

Task<runtime::RunResult> Lease::run(runtime::RunRequest request, runtime::OutputSink output) {
    return m_slot->run(std::move(request), std::move(output));
}

const InstanceId& Lease::instanceId() const noexcept {
    return m_slot->member().id;
}

bool Lease::cold() const noexcept {
    return m_slot->cold();
}

const runtime::StartTimes& Lease::startTimes() const noexcept {
    return m_slot->member().times;
}

}  // namespace hanshu::scheduler
