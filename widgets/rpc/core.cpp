// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rpc/core.h"

#include <QDateTime>
#include <QMessageAuthenticationCode>

namespace hanshu::rpc {

namespace {

// A package is uploaded in pieces of 1 MiB, but a function's answer comes whole: 32 MB is its limit, and a MiB is for
// what surrounds it.
constexpr int kMaxMessage = 33 * 1024 * 1024 + 1024 * 1024;

// Signs each call as the gateway wants it over TCP: lower-hex HMAC-SHA256(secret, method path "\n" date).
class Signer : public grpc::experimental::Interceptor {
public:
    Signer(std::string method, const Credentials& credentials)
        : m_method(std::move(method)), m_credentials(credentials) {}

    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
        if (methods->QueryInterceptionHookPoint(
                grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
            const auto date =
                QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'")).toLatin1();
            const auto signature =
                QMessageAuthenticationCode::hash(QByteArray::fromStdString(m_method) + '\n' + date,
                                                 m_credentials.accessKeySecret.toUtf8(), QCryptographicHash::Sha256)
                    .toHex();
            auto* metadata = methods->GetSendInitialMetadata();
            metadata->insert({"x-hanshu-access-key-id", m_credentials.accessKeyId.toStdString()});
            metadata->insert({"x-hanshu-date", date.toStdString()});
            metadata->insert({"x-hanshu-signature", signature.toStdString()});
        }
        methods->Proceed();
    }

private:
    std::string m_method;
    Credentials m_credentials;
};

class SignerFactory : public grpc::experimental::ClientInterceptorFactoryInterface {
public:
    explicit SignerFactory(Credentials credentials) : m_credentials(std::move(credentials)) {}
    grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
        return new Signer(info->method(), m_credentials);
    }

private:
    Credentials m_credentials;
};

std::shared_ptr<grpc::Channel> channelTo(const Endpoint& endpoint) {
    if (endpoint.channel != nullptr) {
        return std::static_pointer_cast<grpc::Channel>(endpoint.channel);
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessage);
    arguments.SetMaxSendMessageSize(kMaxMessage);
    // The connection's own state machine decides when to try again; the channel's pauses must not add to its own.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
    if (endpoint.credentials) {
        interceptors.push_back(std::make_unique<SignerFactory>(*endpoint.credentials));
    }
    return grpc::experimental::CreateCustomChannelWithInterceptors(endpoint.target, grpc::InsecureChannelCredentials(),
                                                                   arguments, std::move(interceptors));
}

}  // namespace

Core::Core(const Endpoint& endpoint) {
    const auto channel = channelTo(endpoint);
    functions = api::FunctionService::NewStub(channel);
    invocations = api::InvocationService::NewStub(channel);
    logs = api::LogService::NewStub(channel);
    system = api::SystemService::NewStub(channel);
}

void Core::shutDown() {
    std::unique_lock lock(m_mutex);
    m_closed = true;
    for (auto* call : m_running) {
        call->cancel();
    }
    m_idle.wait(lock, [this] { return m_running.empty(); });
}

void Core::enter(CallBase* call) {
    const std::lock_guard lock(m_mutex);
    m_running.insert(call);
    if (m_closed) {
        call->cancel();
    }
}

void Core::leave(CallBase* call, std::function<void()> delivery) {
    const std::lock_guard lock(m_mutex);
    m_running.erase(call);
    mailbox.post(std::move(delivery));
    // Under the lock: the waiter may destroy this object as soon as it sees that nothing runs.
    m_idle.notify_all();
}

Error toError(const grpc::Status& status, const grpc::ClientContext& context) {
    constexpr std::string_view kParam = "hanshu-param-";
    constexpr std::string_view kBinary = "-bin";
    Error error;
    error.code = static_cast<Code>(status.error_code());
    error.detail = status.error_message();
    for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
        const std::string_view name(key.data(), key.size());
        const std::string text(value.data(), value.size());
        if (name == "hanshu-reason") {
            error.reason = text;
        } else if (name.starts_with(kParam) && name.ends_with(kBinary)) {
            error.params.emplace_back(name.substr(kParam.size(), name.size() - kParam.size() - kBinary.size()), text);
        }
    }
    return error;
}

}  // namespace hanshu::rpc
