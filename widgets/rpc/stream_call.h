// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A server's stream that reopens itself. Only the .cpp files of this room include it.
#pragma once

#include "rpc/client.h"
#include "rpc/connection.h"
#include "rpc/core.h"

#include <QTimer>
#include <atomic>

namespace hanshu::rpc {

// One opening of the stream. Messages gather until the next frame takes them; when too many wait, reading pauses and
// the server notices by itself that its reader is slow.
template <class Request, class Message>
class StreamCall : public CallBase, public grpc::ClientReadReactor<Message> {
public:
    struct Ends {
        std::function<void(std::vector<Message>)> messages;
        std::function<void(const Error&)> ended;
    };

    StreamCall(std::shared_ptr<Core> core, Request request, Ends ends)
        : m_core(core.get()), m_request(std::move(request)), m_ends(std::move(ends)) {}

    template <class Start>
    static std::shared_ptr<StreamCall> open(const std::shared_ptr<Core>& core, Request request, Ends ends,
                                            Start start) {
        auto call = std::make_shared<StreamCall>(core, std::move(request), std::move(ends));
        call->m_self = call;
        core->enter(call.get());
        start(&call->context(), &call->m_request, call.get());
        call->StartRead(&call->m_incoming);
        call->StartCall();
        return call;
    }

    // GUI thread: nothing is delivered any more.
    void abandon() {
        m_abandoned = true;
        this->cancel();
        resume();
    }

    void OnReadDone(bool ok) override {
        if (!ok) {
            return;
        }
        bool first = false;
        bool more = true;
        {
            const std::lock_guard lock(m_mutex);
            first = m_waiting.empty();
            m_waiting.push_back(std::move(m_incoming));
            if (m_waiting.size() >= kMostWaiting) {
                m_paused = true;
                more = false;
                this->AddHold();
            }
        }
        if (first) {
            m_core->mailbox.post([held = m_self] { held->deliver(); });
        }
        if (more) {
            m_incoming = Message();
            this->StartRead(&m_incoming);
        }
    }

    void OnDone(const grpc::Status& status) override {
        Error error = toError(status, context());
        m_core->leave(this, [held = std::move(m_self), error = std::move(error)] {
            if (!held->m_abandoned) {
                held->m_ends.ended(error);
            }
        });
    }

private:
    // Bounds memory when the window is slower than the server; a frame of 20,000 lines a second is a few batches.
    static constexpr std::size_t kMostWaiting = 1024;

    void deliver() {
        std::vector<Message> messages;
        {
            const std::lock_guard lock(m_mutex);
            messages.swap(m_waiting);
        }
        if (!m_abandoned && !messages.empty()) {
            m_ends.messages(std::move(messages));
        }
        resume();
    }

    void resume() {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_paused) {
                return;
            }
            m_paused = false;
        }
        m_incoming = Message();
        this->StartRead(&m_incoming);
        this->RemoveHold();
    }

    Core* m_core;
    Request m_request;
    Ends m_ends;
    Message m_incoming;
    std::shared_ptr<StreamCall> m_self;
    std::mutex m_mutex;
    std::vector<Message> m_waiting;
    bool m_paused = false;
    bool m_abandoned = false;  // GUI thread
};

// The opening that lasts: waits for the connection, opens, and opens again.
template <class Request, class Message>
class OpenStream : public QObject, public Subscription {
public:
    using Starter = std::function<void(Core&, grpc::ClientContext*, const Request*, grpc::ClientReadReactor<Message>*)>;

    OpenStream(Connection& connection, StreamHandlers<Request, Message> handlers, Starter starter)
        : m_connection(connection), m_handlers(std::move(handlers)), m_starter(std::move(starter)) {
        m_later.setSingleShot(true);
        connect(&m_later, &QTimer::timeout, this, [this] { openIfConnected(); });
        connect(&connection, &Connection::connected, this, [this] { openIfConnected(); });
        openIfConnected();
    }
    ~OpenStream() override {
        if (m_call != nullptr) {
            m_call->abandon();
        }
    }

    void retry() override {
        m_failed = false;
        openIfConnected();
    }

private:
    static constexpr int kFirstPauseMs = 500;
    static constexpr int kLongestPauseMs = 15'000;

    void openIfConnected() {
        if (m_call != nullptr || m_failed || !m_connection.isConnected()) {
            return;
        }
        m_later.stop();
        if (m_handlers.opening) {
            m_handlers.opening();
        }
        using Opening = StreamCall<Request, Message>;
        m_call = Opening::open(m_connection.core(), m_handlers.request(),
                               {[this](std::vector<Message> messages) {
                                    m_pauseMs = kFirstPauseMs;
                                    m_handlers.messages(std::move(messages));
                                },
                                [this](const Error& error) { ended(error); }},
                               [this](auto* context, const auto* request, auto* reactor) {
                                   m_starter(*m_connection.core(), context, request, reactor);
                               });
    }

    void ended(const Error& error) {
        m_call.reset();
        // A stream that ends well ends because the server goes away: it has nothing else to end for.
        const bool passing = static_cast<int>(error.code) == 0 || error.code == Code::Unavailable ||
                             error.code == Code::Cancelled || error.code == Code::Unknown ||
                             error.code == Code::Internal || error.code == Code::DeadlineExceeded ||
                             error.code == Code::ResourceExhausted;
        if (!passing) {
            m_failed = true;
            m_handlers.failed(error);
            return;
        }
        m_later.start(m_pauseMs);
        m_pauseMs = std::min(2 * m_pauseMs, kLongestPauseMs);
        m_connection.suspect();
    }

    Connection& m_connection;
    StreamHandlers<Request, Message> m_handlers;
    Starter m_starter;
    std::shared_ptr<StreamCall<Request, Message>> m_call;
    QTimer m_later;
    int m_pauseMs = kFirstPauseMs;
    bool m_failed = false;
};

}  // namespace hanshu::rpc
