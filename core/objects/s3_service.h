// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The S3 dialect over an ObjectStore, path style: one Handler for the object endpoint and for the endpoints inside
// sandboxes. Any io thread.
#pragma once

#include "access/keyring.h"
#include "access/policy.h"
#include "base/clock.h"
#include "base/http.h"
#include "objects/object_store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::objects {

class S3Service {
public:
    struct Rooms {
        ObjectStore& store;
        const access::Keyring& keyring;
        const access::Policy& policy;
        const Clock& clock;
        std::string region;
        // Digests of what does not pass through the store are made there; null: in place.
        asio::thread_pool* disk = nullptr;
        // Told of each attempt that was refused, beside the log; on an io thread, must not block. May be empty.
        std::function<void(const access::Caller& caller, std::string_view action, std::string_view resource,
                           std::string_view reason)>
            onDenied = {};
        // How long a copy or the making of a multipart object may take before the answer is begun, so that the client
        // keeps waiting.
        std::chrono::milliseconds patience{10'000};
    };
    explicit S3Service(Rooms rooms);
    ~S3Service();

    // Who may speak on a connection: on the endpoint inside a sandbox only credentials of its own function count.
    struct Door {
        std::string account;
        std::string function;
    };
    [[nodiscard]] Task<void> handle(http::Exchange& exchange, std::optional<Door> door);

private:
    Rooms m_rooms;
};

}  // namespace hanshu::objects
