// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/arn.h"
#include "api/findings.h"
#include "api/names.h"
#include "api/validate.h"
#include "api/validate_parts.h"

#include <array>
#include <cmath>

namespace hanshu::api {
namespace {

// Reference 1.4, "Constraints".
constexpr int kDefaultMemory = 512;
constexpr int kDefaultDisk = 512;
constexpr int kLargeDisk = 10240;
constexpr int kDefaultTimeout = 3;
constexpr int kDefaultConcurrency = 1;
constexpr double kCpuStepsPerCore = 20;  // steps of 0.05

// What this server has images for.
constexpr std::array<std::string_view, 6> kRuntimes{"python3.11",      "python3",         "custom",
                                                    "custom.debian10", "custom.debian11", "custom.debian12"};

double gigabytes(int megabytes) {
    return megabytes / 1024.0;
}

// Half a core a gigabyte, in the middle of the allowed 1:1 to 1:4, rounded up to the next step.
double cpuFor(int memory) {
    return std::max(1.0, std::ceil(gigabytes(memory) / 2 * kCpuStepsPerCore - 1e-9)) / kCpuStepsPerCore;
}

void checkCpu(const Function& function, bool isMemoryFine, Findings& findings) {
    const double cpu = function.cpu();
    // One that follows a memory size which is wrong itself is nobody's fault.
    if (!isMemoryFine && std::abs(cpu - cpuFor(function.memory_size())) < 1e-9) {
        return;
    }
    const double steps = cpu * kCpuStepsPerCore;
    if (!(cpu >= 0.05 - 1e-9 && cpu <= 16 + 1e-9) || std::abs(steps - std::round(steps)) > 1e-6) {
        findings.add("cpu", fmt::format("must be between 0.05 and 16 in steps of 0.05 (actual: {})", cpu));
        return;
    }
    const double memory = gigabytes(function.memory_size());
    if (!isMemoryFine) {
        return;
    }
    if (cpu > memory + 1e-9 || cpu < memory / 4 - 1e-9) {
        findings.add("cpu", fmt::format("must be between a quarter and the whole of the memory in GB (actual: {} vCPU "
                                        "for {} MB; for example {} fits)",
                                        cpu, function.memory_size(), cpuFor(function.memory_size())));
    }
}

void checkSizes(const Function& function, Findings& findings) {
    const int memory = function.memory_size();
    const bool isMemoryFine = memory >= 128 && memory <= 32768 && memory % 64 == 0;
    if (!isMemoryFine) {
        findings.add("memorySize",
                     fmt::format("must be between 128 and 32768 and a multiple of 64 (actual: {})", memory));
    }
    checkCpu(function, isMemoryFine, findings);
    if (function.disk_size() != kDefaultDisk && function.disk_size() != kLargeDisk) {
        findings.add("diskSize", fmt::format("must be 512 or 10240 (actual: {})", function.disk_size()));
    }
    findings.range("timeout", function.timeout(), 1, 86400);
    findings.range("instanceConcurrency", function.instance_concurrency(), 1, 200);
    if (function.has_idle_timeout()) {
        findings.range("idleTimeout", function.idle_timeout(), 0, 86400);
    }
}

void checkRuntime(const Function& function, Findings& findings) {
    findings.oneOf("runtime", function.runtime(), kRuntimes);
    const bool python = function.runtime().starts_with("python");
    if (python || !function.handler().empty()) {
        checkHandler("handler", function.handler(), python, findings);
    }
}

void checkEnvironment(const Function& function, Findings& findings) {
    constexpr std::size_t kMaxBytes = 4096;  // reference 5.7
    std::size_t bytes = 0;
    for (const auto& [name, value] : function.environment_variables()) {
        bytes += name.size() + value.size();
        const auto field = fmt::format("environmentVariables.{}", shortened(name));
        if (!isName(name, kMaxBytes) || name.front() == '_' || name.find('-') != std::string::npos) {
            findings.add(field, "must begin with a letter and consist of letters, digits and _");
        } else if (name.starts_with("FC_")) {
            findings.add(field, "must not begin with FC_, which the platform keeps for itself");
        }
        if (value.find('\0') != std::string::npos) {
            findings.add(field, "must not contain a NUL character");
        }
    }
    if (bytes > kMaxBytes) {
        findings.add("environmentVariables",
                     fmt::format("must have at most 4096 bytes of names and values together (actual: {})", bytes));
    }
}

void checkLayers(const Function& function, Findings& findings) {
    constexpr int kMaxLayers = 5;
    findings.atMost("layers", static_cast<std::size_t>(function.layers_size()), kMaxLayers, "values");
    std::set<std::string_view> seen;
    for (int i = 0; i < function.layers_size(); ++i) {
        const auto& text = function.layers(i).arn();
        const auto field = fmt::format("layers[{}]", i);
        const auto arn = parseArn(text);
        const auto versions = arn ? arn->resource.find("/versions/") : std::string_view::npos;
        if (!arn || arn->service != "fc" || !arn->resource.starts_with("layers/") ||
            versions == std::string_view::npos || !isPrintable(text)) {
            findings.add(field, fmt::format("must be a layer's ARN, acs:fc:REGION:ACCOUNT:layers/NAME/versions/NUMBER "
                                            "(actual: {})",
                                            inQuotes(text)));
        } else if (!seen.insert(text).second) {
            findings.add(field, fmt::format("is given twice: {}", inQuotes(text)));
        }
    }
}

void checkTags(const Function& function, Findings& findings) {
    constexpr std::size_t kMaxTags = 20;     // reference 5.7
    constexpr std::size_t kMaxLength = 128;  // of Alibaba Cloud's tags
    findings.atMost("tags", static_cast<std::size_t>(function.tags_size()), kMaxTags, "values");
    std::set<std::string_view> seen;
    for (int i = 0; i < function.tags_size(); ++i) {
        const auto& tag = function.tags(i);
        if (tag.key().empty() || tag.key().size() > kMaxLength || !isPrintable(tag.key())) {
            findings.add(fmt::format("tags[{}].Key", i), "must have 1 to 128 printable bytes");
        } else if (!seen.insert(tag.key()).second) {
            findings.add(fmt::format("tags[{}].Key", i), fmt::format("is given twice: {}", inQuotes(tag.key())));
        }
        if (tag.value().size() > kMaxLength || !isPrintable(tag.value())) {
            findings.add(fmt::format("tags[{}].Value", i), "must have at most 128 printable bytes");
        }
    }
}

void checkRest(const Function& function, Findings& findings) {
    constexpr std::size_t kMaxDescription = 1024;
    if (function.description().size() > kMaxDescription) {
        findings.add("description",
                     fmt::format("must have at most 1024 bytes (actual: {})", function.description().size()));
    }
    if (!function.role().empty() && !isRoleArn(function.role())) {
        findings.add("role", fmt::format("must be a role's ARN, acs:ram::ACCOUNT:role/NAME (actual: {})",
                                         inQuotes(function.role())));
    }
    if (function.role().empty() && !function.oss_mount_config().mount_points().empty()) {
        findings.add("role",
                     "is needed where ossMountConfig has mount points: a bucket is mounted with the rights of "
                     "the function's role, which needs a grant of oss:GetObject");
    }
    if (const auto& rule = function.log_config().log_begin_rule(); !rule.empty()) {
        constexpr std::array<std::string_view, 2> kRules{"DefaultRegex", "None"};
        findings.oneOf("logConfig.logBeginRule", rule, kRules);
    }
    if (const auto& type = function.tracing_config().type(); !type.empty()) {
        constexpr std::array<std::string_view, 1> kTypes{"Jaeger"};
        findings.oneOf("tracingConfig.type", type, kTypes);
    }
    if (function.has_disable_inject_credentials() && !function.disable_inject_credentials().empty()) {
        constexpr std::array<std::string_view, 4> kPlaces{"None", "Env", "Request", "All"};
        findings.oneOf("disableInjectCredentials", function.disable_inject_credentials(), kPlaces);
    }
    if (function.disable_ondemand()) {
        findings.add("disableOndemand", "is not supported by this server: there are no provisioned instances");
    }
}

void checkFunction(Function& function, Findings& findings) {
    if (!isFunctionName(function.function_name())) {
        findings.add("functionName", fmt::format("must have 1 to 64 characters, letters, digits, _ and -, and not "
                                                 "begin with a digit or - (actual: {})",
                                                 inQuotes(function.function_name())));
    }
    checkRuntime(function, findings);
    checkSizes(function, findings);
    checkEnvironment(function, findings);
    checkLayers(function, findings);
    checkTags(function, findings);
    checkRest(function, findings);
    completeMounts(function, findings);
    completeCustomRuntime(function, findings);
    completeLifecycle(function, findings);
}

// What create and update have in common: a field that is set, a message as a whole.
template <class Input>
void copySettings(const Input& input, Function& function) {
    if (input.has_description()) {
        function.set_description(input.description());
    }
    if (input.has_cpu()) {
        function.set_cpu(input.cpu());
    }
    if (input.has_memory_size()) {
        function.set_memory_size(input.memory_size());
    }
    if (input.has_disk_size()) {
        function.set_disk_size(input.disk_size());
    }
    if (input.has_timeout()) {
        function.set_timeout(input.timeout());
    }
    if (input.has_instance_concurrency()) {
        function.set_instance_concurrency(input.instance_concurrency());
    }
    if (input.has_internet_access()) {
        function.set_internet_access(input.internet_access());
    }
    if (input.has_role()) {
        function.set_role(input.role());
    }
    if (input.has_idle_timeout()) {
        function.set_idle_timeout(input.idle_timeout());
    }
    if (input.has_disable_ondemand()) {
        function.set_disable_ondemand(input.disable_ondemand());
    }
    if (input.has_disable_inject_credentials()) {
        function.set_disable_inject_credentials(input.disable_inject_credentials());
    }
    if (input.has_log_config()) {
        *function.mutable_log_config() = input.log_config();
    }
    if (input.has_oss_mount_config()) {
        *function.mutable_oss_mount_config() = input.oss_mount_config();
    }
    if (input.has_custom_runtime_config()) {
        *function.mutable_custom_runtime_config() = input.custom_runtime_config();
    }
    if (input.has_instance_lifecycle_config()) {
        *function.mutable_instance_lifecycle_config() = input.instance_lifecycle_config();
    }
    if (input.has_tracing_config()) {
        *function.mutable_tracing_config() = input.tracing_config();
    }
}

template <class Input>
void copyLayers(const Input& input, Function& function) {
    function.clear_layers();
    for (const auto& arn : input.layers()) {
        function.add_layers()->set_arn(arn);
    }
}

// Whether an update replaces a list or map of `size` elements. gRPC can't tell an empty one from an absent one.
bool isReplaced(const Presence* presence, std::string_view field, int size) {
    return presence != nullptr ? presence->contains(field) : size > 0;
}

// 0.30000000000000004 is kept, and printed, as 0.3.
void snapCpu(Function& function) {
    function.set_cpu(std::round(function.cpu() * kCpuStepsPerCore) / kCpuStepsPerCore);
}

}  // namespace

Result<Function> makeFunction(const CreateFunctionInput& input) {
    Function function;
    function.set_function_name(input.function_name());
    function.set_runtime(input.runtime());
    function.set_handler(input.handler());
    function.set_memory_size(kDefaultMemory);
    function.set_disk_size(kDefaultDisk);
    function.set_timeout(kDefaultTimeout);
    function.set_instance_concurrency(kDefaultConcurrency);
    copySettings(input, function);
    if (!input.has_cpu()) {
        function.set_cpu(cpuFor(function.memory_size()));
    }
    *function.mutable_environment_variables() = input.environment_variables();
    *function.mutable_tags() = input.tags();
    copyLayers(input, function);

    Findings findings;
    checkFunction(function, findings);
    checkCode(input.code(), findings);
    HANSHU_TRY(findings.result());
    snapCpu(function);
    return function;
}

Result<void> applyUpdate(const UpdateFunctionInput& input, const Presence* presence, Function& function) {
    Function next = function;
    // A CPU share that nobody chose goes on following the memory.
    const bool cpuFollows = !input.has_cpu() && std::abs(next.cpu() - cpuFor(next.memory_size())) < 1e-9;
    if (input.has_runtime()) {
        next.set_runtime(input.runtime());
    }
    if (input.has_handler()) {
        next.set_handler(input.handler());
    }
    copySettings(input, next);
    if (cpuFollows) {
        next.set_cpu(cpuFor(next.memory_size()));
    }
    if (isReplaced(presence, "environmentVariables", static_cast<int>(input.environment_variables().size()))) {
        *next.mutable_environment_variables() = input.environment_variables();
    }
    if (isReplaced(presence, "tags", input.tags_size())) {
        *next.mutable_tags() = input.tags();
    }
    if (isReplaced(presence, "layers", input.layers_size())) {
        copyLayers(input, next);
    }

    Findings findings;
    checkFunction(next, findings);
    checkCode(input.code(), findings);
    HANSHU_TRY(findings.result());
    snapCpu(next);
    function = std::move(next);
    return {};
}

}  // namespace hanshu::api
