// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rpc/mailbox.h"

#include <algorithm>

namespace hanshu::rpc {

namespace {

// One frame at 60 Hz.
constexpr qint64 kFrameMs = 16;

}  // namespace

Mailbox::Mailbox() {
    m_frame.setSingleShot(true);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &Mailbox::deliver);
}

void Mailbox::post(std::function<void()> work) {
    const std::lock_guard lock(m_mutex);
    m_work.push_back(std::move(work));
    if (!m_arranged) {
        m_arranged = true;
        QMetaObject::invokeMethod(this, &Mailbox::arrange, Qt::QueuedConnection);
    }
}

void Mailbox::arrange() {
    const qint64 since = m_sinceDelivery.isValid() ? m_sinceDelivery.elapsed() : kFrameMs;
    if (since >= kFrameMs) {
        deliver();
    } else {
        m_frame.start(static_cast<int>(kFrameMs - since));
    }
}

void Mailbox::deliver() {
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(m_mutex);
        work.swap(m_work);
        m_arranged = false;
    }
    m_sinceDelivery.start();
    for (auto& item : work) {
        item();
    }
}

}  // namespace hanshu::rpc
