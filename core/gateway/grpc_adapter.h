// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From gRPC's callback API to coroutines on io threads: one function for each shape of a call. The functions are called
// by gRPC's threads; the coroutines run on io threads.
//
// A unary call whose client goes away or whose server stops is finished at once; its coroutine runs to its end and its
// answer is dropped. A stream's reactor lives until its coroutine has ended, which a failed read or write brings about.
#pragma once

#include "base/io_pool.h"
#include "base/log.h"
#include "gateway/grpc_call.h"

#include <google/protobuf/message.h>
#include <grpcpp/support/server_callback.h>

namespace hanshu::gateway {

// A call at the door: admitted, or refused with an error.
struct Entry {
    std::shared_ptr<GrpcCore> core;
    grpc::CallbackServerContext* context;
    Result<GrpcCall> call;
};

// Where the calls of one service come in.
class GrpcDoor {
public:
    GrpcDoor(std::shared_ptr<GrpcCore> core, std::string_view service)
        : m_core(std::move(core)), m_prefix(fmt::format("/{}/", service)) {}

    // `method`: __func__ of the service's override, which gRPC names as the schema does.
    [[nodiscard]] Entry enter(grpc::CallbackServerContext* context, std::string_view method) const {
        auto caller = m_core->admit(*context, m_prefix + std::string(method));
        if (!caller) {
            return {m_core, context, fail(std::move(caller.error()))};
        }
        return {m_core, context, GrpcCall{m_core, std::move(*caller), newRequestId(), context->peer()}};
    }

private:
    std::shared_ptr<GrpcCore> m_core;
    std::string m_prefix;
};

namespace detail {

// A reactor's place among the calls that a drain waits for.
class Presence {
public:
    explicit Presence(const Entry& entry) : m_core(entry.core), m_context(entry.context) { m_core->begin(m_context); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;
    ~Presence() { m_core->end(m_context); }

private:
    std::shared_ptr<GrpcCore> m_core;
    grpc::CallbackServerContext* m_context;
};

// What a coroutine ended with; an exception that left it is a bug, told as an internal error.
template <class T>
Result<T> endOf(const std::exception_ptr& thrown, Result<T> result) {
    if (thrown == nullptr) {
        return result;
    }
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return internalError(fmt::format("a gRPC handler threw: {}", exception.what()));
    }
}

// Answers once: by the coroutine's end or by the call's cancellation, whichever comes first.
template <class Reply>
class UnaryAnswer {
public:
    UnaryAnswer(grpc::CallbackServerContext* context, grpc::ServerUnaryReactor* reactor, Reply* reply)
        : m_context(context), m_reactor(reactor), m_reply(reply) {}

    void finish(Result<Reply> result) {
        auto* reactor = take();
        if (reactor == nullptr) {
            return;
        }
        if (!result) {
            reactor->Finish(toStatus(result.error(), *m_context));
            return;
        }
        m_reply->Swap(&*result);
        reactor->Finish(grpc::Status::OK);
    }

    void cancel() {
        if (auto* reactor = take()) {
            reactor->Finish(grpc::Status::CANCELLED);
        }
    }

private:
    grpc::ServerUnaryReactor* take() {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_reactor, nullptr);
    }

    std::mutex m_mutex;
    grpc::CallbackServerContext* m_context;
    grpc::ServerUnaryReactor* m_reactor;
    Reply* m_reply;
};

template <class Reply>
class UnaryReactor final : public grpc::ServerUnaryReactor {
public:
    UnaryReactor(const Entry& entry, Reply* reply)
        : answer(std::make_shared<UnaryAnswer<Reply>>(entry.context, this, reply)), m_presence(entry) {}
    void OnCancel() override { answer->cancel(); }
    void OnDone() override { delete this; }

    const std::shared_ptr<UnaryAnswer<Reply>> answer;

private:
    Presence m_presence;
};

}  // namespace detail

// Coroutine: Task<Result<Reply>>(GrpcCall, Request). The request is moved out of gRPC's hands.
template <class Request, class Reply>
grpc::ServerUnaryReactor* unary(Entry entry, const Request* request, Reply* reply,
                                Task<Result<Reply>> (*handler)(GrpcCall, Request)) {
    auto* reactor = new detail::UnaryReactor<Reply>(entry, reply);
    const auto answer = reactor->answer;
    if (!entry.call) {
        answer->finish(fail(std::move(entry.call.error())));
        return reactor;
    }
    Request own;
    own.Swap(const_cast<Request*>(request));  // gRPC made it for this call alone and does not look at it again
    auto& io = entry.call->core->rooms.io.next();
    asio::co_spawn(io, handler(std::move(*entry.call), std::move(own)),
                   [answer](const std::exception_ptr& thrown, Result<Reply> result) {
                       answer->finish(detail::endOf(thrown, std::move(result)));
                   });
    return reactor;
}

