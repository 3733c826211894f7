// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is known of one run while it happens, and the record that is made of it. One thread at a time.
#pragma once

#include "base/clock.h"
#include "base/published.h"
#include "base/result.h"
#include "invocation.pb.h"
#include "invoke/pipeline.h"
#include "invoke/run_log.h"
#include "runtime/instance.h"

#include <memory>
#include <string>

namespace hanshu::invoke {

class Trace {
public:
    Trace(const Call& call, const Clock& clock);

    // Where the run's output goes; may be kept longer than the trace.
    [[nodiscard]] runtime::OutputSink sink(telemetry::Recorder& recorder);

    void function(const api::Function& function);
    void acquired(const InstanceId& instance, bool cold, const runtime::StartTimes& times,
                  std::chrono::microseconds waited);
    void finished(const runtime::RunResult& result);
    void refused(const Error& error);

    [[nodiscard]] const api::Invocation& invocation() const noexcept { return m_invocation; }
    // The lines that are not recorded yet, and the record. Once.
    [[nodiscard]] telemetry::RunRecord takeRecord();
    // The tail block of the reference's 3.3: the log's end, an empty line, the figures of the run.
    [[nodiscard]] std::string logTail() const;

private:
    std::string m_account;
    api::Invocation m_invocation;
    std::shared_ptr<RunLog> m_log;
    // What the sink may tell of lines that are recorded while the run goes on.
    std::shared_ptr<Published<std::string>> m_instance = std::make_shared<Published<std::string>>();
};

}  // namespace hanshu::invoke
