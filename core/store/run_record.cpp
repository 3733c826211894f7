// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/run_record.h"

#include "query/lists.h"

#include <cmath>

namespace hanshu::store {
namespace {

using query::FieldId;
using query::Value;
namespace field = query::run_field;

Value textOf(std::string_view text) {
    return text.empty() ? Value() : Value::text(text);
}

Value choiceOf(FieldId id, std::string_view name) {
    const auto index = query::findChoice(query::runSchema().field(id), name);
    return index ? Value::choice(*index) : Value();
}

Value microseconds(double count) {
    return Value::duration(std::chrono::microseconds{std::llround(count)});
}

}  // namespace

// What was refused started nothing: it has no instance, and no phases of a run.
Value RunRecord::value(FieldId id) const {
    const bool ran = !m_run.instance_id().empty();
    switch (id) {
        case field::kTime:
            return Value::time(SystemTime{std::chrono::microseconds{std::llround(m_run.started_time() * 1000)}});
        case field::kStatus:
            return choiceOf(id, m_run.status());
        case field::kFailed:
            return Value::boolean(m_run.status() != "Succeeded");
        case field::kFunction:
            return Value::text(m_run.function_name());
        case field::kQualifier:
            return textOf(m_run.qualifier());
        case field::kVersion:
            return textOf(m_run.version_id());
        case field::kInstance:
            return textOf(m_run.instance_id());
        case field::kRequest:
            return Value::text(m_run.request_id());
        case field::kType:
            return choiceOf(id, m_run.invocation_type());
        case field::kSource:
            return choiceOf(id, m_run.source());
        case field::kTrigger:
            return textOf(m_run.trigger_name());
        case field::kCold:
            return ran ? Value::boolean(m_run.cold_start()) : Value();
        case field::kDuration:
            return ran ? microseconds(m_run.run_us()) : Value();
        case field::kQueue:
            return microseconds(m_run.queue_us());
        case field::kStart:
            return ran ? microseconds(m_run.schedule_us() + m_run.start_us() + m_run.init_us()) : Value();
        case field::kMemory:
            return ran ? Value::bytes(std::llround(m_run.memory_peak())) : Value();
        case field::kBilled:
            return ran ? microseconds(m_run.billed_duration_ms() * 1000) : Value();
        case field::kAttempt:
            return Value::number(m_run.attempt());
        case field::kError:
            return textOf(m_run.error_type());
        case field::kMessage:
            return textOf(m_run.error_message());
        default:
            return {};
    }
}

}  // namespace hanshu::store
