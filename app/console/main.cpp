// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// hanshu-console: parse, construct, run, stop.
#include "deploy/background.h"
#include "node/node.h"
#include "options.h"
#include "rpc/connection.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/settings.h"
#include "theme/theme.h"

#include <sys/signalfd.h>
#include <unistd.h>
#include <QApplication>
#include <QDir>
#include <QIcon>
#include <QSettings>
#include <QSocketNotifier>
#include <QThreadPool>
#include <csignal>
#include <cstdio>

namespace {

using namespace hanshu;

constexpr int kFailed = 1;
// A window that is closed should be gone soon; what runs longer is ended and says so in its record.
constexpr std::chrono::seconds kDrain{5};

int report(const Error& error) {
    const auto message = error.param("message");
    const std::string text = message.empty() ? error.describe() : std::string(message);
    std::fprintf(stderr, "hanshu-console: %s\n", text.c_str());
    return kFailed;
}

// SIGINT and SIGTERM close the window like a person does, so that a runtime inside ends in order. They are blocked for
// every thread that comes after and read from a descriptor.
int takeSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    return signalfd(-1, &ending, SFD_NONBLOCK | SFD_CLOEXEC);
}

using Started = std::shared_ptr<Result<std::unique_ptr<node::Node>>>;

// The runtime takes a moment to start; the window is there meanwhile.
void startRuntime(std::unique_ptr<node::Ground> ground, rpc::Connection& connection, QObject* context,
                  std::unique_ptr<node::Node>& into) {
    const auto name = QDir::toNativeSeparators(QString::fromStdString(ground->stateDirectory().string()));
    auto held = std::make_shared<std::unique_ptr<node::Ground>>(std::move(ground));
    deploy::inBackground(
        context,
        [held] {
            node::Options options;
            options.drainTimeout = kDrain;
            return std::make_shared<Result<std::unique_ptr<node::Node>>>(node::Node::start(options, std::move(*held)));
        },
        [&connection, &into, name](const Started& started) {
            if (*started) {
                into = std::move(**started);
                connection.open(rpc::localEndpoint(into->channel(), name));
            } else {
                connection.fail(started->error());
            }
        });
}

int show(rpc::Connection& connection, int endingSignals) {
    const QSettings stored;
    theme::Theme theme(static_cast<theme::Choice>(stored.value(shell::settings::kTheme, 0).toInt()));
    shell::Language language(stored.value(shell::settings::kLanguage).toString());
    shell::MainWindow window(connection, theme, language);
    QSocketNotifier ending(endingSignals, QSocketNotifier::Read);
    QObject::connect(&ending, &QSocketNotifier::activated, &window, [&window, endingSignals] {
        signalfd_siginfo info;
        if (::read(endingSignals, &info, sizeof info) == sizeof info) {
            window.close();
        }
    });
    window.show();
    return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication::setApplicationName(QStringLiteral("hanshu-console"));
    QCoreApplication::setOrganizationName(QStringLiteral("hanshu"));
    QCoreApplication::setApplicationVersion(QStringLiteral(HANSHU_VERSION));
    const auto parsed = console::parse(argc, argv);
    if (!parsed.options) {
        return parsed.exitCode;
    }
    // Before the application, whose threads a fork would not bring along.
    std::unique_ptr<node::Ground> ground;
    rpc::Endpoint remote;
    if (!parsed.options->local.isEmpty()) {
        auto prepared =
            node::Ground::prepare({.stateDirectory = QDir(parsed.options->local).absolutePath().toStdString(),
                                   .user = {},
                                   .dropRoot = false});
        if (!prepared) {
            return report(prepared.error());
        }
        ground = std::move(*prepared);
    } else {
        auto endpoint = rpc::remoteEndpoint(parsed.options->server, parsed.options->credentials);
        if (!endpoint) {
            return report(endpoint.error());
        }
        remote = std::move(*endpoint);
    }
    const int endingSignals = takeSignals();
    QApplication application(argc, argv);
    QGuiApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/hanshu.svg")));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Hanshu"));
    QGuiApplication::setDesktopFileName(QStringLiteral("hanshu-console"));

    std::unique_ptr<node::Node> node;  // outlives the connection
    int result = 0;
    {
        rpc::Connection connection;
        if (ground != nullptr) {
            startRuntime(std::move(ground), connection, &connection, node);
        } else {
            connection.open(std::move(remote));
        }
        result = show(connection, endingSignals);
        QThreadPool::globalInstance()->waitForDone();
    }
    if (node != nullptr) {
        node->drain();
    }
    return result;
}
