// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where a runtime is to be found. Values; any thread.
#pragma once

#include "base/result.h"

#include <QString>
#include <memory>

namespace hanshu::rpc {

struct Credentials {
    QString accessKeyId;
    QString accessKeySecret;
};

struct Endpoint {
    std::shared_ptr<void> channel;  // a grpc::Channel within this process; null: `target` is dialled
    std::string target;             // unix:PATH or host:port
    std::optional<Credentials> credentials;
    QString name;  // for people
};

// `address` is unix:PATH or host:port; the latter needs the credentials that the file holds (TOML: access_key_id and
// access_key_secret, as a daemon writes it at its first start). Fails with InvalidArgument and a parameter `message`.
[[nodiscard]] Result<Endpoint> remoteEndpoint(const QString& address, const QString& credentialsFile);
[[nodiscard]] Endpoint localEndpoint(std::shared_ptr<void> channel, const QString& name);

}  // namespace hanshu::rpc
