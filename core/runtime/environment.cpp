// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/environment.h"

#include "runtime/instance_factory.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::runtime {
namespace {

constexpr auto kPath = "/opt/bin:/usr/local/bin:/usr/bin:/bin";
constexpr int kDefaultPort = 9000;             // reference 3.5
constexpr int kDefaultInitializerTimeout = 3;  // seconds; reference 1.3

void set(Environment& environment, std::string name, std::string value) {
    const auto same = std::ranges::find(environment, name, &Environment::value_type::first);
    if (same != environment.end()) {
        same->second = std::move(value);
    } else {
        environment.emplace_back(std::move(name), std::move(value));
    }
}

bool has(const Environment& environment, std::string_view name) {
    return std::ranges::find(environment, name, &Environment::value_type::first) != environment.end();
}

Environment common(const catalog::FunctionSpec& spec, std::string_view instanceId) {
    const auto& function = spec.function;
    const auto endpoint = fmt::format("http://127.0.0.1:{}", kObjectPort);
    Environment environment = launchEnvironment();
    set(environment, "LD_LIBRARY_PATH", "/code:/code/lib:/usr/local/lib:/opt/lib");
    set(environment, "AWS_REGION", spec.region);
    set(environment, "AWS_DEFAULT_REGION", spec.region);
    set(environment, "AWS_ENDPOINT_URL", endpoint);
    set(environment, "AWS_ENDPOINT_URL_S3", endpoint);
    set(environment, "AWS_EC2_METADATA_DISABLED", "true");  // there is none: SDKs would wait for it
    for (const auto& [name, value] : function.environment_variables()) {
        set(environment, name, value);
    }
    set(environment, "FC_FUNC_CODE_PATH", "/code");
    set(environment, "FC_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_size()));
    set(environment, "FC_ACCOUNT_ID", spec.account);
    set(environment, "FC_FUNCTION_HANDLER", function.handler());
    set(environment, "FC_FUNCTION_NAME", function.function_name());
    set(environment, "FC_SERVICE_NAME", "");
    set(environment, "FC_QUALIFIER", spec.qualifier);
    set(environment, "FC_REGION", spec.region);
    set(environment, "FC_INSTANCE_ID", std::string(instanceId));
    set(environment, "FC_VER_ID", spec.versionId);
    return environment;
}

}  // namespace

CredentialPlaces credentialPlaces(const api::Function& function) {
    const auto& off = function.disable_inject_credentials();
    return {.environment = off != "Env" && off != "All", .request = off != "Request" && off != "All"};
}

Environment launchEnvironment() {
    return {{"PATH", kPath}, {"HOME", "/tmp"}, {"LANG", "C.UTF-8"}, {"TZ", "UTC"}};
}

Environment pythonEnvironment(const catalog::FunctionSpec& spec, std::string_view instanceId) {
    auto environment = common(spec, instanceId);
    set(environment, "FC_RUNTIME_VERSION", spec.function.runtime());
    set(environment, "PYTHONUNBUFFERED", "1");  // for the programs that a handler starts
    return environment;
}

Environment customEnvironment(const catalog::FunctionSpec& spec, std::string_view instanceId) {
    auto environment = common(spec, instanceId);
    set(environment, "FC_CUSTOM_LISTEN_PORT", std::to_string(customPort(spec.function)));
    set(environment, "FC_FUNCTION_VERSION", spec.versionId);
    const auto& lifecycle = spec.function.instance_lifecycle_config();
    if (lifecycle.has_initializer()) {
        const auto& hook = lifecycle.initializer();
        set(environment, "FC_INITIALIZER_HANDLER", hook.handler());
        set(environment, "FC_INITIALIZATION_TIMEOUT",
            std::to_string(hook.has_timeout() ? hook.timeout() : kDefaultInitializerTimeout));
    }
    return environment;
}

void addCredentials(Environment& environment, const access::Credentials& credentials) {
    const auto add = [&](std::string name, const std::string& value) {
        if (!has(environment, name)) {
            environment.emplace_back(std::move(name), value);
        }
    };
    add("ALIBABA_CLOUD_ACCESS_KEY_ID", credentials.accessKeyId);
    add("ALIBABA_CLOUD_ACCESS_KEY_SECRET", credentials.accessKeySecret);
    add("ALIBABA_CLOUD_SECURITY_TOKEN", credentials.securityToken);
    add("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
    add("AWS_SECRET_ACCESS_KEY", credentials.accessKeySecret);
    add("AWS_SESSION_TOKEN", credentials.securityToken);
    add("accessKeyID", credentials.accessKeyId);
    add("accessKeySecret", credentials.accessKeySecret);
    add("securityToken", credentials.securityToken);
}

int customPort(const api::Function& function) {
    const auto& config = function.custom_runtime_config();
    return config.has_port() ? config.port() : kDefaultPort;
}

}  // namespace hanshu::runtime
