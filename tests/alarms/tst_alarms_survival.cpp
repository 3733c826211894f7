// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is known is known after a restart at any moment, nothing is told twice or lost, and what can't be told is told
// elsewhere.

#include "alarms/fixture.h"

#include <QtTest>
#include <random>
#include <thread>

using namespace hanshu;
using namespace hanshu::alarms;
using namespace std::chrono_literals;

namespace {

void makeUp(MadeUpValues& values, unsigned seed) {
    for (unsigned f = 0; f < 4; ++f) {
        values.metrics["Errors"][{"1", fmt::format("f{}", f), "LATEST", ""}] =
            [seed, f](SystemTime end) -> std::optional<double> {
            std::mt19937 random(seed + f * 1000 + static_cast<unsigned>(minuteOf(end)) * 7919);
            random.discard(3);
            return random() % 6 == 0 ? std::nullopt : std::optional<double>(random() % 16);
        };
    }
}

std::vector<AlarmRule> someRules() {
    std::vector<AlarmRule> rules = {ruleOf("a", 2, 3), ruleOf("b"), compositeOf("c", "a AND NOT b"), ruleOf("d", 1, 4)};
    rules[1].noData = NoData::Firing;
    rules[1].threshold = 13;
    rules[3].noData = NoData::Keep;
    rules[3].calm = 3;
    rules[3].repeatEvery = 5min;
    return rules;
}

// One life after the other over one store.
struct World {
    explicit World(unsigned seed) {
        makeUp(values, seed);
        begin();
    }

    void begin() {
        alarms = std::make_unique<Alarms>(values, store, sender, Alarms::Options{});
        const auto wrong = alarms->start(someRules(), {webhook("team"), webhook("boss")}, now);
        isWhole = isWhole && wrong && wrong->empty();
    }
    void minute() {
        now += 1min;
        auto tick = alarms->tick(now);
        for (const auto& transition : tick.evaluation.transitions) {
            told.push_back(transition.rule.value + " " + toText(std::vector{transition}));
        }
        (void)alarms->deliver(now);
    }

    MadeUpValues values;
    MemoryStore store;
    MadeUpSender sender;
    SystemTime now = kStart + 5s;
    std::unique_ptr<Alarms> alarms;
    std::vector<std::string> told;
    bool isWhole = true;
};

std::vector<std::string> idsOf(const MadeUpSender& sender) {
    std::vector<std::string> ids;
    for (const auto& message : sender.sent) {
        ids.push_back(message.id);
    }
    return ids;
}

}  // namespace

