// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Clients that upload, delete and send events to a daemon that dies again and again, and remember every answer.
#pragma once

#include "client.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>

namespace hanshu::tests {

// Where the daemon of the moment serves. Any thread.
class Whereabouts {
public:
    struct Place {
        int generation = 0;
        std::string http;
        std::string objects;
    };
    void moved(std::string http, std::string objects) {
        {
            const std::lock_guard lock(m_mutex);
            m_place = {m_place.generation + 1, std::move(http), std::move(objects)};
        }
        m_changed.notify_all();
    }
    void close() {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
        }
        m_changed.notify_all();
    }
    // The place after `generation`, as soon as there is one; none when the load is to end.
    std::optional<Place> after(int generation) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_closed || m_place.generation > generation; });
        return m_closed ? std::nullopt : std::optional(m_place);
    }
    [[nodiscard]] bool closed() {
        const std::lock_guard lock(m_mutex);
        return m_closed;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    Place m_place;
    bool m_closed = false;
};

// What one client did to one key, in order.
struct Attempt {
    std::uint64_t seed = 0;
    std::size_t size = 0;
    bool deletes = false;
    bool acknowledged = false;

    [[nodiscard]] std::string content() const {
        std::mt19937_64 random(seed);
        std::string bytes(size, '\0');
        for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
            const auto word = random();
            std::memcpy(bytes.data() + at, &word, std::min(sizeof word, size - at));
        }
        return bytes;
    }
};

// What may stand under a key: the last acknowledged change, or one of those after it that got no answer.
inline std::vector<Attempt> possible(const std::vector<Attempt>& history) {
    auto first = history.rbegin();
    while (first != history.rend() && !first->acknowledged) {
        ++first;
    }
    if (first == history.rend()) {
        std::vector<Attempt> all{{.deletes = true}};
        all.insert(all.end(), history.begin(), history.end());
        return all;
    }
    return {std::prev(first.base()), history.end()};
}

// One client on a thread of its own. What it remembers may be read once the thread has ended.
class Client {
public:
    Client(Whereabouts& whereabouts, access::AccessKey key, std::uint64_t seed)
        : m_whereabouts(whereabouts), m_key(std::move(key)), m_random(seed) {}
    virtual ~Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start() {
        m_thread = std::thread([this] { run(); });
    }
    void join() { m_thread.join(); }
    [[nodiscard]] const std::set<std::string>& surprises() const { return m_surprises; }
    [[nodiscard]] int acknowledged() const { return m_acknowledged; }

protected:
    // A daemon was started.
    virtual void moved() {}
    // One request on `connection`; false when the daemon went away, or to wait for the next one.
    virtual bool step(RawClient& connection) = 0;
    virtual const std::string& address(const Whereabouts::Place& place) const = 0;

    [[nodiscard]] std::uint64_t upTo(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit)(m_random);
    }
    // Whether an answer came, and was the `wanted` one; any other answer of a living daemon is a surprise.
    bool accept(const std::optional<RawAnswer>& answer, unsigned wanted, bool& acknowledged) {
        acknowledged = answer && answer->status == wanted;
        m_acknowledged += acknowledged ? 1 : 0;
        if (answer && !acknowledged) {
            m_surprises.insert(fmt::format("{} {}", answer->status, answer->body));
        }
        return answer.has_value();
    }

    const access::AccessKey& key() const { return m_key; }

private:
    void run() {
        int generation = 0;
        while (const auto place = m_whereabouts.after(generation)) {
            generation = place->generation;
            RawClient connection(address(*place));
            moved();
            while (connection.connected() && !m_whereabouts.closed() && step(connection)) {
            }
        }
    }

    Whereabouts& m_whereabouts;
    access::AccessKey m_key;
    std::mt19937_64 m_random;
    std::thread m_thread;
    std::set<std::string> m_surprises;
    int m_acknowledged = 0;
};

class Uploader final : public Client {
public:
    Uploader(Whereabouts& whereabouts, access::AccessKey key, std::uint64_t seed, std::string prefix)
        : Client(whereabouts, std::move(key), seed), m_prefix(std::move(prefix)) {}
    [[nodiscard]] const std::map<std::string, std::vector<Attempt>>& histories() const { return m_histories; }

private:
    static constexpr std::uint64_t kKeys = 30;
    static constexpr std::uint64_t kUsualSize = 20'000;
    // Larger than the buffers on the way, so that a kill meets half of it.
    static constexpr std::uint64_t kLargeSize = 600'000;

    bool step(RawClient& connection) override {
        const auto key = fmt::format("{}/{}", m_prefix, upTo(kKeys - 1));
        Attempt attempt;
        attempt.seed = upTo(~0ULL);
        attempt.size = upTo(upTo(9) == 0 ? kLargeSize : kUsualSize);
        attempt.deletes = upTo(9) == 0;
        auto& history = m_histories[key];
        history.push_back(attempt);
        const auto bytes = attempt.deletes ? s3Request(this->key(), "DELETE", "/load/" + key)
                                           : s3Request(this->key(), "PUT", "/load/" + key, {}, attempt.content());
        return accept(connection.exchange(bytes), attempt.deletes ? 204 : 200, history.back().acknowledged);
    }
    const std::string& address(const Whereabouts::Place& place) const override { return place.objects; }

    std::string m_prefix;
    std::map<std::string, std::vector<Attempt>> m_histories;
};

class EventSender final : public Client {
public:
    using Client::Client;
    [[nodiscard]] const std::vector<std::string>& accepted() const { return m_accepted; }

private:
    // A few in each life of the daemon: the queue remembers the last 10,000 successes of an account, which must hold
    // those of two senders and two hundred lives.
    static constexpr std::uint64_t kMostInALife = 40;

    void moved() override { m_left = upTo(kMostInALife); }
    bool step(RawClient& connection) override {
        if (m_left-- == 0) {
            return false;
        }
        const std::string payload(upTo(1024), 'e');
        const auto answer = connection.exchange(
            apiRequest(key(), "POST", "functions/worker/invocations", payload, {{"X-Fc-Invocation-Type", "Async"}}));
        bool acknowledged = false;
        const bool alive = accept(answer, 202, acknowledged);
        if (acknowledged) {
            m_accepted.emplace_back(answer->headers.get("X-Fc-Request-Id"));
        }
        return alive;
    }
    const std::string& address(const Whereabouts::Place& place) const override { return place.http; }

    std::uint64_t m_left = 0;
    std::vector<std::string> m_accepted;
};

}  // namespace hanshu::tests
