// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/instance_log.h"

namespace hanshu::invoke {
namespace {

// An instance may live for weeks: what a run may keep, it may keep once in this time.
constexpr std::chrono::hours kBoundEvery{1};

}  // namespace

InstanceLog::InstanceLog(telemetry::Recorder& recorder, const Clock& clock, const catalog::FunctionSpec& spec,
                         const InstanceId& id)
    : m_recorder(recorder), m_clock(clock), m_account(spec.account), m_begun(clock.now()) {
    m_identity.set_function_name(spec.function.function_name());
    m_identity.set_qualifier(spec.qualifier.empty() ? "LATEST" : spec.qualifier);
    m_identity.set_version_id(spec.versionId);
    m_identity.set_instance_id(id.value);
    m_log.emplace(clock, false);
}

InstanceLog::~InstanceLog() {
    m_log->close();
    record();
}

void InstanceLog::write(std::string_view bytes) {
    if (m_clock.now() - m_begun >= kBoundEvery) {
        m_log->close();
        record();
        m_log.emplace(m_clock, false);
        m_begun = m_clock.now();
    }
    m_log->write(bytes);
    record();
}

void InstanceLog::record() {
    m_recorder.recordLines(m_account, m_identity, m_log->takeLines());
}

runtime::OutputSink instanceSink(telemetry::Recorder& recorder, const Clock& clock, const catalog::FunctionSpec& spec,
                                 const InstanceId& id) {
    const auto log = std::make_shared<InstanceLog>(recorder, clock, spec, id);
    return [log](std::string_view bytes) { log->write(bytes); };
}

}  // namespace hanshu::invoke
