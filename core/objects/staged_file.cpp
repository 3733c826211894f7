// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/staged_file.h"

#include "base/ids.h"

namespace hanshu::objects {
namespace {

// One hop to a disk thread for this much: the hop costs some 20 µs, writing and digesting it about 3 ms.
constexpr std::size_t kPiece = 1U << 20U;

}  // namespace

StagedFile::StagedFile(std::shared_ptr<ObjectFolders> folders, asio::thread_pool& disk, Wanted wanted)
    : m_disk(disk), m_state(std::make_shared<State>()) {
    m_state->folders = std::move(folders);
    m_state->version = randomHex(16);
    if (wanted.sha256) {
        m_state->sha256.emplace(DigestKind::Sha256);
    }
    if (wanted.checksum) {
        m_state->checksum.emplace(*wanted.checksum);
    }
}

StagedFile::~StagedFile() {
    if (m_state->file) {
        // Closing the last name of a large file takes long.
        asio::post(m_disk, [state = std::move(m_state)]() mutable { state.reset(); });
    }
}

StagedFile::State::~State() {
    if (file && !kept) {
        file.reset();
        folders->removeIncoming(version);
    }
}

void StagedFile::keep() noexcept {
    m_state->kept = true;
}

void StagedFile::State::digest() {
    const auto fresh = std::string_view(buffer).substr(digested);
    if (fresh.empty()) {
        return;
    }
    md5.update(fresh);
    if (sha256) {
        sha256->update(fresh);
    }
    if (checksum) {
        checksum->update(fresh);
    }
    digested = buffer.size();
}

void StagedFile::State::finishDigests() {
    if (!md5Value.empty()) {
        return;
    }
    digest();
    md5Value = md5.finish();
    if (sha256) {
        sha256Value = sha256->finish();
    }
    if (checksum) {
        checksumValue = checksum->finish();
    }
}

Result<void> StagedFile::State::flush() {
    const auto path = folders->incoming(version);
    if (!file) {
        if (const auto error = folders->files().create(path, file); error != 0) {
            return fileError("create " + path, error);
        }
    }
    if (const auto error = file->append(buffer); error != 0) {
        return fileError("write " + path, error);
    }
    digest();
    buffer.clear();
    digested = 0;
    return {};
}

Result<void> StagedFile::State::seal() {
    finishDigests();
    HANSHU_TRY(flush());
    if (const auto error = file->sync(); error != 0) {
        return fileError("fsync " + version, error);
    }
    if (const auto error = folders->files().syncDirectory(folders->incomingFolder()); error != 0) {
        return fileError("fsync incoming", error);
    }
    buffer.shrink_to_fit();
    sealed = true;
    return {};
}

Task<Result<void>> StagedFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        auto& state = *m_state;
        if (!state.md5Value.empty()) {
            co_return internalError("an upload was written to after its digests were taken");
        }
        const auto piece = bytes.substr(0, kPiece - std::min(kPiece, state.buffer.size()));
        state.buffer.append(piece);
        state.size += piece.size();
        bytes.remove_prefix(piece.size());
        if (state.buffer.size() >= kPiece) {
            auto work = [shared = m_state] { return shared->flush(); };
            auto flushed = co_await onPool(m_disk, std::move(work));
            if (!flushed) {
                co_return fail(std::move(flushed.error()));
            }
        }
    }
    co_return Result<void>();
}

Task<Result<void>> StagedFile::seal() {
    if (m_state->sealed) {
        co_return Result<void>();
    }
    auto work = [shared = m_state] { return shared->seal(); };
    co_return co_await onPool(m_disk, std::move(work));
}

std::string StagedFile::md5() {
    m_state->finishDigests();
    return m_state->md5Value;
}

std::string StagedFile::sha256() {
    m_state->finishDigests();
    return m_state->sha256Value;
}

}  // namespace hanshu::objects
