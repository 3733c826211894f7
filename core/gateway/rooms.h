// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the gateway's services call: references to the rooms, filled by node.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "sandbox/doctor.h"

#include <functional>
#include <string>
#include <vector>

namespace hanshu {
class IoPool;
}
namespace hanshu::access {
class GrantBook;
class Keyring;
class NonceCache;
class Policy;
}  // namespace hanshu::access
namespace hanshu::api {
class Status;
}
namespace hanshu::catalog {
class Catalog;
}
namespace hanshu::events {
class Dispatcher;
}
namespace hanshu::invoke {
class Limits;
class Pipeline;
}  // namespace hanshu::invoke
namespace hanshu::objects {
class ObjectStore;
class S3Service;
}  // namespace hanshu::objects
namespace hanshu::scheduler {
class Scheduler;
}
namespace hanshu::store {
class EventQueue;
class ResourceStore;
class TelemetryStore;
}  // namespace hanshu::store
namespace hanshu::telemetry {
class LogBook;
class MetricsKeeper;
class Recorder;
}  // namespace hanshu::telemetry
namespace hanshu::triggers {
class TriggerBook;
}

namespace hanshu::gateway {

struct Rooms {
    IoPool& io;
    const Clock& clock;
    std::string region;
    std::string account;  // of the owner who comes through a local socket
    access::Keyring& keyring;
    access::NonceCache& nonces;
    access::Policy& policy;
    access::GrantBook& grants;
    catalog::Catalog& catalog;
    invoke::Pipeline& pipeline;
    invoke::Limits& limits;
    events::Dispatcher& dispatcher;
    objects::ObjectStore& objects;
    objects::S3Service& s3;
    scheduler::Scheduler& scheduler;
    store::EventQueue& queue;
    store::ResourceStore& resources;
    store::TelemetryStore& telemetry;
    telemetry::LogBook& logs;
    telemetry::MetricsKeeper& metrics;
    telemetry::Recorder& recorder;
    triggers::TriggerBook& triggers;
    std::function<api::Status()> status;
    std::function<bool()> ready;  // false while it starts or drains
    // Changes the account's limit of runs at once, durably.
    std::function<Task<Result<void>>(int)> setAccountConcurrency;
    // What isolation the host gives; blocks for some ms, not on an io thread.
    std::function<std::vector<sandbox::Finding>()> doctor;
};

}  // namespace hanshu::gateway
