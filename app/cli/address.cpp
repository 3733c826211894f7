// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/address.h"

#include "cli/text.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace hanshu::cli {
namespace {

// The value of the first of `names` in the file, at its top or in one of its tables.
std::string find(const toml::table& table, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        if (const auto value = table[name].value<std::string>()) {
            return *value;
        }
    }
    for (const auto& [key, node] : table) {
        if (const auto* inner = node.as_table()) {
            if (auto value = find(*inner, names); !value.empty()) {
                return value;
            }
        }
    }
    return {};
}

Result<Key> readKey(const std::string& path) {
    try {
        const auto file = toml::parse_file(path);
        Key key{find(file, {"access_key_id", "accessKeyId"}), find(file, {"access_key_secret", "accessKeySecret"})};
        if (key.id.empty() || key.secret.empty()) {
            return usage(fmt::format("{} holds no access_key_id and access_key_secret", path));
        }
        return key;
    } catch (const toml::parse_error& error) {
        return usage(fmt::format("can't read {}: {}", path, error.description()));
    }
}

}  // namespace

Environment processEnvironment() {
    return {[](const char* name) {
                const auto* value = std::getenv(name);
                return std::string(value == nullptr ? "" : value);
            },
            [](const std::string& path) {
                std::error_code error;
                return std::filesystem::exists(path, error);
            }};
}

Result<std::string> serverAddress(const ServerOptions& options, const Environment& environment) {
    auto named = options.server.empty() ? environment.variable("HANSHU_SERVER") : options.server;
    if (!named.empty()) {
        const auto* scheme = "unix:";
        if (named.front() == '/') {
            return scheme + named;
        }
        if (named.starts_with("unix:.") || (named.starts_with(scheme) && named.size() > 5 && named[5] != '/')) {
            return scheme + std::filesystem::absolute(named.substr(5)).string();
        }
        if (!named.starts_with(scheme) && named.rfind(':') == std::string::npos) {
            return usage(fmt::format("'{}' is no address: give HOST:PORT or unix:PATH", named));
        }
        return named;
    }
    auto state = environment.variable("XDG_STATE_HOME");
    if (state.empty()) {
        state = environment.variable("HOME") + "/.local/state";
    }
    const std::array places{std::string("/var/lib/hanshu/hanshu.sock"), state + "/hanshu/hanshu.sock"};
    for (const auto& place : places) {
        if (environment.exists(place)) {
            return "unix:" + place;
        }
    }
    return fail(Code::Unavailable, "NoServer", {{"places", fmt::format("{}", fmt::join(places, " and "))}});
}

Result<void> mayConnect(const std::string& address) {
    constexpr std::string_view kScheme = "unix:";
    if (!address.starts_with(kScheme)) {
        return {};
    }
    std::filesystem::path path = address.substr(kScheme.size());
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 || errno != EACCES) {
        return {};
    }
    // What lies in a folder that is closed can't be asked for: the folder's owner is the answer then.
    struct stat status{};
    const auto socket = path.string();
    while (::stat(path.c_str(), &status) != 0 && path.has_relative_path()) {
        path = path.parent_path();
    }
    const auto* owner = ::getpwuid(status.st_uid);
    return fail(Code::PermissionDenied, "SocketDenied",
                {{"path", socket}, {"owner", owner == nullptr ? std::to_string(status.st_uid) : owner->pw_name}});
}

Result<Key> accessKey(const ServerOptions& options, const Environment& environment) {
    Key given{options.accessKeyId, options.accessKeySecret};
    if (given.id.empty() != given.secret.empty()) {
        return usage("--access-key-id and --access-key-secret belong together");
    }
    if (!given.empty()) {
        return given;
    }
    if (!options.credentialsFile.empty()) {
        return readKey(options.credentialsFile);
    }
    Key key{environment.variable("HANSHU_ACCESS_KEY_ID"), environment.variable("HANSHU_ACCESS_KEY_SECRET")};
    if (key.id.empty() != key.secret.empty()) {
        return usage("HANSHU_ACCESS_KEY_ID and HANSHU_ACCESS_KEY_SECRET belong together");
    }
    return key;
}

}  // namespace hanshu::cli
