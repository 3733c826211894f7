// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All triggers at one moment, compiled for matching. Immutable; any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "objects/object_store.h"
#include "store/event_queue.h"
#include "trigger.pb.h"
#include "triggers/cron.h"
#include "triggers/trigger_book.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hanshu::triggers {

struct CompiledTrigger {
    std::string account;
    std::string function;
    api::Trigger trigger;
    SystemTime created;
    // One of them, by the trigger's type.
    std::optional<api::OssTriggerConfig> oss;
    std::string bucket;  // of oss
    std::optional<api::TimerTriggerConfig> timer;
    std::optional<Schedule> schedule;
    std::optional<api::HttpTriggerConfig> http;
};

// InvalidArgument, as for a create.
[[nodiscard]] Result<std::shared_ptr<const CompiledTrigger>> compile(const std::string& account,
                                                                     const std::string& function,
                                                                     const api::Trigger& trigger);

class TriggerIndex {
public:
    using Entry = std::shared_ptr<const CompiledTrigger>;

    void add(Entry entry);
    void remove(const std::string& account, const std::string& function, const std::string& name);

    [[nodiscard]] std::size_t count(const std::string& account, const std::string& function) const;
    [[nodiscard]] bool has(const std::string& account, const std::string& function, const std::string& name) const;
    [[nodiscard]] bool hasHttp(const std::string& account, const std::string& function,
                               const std::string& qualifier) const;
    [[nodiscard]] std::vector<Entry> ofBucket(const std::string& account, const std::string& bucket) const;
    [[nodiscard]] Entry ofUrl(std::string_view triggerId) const;
    [[nodiscard]] const std::vector<Entry>& timers() const noexcept { return m_timers; }

private:
    void rebuild();

    std::map<std::tuple<std::string, std::string, std::string>, Entry> m_all;  // account, function, name
    std::multimap<std::pair<std::string, std::string>, Entry> m_buckets;
    std::map<std::string, Entry, std::less<>> m_urls;
    std::vector<Entry> m_timers;
};

// Whether the trigger wants to hear of this change.
[[nodiscard]] bool matches(const CompiledTrigger& trigger, const objects::Change& change);
// What its function is sent (reference 4.1 and 4.2).
[[nodiscard]] std::string objectPayload(const CompiledTrigger& trigger, const objects::Change& change,
                                        std::string_view region);
[[nodiscard]] std::string timerPayload(const CompiledTrigger& trigger, SystemTime due);

}  // namespace hanshu::triggers
