// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_body.h"

#include "base/encoding.h"
#include "objects/s3_error.h"

#include <charconv>

namespace hanshu::objects {
namespace {

using access::PayloadMode;

constexpr std::size_t kBuffer = 128U << 10U;  // one read of the body; the memory of an upload beside the store's own
constexpr std::size_t kMaxLine = 4096;        // of a chunk's header and of a trailer field
constexpr std::size_t kMaxTrailers = 16;      // clients send one or two
constexpr std::uint64_t kMaxChunk = 5ULL << 30U;  // an object that is put at once has at most that

Failure signatureMismatch() {
    return fail(Code::Unauthenticated, "SignatureNotMatch");
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return out;
}

std::string_view trimmed(std::string_view text) noexcept {
    while (text.starts_with(' ') || text.starts_with('\t')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ') || text.ends_with('\t')) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::uint64_t> parsed(std::string_view text, int base) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

S3Body::S3Body(S3Call& call) : m_call(call), m_buffer(kBuffer), m_previousSignature(call.session.seedSignature) {}

bool S3Body::isChunked() const noexcept {
    return m_call.session.mode == PayloadMode::Chunked || m_call.session.mode == PayloadMode::ChunkedTrailer ||
           m_call.session.mode == PayloadMode::UnsignedTrailer;
}

bool S3Body::isSigned() const noexcept {
    return m_call.session.mode == PayloadMode::Chunked || m_call.session.mode == PayloadMode::ChunkedTrailer;
}

std::optional<std::uint64_t> S3Body::announcedSize() const {
    if (isChunked()) {
        return parsed(m_call.headers().get("x-amz-decoded-content-length"), 10);
    }
    return m_call.exchange.request.contentLength;
}

Task<Result<bool>> S3Body::fill() {
    auto count = co_await m_call.exchange.body.read(m_buffer);
    if (!count) {
        co_return fail(std::move(count.error()));
    }
    m_window = {m_buffer.data(), *count};
    co_return *count != 0;
}

Task<Result<std::string>> S3Body::line() {
    std::string text;
    for (;;) {
        const auto end = m_window.find('\n');
        const auto piece = m_window.substr(0, end);
        if (text.size() + piece.size() > kMaxLine) {
            co_return s3Fail("InvalidRequest");
        }
        text += piece;
        m_window.remove_prefix(end == std::string_view::npos ? piece.size() : piece.size() + 1);
        if (end != std::string_view::npos) {
            break;
        }
        auto more = co_await fill();
        if (!more) {
            co_return fail(std::move(more.error()));
        }
        if (!*more) {
            co_return s3Fail("IncompleteBody");
        }
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    co_return text;
}

Task<void> S3Body::hash(std::string_view bytes) {
    // Below this a hop to another thread costs more than the digest.
    constexpr std::size_t kWorthAHop = 16U << 10U;
    if (m_call.rooms.disk == nullptr || bytes.size() < kWorthAHop) {
        m_digest->update(bytes);
        co_return;
    }
    auto work = [this, bytes] {
        m_digest->update(bytes);
        return 0;
    };
    co_await onPool(*m_call.rooms.disk, std::move(work));
}

Task<Result<void>> S3Body::beginChunk() {
    auto header = co_await line();
    if (!header) {
        co_return fail(std::move(header.error()));
    }
    const std::string_view text = *header;
    const auto size = parsed(text.substr(0, text.find(';')), 16);
    if (!size || *size > kMaxChunk) {
        co_return s3Fail("InvalidRequest");
    }
    if (isSigned()) {
        constexpr std::string_view kSignature = ";chunk-signature=";
        const auto at = text.find(kSignature);
        if (at == std::string_view::npos) {
            co_return signatureMismatch();
        }
        m_announcedSignature = text.substr(at + kSignature.size());
        m_digest.emplace(DigestKind::Sha256);
    }
    m_left = *size;
    m_inChunk = true;
    co_return Result<void>();
}

Task<Result<void>> S3Body::endChunk() {
    m_inChunk = false;
    if (isSigned()) {
        auto expected = access::chunkSignature(m_call.session, m_previousSignature, toHex(m_digest->finish()));
        if (!equalInConstantTime(expected, m_announcedSignature)) {
            co_return signatureMismatch();
        }
        m_previousSignature = std::move(expected);
    }
    co_return Result<void>();
}

Task<Result<void>> S3Body::readTrailers() {
    std::string signedText;
    std::string signature;
    for (std::size_t count = 0;; ++count) {
        auto field = co_await line();
        if (!field) {
            co_return fail(std::move(field.error()));
        }
        if (field->empty()) {
            break;
        }
        const auto colon = field->find(':');
        if (colon == std::string::npos || count >= kMaxTrailers) {
            co_return s3Fail("InvalidRequest");
        }
        const auto name = lower(trimmed(std::string_view(*field).substr(0, colon)));
        const auto value = trimmed(std::string_view(*field).substr(colon + 1));
        if (name == "x-amz-trailer-signature") {
            signature = value;
            continue;
        }
        signedText += fmt::format("{}:{}\n", name, value);
        m_trailers[name] = value;
    }
    if (m_call.session.mode == PayloadMode::ChunkedTrailer) {
        const auto expected = access::trailerSignature(m_call.session, m_previousSignature, sha256Hex(signedText));
        if (!equalInConstantTime(expected, signature)) {
            co_return signatureMismatch();
        }
    }
    co_return Result<void>();
}

Task<Result<std::string_view>> S3Body::next() {
    if (m_ended) {
        co_return std::string_view{};
    }
    if (!isChunked()) {
        auto more = co_await fill();
        if (!more) {
            co_return fail(std::move(more.error()));
        }
        m_ended = !*more;
        co_return m_window;
    }
    if (m_inChunk && m_left == 0) {
        auto ended = co_await endChunk();
        if (!ended) {
            co_return fail(std::move(ended.error()));
        }
        auto separator = co_await line();
        if (!separator) {
            co_return fail(std::move(separator.error()));
        }
        if (!separator->empty()) {
            co_return s3Fail("InvalidRequest");
        }
    }
    if (!m_inChunk) {
        auto begun = co_await beginChunk();
        if (!begun) {
            co_return fail(std::move(begun.error()));
        }
        if (m_left == 0) {
            auto ended = co_await endChunk();
            if (!ended) {
                co_return fail(std::move(ended.error()));
            }
            auto trailers = co_await readTrailers();
            if (!trailers) {
                co_return fail(std::move(trailers.error()));
            }
            m_ended = true;
            co_return std::string_view{};
        }
    }
    if (m_window.empty()) {
        auto more = co_await fill();
        if (!more) {
            co_return fail(std::move(more.error()));
        }
        if (!*more) {
            co_return s3Fail("IncompleteBody");
        }
    }
    const auto piece = m_window.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(m_left, m_window.size())));
    m_window.remove_prefix(piece.size());
    m_left -= piece.size();
    if (isSigned()) {
        co_await hash(piece);
    }
    co_return piece;
}

Result<std::optional<ChecksumKind>> announcedChecksum(const S3Call& call) {
    std::optional<ChecksumKind> found;
    const auto add = [&](ChecksumKind kind) {
        const bool isFirst = !found || *found == kind;
        found = kind;
        return isFirst;
    };
    constexpr std::string_view kPrefix = "x-amz-checksum-";
    for (const auto kind : {ChecksumKind::Crc32, ChecksumKind::Crc32c, ChecksumKind::Crc64Nvme, ChecksumKind::Sha1,
                            ChecksumKind::Sha256}) {
        if (call.headers().has(checksumHeader(kind)) && !add(kind)) {
            return s3Fail("InvalidRequest");
        }
    }
    const auto trailer = lower(trimmed(call.headers().get("x-amz-trailer")));
    if (trailer.starts_with(kPrefix)) {
        const auto kind = checksumKind(std::string_view(trailer).substr(kPrefix.size()));
        if (!kind || !add(*kind)) {
            return s3Fail("InvalidRequest");
        }
    }
    return found;
}

namespace {

// What a request says about its payload, against what came.
struct Arrived {
    std::uint64_t size = 0;
    std::string md5Hex;
    std::string sha256Hex;
    std::string checksum;  // raw
};

Result<std::pair<std::string, std::string>> checkDigests(const S3Call& call, const S3Body& body,
                                                         std::optional<ChecksumKind> kind, const Arrived& arrived) {
    if (const auto announced = body.announcedSize(); announced && *announced != arrived.size) {
        return s3Fail("IncompleteBody");
    }
    if (call.session.mode == PayloadMode::Signed &&
        !equalInConstantTime(lower(call.session.payloadSha256), arrived.sha256Hex)) {
        return s3Fail("XAmzContentSHA256Mismatch");
    }
    if (const auto text = call.headers().get("content-md5"); !text.empty()) {
        const auto digest = fromBase64(text);
        if (!digest || digest->size() != 16) {
            return s3Fail("InvalidDigest");
        }
        if (toHex(*digest) != arrived.md5Hex) {
            return s3Fail("BadDigest");
        }
    }
    if (!kind) {
        return std::pair<std::string, std::string>{};
    }
    const std::string name(checksumHeader(*kind));
    const auto trailer = body.trailers().find(name);
    const auto expected =
        trailer != body.trailers().end() ? std::string_view(trailer->second) : call.headers().get(name);
    const auto raw = fromBase64(expected);
    if (!raw || raw->size() != checksumSize(*kind)) {
        return s3Fail("InvalidRequest");
    }
    if (*raw != arrived.checksum) {
        return s3Fail("BadDigest");
    }
    return std::pair{name, std::string(expected)};
}

}  // namespace

Task<Result<std::pair<std::string, std::string>>> receive(S3Call& call, Upload& upload,
                                                          std::optional<ChecksumKind> checksum) {
    S3Body body(call);
    const auto announced = body.announcedSize();
    if (!announced) {
        co_return s3Fail("MissingContentLength");
    }
    if (*announced > kMaxChunk) {
        co_return fail(Code::InvalidArgument, "EntityTooLarge",
                       {{"limit", std::to_string(kMaxChunk)}, {"size", std::to_string(*announced)}});
    }
    for (;;) {
        auto piece = co_await body.next();
        if (!piece) {
            co_return fail(std::move(piece.error()));
        }
        if (piece->empty()) {
            break;
        }
        if (upload.size() + piece->size() > *announced) {
            co_return s3Fail("IncompleteBody");
        }
        auto written = co_await upload.write(*piece);
        if (!written) {
            co_return fail(std::move(written.error()));
        }
    }
    auto sealed = co_await upload.seal();
    if (!sealed) {
        co_return fail(std::move(sealed.error()));
    }
    const Arrived arrived{upload.size(), upload.md5Hex(), upload.sha256Hex(), upload.checksum()};
    co_return checkDigests(call, body, checksum, arrived);
}

Task<Result<std::string>> receiveDocument(S3Call& call, std::size_t limit) {
    auto kind = announcedChecksum(call);
    if (!kind) {
        co_return fail(std::move(kind.error()));
    }
    S3Body body(call);
    auto document = std::make_shared<std::string>();
    for (;;) {
        auto piece = co_await body.next();
        if (!piece) {
            co_return fail(std::move(piece.error()));
        }
        if (piece->empty()) {
            break;
        }
        if (document->size() + piece->size() > limit) {
            co_return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(limit)}});
        }
        *document += *piece;
    }
    auto digest = [document, kind = *kind] {
        Arrived arrived{document->size(), toHex(md5(*document)), sha256Hex(*document), {}};
        if (kind) {
            Checksum checksum(*kind);
            checksum.update(*document);
            arrived.checksum = checksum.finish();
        }
        return arrived;
    };
    Arrived arrived;
    if (call.rooms.disk != nullptr) {
        arrived = co_await onPool(*call.rooms.disk, std::move(digest));
    } else {
        arrived = digest();
    }
    auto checked = checkDigests(call, body, *kind, arrived);
    if (!checked) {
        co_return fail(std::move(checked.error()));
    }
    co_return std::move(*document);
}

}  // namespace hanshu::objects
