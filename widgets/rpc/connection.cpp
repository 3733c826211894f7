// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rpc/connection.h"

#include "rpc/unary_call.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <cmath>

namespace hanshu::rpc {

namespace {

// Waiting does not change these.
bool needsPerson(Code code) {
    return code == Code::Unauthenticated || code == Code::PermissionDenied || code == Code::Unimplemented ||
           code == Code::InvalidArgument;
}

Failure badEndpoint(const QString& message) {
    return hanshu::fail(Code::InvalidArgument, "InvalidArgument", {{"message", message.toStdString()}});
}

}  // namespace

Result<Endpoint> remoteEndpoint(const QString& address, const QString& credentialsFile) {
    Endpoint endpoint;
    endpoint.name = address;
    endpoint.target = address.toStdString();
    if (address.startsWith(QLatin1String("unix:"))) {
        const QString path = address.mid(5);
        if (path.isEmpty()) {
            return badEndpoint(QStringLiteral("--server unix: needs the path of a socket"));
        }
        endpoint.target = "unix:" + QFileInfo(path).absoluteFilePath().toStdString();
        return endpoint;
    }
    static const QRegularExpression hostAndPort(QStringLiteral("^(\\[[0-9a-fA-F:.]+\\]|[^:\\s/]+):(\\d{1,5})$"));
    const auto match = hostAndPort.match(address);
    if (!match.hasMatch() || match.captured(2).toInt() < 1 || match.captured(2).toInt() > 65535) {
        return badEndpoint(QStringLiteral("--server must be unix:PATH or host:port (actual: %1)").arg(address));
    }
    if (credentialsFile.isEmpty()) {
        return badEndpoint(QStringLiteral("--server %1 needs --credentials FILE").arg(address));
    }
    QFile file(credentialsFile);
    if (!file.open(QIODevice::ReadOnly)) {
        return badEndpoint(QStringLiteral("cannot read %1: %2").arg(credentialsFile, file.errorString()));
    }
    const QString text = QString::fromUtf8(file.readAll());
    const auto valueOf = [&](const char* key) {
        const QRegularExpression line(QStringLiteral("^\\s*%1\\s*=\\s*\"([^\"]*)\"").arg(QLatin1String(key)),
                                      QRegularExpression::MultilineOption | QRegularExpression::CaseInsensitiveOption);
        return line.match(text).captured(1);
    };
    endpoint.credentials = Credentials{valueOf("access_?key_?id"), valueOf("access_?key_?secret")};
    if (endpoint.credentials->accessKeyId.isEmpty() || endpoint.credentials->accessKeySecret.isEmpty()) {
        return badEndpoint(QStringLiteral("%1 holds no access_key_id and access_key_secret").arg(credentialsFile));
    }
    return endpoint;
}

Endpoint localEndpoint(std::shared_ptr<void> channel, const QString& name) {
    Endpoint endpoint;
    endpoint.channel = std::move(channel);
    endpoint.name = name;
    return endpoint;
}

Connection::Connection(ConnectionTimes times, QObject* parent)
    : QObject(parent), m_times(times), m_pause(times.firstRetry) {
    m_next.setSingleShot(true);
    // A coarse timer may tell more time than it was given.
    m_next.setTimerType(Qt::PreciseTimer);
    connect(&m_next, &QTimer::timeout, this, &Connection::ask);
    m_countdown.setInterval(1000);
    connect(&m_countdown, &QTimer::timeout, this, &Connection::changed);
}

Connection::~Connection() {
    if (m_core != nullptr) {
        m_core->shutDown();
    }
}

void Connection::open(Endpoint endpoint) {
    Q_ASSERT(m_core == nullptr);
    m_name = endpoint.name;
    m_core = std::make_shared<Core>(endpoint);
    enter(State::Connecting);
    ask();
}

void Connection::fail(Error error) {
    m_lastError = std::move(error);
    enter(State::Offline);
}

void Connection::retryNow() {
    if (m_core != nullptr && m_state != State::Connected) {
        m_pause = m_times.firstRetry;
        ask();
    }
}

void Connection::suspect() {
    if (m_state == State::Connected) {
        ask();
    }
}

int Connection::secondsToRetry() const {
    return m_asking ? 0 : static_cast<int>(std::ceil(std::max(0, m_next.remainingTime()) / 1000.0));
}

void Connection::ask() {
    if (m_asking) {
        return;
    }
    m_asking = true;
    m_next.stop();
    if (m_state == State::Reconnecting) {
        Q_EMIT changed();
    }
    startUnary<api::Empty, api::Status>(
        m_core, {}, m_times.deadline, this, [this](Result<api::Status> result) { answered(std::move(result)); },
        [this](auto* context, auto* request, auto* response, auto done) {
            m_core->system->async()->GetStatus(context, request, response, std::move(done));
        });
}

void Connection::answered(Result<api::Status> result) {
    m_asking = false;
    if (result) {
        m_status = std::move(*result);
        m_lastSeen = QDateTime::currentDateTime();
        m_lastError.reset();
        m_pause = m_times.firstRetry;
        m_next.start(m_times.heartbeat);
        const bool regained = m_state != State::Connected;
        enter(State::Connected);
        if (regained) {
            Q_EMIT connected();
        }
        Q_EMIT statusArrived();
        return;
    }
    m_lastError = std::move(result.error());
    if (needsPerson(m_lastError->code)) {
        enter(State::Offline);
        return;
    }
    m_next.start(m_pause);
    m_pause = std::min(2 * m_pause, m_times.longestRetry);
    enter(State::Reconnecting);
}

void Connection::enter(State state) {
    if (state == State::Reconnecting) {
        m_countdown.start();
    } else {
        m_countdown.stop();
    }
    if (state != m_state || state == State::Reconnecting) {
        m_state = state;
        Q_EMIT changed();
    }
}

}  // namespace hanshu::rpc
