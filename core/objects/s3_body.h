// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The body of an S3 request as the client meant it: aws-chunked framing removed, chunk and trailer signatures checked.
// One io thread, one coroutine.
#pragma once

#include "objects/s3_call.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::objects {

class S3Body {
public:
    explicit S3Body(S3Call& call);

    // What the client says that the payload has; absent: it does not say.
    [[nodiscard]] std::optional<std::uint64_t> announcedSize() const;
    // The next bytes, valid until the next call; empty at the end, when all framing has been checked. IncompleteBody,
    // SignatureNotMatch, InvalidRequest.
    [[nodiscard]] Task<Result<std::string_view>> next();
    // Header fields behind the body, by lower-case name; after the end.
    [[nodiscard]] const std::map<std::string, std::string>& trailers() const noexcept { return m_trailers; }

private:
    [[nodiscard]] bool isChunked() const noexcept;
    [[nodiscard]] bool isSigned() const noexcept;
    [[nodiscard]] Task<Result<bool>> fill();  // false at the end
    [[nodiscard]] Task<Result<std::string>> line();
    [[nodiscard]] Task<Result<void>> beginChunk();
    [[nodiscard]] Task<Result<void>> endChunk();
    [[nodiscard]] Task<Result<void>> readTrailers();
    [[nodiscard]] Task<void> hash(std::string_view bytes);

    S3Call& m_call;
    std::vector<char> m_buffer;
    std::string_view m_window;  // read and not handed out
    std::uint64_t m_left = 0;   // of the present chunk
    bool m_inChunk = false;
    bool m_ended = false;
    std::optional<Digest> m_digest;
    std::string m_announcedSignature;
    std::string m_previousSignature;
    std::map<std::string, std::string> m_trailers;
};

// Streams the payload into `upload` and checks it against every digest that the request names; seals, does not commit.
// `spec` is what upload was made of (see `wantDigests`). Returns the checksum header to answer with, or an empty pair.
[[nodiscard]] Task<Result<std::pair<std::string, std::string>>> receive(S3Call& call, Upload& upload,
                                                                        std::optional<ChecksumKind> checksum);

// Which checksum the request brings, in its header or its trailer. InvalidRequest.
[[nodiscard]] Result<std::optional<ChecksumKind>> announcedChecksum(const S3Call& call);

// A small body, checked the same way. EntityTooLarge.
[[nodiscard]] Task<Result<std::string>> receiveDocument(S3Call& call, std::size_t limit);

}  // namespace hanshu::objects
