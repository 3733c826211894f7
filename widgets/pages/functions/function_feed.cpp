// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/function_feed.h"

namespace hanshu::pages {

FunctionFeed::FunctionFeed(rpc::Client& client, FunctionModel& model, QObject* parent)
    : QObject(parent), m_model(model) {
    m_stream = client.watchFunctions({.request = [] { return api::Empty(); },
                                      .opening = [this] { m_snapshot.clear(); },
                                      .messages = [this](auto changes) { take(std::move(changes)); },
                                      .failed =
                                          [this](const Error& error) {
                                              m_failure = error;
                                              m_loading = false;
                                              Q_EMIT changed();
                                          }});
}

void FunctionFeed::retry() {
    m_failure.reset();
    m_loading = true;
    m_stream->retry();
    Q_EMIT changed();
}

void FunctionFeed::take(std::vector<api::FunctionChange> changes) {
    std::vector<api::Function> puts;
    std::vector<std::string> gone;
    const auto flush = [&] {
        m_model.put(puts, gone);
        puts.clear();
        gone.clear();
    };
    for (auto& change : changes) {
        const std::string name = change.function().function_name();
        switch (change.kind()) {
            case api::FunctionChange::SNAPSHOT:
                m_snapshot.insert(name);
                puts.push_back(std::move(*change.mutable_function()));
                break;
            case api::FunctionChange::SNAPSHOT_END:
                m_model.forEach([&](const FunctionRow& row) {
                    if (!m_snapshot.contains(row.key())) {
                        gone.push_back(row.key());
                    }
                });
                m_snapshot.clear();
                m_loading = false;
                m_failure.reset();
                flush();
                break;
            case api::FunctionChange::PUT:
                // Put after delete, and the other way round, must not meet in one update.
                if (std::find(gone.begin(), gone.end(), name) != gone.end()) {
                    flush();
                }
                puts.push_back(std::move(*change.mutable_function()));
                break;
            case api::FunctionChange::DELETED:
                if (!puts.empty()) {
                    flush();
                }
                gone.push_back(name);
                break;
            default:
                break;  // a kind that a newer runtime knows
        }
    }
    flush();
    Q_EMIT changed();
}

}  // namespace hanshu::pages
