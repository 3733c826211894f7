// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/validate_parts.h"

#include "api/names.h"
#include "api/validate.h"

namespace hanshu::api {
namespace {

constexpr std::size_t kLongestHandler = 128;
constexpr std::size_t kMaxArguments = 64;
constexpr std::size_t kLongestArgument = 4096;

// Whether every component of a path without its leading slash is a plain name: not empty, not . or ...
bool hasPlainComponents(std::string_view path) {
    for (;;) {
        const auto slash = path.find('/');
        const auto component = path.substr(0, slash);
        if (component.empty() || component == "." || component == "..") {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        path.remove_prefix(slash + 1);
    }
}

bool isIdentifier(std::string_view text) {
    const auto isPart = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;  // letters of other scripts: Python and others allow them
    };
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') && std::ranges::all_of(text, isPart);
}

void checkArguments(std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& list,
                    Findings& findings) {
    findings.atMost(field, static_cast<std::size_t>(list.size()), kMaxArguments, "values");
    for (int i = 0; i < list.size(); ++i) {
        if (list[i].size() > kLongestArgument || list[i].find('\0') != std::string::npos) {
            findings.add(fmt::format("{}[{}]", field, i), "must have at most 4096 bytes and no NUL character");
        }
    }
}

std::string mountDirProblem(const std::string& directory) {
    const bool below = directory.starts_with("/mnt/") || directory.starts_with("/home/");
    if (!below || directory.size() > 256 || !isPrintable(directory) ||
        !hasPlainComponents(std::string_view(directory).substr(1))) {
        return fmt::format("must be an absolute path below /mnt or /home without . or .. (actual: {})",
                           inQuotes(directory));
    }
    return {};
}

void completeMountPoint(const std::string& field, OssMountPoint& point, Findings& findings) {
    if (!isBucketName(point.bucket_name())) {
        findings.add(field + ".bucketName", "must have 3 to 63 characters of a-z, 0-9 and -, no - at either end");
    }
    auto path = std::string_view(point.bucket_path());
    while (path.size() > 1 && path.ends_with('/')) {
        path.remove_suffix(1);
    }
    if (path.empty()) {
        path = "/";
    }
    if (!path.starts_with('/') || path.size() > 1024 || !isPrintable(path) ||
        (path.size() > 1 && !hasPlainComponents(path.substr(1)))) {
        findings.add(field + ".bucketPath", fmt::format("must be an absolute path without . or .. (actual: {})",
                                                        inQuotes(point.bucket_path())));
    }
    point.set_bucket_path(std::string(path));
    while (point.mount_dir().size() > 1 && point.mount_dir().ends_with('/')) {
        point.mutable_mount_dir()->pop_back();
    }
    if (auto problem = mountDirProblem(point.mount_dir()); !problem.empty()) {
        findings.add(field + ".mountDir", std::move(problem));
    }
    if (!point.read_only()) {
        findings.add(field + ".readOnly",
                     "must be true: a function writes to a bucket through the object endpoint, where grants hold");
    }
}

bool isWithin(const std::string& inner, const std::string& outer) {
    return inner == outer || inner.starts_with(outer + "/");
}

void completeHealthCheck(HealthCheckConfig& check, Findings& findings) {
    const std::string field = "customRuntimeConfig.healthCheckConfig";
    if (check.http_get_url().empty()) {
        return;  // no health check was asked for
    }
    if (!check.http_get_url().starts_with('/') || check.http_get_url().size() > 2048 ||
        !isPrintable(check.http_get_url())) {
        findings.add(field + ".httpGetUrl",
                     fmt::format("must be a path that begins with / (actual: {})", inQuotes(check.http_get_url())));
    }
    // Reference 1.3: bounds and defaults.
    check.set_initial_delay_seconds(check.has_initial_delay_seconds() ? check.initial_delay_seconds() : 0);
    check.set_period_seconds(check.has_period_seconds() ? check.period_seconds() : 3);
    check.set_timeout_seconds(check.has_timeout_seconds() ? check.timeout_seconds() : 1);
    check.set_failure_threshold(check.has_failure_threshold() ? check.failure_threshold() : 3);
    check.set_success_threshold(check.has_success_threshold() ? check.success_threshold() : 1);
    findings.range(field + ".initialDelaySeconds", check.initial_delay_seconds(), 0, 120);
    findings.range(field + ".periodSeconds", check.period_seconds(), 1, 120);
    findings.range(field + ".timeoutSeconds", check.timeout_seconds(), 1, 3);
    findings.range(field + ".failureThreshold", check.failure_threshold(), 1, 120);
    findings.range(field + ".successThreshold", check.success_threshold(), 1, 120);
}

void completeHook(const std::string& field, LifecycleHook& hook, int longest, bool builtIn, Findings& findings) {
    if (hook.handler().empty() && hook.command().empty()) {
        return;  // no hook
    }
    if (!hook.handler().empty()) {
        checkHandler(field + ".handler", hook.handler(), builtIn, findings);
    }
    checkArguments(field + ".command", hook.command(), findings);
    hook.set_timeout(hook.has_timeout() ? hook.timeout() : 3);  // reference 1.3
    findings.range(field + ".timeout", hook.timeout(), 1, longest);
}

}  // namespace

void checkHandler(std::string_view field, const std::string& handler, bool builtIn, Findings& findings) {
    if (handler.size() > kLongestHandler || !isPrintable(handler)) {
        findings.add(std::string(field), "must have at most 128 printable bytes");
        return;
    }
    if (!builtIn) {
        return;
    }
    const auto dot = handler.rfind('.');
    if (dot == std::string::npos || !isIdentifier(std::string_view(handler).substr(dot + 1)) ||
        !hasPlainComponents(std::string_view(handler).substr(0, dot))) {
        findings.add(std::string(field), fmt::format("must be module.function, for instance index.handler (actual: {})",
                                                     inQuotes(handler)));
    }
}

void checkCode(const InputCodeLocation& code, Findings& findings) {
    const bool object = !code.oss_bucket_name().empty() || !code.oss_object_name().empty();
    if (object && !code.zip_file().empty()) {
        findings.add("code", "must have either zipFile or ossBucketName with ossObjectName, not both");
    }
    if (object && !isBucketName(code.oss_bucket_name())) {
        findings.add("code.ossBucketName", "must have 3 to 63 characters of a-z, 0-9 and -, no - at either end");
    }
    if (object && code.oss_object_name().empty()) {
        findings.add("code.ossObjectName", "must be given beside ossBucketName");
    }
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(code.checksum(), isDigit) || code.checksum().size() > 20) {
        findings.add("code.checksum", fmt::format("must be the CRC-64 of the package as a decimal number (actual: {})",
                                                  inQuotes(code.checksum())));
    }
}

