// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "options.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <cstdlib>

namespace hanshu::daemon {
namespace {

// Where a service keeps its state; an ordinary user's is below the XDG directory (basedir-spec 0.8).
std::string defaultState() {
    if (::geteuid() == 0) {
        return "/var/lib/hanshu";
    }
    if (const char* xdg = std::getenv("XDG_STATE_HOME"); xdg != nullptr && *xdg == '/') {
        return fmt::format("{}/hanshu", xdg);
    }
    const char* home = std::getenv("HOME");
    return fmt::format("{}/.local/state/hanshu", home == nullptr ? "/tmp" : home);
}

constexpr int kUsage = 2;

// CLI11's own reader takes what it can't read for INI, and names no line.
class TomlFile final : public CLI::ConfigBase {
public:
    [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        toml::table table;
        try {
            table = toml::parse(input);
        } catch (const toml::parse_error& error) {
            const auto at = error.source().begin;
            throw CLI::FileError(
                fmt::format("it is not valid TOML at line {}, column {}: {}", at.line, at.column, error.description()),
                CLI::ExitCodes::FileError);
        }
        std::vector<CLI::ConfigItem> settings;
        for (const auto& [key, node] : table) {
            settings.push_back(itemOf(key.str(), node));
        }
        return settings;
    }

private:
    static CLI::ConfigItem itemOf(std::string_view key, const toml::node& node) {
        CLI::ConfigItem item;
        item.name = key;
        if (const auto* text = node.as_string()) {
            item.inputs.push_back(text->get());
        } else if (const auto* whole = node.as_integer()) {
            item.inputs.push_back(std::to_string(whole->get()));
        } else if (const auto* real = node.as_floating_point()) {
            item.inputs.push_back(fmt::format("{}", real->get()));
        } else if (const auto* truth = node.as_boolean()) {
            item.inputs.emplace_back(truth->get() ? "true" : "false");
        } else {
            throw CLI::FileError(
                fmt::format("line {}: '{}' must be a text, a number, true or false", node.source().begin.line, key),
                CLI::ExitCodes::FileError);
        }
        return item;
    }
};

}  // namespace

Parsed parse(int argc, char** argv) {
    Settings settings;
    std::string state = defaultState();
    double drainSeconds = 30;
    double idleSeconds = 60;
    int logDays = static_cast<int>(settings.node.logs.maxAge / std::chrono::hours(24));
    double logGigabytes = static_cast<double>(settings.node.logs.maxBytes >> 30U);
    CLI::App app{"Hanshu: function compute on machines you own.", "hanshud"};
    app.set_version_flag("--version", std::string("hanshud ") + HANSHU_VERSION);
    app.set_config("--config", "", "Read settings from a TOML file; the command line wins");
    app.config_formatter(std::make_shared<TomlFile>());
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.add_option("--state", state, "The state directory")->capture_default_str();
    app.add_option("--http", settings.node.httpAddress, "Address of the REST API and function URLs; port 0 picks one")
        ->capture_default_str();
    app.add_option("--objects", settings.node.objectsAddress, "Address of the object endpoint (S3)")
        ->capture_default_str();
    app.add_option("--grpc", settings.node.grpcAddress, "Address of gRPC: HOST:PORT or unix:PATH")
        ->default_str("unix:STATE/hanshu.sock");
    app.add_option("--region", settings.node.region, "The region in ARNs")->capture_default_str();
    app.add_option("--user", settings.ground.user, "As root: the user that the daemon becomes");
    app.add_option("--io-threads", settings.node.ioThreads, "0: one a core")->check(CLI::Range(0, 256));
    app.add_option("--disk-threads", settings.node.diskThreads, "Threads for files")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--stock", settings.node.stock, "Started agents that wait for a function, per kind of runtime")
        ->check(CLI::Range(0, 256))
        ->capture_default_str();
    app.add_option("--idle-timeout", idleSeconds, "Seconds that an idle instance stays warm")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    app.add_option("--drain-timeout", drainSeconds, "Seconds that what runs may take to finish after SIGTERM")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    app.add_option("--log-days", logDays, "Days that log lines are kept")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    app.add_option("--log-gigabytes", logGigabytes, "GiB of log that an account may keep on disk")
        ->check(CLI::Range(0.01, 1e6))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::FileError& error) {
        fmt::print(stderr, "hanshud: {}: {}\n", app.get_config_ptr()->as<std::string>(), error.what());
        return {std::nullopt, kUsage};
    } catch (const CLI::ParseError& error) {
        return {std::nullopt, app.exit(error) == 0 ? 0 : kUsage};
    }
    if (state.empty()) {
        fmt::print(stderr, "hanshud: --state names no directory: give the folder that keeps the daemon's state\n");
        return {std::nullopt, kUsage};
    }
    settings.ground.stateDirectory = state;
    if (settings.node.grpcAddress.empty()) {
        settings.node.grpcAddress = "unix:" + (std::filesystem::absolute(state) / "hanshu.sock").string();
    }
    settings.node.drainTimeout = std::chrono::milliseconds(static_cast<std::int64_t>(drainSeconds * 1000));
    settings.node.idleTimeout = std::chrono::milliseconds(static_cast<std::int64_t>(idleSeconds * 1000));
    settings.node.logs.maxAge = std::chrono::hours(24) * logDays;
    settings.node.logs.maxBytes = static_cast<std::uint64_t>(logGigabytes * (1 << 30));
    return {std::move(settings), 0};
}

}  // namespace hanshu::daemon
