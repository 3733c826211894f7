// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One run of the command line against one daemon: its stubs, its streams, its form of output. Calls block; one thread.
#pragma once

#include "base/clock.h"
#include "cli/address.h"
#include "cli/arn_forms.h"
#include "cli/failure.h"
#include "services.grpc.pb.h"

#include <boost/json/object.hpp>
#include <chrono>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace hanshu::cli {

struct Terminal {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool outIsTerminal = false;
    bool errIsTerminal = false;
};

// What a command without a stream waits for at most; calls of functions have no limit but their own.
inline constexpr std::chrono::seconds kCallTimeout{60};

// As api::writeJson, but that times are RFC 3339 throughout, and null where there is none.
[[nodiscard]] std::string jsonText(const google::protobuf::Message& message);

class Session {
public:
    Session(std::shared_ptr<grpc::Channel> channel, Terminal terminal, bool json);

    [[nodiscard]] bool json() const noexcept { return m_json; }
    [[nodiscard]] SystemTime now() const { return SystemClock().now(); }
    // Region and account of the daemon, asked for once.
    [[nodiscard]] Result<Home> home();

    template <class Stub, class Request, class Reply>
    [[nodiscard]] Result<Reply> call(Stub& stub,
                                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                                     const Request& request,
                                     std::optional<std::chrono::seconds> timeout = kCallTimeout) {
        grpc::ClientContext context;
        if (timeout) {
            context.set_deadline(std::chrono::system_clock::now() + *timeout);
        }
        Reply reply;
        const auto status = (stub.*method)(&context, request, &reply);
        if (!status.ok()) {
            return fail(toError(status, context));
        }
        return reply;
    }

    void printJson(const google::protobuf::Message& message);
    template <class Messages>
    void printJsonList(const Messages& messages) {
        std::vector<const google::protobuf::Message*> list;
        for (const auto& message : messages) {
            list.push_back(&message);
        }
        printList(list);
    }
    // What was done, where there is nothing to show: a line for people on stderr, or with -o json `object` on stdout.
    void done(const std::string& line, const boost::json::object& object);
    // A line for people on stderr; nothing with -o json.
    void say(const std::string& line);

    Terminal terminal;
    const std::unique_ptr<api::FunctionService::Stub> functions;
    const std::unique_ptr<api::InvocationService::Stub> invocations;
    const std::unique_ptr<api::LogService::Stub> logs;
    const std::unique_ptr<api::MetricService::Stub> metrics;
    const std::unique_ptr<api::TriggerService::Stub> triggers;
    const std::unique_ptr<api::GrantService::Stub> grants;
    const std::unique_ptr<api::BucketService::Stub> buckets;
    const std::unique_ptr<api::SystemService::Stub> system;

private:
    void printList(const std::vector<const google::protobuf::Message*>& messages);

    const bool m_json;
    std::optional<Home> m_home;
};

// A channel to `address` that signs each call with `key` where there is one.
[[nodiscard]] std::shared_ptr<grpc::Channel> openChannel(const std::string& address, const Key& key);

}  // namespace hanshu::cli
