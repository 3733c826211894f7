// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/connection_indicator.h"

#include "feedback/error_text.h"
#include "rpc/connection.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace hanshu::shell {

using rpc::Connection;

namespace {

struct Sentences {
    Q_DECLARE_TR_FUNCTIONS(Connection)

public:
    static QString since(const Connection& connection) {
        return connection.lastSeen().isValid()
                   ? tr("offline since %1").arg(connection.lastSeen().toString(QStringLiteral("HH:mm:ss")))
                   : tr("never reached");
    }
    static QString of(const Connection& connection) {
        switch (connection.state()) {
            case Connection::State::Starting:
                return tr("Starting the runtime…");
            case Connection::State::Connecting:
                return tr("Connecting to %1…").arg(connection.name());
            case Connection::State::Connected:
                return tr("Connected to %1").arg(connection.name());
            case Connection::State::Reconnecting: {
                const int seconds = connection.secondsToRetry();
                return (seconds > 0 ? tr("Reconnecting in %n s", nullptr, seconds) : tr("Reconnecting…")) +
                       QStringLiteral(" · ") + since(connection);
            }
            case Connection::State::Offline:
                break;
        }
        return connection.lastSeen().isValid()
                   ? tr("Offline since %1").arg(connection.lastSeen().toString(QStringLiteral("HH:mm:ss")))
                   : tr("Offline");
    }
    static QString numbers(const api::Status& status) {
        QStringList parts{tr("%n running", nullptr, status.running()),
                          tr("%n instance(s)", nullptr, status.instances())};
        if (status.backlog() > 0) {
            parts.append(tr("%n event(s) waiting", nullptr, static_cast<int>(status.backlog())));
        }
        parts.append(text::fromUtf8(status.version()));
        parts.removeAll(QString());
        return parts.join(QStringLiteral("  ·  "));
    }
    static QString tip() { return tr("The connection to the runtime. Press to try again now."); }
    static QString label() { return tr("Connection"); }
};

}  // namespace

QString connectionText(const Connection& connection) {
    return Sentences::of(connection);
}

ConnectionIndicator::ConnectionIndicator(Connection& connection, QWidget* parent)
    : QWidget(parent), m_connection(connection), m_state(new QPushButton), m_numbers(new QLabel) {
    m_state->setProperty("flat", true);
    m_numbers->setProperty("muted", true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 1, 12, 1);
    row->addWidget(m_state);
    row->addStretch(1);
    row->addWidget(m_numbers);
    connect(m_state, &QPushButton::clicked, &connection, &Connection::retryNow);
    connect(&connection, &Connection::changed, this, &ConnectionIndicator::show);
    connect(&connection, &Connection::statusArrived, this, &ConnectionIndicator::show);
    show();
}

QString ConnectionIndicator::text() const {
    return m_state->text();
}

void ConnectionIndicator::show() {
    const QString text = Sentences::of(m_connection);
    if (m_state->text() != text) {
        m_state->setText(text);
        m_state->setAccessibleName(Sentences::label() + QStringLiteral(": ") + text);
    }
    switch (m_connection.state()) {
        case Connection::State::Connected:
            m_state->setIcon(theme::icon(QStringLiteral("connected"), theme::Tone::Success));
            break;
        case Connection::State::Reconnecting:
            m_state->setIcon(theme::icon(QStringLiteral("refresh"), theme::Tone::Warning));
            break;
        case Connection::State::Offline:
            m_state->setIcon(theme::icon(QStringLiteral("offline"), theme::Tone::Danger));
            break;
        default:
            m_state->setIcon(theme::icon(QStringLiteral("refresh"), theme::Tone::Info));
    }
    m_state->setToolTip(m_connection.lastError() ? feedback::ErrorTexts::of(*m_connection.lastError()).whole() +
                                                       QLatin1Char('\n') + Sentences::tip()
                                                 : Sentences::tip());
    m_numbers->setVisible(m_connection.isConnected());
    m_numbers->setText(Sentences::numbers(m_connection.status()));
}

void ConnectionIndicator::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        show();
    }
}

}  // namespace hanshu::shell
