// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "options.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <cstdio>

namespace hanshu::console {

namespace {

constexpr int kUsage = 2;

// Where the XDG base directory specification 0.8 puts state.
QString defaultState() {
    const QString xdg = qEnvironmentVariable("XDG_STATE_HOME");
    return (xdg.startsWith(QLatin1Char('/')) ? xdg : QDir::homePath() + QStringLiteral("/.local/state")) +
           QStringLiteral("/hanshu");
}

Parsed complain(const QString& message) {
    std::fprintf(stderr, "hanshu-console: %s\nTry hanshu-console --help.\n", qPrintable(message));
    return {std::nullopt, kUsage};
}

}  // namespace

Parsed parse(int argc, char** argv) {
    QStringList arguments;
    for (int i = 0; i < argc; ++i) {
        arguments.append(QString::fromLocal8Bit(argv[i]));
    }
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("The console of Hanshu: function compute on machines you own."));
    const QCommandLineOption local(
        QStringLiteral("local"),
        QStringLiteral("Run a runtime inside the console, with its state in DIR (default: %1).").arg(defaultState()),
        QStringLiteral("DIR"));
    const QCommandLineOption server(QStringLiteral("server"),
                                    QStringLiteral("Connect to a daemon at unix:PATH or host:port."),
                                    QStringLiteral("ADDR"));
    const QCommandLineOption credentials(QStringLiteral("credentials"),
                                         QStringLiteral("The key pair for host:port: a daemon's credentials.toml."),
                                         QStringLiteral("FILE"));
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help."));
    const QCommandLineOption version(QStringLiteral("version"), QStringLiteral("Show the version."));
    parser.addOptions({local, server, credentials, help, version});
    if (!parser.parse(arguments)) {
        return complain(parser.errorText());
    }
    if (parser.isSet(help)) {
        // There is no application yet, so the parser does not know the program's name.
        auto text = parser.helpText();
        text.replace(QStringLiteral("<executable_name>"), QStringLiteral("hanshu-console"));
        std::fputs(qPrintable(text), stdout);
        return {std::nullopt, 0};
    }
    if (parser.isSet(version)) {
        std::puts("hanshu-console " HANSHU_VERSION);
        return {std::nullopt, 0};
    }
    if (!parser.positionalArguments().isEmpty()) {
        return complain(QStringLiteral("unexpected argument: %1").arg(parser.positionalArguments().constFirst()));
    }
    if (parser.isSet(local) && parser.isSet(server)) {
        return complain(QStringLiteral("--local and --server exclude each other"));
    }
    Options options{parser.value(local), parser.value(server), parser.value(credentials)};
    if (parser.isSet(local) && options.local.isEmpty()) {
        return complain(QStringLiteral("--local needs a directory"));
    }
    if (options.server.isEmpty() && options.local.isEmpty()) {
        options.local = defaultState();
    }
    return {options, 0};
}

}  // namespace hanshu::console
