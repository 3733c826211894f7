// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "triggers/trigger_index.h"

#include "api/validate.h"
#include "base/time_format.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace hanshu::triggers {
namespace {

// The bucket of acs:oss:{region}:{account}:{bucket}; another account's is refused, because nothing of it can be
// granted.
Result<std::string> bucketOf(const std::string& account, const std::string& arn) {
    const auto wrong = [&](std::string_view problem) {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"field", "sourceArn"},
                     {"message", fmt::format("sourceArn '{}' {}; an oss trigger needs acs:oss:{{region}}:{}:{{bucket}}",
                                             arn, problem, account)}});
    };
    std::vector<std::string> parts;
    std::string_view rest = arn;
    for (auto colon = rest.find(':'); colon != std::string_view::npos; colon = rest.find(':')) {
        parts.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(colon + 1);
    }
    constexpr std::size_t kPartsBeforeBucket = 4;
    if (parts.size() != kPartsBeforeBucket || parts[0] != "acs" || parts[1] != "oss" || !api::isBucketName(rest)) {
        return wrong("is not the ARN of a bucket");
    }
    if (parts[3] != account) {
        return wrong("belongs to another account");
    }
    return std::string(rest);
}

std::string_view withoutPrefix(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace

Result<std::shared_ptr<const CompiledTrigger>> compile(const std::string& account, const std::string& function,
                                                       const api::Trigger& trigger) {
    auto compiled = std::make_shared<CompiledTrigger>();
    compiled->account = account;
    compiled->function = function;
    compiled->trigger = trigger;
    compiled->created = parseRfc3339(trigger.created_time()).value_or(SystemTime{});
    if (trigger.trigger_type() == "oss") {
        auto config = api::parseOssConfig(trigger);
        if (!config) {
            return fail(std::move(config.error()));
        }
        auto bucket = bucketOf(account, trigger.source_arn());
        if (!bucket) {
            return fail(std::move(bucket.error()));
        }
        compiled->oss = std::move(*config);
        compiled->bucket = std::move(*bucket);
    } else if (trigger.trigger_type() == "timer") {
        auto config = api::parseTimerConfig(trigger);
        if (!config) {
            return fail(std::move(config.error()));
        }
        auto schedule = Schedule::parse(config->cron_expression());
        if (!schedule) {
            return fail(std::move(schedule.error()));
        }
        compiled->timer = std::move(*config);
        compiled->schedule = std::move(*schedule);
    } else {
        auto config = api::parseHttpConfig(trigger);
        if (!config) {
            return fail(std::move(config.error()));
        }
        compiled->http = std::move(*config);
    }
    return std::shared_ptr<const CompiledTrigger>(std::move(compiled));
}

void TriggerIndex::add(Entry entry) {
    auto key = std::tuple(entry->account, entry->function, entry->trigger.trigger_name());
    m_all.insert_or_assign(std::move(key), std::move(entry));
    rebuild();
}

void TriggerIndex::remove(const std::string& account, const std::string& function, const std::string& name) {
    m_all.erase(std::tuple(account, function, name));
    rebuild();
}

void TriggerIndex::rebuild() {
    m_buckets.clear();
    m_urls.clear();
    m_timers.clear();
    for (const auto& [key, entry] : m_all) {
        if (entry->oss) {
            m_buckets.emplace(std::pair(entry->account, entry->bucket), entry);
        } else if (entry->http) {
            m_urls.emplace(entry->trigger.trigger_id(), entry);
        } else if (entry->timer->enable()) {
            m_timers.push_back(entry);
        }
    }
}

std::size_t TriggerIndex::count(const std::string& account, const std::string& function) const {
    std::size_t count = 0;
    for (auto it = m_all.lower_bound(std::tuple(account, function, std::string()));
         it != m_all.end() && std::get<0>(it->first) == account && std::get<1>(it->first) == function; ++it) {
        ++count;
    }
    return count;
}

bool TriggerIndex::has(const std::string& account, const std::string& function, const std::string& name) const {
    return m_all.contains(std::tuple(account, function, name));
}

bool TriggerIndex::hasHttp(const std::string& account, const std::string& function,
                           const std::string& qualifier) const {
    return std::ranges::any_of(m_urls, [&](const auto& item) {
        return item.second->account == account && item.second->function == function &&
               item.second->trigger.qualifier() == qualifier;
    });
}

std::vector<TriggerIndex::Entry> TriggerIndex::ofBucket(const std::string& account, const std::string& bucket) const {
    std::vector<Entry> entries;
    const auto [first, last] = m_buckets.equal_range(std::pair(account, bucket));
    for (auto it = first; it != last; ++it) {
        entries.push_back(it->second);
    }
    return entries;
}

TriggerIndex::Entry TriggerIndex::ofUrl(std::string_view triggerId) const {
    const auto found = m_urls.find(triggerId);
    return found == m_urls.end() ? nullptr : found->second;
}

bool matches(const CompiledTrigger& trigger, const objects::Change& change) {
    const auto& key = trigger.oss->filter().key();
    if (!change.key.starts_with(key.prefix()) || !change.key.ends_with(key.suffix())) {
        return false;
    }
    return std::ranges::any_of(trigger.oss->events(), [&](const std::string& wanted) {
        const auto name = withoutPrefix(wanted, "oss:");
        return name.ends_with(":*") ? change.eventName.starts_with(name.substr(0, name.size() - 1))
                                    : change.eventName == name;
    });
}

std::string objectPayload(const CompiledTrigger& trigger, const objects::Change& change, std::string_view region) {
    namespace json = boost::json;
    const json::object bucket{{"arn", fmt::format("acs:oss:{}:{}:{}", region, change.account, change.bucket)},
                              {"name", change.bucket},
                              {"ownerIdentity", change.account},
                              {"virtualBucket", ""}};
    const json::object object{
        {"deltaSize", change.size}, {"eTag", change.etag}, {"key", change.key}, {"size", change.size}};
    const json::object event{{"eventName", change.eventName},
                             {"eventSource", "acs:oss"},
                             {"eventTime", formatRfc3339Millis(change.time)},
                             {"eventVersion", "1.0"},
                             {"oss",
                              {{"bucket", bucket},
                               {"object", object},
                               {"ossSchemaVersion", "1.0"},
                               {"ruleId", trigger.trigger.trigger_id()}}},
                             {"region", region},
                             {"requestParameters", {{"sourceIPAddress", change.remoteAddress}}},
                             {"responseElements", {{"requestId", change.requestId}}},
                             {"userIdentity", {{"principalId", change.principal}}}};
    return json::serialize(json::object{{"events", json::array{event}}});
}

std::string timerPayload(const CompiledTrigger& trigger, SystemTime due) {
    return boost::json::serialize(boost::json::object{{"triggerTime", formatRfc3339(due)},
                                                      {"triggerName", trigger.trigger.trigger_name()},
                                                      {"payload", trigger.timer->payload()}});
}

}  // namespace hanshu::triggers