class TestAlarmsSurvival : public QObject {
    Q_OBJECT

private slots:
    void aRestartAnywhereChangesNothing() {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            World steady(seed);
            World restless(seed);
            std::mt19937 random(seed);
            for (int minute = 0; minute < 60; ++minute) {
                if (minute == 20) {
                    for (auto* world : {&steady, &restless}) {
                        QVERIFY(world->alarms->silence(RuleId{"d"}, {{}, world->now + 10min, "bob"}, world->now));
                        (void)world->alarms->acknowledge(RuleId{"b"}, {}, "ann", world->now);
                    }
                }
                steady.minute();
                restless.minute();
                if (random() % 3 == 0) {
                    restless.begin();
                }
            }
            QVERIFY(restless.isWhole);
            QVERIFY(steady.told.size() > 20);
            for (std::size_t i = 0; i < std::min(restless.told.size(), steady.told.size()); ++i) {
                QCOMPARE(QString::fromStdString(restless.told[i]), QString::fromStdString(steady.told[i]));
            }
            QCOMPARE(restless.told.size(), steady.told.size());
            QCOMPARE(idsOf(restless.sender), idsOf(steady.sender));
            QCOMPARE(restless.alarms->alarms(restless.now).size(), steady.alarms->alarms(steady.now).size());
        }
    }

    void aCrashBeforeItWasKeptTellsItOnce() {
        World world(3);
        for (int minute = 0; minute < 10; ++minute) {
            world.minute();
        }
        // The store takes nothing, and the process dies after it has decided, before it has sent.
        world.store.isBroken = true;
        world.now += 1min;
        const auto lost = world.alarms->tick(world.now);
        QVERIFY(lost.notSaved);
        world.store.isBroken = false;
        const auto before = world.sender.sent.size();
        world.begin();
        const auto again = world.alarms->tick(world.now);
        QVERIFY(!again.notSaved);
        QCOMPARE(QString::fromStdString(toText(again.evaluation.transitions)),
                 QString::fromStdString(toText(lost.evaluation.transitions)));
        QCOMPARE(again.evaluation.messages.size(), lost.evaluation.messages.size());
        (void)world.alarms->deliver(world.now);
        QCOMPARE(world.sender.sent.size(), before + again.evaluation.messages.size());
    }

    void aStoreThatFailsIsTriedAgain() {
        World world(5);
        world.store.isBroken = true;
        for (int minute = 0; minute < 5; ++minute) {
            world.minute();
        }
        world.store.isBroken = false;
        world.minute();
        World other(5);
        for (int minute = 0; minute < 6; ++minute) {
            other.minute();
        }
        QCOMPARE(world.told, other.told);
        QVERIFY(world.store.records.size() >= other.store.records.size());
        world.begin();
        world.minute();
        other.minute();
        QCOMPARE(world.told, other.told);
    }

    void steadyStatesCostNoWrites() {
        MadeUpValues values;
        MemoryStore store;
        MadeUpSender sender;
        values.metrics["Errors"][kF] = [](SystemTime) { return 0.0; };
        values.metrics["Errors"][kG] = [](SystemTime) { return 20.0; };
        Alarms alarms(values, store, sender, {});
        QVERIFY(alarms.start({ruleOf("r", 2, 3)}, {webhook("team")}, kStart));
        auto now = kStart + 5s;
        const auto pass = [&](int minutesAhead) {
            for (; minutesAhead > 0; --minutesAhead) {
                now += 1min;
                (void)alarms.tick(now);
                (void)alarms.deliver(now);
            }
        };
        pass(10);
        store.written = 0;
        pass(10);
        QCOMPARE(store.written, std::size_t{10});  // the clock
    }

    void damagedRecordsAreNamedAndTheRestIsKept() {
        World world(9);
        for (int minute = 0; minute < 10; ++minute) {
            world.minute();
        }
        world.sender.broken = {ChannelId{"team"}};
        while (world.alarms->nextDelivery() == std::nullopt) {
            world.minute();
        }
        const auto whole = world.store.records;
        for (const auto& [key, bytes] : whole) {
            for (std::size_t at = 0; at < bytes.size(); at += 3) {
                world.store.records = whole;
                world.store.records[key][at] = static_cast<char>(world.store.records[key][at] ^ 0x55);
                Alarms alarms(world.values, world.store, world.sender, {});
                const auto wrong = alarms.start(someRules(), {webhook("team")}, world.now);
                QVERIFY(wrong);
                QCOMPARE(*wrong, std::vector<std::string>{key});
                (void)alarms.tick(world.now + 1min);
                world.store.records = whole;
                world.store.records[key].resize(at);
                Alarms cut(world.values, world.store, world.sender, {});
                QCOMPARE(cut.start(someRules(), {webhook("team")}, world.now)->size(), std::size_t{1});
            }
        }
    }

    void aRuleThatWasChangedMeanwhileBeginsAnew() {
        MadeUpValues values;
        MemoryStore store;
        MadeUpSender sender;
        values.metrics["Errors"][kF] = [](SystemTime) { return 20.0; };
        {
            Alarms alarms(values, store, sender, {});
            QVERIFY(alarms.start({ruleOf("r")}, {webhook("team")}, kStart));
            (void)alarms.tick(kStart + 65s);
        }
        auto rule = ruleOf("r");
        rule.threshold = 50;
        Alarms alarms(values, store, sender, {});
        QVERIFY(alarms.start({rule}, {webhook("team")}, kStart + 70s));
        const auto tick = alarms.tick(kStart + 125s);
        QCOMPARE(toText(tick.evaluation.transitions), std::string("f:firing>resolved@1"));
        QVERIFY(alarms.alarms(kStart + 125s).empty());
    }

    void messagesAreTriedFurtherAndFurtherApart() {
        MadeUpSender sender;
        sender.broken = {ChannelId{"team"}};
        DeliveryQueue queue;
        queue.setChannels({webhook("team"), webhook("boss")});
        Notice notice;
        notice.rule = RuleId{"r"};
        auto messages = toMessages({{notice, {ChannelId{"team"}, ChannelId{"boss"}}}}, 5, kStart);
        queue.add(messages, kStart);
        queue.add(messages, kStart);
        QCOMPARE(queue.waiting(), std::size_t{2});
        std::vector<std::int64_t> tries;
        Delivery last;
        for (auto now = kStart; queue.waiting() > 0; now += 1s) {
            for (const auto& delivery : queue.deliver(sender, now)) {
                if (delivery.channel.value == "team") {
                    tries.push_back((now - kStart) / 1s);
                    last = delivery;
                }
            }
        }
        const std::vector<std::int64_t> expected = {0, 5, 15, 35, 75, 155, 315, 635, 1235, 1835, 2435, 3035, 3600};
        QCOMPARE(tries, expected);
        QVERIFY(last.outcome == Delivery::Outcome::GivenUp && last.error);
        QCOMPARE(sender.sent.size(), std::size_t{1});
        QVERIFY(!queue.nextDue());
    }

    void aChannelThatRefusesHoldsItsOthersUpInOrder() {
        MadeUpSender sender;
        sender.broken = {ChannelId{"team"}};
        DeliveryQueue queue;
        queue.setChannels({webhook("team")});
        for (int i = 0; i < 5; ++i) {
            Notice notice;
            notice.rule = RuleId{fmt::format("r{}", i)};
            queue.add(toMessages({{notice, {ChannelId{"team"}}}}, 5, kStart), kStart);
        }
        QCOMPARE(queue.deliver(sender, kStart).size(), std::size_t{1});
        sender.broken.clear();
        (void)queue.deliver(sender, kStart + 10s);
        QCOMPARE(sender.sent.size(), std::size_t{5});
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(sender.sent[i].notices.front().rule.value, fmt::format("r{}", i));
        }
    }

    void aChannelThatDoesNotWorkIsAnAlarmForTheOthers() {
        MadeUpValues values;
        MemoryStore store;
        MadeUpSender sender;
        values.metrics["Errors"][kF] = [](SystemTime end) { return minuteOf(end) % 100 == 1 ? 20.0 : 0.0; };
        sender.broken = {ChannelId{"team"}};
        auto quiet = webhook("quiet");
        quiet.hearsOfFailures = false;
        Alarms alarms(values, store, sender, {});
        QVERIFY(alarms.start({ruleOf("r")}, {webhook("team"), webhook("boss"), quiet}, kStart));
        auto now = kStart + 5s;
        const auto pass = [&](int count) {
            for (; count > 0; --count) {
                now += 1min;
                (void)alarms.tick(now);
                (void)alarms.deliver(now);
            }
        };
        pass(62);
        pass(2);
        QCOMPARE(sender.sent.size(), std::size_t{1});
        QCOMPARE(toText(sender.sent), std::string("boss/delivery-failed"));
        QCOMPARE(sender.sent.front().notices.front().series[3], std::string("team"));
        const auto firing = alarms.alarms(now);
        QVERIFY(std::ranges::count(firing, std::string(Alarms::kDeliveryRule),
                                   [](const AlarmStatus& alarm) { return alarm.rule.value; }) == 1);
        QVERIFY(alarms.acknowledge(RuleId{std::string(Alarms::kDeliveryRule)}, {}, "ann", now));
        sender.broken.clear();
        pass(60);
        QCOMPARE(toText(sender.sent), std::string("boss/delivery-failed team/fired boss/delivery-works team/resolved"));
        QVERIFY(!alarms.put(ruleOf(std::string(Alarms::kDeliveryRule)), now));
        QVERIFY(!alarms.remove(RuleId{std::string(Alarms::kDeliveryRule)}, now));
    }

    void aChannelThatIsTestedOrGoneIsNoAlarmAnyMore() {
        for (const bool isGone : {false, true}) {
            MadeUpValues values;
            MemoryStore store;
            MadeUpSender sender;
            values.metrics["Errors"][kF] = [](SystemTime end) { return minuteOf(end) == 1 ? 20.0 : 0.0; };
            sender.broken = {ChannelId{"team"}};
            Alarms alarms(values, store, sender, {});
            QVERIFY(alarms.start({ruleOf("r")}, {webhook("team"), webhook("boss")}, kStart));
            const auto failing = [&](SystemTime now) {
                return std::ranges::count_if(alarms.alarms(now), [](const AlarmStatus& alarm) {
                    return alarm.rule.value == Alarms::kDeliveryRule && alarm.state == State::Firing;
                });
            };
            (void)alarms.tick(kStart + 65s);
            (void)alarms.deliver(kStart + 65s);
            const auto later = kStart + 2h;
            (void)alarms.deliver(later);
            QCOMPARE(failing(later), 1);
            if (isGone) {
                QVERIFY(alarms.setChannels({webhook("boss")}, later));
            } else {
                QVERIFY(!alarms.test(ChannelId{"team"}, later));
                QCOMPARE(failing(later), 1);
                sender.broken.clear();
                QVERIFY(alarms.test(ChannelId{"team"}, later));
            }
            QCOMPARE(failing(later), 0);
        }
    }

    void rulesNameChannelsThatThereAre() {
        World world(1);
        auto rule = ruleOf("x");
        rule.channels = {ChannelId{"nowhere"}};
        const auto refused = world.alarms->put(rule, world.now);
        QVERIFY(!refused && refused.error().param("message").find("nowhere") != std::string_view::npos);
        QVERIFY(!world.alarms->setChannels({{ChannelId{"bad id"}, "", WebhookChannel{"ftp://x", "", {}}, true}},
                                           world.now));
        QVERIFY(world.alarms->test(ChannelId{"team"}, world.now));
        QCOMPARE(toText(world.sender.sent), std::string("team/test"));
        QVERIFY(world.alarms->test(ChannelId{"nowhere"}, world.now).error().code == Code::NotFound);
    }

    void manyMayAskWhileItTicks() {
        World world(11);
        std::atomic<bool> isOver{false};
        std::thread people([&] {
            while (!isOver.load()) {
                (void)world.alarms->alarms(kStart + 1h);
                (void)world.alarms->rules(kStart + 1h);
                (void)world.alarms->acknowledge(RuleId{"a"}, {}, "ann", kStart + 1h);
                (void)world.alarms->preview(ruleOf("p"), kStart, kStart + 10min);
            }
        });
        std::thread sending([&] {
            while (!isOver.load()) {
                (void)world.alarms->deliver(kStart + 1h);
            }
        });
        for (int i = 0; i < 50; ++i) {
            world.now += 1min;
            (void)world.alarms->tick(world.now);
        }
        isOver = true;
        people.join();
        sending.join();
        (void)world.alarms->deliver(kStart + 2h);
        QVERIFY(!world.sender.sent.empty());
        QVERIFY(!world.alarms->nextDelivery());
    }
};

QTEST_APPLESS_MAIN(TestAlarmsSurvival)
#include "tst_alarms_survival.moc"
