// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// hanshud: parse, construct, run, stop.
#include "node/node.h"
#include "options.h"

#include <fmt/format.h>
#include <pthread.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

namespace {

using namespace hanshu;

constexpr int kFailed = 1;

// Told in one line, with what to do where that is known.
int report(const Error& error) {
    std::string remedy;
    if (error.reason == "StateInUse") {
        remedy = fmt::format("another hanshud (pid {}) has {}; stop it, or choose another directory with --state",
                             error.param("pid"), error.param("state"));
    } else if (error.reason == "AddressInvalid" || error.reason == "AddressInUse") {
        const std::string_view why =
            error.detail.empty() ? "it is taken, or no address" : std::string_view(error.detail);
        remedy = fmt::format(
            "can't listen at {}: {}; give another address with --http, --objects or --grpc, as HOST:PORT, "
            "for --grpc also as unix:/FOLDER/NAME in a folder that the daemon may write to",
            error.param("address"), why);
    } else if (const auto message = error.param("message"); !message.empty()) {
        remedy = message;
    } else {
        remedy = error.describe();
    }
    fmt::print(stderr, "hanshud: {}: {}\n", error.reason, remedy);
    return kFailed;
}

void announce(const node::Node& node) {
    const auto& at = node.addresses();
    fmt::print("{{\"http\":\"{}\",\"objects\":\"{}\",\"grpc\":\"{}\",\"pid\":{}}}\n", at.http, at.objects, at.grpc,
               ::getpid());
    std::fflush(stdout);
    const auto& owner = node.credentials();
    if (owner.created) {
        fmt::print(stderr,
                   "hanshud: made account {}\n  access key id      {}\n  access key secret  {}\n"
                   "  (shown once; kept in the state directory as credentials.toml)\n",
                   owner.accountId, owner.accessKeyId, owner.accessKeySecret);
    }
    sd_notify(0, "READY=1");
}

// Blocks the signals that end the daemon, for every thread that comes after, and ignores a peer that went away.
sigset_t takeSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    return ending;
}

}  // namespace

int main(int argc, char** argv) {
    auto parsed = daemon::parse(argc, argv);
    if (!parsed.settings) {
        return parsed.exitCode;
    }
    // Before anything else: it forks, and drops root.
    auto ground = node::Ground::prepare(parsed.settings->ground);
    if (!ground) {
        return report(ground.error());
    }
    const auto ending = takeSignals();
    auto node = node::Node::start(parsed.settings->node, std::move(*ground));
    if (!node) {
        return report(node.error());
    }
    announce(**node);
    int signal = 0;
    sigwait(&ending, &signal);
    sd_notify(0, "STOPPING=1");
    (*node)->drain();
    return 0;
}
