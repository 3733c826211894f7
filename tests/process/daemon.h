// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A real hanshud on a state directory of its own, ended with the test. Main thread; waits have deadlines.
#pragma once

#include "access/keyring.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <optional>

namespace hanshu::tests {

inline QString program(const QString& name) {
    return qEnvironmentVariable("HANSHU_BIN") + "/" + name;
}

// A path that a daemon which gave up root can reach: 0755 all the way down. Its name stands nowhere else on the host.
class StateFolder {
public:
    StateFolder() : m_directory("/var/tmp/hanshu-test-XXXXXX") {
        if (!m_directory.isValid() || ::chmod(m_directory.path().toUtf8().constData(), 0755) != 0) {
            qFatal("no temporary folder below /var/tmp");
        }
        // HANSHU_KEEP=1 leaves the state of a failed test to look at.
        m_directory.setAutoRemove(!qEnvironmentVariableIsSet("HANSHU_KEEP"));
    }
    [[nodiscard]] QString state() const { return m_directory.path() + "/state"; }
    [[nodiscard]] QString file(const QString& name) const { return m_directory.filePath(name); }
    [[nodiscard]] QString uniqueName() const { return QFileInfo(m_directory.path()).fileName(); }

    // The owner's key pair, from the file that the first start made.
    [[nodiscard]] access::AccessKey owner() const {
        QFile credentials(state() + "/credentials.toml");
        access::AccessKey key;
        if (!credentials.open(QIODevice::ReadOnly)) {
            return key;
        }
        for (const auto& line : credentials.readAll().split('\n')) {
            const auto parts = line.split('"');
            if (parts.size() == 3) {
                auto& field = line.startsWith("account_id")      ? key.account
                              : line.startsWith("access_key_id") ? key.id
                                                                 : key.secret;
                field = parts[1].toStdString();
            }
        }
        return key;
    }

private:
    QTemporaryDir m_directory;
};

class Daemon {
public:
    struct Options {
        QStringList arguments{};
        std::optional<uid_t> user{};  // as root: start it as this ordinary user
    };
    explicit Daemon(const StateFolder& folder) : Daemon(folder, Options()) {}
    Daemon(const StateFolder& folder, Options options) : m_folder(folder), m_options(std::move(options)) {
        m_process.setStandardErrorFile(folder.file("stderr"), QIODevice::Append);
    }
    ~Daemon() {
        if (m_process.state() != QProcess::NotRunning) {
            terminate();
            if (!waitForEnd()) {
                kill();
            }
        }
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    void launch() {
        m_line.clear();
        QStringList command;
        if (m_options.user) {
            const auto id = QString::number(*m_options.user);
            command << "setpriv" << "--reuid" << id << "--regid" << id << "--clear-groups";
        }
        command << program("hanshud") << "--state" << m_folder.state() << m_options.arguments;
        m_process.start(command.takeFirst(), command);
        m_process.waitForStarted();
    }
    // Whether it said that it serves.
    [[nodiscard]] bool awaitReady(int milliseconds = 30'000) {
        QElapsedTimer timer;
        timer.start();
        while (!m_line.endsWith('\n')) {
            const auto left = milliseconds - timer.elapsed();
            if (!m_process.waitForReadyRead(static_cast<int>(std::max<qint64>(left, 0))) &&
                m_process.bytesAvailable() == 0) {
                return false;
            }
            m_line += m_process.readLine();
        }
        m_said = QJsonDocument::fromJson(m_line).object();
        return m_said.contains("http");
    }
    [[nodiscard]] bool start() {
        launch();
        return awaitReady();
    }

    [[nodiscard]] const QByteArray& line() const { return m_line; }
    [[nodiscard]] const QJsonObject& said() const { return m_said; }
    [[nodiscard]] std::string http() const { return m_said["http"].toString().toStdString(); }
    [[nodiscard]] std::string objects() const { return m_said["objects"].toString().toStdString(); }
    [[nodiscard]] QString grpc() const { return m_said["grpc"].toString(); }
    [[nodiscard]] pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }
    [[nodiscard]] bool running() const { return m_process.state() == QProcess::Running; }
    [[nodiscard]] int exitCode() const {
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    [[nodiscard]] QByteArray moreOutput() { return m_process.readAllStandardOutput(); }
    [[nodiscard]] QByteArray errors() const {
        QFile file(m_folder.file("stderr"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    void terminate() { m_process.terminate(); }
    [[nodiscard]] bool waitForEnd(int milliseconds = 45'000) {
        return m_process.state() == QProcess::NotRunning || m_process.waitForFinished(milliseconds);
    }
    void kill() {
        m_process.kill();
        m_process.waitForFinished();
    }

private:
    const StateFolder& m_folder;
    Options m_options;
    QProcess m_process;
    QByteArray m_line;
    QJsonObject m_said;
};

struct Ran {
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

// A program from its start to its end.
inline Ran run(const QString& name, const QStringList& arguments, int milliseconds = 60'000) {
    QProcess process;
    process.start(name, arguments);
    if (!process.waitForFinished(milliseconds)) {
        process.kill();
        process.waitForFinished();
        return {-1, process.readAllStandardOutput(), process.readAllStandardError() + process.errorString().toUtf8()};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

}  // namespace hanshu::tests
