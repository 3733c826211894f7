// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads the requests of one connection, one after another: their heads, and the frames of chunked bodies. On the
// connection's thread.
#pragma once

#include "base/http.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hanshu::gateway {

class HttpParser {
public:
    enum class Step {
        Taken,     // whatever could be made of the bytes was made
        NeedMore,  // the next piece is not whole yet
        Failed,    // no HTTP; the connection can't go on
    };

    HttpParser();
    ~HttpParser();

    // A new request, which is filled as its head comes in; it must live until the head is done.
    void start(http::Request& request);
    // Takes bytes from the front of `bytes` and adds their number to `taken`.
    Step put(std::string_view bytes, std::size_t& taken);

    // Whether anything of the request has come.
    [[nodiscard]] bool begun() const noexcept;
    [[nodiscard]] bool headDone() const noexcept;
    // Why the request is refused: it failed, or its head, which is done, is none that HTTP/1.1 allows.
    [[nodiscard]] std::optional<http::Response> refusal() const;
    // What was wrong with the chunk that failed.
    [[nodiscard]] std::string failure() const;

    // Of a head that is done.
    [[nodiscard]] bool http10() const noexcept;
    [[nodiscard]] bool keepAlive() const noexcept;
    [[nodiscard]] bool chunked() const noexcept;
    [[nodiscard]] std::optional<std::uint64_t> contentLength() const noexcept;

    // Where the bytes of the chunks go from now on, and how many have gone there.
    void deliverTo(std::span<char> target) noexcept;
    [[nodiscard]] std::size_t delivered() const noexcept;
    [[nodiscard]] bool bodyDone() const noexcept;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::gateway
