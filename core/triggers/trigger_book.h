// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Triggers of all functions: kept in the store, matched against what happens. Any io thread; `eventsFor` any thread.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "objects/object_store.h"
#include "store/event_queue.h"
#include "store/resource_store.h"
#include "trigger.pb.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::triggers {

// What a function URL needs to know.
struct HttpRoute {
    std::string account;
    std::string functionName;
    std::string qualifier;
    std::string triggerName;
    api::HttpTriggerConfig config;
};

class TriggerBook {
public:
    struct Rooms {
        store::ResourceStore& store;
        store::EventQueue& queue;
        const Clock& clock;
        std::string region;
        // Whether a function exists, and whether a bucket does (BucketNotFound): narrow views of catalog and objects.
        std::function<bool(const std::string& account, const std::string& function)> functionExists;
        // The address of function URLs, for httpTrigger.urlInternet: http://host:port.
        std::function<std::string()> urlBase;
        std::function<Task<Result<void>>(std::string account, std::string bucket)> bucketExists{};  // empty: any may be
    };
    explicit TriggerBook(Rooms rooms);
    ~TriggerBook();

    [[nodiscard]] Result<void> load();  // blocks, for start-up
    // Fires timers until `stop`, on the io thread of `executor`.
    void start(const asio::any_io_executor& executor);
    void stop();

    // Triggers are shown with their revision as `etag`.
    // FunctionNotFound, BucketNotFound, TriggerAlreadyExists, InvalidArgument.
    [[nodiscard]] Task<Result<api::Trigger>> create(std::string account, std::string function,
                                                    api::CreateTriggerInput input);
    [[nodiscard]] Task<Result<api::Trigger>> update(std::string account, std::string function, std::string name,
                                                    api::UpdateTriggerInput input, std::optional<Revision> expected);
    [[nodiscard]] Task<Result<api::Trigger>> get(std::string account, std::string function, std::string name);
    [[nodiscard]] Task<Result<api::ListTriggersOutput>> list(std::string account, std::string function,
                                                             store::ListOptions options);
    [[nodiscard]] Task<Result<void>> remove(std::string account, std::string function, std::string name,
                                            std::optional<Revision> expected);
    [[nodiscard]] bool hasTriggers(const std::string& account, const std::string& function) const;

    // The events that a change of an object causes, one for each trigger that matches.
    [[nodiscard]] std::vector<store::Event> eventsFor(const objects::Change& change) const;
    // The HTTP trigger behind /fn/{triggerId}; function URLs are http://host:port/fn/{triggerId}/….
    [[nodiscard]] std::optional<HttpRoute> httpRoute(std::string_view triggerId) const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

}  // namespace hanshu::triggers
