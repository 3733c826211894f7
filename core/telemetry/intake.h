// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where records wait between the threads that make them and the one that writes them: a stack without locks, with a
// bound on its bytes. `push` on any thread, `takeAll` on one.
#pragma once

#include "telemetry/recorder.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace hanshu::telemetry {

class Intake {
public:
    struct Item {
        RunRecord record;
        bool linesOnly = false;  // of a run that still goes: `record.invocation` only names it
    };
    struct Pushed {
        bool wasEmpty = false;      // whoever takes must be woken
        std::uint64_t dropped = 0;  // runs and lines for which there was no room
    };

    explicit Intake(std::size_t maxBytes) : m_maxBytes(maxBytes) {}
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    // Lines go first when there is no room: a run's bill outweighs what it printed.
    Pushed push(Item item);
    // In the order they came.
    [[nodiscard]] std::vector<Item> takeAll();

private:
    struct Node {
        Item item;
        std::size_t bytes = 0;
        Node* next = nullptr;
    };
    [[nodiscard]] bool reserve(std::size_t bytes);

    std::size_t m_maxBytes;
    std::atomic<std::size_t> m_bytes{0};
    std::atomic<Node*> m_top{nullptr};
};

}  // namespace hanshu::telemetry