void completeMounts(Function& function, Findings& findings) {
    constexpr std::size_t kMaxMounts = 5;  // reference 5.7
    if (!function.has_oss_mount_config()) {
        return;
    }
    auto& points = *function.mutable_oss_mount_config()->mutable_mount_points();
    findings.atMost("ossMountConfig.mountPoints", static_cast<std::size_t>(points.size()), kMaxMounts, "values");
    for (int i = 0; i < points.size() && i < static_cast<int>(kMaxMounts); ++i) {
        const auto field = fmt::format("ossMountConfig.mountPoints[{}]", i);
        completeMountPoint(field, points[i], findings);
        for (int j = 0; j < i; ++j) {
            const auto& earlier = points[j].mount_dir();
            if (isWithin(points[i].mount_dir(), earlier) || isWithin(earlier, points[i].mount_dir())) {
                findings.add(field + ".mountDir",
                             fmt::format("must not lie in or over another one ({})", inQuotes(earlier)));
            }
        }
    }
}

void completeCustomRuntime(Function& function, Findings& findings) {
    if (!function.has_custom_runtime_config()) {
        return;
    }
    constexpr int kDefaultPort = 9000;  // reference 3.5
    auto& config = *function.mutable_custom_runtime_config();
    config.set_port(config.has_port() ? config.port() : kDefaultPort);
    findings.range("customRuntimeConfig.port", config.port(), 1, 65535);
    checkArguments("customRuntimeConfig.command", config.command(), findings);
    checkArguments("customRuntimeConfig.args", config.args(), findings);
    if (config.has_health_check_config()) {
        completeHealthCheck(*config.mutable_health_check_config(), findings);
    }
}

void completeLifecycle(Function& function, Findings& findings) {
    if (!function.has_instance_lifecycle_config()) {
        return;
    }
    const bool builtIn = function.runtime().starts_with("python");
    auto& config = *function.mutable_instance_lifecycle_config();
    // Reference 5.7: an initializer may take 300 s, preStop 90 s.
    if (config.has_initializer()) {
        completeHook("instanceLifecycleConfig.initializer", *config.mutable_initializer(), 300, builtIn, findings);
    }
    if (config.has_pre_stop()) {
        completeHook("instanceLifecycleConfig.preStop", *config.mutable_pre_stop(), 90, builtIn, findings);
    }
}

}  // namespace hanshu::api
