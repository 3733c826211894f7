// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Brings work from gRPC's threads to the GUI thread, all that came together in one delivery a frame. post: any thread;
// the rest: GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <functional>
#include <mutex>
#include <vector>

namespace hanshu::rpc {

class Mailbox : public QObject {
    Q_OBJECT

public:
    Mailbox();
    void post(std::function<void()> work);

private:
    void arrange();
    void deliver();

    std::mutex m_mutex;
    std::vector<std::function<void()>> m_work;
    bool m_arranged = false;
    QElapsedTimer m_sinceDelivery;
    QTimer m_frame;
};

}  // namespace hanshu::rpc
