// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/intake.h"

#include <algorithm>

namespace hanshu::telemetry {
namespace {

std::size_t bytesOf(const std::vector<LogLine>& lines) {
    std::size_t bytes = lines.capacity() * sizeof(LogLine);
    for (const auto& line : lines) {
        bytes += line.message.size();
    }
    return bytes;
}

}  // namespace

Intake::~Intake() {
    (void)takeAll();
}

bool Intake::reserve(std::size_t bytes) {
    if (m_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes <= m_maxBytes) {
        return true;
    }
    m_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
}

Intake::Pushed Intake::push(Item item) {
    Pushed pushed;
    const std::size_t base = sizeof(Node) + item.record.invocation.ByteSizeLong();
    std::size_t bytes = base + bytesOf(item.record.lines);
    if (!reserve(bytes)) {
        pushed.dropped = item.record.lines.size();
        item.record.lines = {};
        bytes = base;
        if (item.linesOnly || !reserve(bytes)) {
            pushed.dropped += item.linesOnly ? 0 : 1;
            return pushed;
        }
    }
    auto* top = m_top.load(std::memory_order_relaxed);
    auto* node = new Node{std::move(item), bytes, top};
    while (!m_top.compare_exchange_weak(top, node, std::memory_order_release, std::memory_order_relaxed)) {
        node->next = top;
    }
    // The node belongs to the taker from here on.
    pushed.wasEmpty = top == nullptr;
    return pushed;
}

std::vector<Intake::Item> Intake::takeAll() {
    std::vector<Item> items;
    auto* node = m_top.exchange(nullptr, std::memory_order_acquire);
    while (node != nullptr) {
        const std::unique_ptr<Node> owned(node);
        m_bytes.fetch_sub(node->bytes, std::memory_order_relaxed);
        items.push_back(std::move(node->item));
        node = node->next;
    }
    std::reverse(items.begin(), items.end());
    return items;
}

}  // namespace hanshu::telemetry
