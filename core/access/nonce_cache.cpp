// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/signature.h"

#include <mutex>
#include <random>

namespace hanshu::access {
namespace {

// Nonces are kept as 64-bit hashes in sets of this much of the requests' time: a whole set is dropped at once.
constexpr std::int64_t kSliceSeconds = 10;
// Locks are held for tens of nanoseconds; with these many, two io threads seldom want the same.
constexpr std::size_t kShards = 16;
// 4 million nonces in all, at most 64 MiB: the whole window at 4,600 requests a second.
constexpr std::size_t kMaxPerShard = 262'144;

std::uint64_t mixed(std::uint64_t x) noexcept {  // SplitMix64's finalizer
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

// Open addressing, at most half full; 0 marks a free place.
class HashSet {
public:
    bool insert(std::uint64_t hash) {
        if (m_used * 2 >= m_places.size()) {
            grow();
        }
        if (!place(hash)) {
            return false;
        }
        ++m_used;
        return true;
    }
    [[nodiscard]] std::size_t size() const noexcept { return m_used; }

private:
    bool place(std::uint64_t hash) {
        const auto mask = m_places.size() - 1;
        auto at = static_cast<std::size_t>(hash) & mask;
        while (m_places[at] != 0) {
            if (m_places[at] == hash) {
                return false;
            }
            at = (at + 1) & mask;
        }
        m_places[at] = hash;
        return true;
    }
    void grow() {
        const auto old =
            std::exchange(m_places, std::vector<std::uint64_t>(std::max<std::size_t>(16, m_places.size() * 2)));
        for (const auto hash : old) {
            if (hash != 0) {
                place(hash);
            }
        }
    }

    std::vector<std::uint64_t> m_places;
    std::size_t m_used = 0;
};

std::int64_t sliceOf(SystemTime time) noexcept {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / kSliceSeconds;
}

struct Shard {
    std::mutex guard;
    std::map<std::int64_t, HashSet> slices;  // by the requests' time
    std::size_t size = 0;
    std::int64_t forgotten = 0;  // slices up to here were given up for room: nothing of that time is let in

    void dropOldest() {
        size -= slices.begin()->second.size();
        slices.erase(slices.begin());
    }
};

}  // namespace

struct NonceCache::State {
    explicit State(const Clock& time) : clock(time) {}
    const Clock& clock;
    std::uint64_t seed = std::random_device{}();
    std::array<Shard, kShards> shards;
};

NonceCache::NonceCache(const Clock& clock) : m_state(std::make_unique<State>(clock)) {}
NonceCache::~NonceCache() = default;

bool NonceCache::insert(std::string_view accessKeyId, std::string_view nonce) {
    return remember(accessKeyId, nonce, m_state->clock.now()) == Outcome::Fresh;
}

NonceCache::Outcome NonceCache::remember(std::string_view accessKeyId, std::string_view nonce, SystemTime time) {
    const std::hash<std::string_view> hashOf;
    const auto key = mixed(hashOf(accessKeyId) ^ m_state->seed);
    const auto hash = std::max<std::uint64_t>(1, mixed(hashOf(nonce) ^ key));
    auto& shard = m_state->shards[hash >> 60U];
    static_assert(kShards == 16, "the shard is the hash's upper 4 bits");
    const auto slice = sliceOf(time);
    const auto oldest = sliceOf(m_state->clock.now() - kSignatureWindow);

    const std::lock_guard lock(shard.guard);
    while (!shard.slices.empty() && shard.slices.begin()->first < oldest) {
        shard.dropOldest();
    }
    if (slice <= shard.forgotten) {
        return Outcome::TooOld;
    }
    if (!shard.slices[slice].insert(hash)) {
        return Outcome::Seen;
    }
    if (++shard.size > kMaxPerShard) {
        shard.forgotten = std::max(shard.forgotten, shard.slices.begin()->first);
        shard.dropOldest();
    }
    return Outcome::Fresh;
}

}  // namespace hanshu::access
