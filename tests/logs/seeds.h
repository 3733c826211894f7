// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Inputs of survival.h that are right: what a fuzzer changes a little.
#pragma once

#include "logs/survival.h"

#include "logs/corpus.h"

namespace hanshu::test {

// Together below libFuzzer's first limit of 4 KiB.
inline constexpr std::uint8_t kSeedLines = 12;
inline constexpr int kSeedKinds = 7;

// Some lines in the form that brokenLogsBy() takes behind the byte `kind`.
inline std::vector<std::string> seedsOf(int kind) {
    const auto lines = linesOfCorpus(kSeedLines);
    std::vector<logs::LineView> views;
    for (const auto& line : lines) {
        views.push_back(line.view());
    }
    std::string batch = logs::frame::fileHeader(7);
    const auto start = batch.size();
    logs::frame::append(views, 7, batch);
    auto sealed = std::make_shared<std::string>();
    MemoryFiles files;
    files.all()["/s"] = sealed;
    std::unique_ptr<File> file;
    (void)files.open("/s", OpenMode::Append, file);
    logs::SegmentWriter writer(*file);
    for (const auto& line : views) {
        (void)writer.add(line);
    }
    (void)writer.finish();
    const auto details = logs::readDetails(std::move(file));
    const auto& block = details->blocks.front();
    const auto part = [&](std::uint64_t offset, std::size_t size, std::size_t rawSize) {
        std::string raw;
        (void)logs::decompress(std::string_view(*sealed).substr(offset, size), rawSize, raw);
        return raw;
    };
    switch (kind) {
        case 0:
            return {batch.substr(start + logs::frame::kHeaderSize)};
        case 1: {
            const auto& last = details->groups.back();
            const auto offset = last.offset + last.size;
            std::uint32_t rawSize = 0;
            std::memcpy(&rawSize, sealed->data() + sealed->size() - 92 + 12, 4);
            return {part(offset, sealed->size() - 92 - offset, rawSize)};
        }
        case 2: {
            std::array<std::string, 3> parts;
            auto offset = block.offset;
            for (std::size_t i = 0; i < 3; ++i) {
                parts[i] = part(offset, block.sizes[i], block.rawSizes[i]);
                offset += block.sizes[i];
            }
            std::string all;
            ByteWriter out(all);
            out.fixed(static_cast<std::uint16_t>(parts[0].size()));
            out.fixed(static_cast<std::uint16_t>(parts[1].size()));
            out.byte(kSeedLines);
            out.fixed(static_cast<std::uint16_t>(block.messageBytes));
            return {all + parts[0] + parts[1] + parts[2]};
        }
        case 3: {
            const auto& group = details->groups.front();
            return {static_cast<char>(group.terms / 2) + part(group.offset, group.size, group.rawSize)};
        }
        case 4: {
            std::vector<std::string> messages;
            for (const auto& line : lines) {
                messages.push_back(line.message + line.requestId);
            }
            return messages;
        }
        case 5:
            return {batch};
        default:
            return {*sealed};
    }
}

}  // namespace hanshu::test
