// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The connection to a runtime as a state machine that a person can see: it asks the runtime for its status from time to
// time, and when that fails, tries again with growing pauses. GUI thread.
#pragma once

#include "base/result.h"
#include "rpc/endpoint.h"
#include "services.pb.h"

#include <QDateTime>
#include <QObject>
#include <QTimer>
#include <chrono>

namespace hanshu::rpc {

class Core;

struct ConnectionTimes {
    std::chrono::milliseconds heartbeat{5000};
    std::chrono::milliseconds deadline{3000};    // of one question
    std::chrono::milliseconds firstRetry{1000};  // doubled after each failure
    std::chrono::milliseconds longestRetry{30'000};
};

class Connection : public QObject {
    Q_OBJECT

public:
    enum class State {
        Starting,    // a runtime within this process is on its way up
        Connecting,  // asked for the first time
        Connected,
        Reconnecting,  // was lost or never there; tries again by itself
        Offline,       // refused in a way that only a person can change
    };
    Q_ENUM(State)

    explicit Connection(ConnectionTimes times = {}, QObject* parent = nullptr);
    // Cancels every call and waits until gRPC has let go of them; no reply is delivered after that.
    ~Connection() override;

    void open(Endpoint endpoint);
    // The runtime that open() would have been called with did not start.
    void fail(Error error);
    // Asks now, whatever the pause says.
    void retryNow();
    // A stream broke: whether the runtime is still there has to be asked.
    void suspect();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isConnected() const { return m_state == State::Connected; }
    // Whole seconds until the next question, while Reconnecting; 0 while it is being asked.
    [[nodiscard]] int secondsToRetry() const;
    // When the runtime was last heard of; invalid when it never was.
    [[nodiscard]] QDateTime lastSeen() const { return m_lastSeen; }
    [[nodiscard]] const std::optional<Error>& lastError() const { return m_lastError; }
    [[nodiscard]] const QString& name() const { return m_name; }
    [[nodiscard]] const api::Status& status() const { return m_status; }

    // For the stubs; null before open().
    [[nodiscard]] const std::shared_ptr<Core>& core() const { return m_core; }

Q_SIGNALS:
    // The state, or the countdown to the next try.
    void changed();
    // Connected after not having been: streams resume.
    void connected();
    void statusArrived();

private:
    void ask();
    void answered(Result<api::Status> result);
    void enter(State state);

    ConnectionTimes m_times;
    std::shared_ptr<Core> m_core;
    State m_state = State::Starting;
    QString m_name;
    api::Status m_status;
    QDateTime m_lastSeen;
    std::optional<Error> m_lastError;
    bool m_asking = false;
    std::chrono::milliseconds m_pause;
    QTimer m_next;       // the next question
    QTimer m_countdown;  // each second of a pause
};

}  // namespace hanshu::rpc
