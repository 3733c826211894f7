// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/journal.h"

#include "base/crc32c.h"

#include <fmt/format.h>

namespace hanshu::metrics {

std::string Journal::nameOf(Period start, std::uint64_t id) {
    return fmt::format("{:010}-{:020}.jrn", start, id);
}

Result<std::shared_ptr<Journal>> Journal::create(FileOps& files, const std::string& folder, Period start,
                                                 std::uint64_t id) {
    std::shared_ptr<Journal> journal(new Journal(start, id));
    auto file = RecordFile::create(files, folder + "/" + nameOf(start, id), {kMagic, start, id});
    if (!file) {
        return fail(std::move(file.error()));
    }
    journal->m_file = std::move(*file);
    return journal;
}

Result<std::shared_ptr<Journal>> Journal::recover(FileOps& files, const std::string& folder, Period start,
                                                  std::uint64_t id, std::vector<std::string>& damage) {
    std::shared_ptr<Journal> journal(new Journal(start, id));
    const auto path = folder + "/" + nameOf(start, id);
    auto file = RecordFile::recover(
        files, path, {kMagic, start, id},
        [&](std::uint64_t offset, std::string_view payload) {
            if (auto frame = journal->parse(offset, payload)) {
                journal->m_frames.push_back(std::move(frame));
            } else {
                damage.push_back(fmt::format("{}: the record at byte {} is malformed", path, offset));
            }
        },
        damage);
    if (!file) {
        return fail(std::move(file.error()));
    }
    journal->m_file = std::move(*file);
    return journal;
}

std::shared_ptr<const Journal::Frame> Journal::parse(std::uint64_t offset, std::string_view payload) const {
    ByteReader in(payload);
    auto frame = std::make_shared<Frame>();
    frame->period = m_start + in.varint32(static_cast<std::uint32_t>(shapeOf(Level::TenSeconds).span) - 1);
    const auto count = in.varint32(kMaxMetrics);
    std::uint64_t metric = 0;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        Block block;
        metric += in.varint32(kMaxMetrics);
        block.metric = static_cast<std::uint32_t>(metric++);
        const auto kind = in.byte();
        block.kind = static_cast<Kind>(kind);
        block.size = in.varint32(RecordFile::kMaxPayload);
        block.crc = in.fixed<std::uint32_t>();
        if (kind >= kKinds || metric > kMaxMetrics) {
            return nullptr;
        }
        frame->blocks.push_back(block);
    }
    for (auto& block : frame->blocks) {
        block.offset = offset + payload.size() - in.left();
        (void)in.bytes(block.size);
    }
    return in.ok() && in.left() == 0 ? frame : nullptr;
}

Result<void> Journal::append(const Batch& batch) {
    std::string directory;
    std::string blocks;
    ByteWriter out(directory);
    std::uint32_t metrics = 0;
    std::uint32_t nextMetric = 0;
    std::string list;
    ByteWriter listOut(list);
    for (std::size_t i = 0; i < batch.entries.size();) {
        const auto metric = metricOf(batch.entries[i].id);
        const auto kind = batch.entries[i].kind;
        const auto at = blocks.size();
        std::uint32_t nextNumber = 0;
        for (; i < batch.entries.size() && metricOf(batch.entries[i].id) == metric; ++i) {
            const auto& entry = batch.entries[i];
            ByteWriter(blocks).varint(numberOf(entry.id) - nextNumber);
            writeSample(kind, true, entry.sample, batch.bucketsOf(entry), Sample{}, blocks);
            nextNumber = numberOf(entry.id) + 1;
        }
        listOut.varint(metric - nextMetric);
        listOut.byte(static_cast<std::uint8_t>(kind));
        listOut.varint(blocks.size() - at);
        listOut.fixed(crc32c(std::string_view(blocks).substr(at)));
        nextMetric = metric + 1;
        ++metrics;
    }
    out.varint(static_cast<std::uint64_t>(batch.period - m_start));
    out.varint(metrics);
    directory += list;
    directory += blocks;
    const auto offset = m_file->append(directory);
    if (!offset) {
        return fail(offset.error());
    }
    auto frame = parse(*offset, directory);
    const std::lock_guard lock(m_mutex);
    m_frames.push_back(std::move(frame));
    return {};
}

Journal::Frames Journal::frames() const {
    const std::lock_guard lock(m_mutex);
    return m_frames;
}

ReadOutcome Journal::read(const Block& block, std::string& into) const {
    into.resize(block.size);
    if (!m_file->read(block.offset, into)) {
        return ReadOutcome::Failed;
    }
    return crc32c(into) == block.crc ? ReadOutcome::Good : ReadOutcome::Damaged;
}

}  // namespace hanshu::metrics
