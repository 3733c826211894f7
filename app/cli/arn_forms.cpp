// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/arn_forms.h"

#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

bool isArn(std::string_view form) {
    return form.starts_with("acs:");
}

struct Form {
    std::string_view kind;
    std::string_view name;
};

Form split(std::string_view form) {
    const auto colon = form.find(':');
    return colon == std::string_view::npos ? Form{{}, form} : Form{form.substr(0, colon), form.substr(colon + 1)};
}

std::string fcArn(const Home& home, std::string_view resource) {
    return fmt::format("acs:fc:{}:{}:{}", home.region, home.account, resource);
}

std::string ossArn(const Home& home, std::string_view resource) {
    return fmt::format("acs:oss:{}:{}:{}", home.region, home.account, resource);
}

}  // namespace

Result<std::string> roleArn(std::string_view form, const Home& home) {
    if (isArn(form)) {
        return std::string(form);
    }
    const auto [kind, name] = split(form);
    if ((!kind.empty() && kind != "role") || name.empty() || name.find('/') != std::string_view::npos) {
        return usage(fmt::format("'{}' is no role: give its name or an ARN", form));
    }
    return fmt::format("acs:ram::{}:role/{}", home.account, name);
}

Result<std::string> principalArn(std::string_view form, const Home& home) {
    if (isArn(form)) {
        return std::string(form);
    }
    const auto [kind, name] = split(form);
    if (kind == "role" && !name.empty()) {
        return roleArn(form, home);
    }
    if (kind == "bucket" && !name.empty() && name.find('/') == std::string_view::npos) {
        return ossArn(home, name);
    }
    const auto slash = name.find('/');
    if (kind == "trigger" && slash != std::string_view::npos && slash > 0 && slash + 1 < name.size()) {
        return fcArn(home, fmt::format("functions/{}/triggers/{}", name.substr(0, slash), name.substr(slash + 1)));
    }
    return usage(
        fmt::format("'{}' is no principal: give bucket:NAME, role:NAME, trigger:FUNCTION/TRIGGER or an ARN", form));
}

Result<std::string> resourceArn(std::string_view form, const Home& home) {
    if (isArn(form) || form == "*") {
        return std::string(form);
    }
    const auto [kind, name] = split(form);
    const auto slash = name.find('/');
    if (kind == "function" && !name.empty()) {
        return fcArn(home, fmt::format("functions/{}", name));
    }
    if (kind == "bucket" && !name.empty() && slash == std::string_view::npos) {
        return ossArn(home, name);
    }
    if (kind == "object" && !name.empty() && slash != 0) {
        const bool all = slash == std::string_view::npos || slash + 1 == name.size();
        return ossArn(home, all ? fmt::format("{}/*", name.substr(0, slash)) : std::string(name));
    }
    return usage(
        fmt::format("'{}' is no resource: give function:NAME, bucket:NAME, object:BUCKET/KEY, * or an ARN", form));
}

std::string shortForm(std::string_view arn, const Home& home) {
    const auto fc = fcArn(home, "functions/");
    const auto oss = ossArn(home, "");
    const auto role = fmt::format("acs:ram::{}:role/", home.account);
    if (arn.starts_with(role)) {
        return fmt::format("role:{}", arn.substr(role.size()));
    }
    if (arn.starts_with(oss)) {
        const auto rest = arn.substr(oss.size());
        return fmt::format("{}:{}", rest.find('/') == std::string_view::npos ? "bucket" : "object", rest);
    }
    if (arn.starts_with(fc)) {
        const auto rest = arn.substr(fc.size());
        constexpr std::string_view kMiddle = "/triggers/";
        const auto middle = rest.find(kMiddle);
        if (middle == std::string_view::npos) {
            return fmt::format("function:{}", rest);
        }
        return fmt::format("trigger:{}/{}", rest.substr(0, middle), rest.substr(middle + kMiddle.size()));
    }
    return std::string(arn);
}

}  // namespace hanshu::cli
