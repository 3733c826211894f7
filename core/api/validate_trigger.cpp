// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/arn.h"
#include "api/findings.h"
#include "api/json_reader.h"
#include "api/names.h"
#include "api/validate.h"

#include <array>

namespace hanshu::api {
namespace {

constexpr std::string_view kConfig = "triggerConfig";
constexpr std::size_t kLongestKeyFilter = 1023;        // an object's key is no longer
constexpr std::size_t kLargestPayload = 128UL * 1024;  // reference 5.7, asynchronous

constexpr std::array<std::string_view, 3> kTypes{"oss", "timer", "http"};

// Reference 4.1.
constexpr std::array<std::string_view, 20> kOssEvents{
    "oss:ObjectCreated:*",
    "oss:ObjectCreated:PutObject",
    "oss:ObjectCreated:PutSymlink",
    "oss:ObjectCreated:PostObject",
    "oss:ObjectCreated:CopyObject",
    "oss:ObjectCreated:InitiateMultipartUpload",
    "oss:ObjectCreated:UploadPart",
    "oss:ObjectCreated:UploadPartCopy",
    "oss:ObjectCreated:CompleteMultipartUpload",
    "oss:ObjectCreated:AppendObject",
    "oss:ObjectRemoved:*",
    "oss:ObjectRemoved:DeleteObject",
    "oss:ObjectRemoved:DeleteObjects",
    "oss:ObjectRemoved:AbortMultipartUpload",
    "oss:ObjectReplication:*",
    "oss:ObjectReplication:ObjectCreated",
    "oss:ObjectReplication:ObjectRemoved",
    "oss:ObjectReplication:ObjectModified",
    "oss:ObjectModified:*",
    "oss:ObjectModified:UpdateObjectMeta",
};

// Reference 4.3.
constexpr std::array<std::string_view, 7> kMethods{"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// A Go duration of hours, minutes and seconds, such as 5m or 1h30m, of at least one second.
bool isInterval(std::string_view text) {
    bool positive = false;
    if (text.empty()) {
        return false;
    }
    while (!text.empty()) {
        const auto unit = text.find_first_not_of("0123456789");
        if (unit == 0 || unit == std::string_view::npos || unit > 6 ||
            std::string_view("smh").find(text[unit]) == std::string_view::npos) {
            return false;
        }
        positive = positive || text.substr(0, unit).find_first_not_of('0') != std::string_view::npos;
        text.remove_prefix(unit + 1);
    }
    return positive;
}

// The shape alone: six fields of the characters that cron knows. The ranges are the business of who runs the schedule.
bool isCronShape(std::string_view text) {
    constexpr std::string_view kZone = "CRON_TZ=";
    if (text.starts_with(kZone)) {
        const auto space = text.find(' ');
        if (space == std::string_view::npos || space == kZone.size()) {
            return false;
        }
        text.remove_prefix(space + 1);
    }
    const auto isCronCharacter = [](char c) {
        return isDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("*?,/-").find(c) != std::string_view::npos;
    };
    int fields = 0;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto field = text.substr(0, space);
        fields += field.empty() ? 0 : 1;
        if (!std::ranges::all_of(field, isCronCharacter)) {
            return false;
        }
        text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    }
    return fields == 6;
}

OssTriggerConfig collectOss(const Trigger& trigger, Findings& findings) {
    OssTriggerConfig config;
    const auto before = findings.list.size();
    const auto presence = collectJson(trigger.trigger_config(), kConfig, config, findings.list);
    if (config.events().empty() && findings.list.size() == before) {
        findings.add("triggerConfig.events", "must name at least one event, for instance oss:ObjectCreated:*");
    }
    findings.atMost("triggerConfig.events", static_cast<std::size_t>(config.events_size()), kOssEvents.size(),
                    "values");
    for (int i = 0; i < config.events_size() && i < static_cast<int>(kOssEvents.size()); ++i) {
        findings.oneOf(fmt::format("triggerConfig.events[{}]", i), config.events(i), kOssEvents);
    }
    for (const auto& [name, text] :
         {std::pair<std::string_view, const std::string&>{"prefix", config.filter().key().prefix()},
          {"suffix", config.filter().key().suffix()}}) {
        if (text.size() > kLongestKeyFilter) {
            findings.add(fmt::format("triggerConfig.filter.key.{}", name), "must have at most 1023 bytes");
        }
    }
    return config;
}

TimerTriggerConfig collectTimer(const Trigger& trigger, Findings& findings) {
    constexpr std::string_view kEvery = "@every ";
    TimerTriggerConfig config;
    const auto before = findings.list.size();
    const auto presence = collectJson(trigger.trigger_config(), kConfig, config, findings.list);
    if (!presence.contains("enable")) {
        config.set_enable(true);
    }
    const std::string_view cron = config.cron_expression();
    const bool fine = cron.starts_with(kEvery) ? isInterval(cron.substr(kEvery.size())) : isCronShape(cron);
    if (!fine && findings.list.size() == before) {
        findings.add("triggerConfig.cronExpression",
                     fmt::format("must be @every with a duration (5m, 1h30m) or six fields, seconds minutes hours "
                                 "day-of-month month day-of-week, with CRON_TZ=Zone in front where it is not UTC "
                                 "(actual: {})",
                                 inQuotes(cron)));
    }
    if (config.payload().size() > kLargestPayload) {
        findings.add("triggerConfig.payload", "must have at most 131072 bytes");
    }
    return config;
}

void checkCors(const CorsConfig& cors, Findings& findings) {
    for (int i = 0; i < cors.allow_methods_size(); ++i) {
        if (cors.allow_methods(i) != "*") {
            findings.oneOf(fmt::format("triggerConfig.corsConfig.allowMethods[{}]", i), cors.allow_methods(i),
                           kMethods);
        }
    }
    const auto checkTexts = [&findings](std::string_view field, const auto& list) {
        for (int i = 0; i < list.size(); ++i) {
            if (list[i].empty() || !isPrintable(list[i])) {
                findings.add(fmt::format("triggerConfig.corsConfig.{}[{}]", field, i),
                             "must be printable text that is not empty");
            }
        }
    };
    checkTexts("allowHeaders", cors.allow_headers());
    checkTexts("allowOrigins", cors.allow_origins());
    checkTexts("exposeHeaders", cors.expose_headers());
    if (cors.max_age() < 0) {
        findings.add("triggerConfig.corsConfig.maxAge", "must not be negative");
    }
}

HttpTriggerConfig collectHttp(const Trigger& trigger, Findings& findings) {
    constexpr std::array<std::string_view, 2> kAuthTypes{"anonymous", "function"};
    HttpTriggerConfig config;
    const auto before = findings.list.size();
    const auto presence = collectJson(trigger.trigger_config(), kConfig, config, findings.list);
    if (findings.list.size() != before) {
        return config;
    }
    findings.oneOf("triggerConfig.authType", config.auth_type(), kAuthTypes);
    if (!config.auth_config().empty()) {
        findings.add("triggerConfig.authConfig", "is not supported by this server: it configures authType jwt");
    }
    if (config.methods().empty()) {
        findings.add("triggerConfig.methods", "must name at least one method");
    }
    findings.atMost("triggerConfig.methods", static_cast<std::size_t>(config.methods_size()), kMethods.size(),
                    "values");
    for (int i = 0; i < config.methods_size() && i < static_cast<int>(kMethods.size()); ++i) {
        findings.oneOf(fmt::format("triggerConfig.methods[{}]", i), config.methods(i), kMethods);
    }
    checkCors(config.cors_config(), findings);
    return config;
}

void checkSource(const Trigger& trigger, Findings& findings) {
    if (trigger.trigger_type() != "oss") {
        if (!trigger.source_arn().empty()) {
            findings.add("sourceArn", fmt::format("must be absent: a trigger of type {} has no source",
                                                  inQuotes(trigger.trigger_type())));
        }
        return;
    }
    const auto arn = parseArn(trigger.source_arn());
    if (!arn || arn->service != "oss" || arn->account.empty() || !isPrintable(trigger.source_arn()) ||
        !isBucketName(arn->resource)) {
        findings.add("sourceArn", fmt::format("must be a bucket's ARN, acs:oss:REGION:ACCOUNT:BUCKET (actual: {})",
                                              inQuotes(trigger.source_arn())));
    }
}

Result<void> checkTrigger(const Trigger& trigger) {
    Findings findings;
    if (!isTriggerName(trigger.trigger_name())) {
        findings.add("triggerName", fmt::format("must have 1 to 128 characters, letters, digits, _ and -, and not "
                                                "begin with a digit or - (actual: {})",
                                                inQuotes(trigger.trigger_name())));
    }
    if (trigger.description().size() > 1024) {
        findings.add("description", "must have at most 1024 bytes");
    }
    if (trigger.qualifier() != "LATEST") {
        findings.add("qualifier", fmt::format("must be LATEST: this server keeps no versions (actual: {})",
                                              inQuotes(trigger.qualifier())));
    }
    if (!trigger.invocation_role().empty() && !isRoleArn(trigger.invocation_role())) {
        findings.add("invocationRole", fmt::format("must be a role's ARN, acs:ram::ACCOUNT:role/NAME (actual: {})",
                                                   inQuotes(trigger.invocation_role())));
    }
    const auto before = findings.list.size();
    findings.oneOf("triggerType", trigger.trigger_type(), kTypes);
    if (findings.list.size() == before) {
        checkSource(trigger, findings);
    }
    if (trigger.trigger_type() == "oss") {
        collectOss(trigger, findings);
    } else if (trigger.trigger_type() == "timer") {
        collectTimer(trigger, findings);
    } else if (trigger.trigger_type() == "http") {
        collectHttp(trigger, findings);
    }
    return findings.result();
}

template <class Config>
Result<Config> parseWith(Config (*collect)(const Trigger&, Findings&), const Trigger& trigger) {
    Findings findings;
    auto config = collect(trigger, findings);
    HANSHU_TRY(findings.result());
    return config;
}

}  // namespace

Result<Trigger> makeTrigger(const CreateTriggerInput& input) {
    Trigger trigger;
    trigger.set_trigger_name(input.trigger_name());
    trigger.set_description(input.description());
    trigger.set_trigger_type(input.trigger_type());
    trigger.set_trigger_config(input.trigger_config());
    trigger.set_source_arn(input.source_arn());
    trigger.set_invocation_role(input.invocation_role());
    trigger.set_qualifier(input.qualifier().empty() ? "LATEST" : input.qualifier());
    HANSHU_TRY(checkTrigger(trigger));
    return trigger;
}

Result<void> applyUpdate(const UpdateTriggerInput& input, Trigger& trigger) {
    Trigger next = trigger;
    if (input.has_description()) {
        next.set_description(input.description());
    }
    if (input.has_trigger_config()) {
        next.set_trigger_config(input.trigger_config());
    }
    if (input.has_invocation_role()) {
        next.set_invocation_role(input.invocation_role());
    }
    if (input.has_qualifier()) {
        next.set_qualifier(input.qualifier().empty() ? "LATEST" : input.qualifier());
    }
    HANSHU_TRY(checkTrigger(next));
    trigger = std::move(next);
    return {};
}

Result<OssTriggerConfig> parseOssConfig(const Trigger& trigger) {
    return parseWith(&collectOss, trigger);
}

Result<TimerTriggerConfig> parseTimerConfig(const Trigger& trigger) {
    return parseWith(&collectTimer, trigger);
}

Result<HttpTriggerConfig> parseHttpConfig(const Trigger& trigger) {
    return parseWith(&collectHttp, trigger);
}

}  // namespace hanshu::api
