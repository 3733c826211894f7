// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/session.h"

#include "api/json.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/client_interceptor.h>
#include <boost/json.hpp>
#include <cmath>

namespace hanshu::cli {
namespace {

// The longest payload (32 MiB) and the fields around it, as the daemon allows.
constexpr int kMessageLimit = 33 * 1024 * 1024;
// gRPC waits 20 s for a connection otherwise.
constexpr int kConnectTimeoutMs = 5000;

// Adds the signature of gateway/grpc_server.h to a call.
class Signer final : public grpc::experimental::Interceptor {
public:
    Signer(const Key& key, std::string method) : m_key(key), m_method(std::move(method)) {}

    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
        using grpc::experimental::InterceptionHookPoints;
        if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
            const auto date = formatBasicIso8601(SystemClock().now());
            auto& metadata = *methods->GetSendInitialMetadata();
            metadata.emplace("x-hanshu-access-key-id", m_key.id);
            metadata.emplace("x-hanshu-date", date);
            metadata.emplace("x-hanshu-signature", toHex(hmacSha256(m_key.secret, m_method + "\n" + date)));
        }
        methods->Proceed();
    }

private:
    const Key& m_key;
    const std::string m_method;
};

class SignerFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
public:
    explicit SignerFactory(Key key) : m_key(std::move(key)) {}
    grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
        return new Signer(m_key, info->method());
    }

private:
    const Key m_key;
};

}  // namespace

std::shared_ptr<grpc::Channel> openChannel(const std::string& address, const Key& key) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMessageLimit);
    arguments.SetMaxSendMessageSize(kMessageLimit);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
    // The daemon is here or named outright: a proxy of the environment is not meant for it.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    if (key.empty()) {
        return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    }
    std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(std::make_unique<SignerFactory>(key));
    return grpc::experimental::CreateCustomChannelWithInterceptors(address, grpc::InsecureChannelCredentials(),
                                                                   arguments, std::move(interceptors));
}

Session::Session(std::shared_ptr<grpc::Channel> channel, Terminal streams, bool json)
    : terminal(streams),
      functions(api::FunctionService::NewStub(channel)),
      invocations(api::InvocationService::NewStub(channel)),
      logs(api::LogService::NewStub(channel)),
      metrics(api::MetricService::NewStub(channel)),
      triggers(api::TriggerService::NewStub(channel)),
      grants(api::GrantService::NewStub(channel)),
      buckets(api::BucketService::NewStub(channel)),
      system(api::SystemService::NewStub(channel)),
      m_json(json) {}

Result<Home> Session::home() {
    if (!m_home) {
        auto status = call(*system, &api::SystemService::Stub::GetStatus, api::Empty());
        if (!status) {
            return fail(std::move(status.error()));
        }
        m_home = Home{status->region(), status->account_id()};
    }
    return *m_home;
}

std::string jsonText(const google::protobuf::Message& message) {
    auto text = api::writeJson(message);
    const auto& shape = *message.GetDescriptor();
    for (int i = 0; i < shape.field_count(); ++i) {
        const auto& field = *shape.field(i);
        const bool time = field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE &&
                          (field.name() == "time" || field.name().ends_with("_time"));
        // Inside a string the quotes would be escaped, so this is the member itself.
        const auto key = fmt::format("\"{}\":", field.json_name());
        const auto at = time ? text.find(key) : std::string::npos;
        if (at == std::string::npos) {
            continue;
        }
        const auto begin = at + key.size();
        const auto milliseconds = message.GetReflection()->GetDouble(message, &field);
        const SystemTime moment{std::chrono::microseconds{std::llround(milliseconds * 1000)}};
        const auto shown = milliseconds > 0 ? "\"" + formatRfc3339Millis(moment) + "\"" : "null";
        text.replace(begin, text.find_first_of(",}", begin) - begin, shown);
    }
    return text;
}

void Session::printJson(const google::protobuf::Message& message) {
    terminal.out << jsonText(message) << std::endl;
}

void Session::printList(const std::vector<const google::protobuf::Message*>& messages) {
    terminal.out << '[';
    for (std::size_t i = 0; i < messages.size(); ++i) {
        terminal.out << (i > 0 ? ",\n" : "") << jsonText(*messages[i]);
    }
    terminal.out << "]" << std::endl;
}

void Session::done(const std::string& line, const boost::json::object& object) {
    if (m_json) {
        terminal.out << boost::json::serialize(object) << std::endl;
    }
    say(line);
}

void Session::say(const std::string& line) {
    if (!m_json) {
        terminal.err << line << std::endl;
    }
}

}  // namespace hanshu::cli
