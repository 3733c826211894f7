// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A stream that follows telemetry: what the store has after a cursor, then what comes, each item once and in order. On
// the io thread of its call.
#pragma once

#include "gateway/grpc_adapter.h"
#include "gateway/news_buffer.h"
#include "telemetry/recorder.h"

#include <algorithm>

namespace hanshu::gateway {

// What a stream that resumes gets of the past at most; the rest is a gap.
inline constexpr int kMaxReplay = 1000;

template <class Batch, class Item>
struct Feed {
    std::function<void(const std::string& account, const std::vector<Item>&)> telemetry::Watcher::* source;
    google::protobuf::RepeatedPtrField<Item>* (Batch::*items)();
    std::function<bool(const Item&)> wanted;
    std::int64_t cursor = 0;  // of the last item that the client has
};

// The items that were stored after `cursor`, in the order of their sequences, as a batch. How many a full replay leaves
// out is known by the sequences alone: an upper bound, since the items of others share the count. A client without a
// cursor (0) misses nothing that it knew of.
template <class Batch, class Item>
Batch replayOf(std::vector<Item> found, std::int64_t cursor,
               google::protobuf::RepeatedPtrField<Item>* (Batch::*items)()) {
    Batch batch;
    std::ranges::sort(found, {}, &Item::sequence);
    if (cursor > 0 && std::cmp_equal(found.size(), kMaxReplay)) {
        batch.set_gap(found.front().sequence() - cursor - 1);
    }
    for (auto& item : found) {
        (batch.*items)()->Add(std::move(item));
    }
    return batch;
}

// `past` reads the store; it is started after the subscription, so that nothing falls between the two. Ends when the
// client goes away or the server drains.
template <class Batch, class Item>
Task<Result<void>> follow(GrpcCall call, WriteStream<Batch>& stream, Feed<Batch, Item> feed, Task<Result<Batch>> past) {
    auto buffer = std::make_shared<NewsBuffer<Item>>();
    stream.attach(buffer);
    call.core->enlist(buffer);
    telemetry::Watcher watcher;
    watcher.*feed.source = [buffer, account = call.account(), wanted = std::move(feed.wanted)](
                               const std::string& whose, const std::vector<Item>& news) {
        for (const auto& item : news) {
            if (whose == account && wanted(item)) {
                buffer->push(item);
            }
        }
    };
    const auto subscription = call.rooms().recorder.watch(std::move(watcher));
    auto batch = co_await std::move(past);
    if (!batch) {
        co_return fail(std::move(batch.error()));
    }
    if (const auto& stored = *(*batch.*feed.items)(); !stored.empty()) {
        feed.cursor = stored.rbegin()->sequence();
    }
    while (true) {
        if (!(*batch.*feed.items)()->empty() || batch->gap() > 0) {
            const bool written = co_await stream.write(*batch);
            if (!written) {
                co_return fail(Code::Cancelled, "ClientClosedRequest");
            }
        }
        auto news = co_await buffer->take();
        if (!news) {
            co_return fail(std::move(news.error()));
        }
        batch->Clear();
        batch->set_gap(news->gap);
        for (auto& item : news->items) {
            if (item.sequence() > feed.cursor) {
                (*batch.*feed.items)()->Add(std::move(item));
            }
        }
    }
}

}  // namespace hanshu::gateway
