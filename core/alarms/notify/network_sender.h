// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tells channels for real: HTTP and SMTP by libcurl, commands as processes. Any thread, several at once; blocks until
// it is done or its time is over.
#pragma once

#include "alarms/notify/delivery.h"

namespace hanshu::alarms {

class NetworkSender final : public Sender {
public:
    struct Options {
        std::chrono::milliseconds connectTimeout{5'000};
        std::chrono::milliseconds timeout{15'000};  // of the whole exchange; commands have their own
        std::string trustFile;                      // certificates to trust; empty: those of the system
    };
    // The desktop is in somebody's session, where the daemon has no business: who has one tells it. It may be empty.
    using Desktop = std::function<Result<void>(const Message&)>;

    NetworkSender();
    explicit NetworkSender(Options options, Desktop desktop = {});

    // Unavailable: it could not be reached, refused, took too long. FailedPrecondition: there is no desktop.
    [[nodiscard]] Result<void> send(const Channel& channel, const Message& message, SystemTime now) override;

private:
    [[nodiscard]] Result<void> post(const HttpMessage& message, std::optional<ChatKind> kind) const;
    [[nodiscard]] Result<void> mail(const MailChannel& channel, const std::string& text) const;

    Options m_options;
    Desktop m_desktop;
};

}  // namespace hanshu::alarms
