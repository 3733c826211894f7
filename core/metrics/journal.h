// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The periods of one ten-minute window as they were written, each a record of a RecordFile. append by one thread, the
// rest by any.
//
//   record: period since the window's start, number of metrics; of each its distance to the one before, its kind, size
//           and crc32c of its block; then the blocks
//   block:  series in order: distance of the number to the one before, then the sample (sample.h)
#pragma once

#include "metrics/batch.h"
#include "metrics/record_file.h"

#include <mutex>

namespace hanshu::metrics {

class Journal {
public:
    struct Block {
        std::uint32_t metric = 0;
        Kind kind = Kind::Counter;
        std::uint32_t size = 0;
        std::uint32_t crc = 0;
        std::uint64_t offset = 0;
    };
    struct Frame {
        Period period = 0;
        std::vector<Block> blocks;
    };
    using Frames = std::vector<std::shared_ptr<const Frame>>;

    static constexpr std::string_view kMagic = "HSMETJ\x01\n";
    [[nodiscard]] static std::string nameOf(Period start, std::uint64_t id);

    [[nodiscard]] static Result<std::shared_ptr<Journal>> create(FileOps& files, const std::string& folder,
                                                                 Period start, std::uint64_t id);
    [[nodiscard]] static Result<std::shared_ptr<Journal>> recover(FileOps& files, const std::string& folder,
                                                                  Period start, std::uint64_t id,
                                                                  std::vector<std::string>& damage);

    // The period is one of the window; the entries are in order.
    [[nodiscard]] Result<void> append(const Batch& batch);

    [[nodiscard]] Period start() const noexcept { return m_start; }
    [[nodiscard]] std::uint64_t id() const noexcept { return m_id; }
    [[nodiscard]] const std::string& path() const noexcept { return m_file->path(); }
    [[nodiscard]] bool isBroken() const noexcept { return m_file->isBroken(); }
    [[nodiscard]] Frames frames() const;
    [[nodiscard]] ReadOutcome read(const Block& block, std::string& into) const;

    // Calls found(number, sample, buckets) for each series; false: the block is malformed from there on.
    template <class Found>
    [[nodiscard]] static bool forEach(Kind kind, std::string_view block, Found&& found) {
        ByteReader in(block);
        std::uint64_t next = 0;
        Sample sample;
        std::string_view buckets;
        while (in.left() > 0) {
            next += in.varint32();
            if (!readSample(kind, true, in, sample, buckets, Sample{}) || next > numberOf(UINT32_MAX)) {
                return false;
            }
            found(static_cast<std::uint32_t>(next), sample, buckets);
            ++next;
        }
        return true;
    }

private:
    Journal(Period start, std::uint64_t id) : m_start(start), m_id(id) {}
    [[nodiscard]] std::shared_ptr<const Frame> parse(std::uint64_t offset, std::string_view payload) const;

    Period m_start;
    std::uint64_t m_id;
    std::unique_ptr<RecordFile> m_file;
    mutable std::mutex m_mutex;
    Frames m_frames;  // under m_mutex
};

}  // namespace hanshu::metrics
