// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/invocation_feed.h"

#include "rpc/connection.h"

namespace hanshu::pages {

namespace {

// What the API gives at most in one page.
constexpr int kPage = 100;

std::vector<api::Invocation> take(api::ListInvocationsOutput& output) {
    return {std::make_move_iterator(output.mutable_invocations()->begin()),
            std::make_move_iterator(output.mutable_invocations()->end())};
}

}  // namespace

InvocationFeed::InvocationFeed(rpc::Client& client, InvocationModel& model, QObject* parent)
    : QObject(parent), m_client(client), m_model(model) {
    connect(&client.connection(), &rpc::Connection::connected, this, [this] {
        if (!m_loaded) {
            loadNewest();
        }
    });
    if (client.connection().isConnected()) {
        loadNewest();
    }
}

void InvocationFeed::loadNewest() {
    if (m_asking) {
        return;
    }
    m_asking = true;
    api::ListInvocationsRequest request;
    request.set_limit(kPage);
    m_client.listInvocations(request, this, [this](Result<api::ListInvocationsOutput> result) {
        m_asking = false;
        if (!result) {
            // An unreachable runtime is asked again when the connection is back.
            if (result.error().code != Code::Unavailable) {
                m_loading = false;
                m_failure = std::move(result.error());
            }
            Q_EMIT changed();
            return;
        }
        m_loading = false;
        m_loaded = true;
        m_failure.reset();
        m_nextToken = result->next_token();
        m_model.add(take(*result));
        Q_EMIT changed();
        Q_EMIT arrived({});
        follow();
    });
}

void InvocationFeed::follow() {
    m_stream = m_client.watchInvocations({.request =
                                              [this] {
                                                  api::WatchInvocationsRequest request;
                                                  request.set_after_sequence(m_model.newest());
                                                  return request;
                                              },
                                          .opening = {},
                                          .messages =
                                              [this](std::vector<api::InvocationBatch> batches) {
                                                  std::vector<api::Invocation> runs;
                                                  for (auto& batch : batches) {
                                                      m_gap += batch.gap();
                                                      for (auto& run : *batch.mutable_invocations()) {
                                                          runs.push_back(std::move(run));
                                                      }
                                                  }
                                                  m_model.add(runs);
                                                  Q_EMIT changed();
                                                  Q_EMIT arrived(runs);
                                              },
                                          .failed =
                                              [this](const Error& error) {
                                                  m_failure = error;
                                                  Q_EMIT changed();
                                              }});
}

void InvocationFeed::loadOlder() {
    if (m_asking || !hasOlder()) {
        return;
    }
    m_asking = true;
    api::ListInvocationsRequest request;
    request.set_limit(kPage);
    request.set_next_token(m_nextToken);
    m_client.listInvocations(request, this, [this](Result<api::ListInvocationsOutput> result) {
        m_asking = false;
        if (result) {
            m_nextToken = result->next_token();
            m_model.add(take(*result));
            Q_EMIT changed();
        }
    });
}

void InvocationFeed::retry() {
    m_failure.reset();
    if (m_stream != nullptr) {
        m_stream->retry();
    } else {
        m_loading = true;
        loadNewest();
    }
    Q_EMIT changed();
}

}  // namespace hanshu::pages
