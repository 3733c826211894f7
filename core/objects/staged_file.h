// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bytes on their way in: buffered, then written to a file in incoming and digested, in large pieces on the disk
// threads. Its file goes with it unless it is kept. One coroutine at a time.
#pragma once

#include "base/async.h"
#include "base/digest.h"
#include "base/result.h"
#include "objects/checksum.h"
#include "objects/object_folders.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::objects {

class StagedFile {
public:
    struct Wanted {
        bool sha256 = false;
        std::optional<ChecksumKind> checksum;
    };
    StagedFile(std::shared_ptr<ObjectFolders> folders, asio::thread_pool& disk, Wanted wanted);
    ~StagedFile();
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;

    [[nodiscard]] Task<Result<void>> write(std::string_view bytes);
    // Bytes, size and name are on disk when it returns.
    [[nodiscard]] Task<Result<void>> seal();
    // Leaves the file in incoming: it has been committed.
    void keep() noexcept;

    [[nodiscard]] const std::string& version() const noexcept { return m_state->version; }
    [[nodiscard]] std::uint64_t size() const noexcept { return m_state->size; }
    [[nodiscard]] std::string md5();     // raw; so far
    [[nodiscard]] std::string sha256();  // raw; so far
    [[nodiscard]] std::string checksum() { return m_state->checksumValue; }

private:
    // Shared with the work on the disk threads, which may outlive an abandoned upload.
    struct State {
        std::shared_ptr<ObjectFolders> folders;
        std::string version;
        std::unique_ptr<File> file;
        Digest md5{DigestKind::Md5};
        std::optional<Digest> sha256;
        std::optional<Checksum> checksum;
        std::string buffer;
        std::size_t digested = 0;  // bytes of the buffer
        std::uint64_t size = 0;
        bool sealed = false;
        bool kept = false;
        std::string md5Value;
        std::string sha256Value;
        std::string checksumValue;

        ~State();
        void digest();
        void finishDigests();
        [[nodiscard]] Result<void> flush();
        [[nodiscard]] Result<void> seal();
    };

    asio::thread_pool& m_disk;
    std::shared_ptr<State> m_state;
};

}  // namespace hanshu::objects
