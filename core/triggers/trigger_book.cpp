// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "triggers/trigger_book.h"

#include "api/validate.h"
#include "base/async_mutex.h"
#include "base/async_signal.h"
#include "base/log.h"
#include "base/published.h"
#include "base/time_format.h"
#include "triggers/trigger_index.h"

#include <fmt/format.h>

namespace hanshu::triggers {
namespace {

// Reference 1.4.
constexpr std::size_t kMaxTriggersOfFunction = 50;

store::ResourceKey keyOf(std::string account, std::string function, std::string name) {
    return {std::move(account), store::Kind::Trigger, std::move(function), std::move(name)};
}

Error translate(Error error, const std::string& function, const std::string& name) {
    if (error.reason == "ResourceNotFound") {
        return {Code::NotFound, "TriggerNotFound", {{"trigger", name}, {"function", function}}, {}};
    }
    if (error.reason == "ResourceAlreadyExists") {
        return {Code::AlreadyExists, "TriggerAlreadyExists", {{"trigger", name}, {"function", function}}, {}};
    }
    return error;
}

}  // namespace

struct TriggerBook::State : std::enable_shared_from_this<TriggerBook::State> {
    explicit State(Rooms given) : rooms(std::move(given)), index(std::make_shared<const TriggerIndex>()) {}

    Rooms rooms;
    AsyncMutex changes;
    Published<TriggerIndex> index;
    std::optional<AsyncSignal> timersChanged;
    std::atomic<bool> stopped{false};

    template <class Edit>
    void publish(Edit edit) {
        auto next = std::make_shared<TriggerIndex>(*index.load());
        edit(*next);
        index.store(std::move(next));
        if (timersChanged) {
            timersChanged->notify();
        }
    }

    // What the platform adds to a stored trigger when it is shown.
    api::Trigger shown(api::Trigger trigger, Revision revision) const {
        trigger.set_etag(std::to_string(revision.value));
        if (trigger.trigger_type() == "http") {
            const auto url = fmt::format("{}/fn/{}/", rooms.urlBase(), trigger.trigger_id());
            trigger.mutable_http_trigger()->set_url_internet(url);
            trigger.mutable_http_trigger()->set_url_intranet(url);
        }
        return trigger;
    }

    Result<void> checkNew(const std::string& account, const std::string& function, const api::Trigger& trigger) const {
        if (!rooms.functionExists(account, function)) {
            return fail(Code::NotFound, "FunctionNotFound", {{"function", function}});
        }
        const auto now = index.load();
        if (now->has(account, function, trigger.trigger_name())) {
            return fail(Code::AlreadyExists, "TriggerAlreadyExists",
                        {{"trigger", trigger.trigger_name()}, {"function", function}});
        }
        if (now->count(account, function) >= kMaxTriggersOfFunction) {
            return fail(Code::ResourceExhausted, "LimitExceededError",
                        {{"message", fmt::format("function '{}' has {} triggers already, as many as are allowed",
                                                 function, kMaxTriggersOfFunction)}});
        }
        if (trigger.trigger_type() == "http" && now->hasHttp(account, function, trigger.qualifier())) {
            return fail(Code::AlreadyExists, "TriggerAlreadyExists",
                        {{"trigger", trigger.trigger_name()},
                         {"function", function},
                         {"message", fmt::format("function '{}' has an HTTP trigger for {} already; one is allowed",
                                                 function, trigger.qualifier())}});
        }
        return {};
    }

    store::Event eventOf(const CompiledTrigger& trigger, std::string source, std::string principal,
                         std::string payload) const {
        store::Event event;
        event.id = newEventId();
        event.requestId = newRequestId();
        event.account = trigger.account;
        event.functionName = trigger.function;
        event.qualifier = trigger.trigger.qualifier();
        event.source = std::move(source);
        event.sourceArn = std::move(principal);
        event.triggerName = trigger.trigger.trigger_name();
        event.payload = std::move(payload);
        event.enqueued = rooms.clock.now();
        return event;
    }

