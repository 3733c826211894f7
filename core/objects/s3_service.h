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

#include <memory>
#include <optional>
#include <string>

namespace hanshu::objects {

class S3Service {
public:
    struct Rooms {
        ObjectStore& store;
        const access::Keyring& keyring;
        const access::Policy& policy;
        const Clock& clock;
        std::string region;
    };
    explicit S3Service(Rooms rooms);
    ~S3Service();

    // Who may speak on a connection: on the endpoint inside a sandbox only credentials of its own function count.
    struct Door {
        std::string account;
        std::string function;
    };
    [[nodiscard]] Task<void> handle(http::Exchange& exchange, const std::optional<Door>& door);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::objects
