// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Request signatures: ACS3-HMAC-SHA256 of the Function Compute SDKs, AWS Signature Version 4 of S3 clients. Any thread.
#pragma once

#include "access/keyring.h"
#include "base/http.h"
#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace hanshu::access {

// Remembers nonces for as long as a request with them could be accepted, so that a request can't be replayed.
class NonceCache {
public:
    explicit NonceCache(const Clock& clock);
    ~NonceCache();
    enum class Outcome {
        Fresh,
        Seen,
        TooOld,  // of a time whose nonces were given up for room: more than 4 million came in one window
    };
    // `time` is the request's own, within the window.
    [[nodiscard]] Outcome remember(std::string_view accessKeyId, std::string_view nonce, SystemTime time);
    // The same for a request of now. False when the nonce was seen in the window.
    [[nodiscard]] bool insert(std::string_view accessKeyId, std::string_view nonce);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// A request may differ from the server's time by this much (customary; the SDKs name no window).
inline constexpr std::chrono::minutes kSignatureWindow{15};

// Reference 2.2. `body` is the whole body: its SHA-256 must be x-acs-content-sha256. Errors: MissingRequiredHeader,
// InvalidAccessKeyID, SignatureNotMatch, RequestExpired, RequestReplayed, InvalidSecurityToken, SecurityTokenExpired.
[[nodiscard]] Result<Caller> verifyAcs3(const http::Request& request, std::string_view body, const Keyring& keyring,
                                        NonceCache& nonces, const Clock& clock);

// Signs as the SDKs do; for clients of ours and for tests. Adds the x-acs-* and Authorization headers.
void signAcs3(http::Request& request, std::string_view body, const AccessKey& key, std::string_view securityToken,
              SystemTime now, std::string_view nonce);

// How the body of a SigV4 request is protected (x-amz-content-sha256).
enum class PayloadMode {
    Signed,           // the header is the body's SHA-256, to be compared at the end
    Unsigned,         // UNSIGNED-PAYLOAD
    Chunked,          // STREAMING-AWS4-HMAC-SHA256-PAYLOAD: aws-chunked, each chunk signed
    ChunkedTrailer,   // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
    UnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER: aws-chunked, checksum in the trailer
};

// What a verified SigV4 header leaves to check in the body.
struct SigV4Session {
    Caller caller;
    PayloadMode mode = PayloadMode::Unsigned;
    std::string payloadSha256;  // Signed: lower hex
    std::string signingKey;     // of the chunks
    std::string seedSignature;  // the signature of the headers
    std::string scope;          // date/region/service/aws4_request
    std::string timestamp;      // 20060102T150405Z
};

// Header and pre-signed query forms; any region is accepted. Errors as for verifyAcs3, with the same reasons.
[[nodiscard]] Result<SigV4Session> verifySigV4(const http::Request& request, const Keyring& keyring,
                                               const Clock& clock);

// The signature that chunk `data` (or, with `trailer`, the trailing headers) must carry after `previousSignature`.
// What is hashed of a trailer are its lines "name:value\n", names in lower case, without x-amz-trailer-signature.
[[nodiscard]] std::string chunkSignature(const SigV4Session& session, std::string_view previousSignature,
                                         std::string_view chunkSha256Hex);
[[nodiscard]] std::string trailerSignature(const SigV4Session& session, std::string_view previousSignature,
                                           std::string_view trailerSha256Hex);

}  // namespace hanshu::access