    // Fires what is due, then waits for the next moment or a change of the triggers.
    Task<void> timerLoop() {
        const auto self = shared_from_this();
        auto since = rooms.clock.now();
        while (!stopped) {
            const auto now = rooms.clock.now();
            std::optional<SystemTime> next;
            const auto timers = index.load();
            for (const auto& trigger : timers->timers()) {
                auto due = trigger->schedule->next(std::max(since, trigger->created), trigger->created);
                // What was missed while the machine slept fires once, not once for each time.
                if (due && *due <= now) {
                    co_await fire(trigger, *due);
                    due = trigger->schedule->next(now, trigger->created);
                }
                if (due && (!next || *due < *next)) {
                    next = due;
                }
            }
            since = now;
            std::optional<std::chrono::steady_clock::time_point> deadline;
            if (next) {
                deadline = std::chrono::steady_clock::now() +
                           std::max(*next - rooms.clock.now(), std::chrono::microseconds{0});
            }
            co_await timersChanged->wait(deadline);
        }
    }

    Task<void> fire(std::shared_ptr<const CompiledTrigger> trigger, SystemTime due) {
        auto event = eventOf(*trigger, "timer",
                             fmt::format("acs:fc:{}:{}:functions/{}/triggers/{}", rooms.region, trigger->account,
                                         trigger->function, trigger->trigger.trigger_name()),
                             timerPayload(*trigger, due));
        const auto appended = co_await rooms.queue.append(std::move(event));
        if (!appended) {
            log::error("triggers", "timer {} of {} could not be queued: {}", trigger->trigger.trigger_name(),
                       trigger->function, appended.error().describe());
        }
    }
};

TriggerBook::TriggerBook(Rooms rooms) : m_state(std::make_shared<State>(std::move(rooms))) {}

TriggerBook::~TriggerBook() {
    stop();
}

Result<void> TriggerBook::load() {
    auto all = m_state->rooms.store.loadAll(store::Kind::Trigger);
    if (!all) {
        return fail(std::move(all.error()));
    }
    auto index = std::make_shared<TriggerIndex>();
    for (const auto& resource : *all) {
        api::Trigger trigger;
        if (!trigger.ParseFromString(resource.bytes)) {
            return internalError(fmt::format("the stored trigger {} is damaged", resource.key.name));
        }
        auto compiled = compile(resource.key.account, resource.key.parent, trigger);
        if (!compiled) {
            log::error("triggers", "trigger {} of {} can't be used: {}", resource.key.name, resource.key.parent,
                       compiled.error().describe());
            continue;
        }
        index->add(std::move(*compiled));
    }
    m_state->index.store(std::move(index));
    return {};
}

void TriggerBook::start(const asio::any_io_executor& executor) {
    m_state->timersChanged.emplace(executor);
    asio::co_spawn(executor, m_state->timerLoop(), asio::detached);
}

void TriggerBook::stop() {
    m_state->stopped = true;
    if (m_state->timersChanged) {
        m_state->timersChanged->notify();
    }
}

Task<Result<api::Trigger>> TriggerBook::create(std::string account, std::string function,
                                               api::CreateTriggerInput input) {
    const auto state = m_state;
    auto trigger = api::makeTrigger(input);
    if (!trigger) {
        co_return fail(std::move(trigger.error()));
    }
    const auto now = formatRfc3339(state->rooms.clock.now());
    trigger->set_trigger_id(newUuid());
    trigger->set_created_time(now);
    trigger->set_last_modified_time(now);
    trigger->set_status("Active");
    trigger->set_target_arn(fmt::format("acs:fc:{}:{}:functions/{}", state->rooms.region, account, function));
    auto compiled = compile(account, function, *trigger);
    if (!compiled) {
        co_return fail(std::move(compiled.error()));
    }
    if (!(*compiled)->bucket.empty() && state->rooms.bucketExists) {
        auto asked = state->rooms.bucketExists(account, (*compiled)->bucket);
        auto known = co_await std::move(asked);
        if (!known) {
            co_return fail(std::move(known.error()));
        }
    }
    const auto guard = co_await state->changes.lock();
    HANSHU_CO_TRY(state->checkNew(account, function, *trigger));
    auto created = co_await state->rooms.store.create(keyOf(account, function, trigger->trigger_name()),
                                                      trigger->SerializeAsString());
    if (!created) {
        co_return fail(translate(std::move(created.error()), function, trigger->trigger_name()));
    }
    state->publish([&](TriggerIndex& index) { index.add(*compiled); });
    co_return state->shown(std::move(*trigger), *created);
}

Task<Result<api::Trigger>> TriggerBook::update(std::string account, std::string function, std::string name,
                                               api::UpdateTriggerInput input, std::optional<Revision> expected) {
    const auto state = m_state;
    const auto guard = co_await state->changes.lock();
    auto resource = co_await state->rooms.store.get(keyOf(account, function, name));
    if (!resource) {
        co_return fail(translate(std::move(resource.error()), function, name));
    }
    api::Trigger trigger;
    if (!trigger.ParseFromString(resource->bytes)) {
        co_return internalError(fmt::format("the stored trigger {} is damaged", name));
    }
    HANSHU_CO_TRY(api::applyUpdate(input, trigger));
    trigger.set_last_modified_time(formatRfc3339(state->rooms.clock.now()));
    auto compiled = compile(account, function, trigger);
    if (!compiled) {
        co_return fail(std::move(compiled.error()));
    }
    auto updated = co_await state->rooms.store.update(keyOf(account, function, name), trigger.SerializeAsString(),
                                                      expected.value_or(resource->revision));
    if (!updated) {
        co_return fail(translate(std::move(updated.error()), function, name));
    }
    state->publish([&](TriggerIndex& index) { index.add(*compiled); });
    co_return state->shown(std::move(trigger), *updated);
}

Task<Result<api::Trigger>> TriggerBook::get(std::string account, std::string function, std::string name) {
    const auto state = m_state;
    auto resource = co_await state->rooms.store.get(keyOf(account, function, name));
    if (!resource) {
        co_return fail(translate(std::move(resource.error()), function, name));
    }
    api::Trigger trigger;
    if (!trigger.ParseFromString(resource->bytes)) {
        co_return internalError(fmt::format("the stored trigger {} is damaged", name));
    }
    co_return state->shown(std::move(trigger), resource->revision);
}

Task<Result<api::ListTriggersOutput>> TriggerBook::list(std::string account, std::string function,
                                                        store::ListOptions options) {
    const auto state = m_state;
    if (!state->rooms.functionExists(account, function)) {
        co_return fail(Code::NotFound, "FunctionNotFound", {{"function", function}});
    }
    auto page = co_await state->rooms.store.list(account, store::Kind::Trigger, function, std::move(options));
    if (!page) {
        co_return fail(std::move(page.error()));
    }
    api::ListTriggersOutput output;
    for (const auto& resource : page->resources) {
        api::Trigger trigger;
        if (!trigger.ParseFromString(resource.bytes)) {
            co_return internalError(fmt::format("the stored trigger {} is damaged", resource.key.name));
        }
        *output.add_triggers() = state->shown(std::move(trigger), resource.revision);
    }
    if (!page->next.empty()) {
        output.set_next_token(page->next);
    }
    co_return output;
}

Task<Result<void>> TriggerBook::remove(std::string account, std::string function, std::string name,
                                       std::optional<Revision> expected) {
    const auto state = m_state;
    const auto guard = co_await state->changes.lock();
    auto removed = co_await state->rooms.store.remove(keyOf(account, function, name), expected);
    if (!removed) {
        co_return fail(translate(std::move(removed.error()), function, name));
    }
    state->publish([&](TriggerIndex& index) { index.remove(account, function, name); });
    co_return Result<void>();
}

bool TriggerBook::hasTriggers(const std::string& account, const std::string& function) const {
    return m_state->index.load()->count(account, function) > 0;
}

std::vector<store::Event> TriggerBook::eventsFor(const objects::Change& change) const {
    std::vector<store::Event> events;
    const auto index = m_state->index.load();
    for (const auto& trigger : index->ofBucket(change.account, change.bucket)) {
        if (matches(*trigger, change)) {
            events.push_back(m_state->eventOf(
                *trigger, "oss", fmt::format("acs:oss:{}:{}:{}", m_state->rooms.region, change.account, change.bucket),
                objectPayload(*trigger, change, m_state->rooms.region)));
        }
    }
    return events;
}

std::optional<HttpRoute> TriggerBook::httpRoute(std::string_view triggerId) const {
    const auto trigger = m_state->index.load()->ofUrl(triggerId);
    if (trigger == nullptr) {
        return std::nullopt;
    }
    return HttpRoute{trigger->account, trigger->function, trigger->trigger.qualifier(), trigger->trigger.trigger_name(),
                     *trigger->http};
}

}  // namespace hanshu::triggers
