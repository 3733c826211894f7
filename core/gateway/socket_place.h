// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The path of a Unix socket that only its owner may open, from the first moment: bound in a folder of mode 0700 beside
// it, given mode 0600, then renamed into place. (A umask would do as well, were it not for the other threads.) One
// thread.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace hanshu::gateway {

class SocketPlace {
public:
    // InvalidArgument `AddressInvalid` for a path that can't be a socket's or a folder without the right to write,
    // AlreadyExists `AddressInUse` where somebody listens or a file of another kind is; both with parameter address.
    [[nodiscard]] static Result<SocketPlace> prepare(std::filesystem::path path);
    SocketPlace(SocketPlace&& other) noexcept;
    SocketPlace& operator=(SocketPlace&& other) noexcept;
    ~SocketPlace();  // removes what is there

    [[nodiscard]] std::string bindPath() const;  // where to bind
    [[nodiscard]] Result<void> publish();        // after that, it is at the path

private:
    SocketPlace(std::filesystem::path path, std::filesystem::path folder);
    void clear() noexcept;

    std::filesystem::path m_path;
    std::filesystem::path m_folder;  // empty once it is gone
    bool m_published = false;
};

}  // namespace hanshu::gateway
