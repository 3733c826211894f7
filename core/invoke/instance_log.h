// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an instance writes while no run is inside, and in its preStop hook: recorded as the instance's own lines, which
// have no request id. One thread at a time: the instance's.
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "catalog/function_spec.h"
#include "invoke/run_log.h"
#include "runtime/instance.h"
#include "telemetry/recorder.h"

#include <optional>
#include <string>
#include <string_view>

namespace hanshu::invoke {

class InstanceLog {
public:
    // `recorder` and `clock` outlive it.
    InstanceLog(telemetry::Recorder& recorder, const Clock& clock, const catalog::FunctionSpec& spec,
                const InstanceId& id);
    ~InstanceLog();  // a line that was not ended is one, too
    InstanceLog(const InstanceLog&) = delete;
    InstanceLog& operator=(const InstanceLog&) = delete;

    void write(std::string_view bytes);

private:
    void record();

    telemetry::Recorder& m_recorder;
    const Clock& m_clock;
    std::string m_account;
    api::Invocation m_identity;
    std::optional<RunLog> m_log;
    SystemTime m_begun;
};

// Ends its log with its last copy.
[[nodiscard]] runtime::OutputSink instanceSink(telemetry::Recorder& recorder, const Clock& clock,
                                               const catalog::FunctionSpec& spec, const InstanceId& id);

}  // namespace hanshu::invoke
