// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Keeps an InvocationModel at the state of the runtime: the newest runs first, then those that come. GUI thread.
#pragma once

#include "pages/invocations/invocation_model.h"
#include "rpc/client.h"

#include <QObject>

namespace hanshu::pages {

class InvocationFeed : public QObject {
    Q_OBJECT

public:
    InvocationFeed(rpc::Client& client, InvocationModel& model, QObject* parent = nullptr);

    [[nodiscard]] bool isLoading() const { return m_loading; }
    [[nodiscard]] const std::optional<Error>& failure() const { return m_failure; }
    // Runs that the runtime had to leave out of the stream because the console was slow.
    [[nodiscard]] qint64 gap() const { return m_gap; }
    [[nodiscard]] bool hasOlder() const { return !m_nextToken.empty() && !m_model.isFull(); }
    void loadOlder();
    void retry();

Q_SIGNALS:
    void changed();
    // Runs that ended just now, not those that were loaded.
    void arrived(const std::vector<api::Invocation>& runs);

private:
    void loadNewest();
    void follow();

    rpc::Client& m_client;
    InvocationModel& m_model;
    std::unique_ptr<rpc::Subscription> m_stream;
    bool m_loading = true;
    bool m_asking = false;
    bool m_loaded = false;
    std::optional<Error> m_failure;
    qint64 m_gap = 0;
    std::string m_nextToken;
};

}  // namespace hanshu::pages