// The server's side of a stream of replies. Used by its coroutine alone.
template <class Reply>
class WriteStream final : public grpc::ServerWriteReactor<Reply> {
public:
    explicit WriteStream(const Entry& entry) : m_presence(entry) {}
    // False when the client is gone. `message` must live until this returns.
    [[nodiscard]] Task<bool> write(const Reply& message) {
        co_return co_await awaitCallback<bool>([this, &message](auto done) {
            m_done = std::move(done);
            this->StartWrite(&message);
        });
    }
    // Ended when the client goes away; a stream that waits for news needs it.
    void attach(const std::shared_ptr<Endless>& source) {
        {
            const std::scoped_lock lock(m_mutex);
            m_source = source;
            if (!m_cancelled) {
                return;
            }
        }
        source->end(cancelled());
    }

    void OnWriteDone(bool ok) override { std::exchange(m_done, nullptr)(ok); }
    void OnCancel() override {
        std::shared_ptr<Endless> source;
        {
            const std::scoped_lock lock(m_mutex);
            m_cancelled = true;
            source = m_source.lock();
        }
        if (source) {
            source->end(cancelled());
        }
    }
    void OnDone() override { delete this; }

private:
    static Error cancelled() { return {Code::Cancelled, "ClientClosedRequest", {}, {}}; }

    std::function<void(bool)> m_done;
    std::mutex m_mutex;
    bool m_cancelled = false;
    std::weak_ptr<Endless> m_source;
    detail::Presence m_presence;
};

// Coroutine: Task<Result<void>>(GrpcCall, Request, WriteStream<Reply>&).
template <class Request, class Reply>
grpc::ServerWriteReactor<Reply>* serverStream(Entry entry, const Request* request,
                                              Task<Result<void>> (*handler)(GrpcCall, Request, WriteStream<Reply>&)) {
    auto* stream = new WriteStream<Reply>(entry);
    auto* context = entry.context;
    if (!entry.call) {
        stream->Finish(toStatus(entry.call.error(), *context));
        return stream;
    }
    auto& io = entry.call->core->rooms.io.next();
    asio::co_spawn(io, handler(std::move(*entry.call), *request, *stream),
                   [stream, context](const std::exception_ptr& thrown, Result<void> result) {
                       const auto end = detail::endOf(thrown, std::move(result));
                       stream->Finish(end ? grpc::Status::OK : toStatus(end.error(), *context));
                   });
    return stream;
}

// The server's side of a stream of requests. Used by its coroutine alone.
template <class Request>
class ReadStream final : public grpc::ServerReadReactor<Request> {
public:
    explicit ReadStream(const Entry& entry) : m_context(entry.context), m_presence(entry) {}
    // False when the client has sent all, or is gone.
    [[nodiscard]] Task<bool> read(Request& into) {
        co_return co_await awaitCallback<bool>([this, &into](auto done) {
            m_done = std::move(done);
            this->StartRead(&into);
        });
    }
    // What ended a stream that was read to its end; the reactor may hear of it later than the context knows.
    [[nodiscard]] bool cancelled() const { return m_cancelled || m_context->IsCancelled(); }

    void OnReadDone(bool ok) override { std::exchange(m_done, nullptr)(ok); }
    void OnCancel() override { m_cancelled = true; }
    void OnDone() override { delete this; }

private:
    std::function<void(bool)> m_done;
    grpc::CallbackServerContext* m_context;
    std::atomic<bool> m_cancelled{false};
    detail::Presence m_presence;
};

// Coroutine: Task<Result<Reply>>(GrpcCall, ReadStream<Request>&).
template <class Request, class Reply>
grpc::ServerReadReactor<Request>* clientStream(Entry entry, Reply* reply,
                                               Task<Result<Reply>> (*handler)(GrpcCall, ReadStream<Request>&)) {
    auto* stream = new ReadStream<Request>(entry);
    auto* context = entry.context;
    if (!entry.call) {
        stream->Finish(toStatus(entry.call.error(), *context));
        return stream;
    }
    auto& io = entry.call->core->rooms.io.next();
    asio::co_spawn(io, handler(std::move(*entry.call), *stream),
                   [stream, context, reply](const std::exception_ptr& thrown, Result<Reply> result) {
                       auto end = detail::endOf(thrown, std::move(result));
                       if (!end) {
                           stream->Finish(toStatus(end.error(), *context));
                           return;
                       }
                       reply->Swap(&*end);
                       stream->Finish(grpc::Status::OK);
                   });
    return stream;
}

}  // namespace hanshu::gateway
