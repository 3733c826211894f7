// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Keeps a FunctionModel at the state of the runtime: a snapshot, then deltas. GUI thread.
#pragma once

#include "pages/functions/function_model.h"
#include "rpc/client.h"

#include <QObject>
#include <unordered_set>

namespace hanshu::pages {

class FunctionFeed : public QObject {
    Q_OBJECT

public:
    FunctionFeed(rpc::Client& client, FunctionModel& model, QObject* parent = nullptr);
    // Until the first snapshot is whole.
    [[nodiscard]] bool isLoading() const { return m_loading; }
    [[nodiscard]] const std::optional<Error>& failure() const { return m_failure; }
    void retry();

Q_SIGNALS:
    void changed();

private:
    void take(std::vector<api::FunctionChange> changes);

    FunctionModel& m_model;
    std::unique_ptr<rpc::Subscription> m_stream;
    std::unordered_set<std::string> m_snapshot;  // names seen since the stream opened, until the snapshot is whole
    bool m_loading = true;
    std::optional<Error> m_failure;
};

}  // namespace hanshu::pages
