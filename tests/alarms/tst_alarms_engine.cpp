// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Each way from one state to another, on a clock of the test's own.

#include "alarms/fixture.h"

#include <QtTest>
#include <random>

using namespace hanshu;
using namespace hanshu::alarms;
using namespace std::chrono_literals;

namespace {

void compare(const std::string& actual, const char* expected) {
    QCOMPARE(QString::fromStdString(actual), QString(expected));
}

// Says what the states must be, from all that was, as the documentation has it.
State slowState(const AlarmRule& rule, const std::vector<std::optional<double>>& values) {
    State state = State::Ok;
    std::vector<bool> verdicts;
    std::uint32_t calm = 0;
    std::uint32_t blank = 0;
    for (const auto& value : values) {
        blank = value ? 0 : blank + 1;
        if (!value && (rule.noData == NoData::Keep || rule.noData == NoData::Ignore)) {
            if (rule.noData == NoData::Ignore && blank >= rule.of) {
                verdicts.clear();
                state = state == State::Firing ? State::Resolved : state == State::Pending ? State::Ok : state;
            }
            continue;
        }
        const auto isViolated = value ? *value > rule.threshold : rule.noData == NoData::Firing;
        verdicts.push_back(isViolated);
        const auto from = verdicts.size() > rule.of ? verdicts.size() - rule.of : 0;
        const auto count = std::count(verdicts.begin() + static_cast<std::ptrdiff_t>(from), verdicts.end(), true);
        const auto isMet = count >= rule.violated;
        if (state == State::Firing) {
            calm = isMet ? 0 : calm + 1;
            state = calm >= rule.calm ? State::Resolved : State::Firing;
        } else if (isMet) {
            state = State::Firing;
            calm = 0;
        } else if (isViolated) {
            state = State::Pending;
        } else if (state == State::Pending && count == 0) {
            state = State::Ok;
        }
    }
    return state;
}

}  // namespace

class TestAlarmsEngine : public QObject {
    Q_OBJECT

private slots:
    void anAlarmComesAndGoes() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({0, 20, 20, 0, 20, 0, 0, 0, 0});
        QVERIFY(watch.engine.put(ruleOf("r", 2, 3), kStart));
        watch.pass();
        compare(watch.changes(), "");
        watch.pass();
        compare(watch.changes(), "f:ok>pending@2");
        compare(watch.told(), "");
        watch.pass();
        QCOMPARE(watch.transitions.back().values.size(), std::size_t{3});
        QVERIFY(watch.transitions.back().values.back().value == 20.0);
        QCOMPARE(watch.transitions.back().values.back().end, kStart + 3min);
        compare(watch.changes(), "f:pending>firing@3");
        compare(watch.told(), "team/fired");
        watch.pass(3);  // two of three until the fifth
        compare(watch.changes(), "f:firing>resolved@6");
        compare(watch.told(), "team/resolved");
        watch.pass(3);
        compare(watch.changes(), "");
        QVERIFY(watch.engine.alarms(watch.now).front().state == State::Resolved);
    }

    void aPendingOneThatCalmsDownIsOkAgain() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({20, 0, 0, 0});
        QVERIFY(watch.engine.put(ruleOf("r", 2, 2), kStart));
        watch.pass(4);
        compare(watch.changes(), "f:ok>pending@1 f:pending>ok@3");
        compare(watch.told(), "");
    }

    void itMustBeCalmForAWhile() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({20, 0, 20, 0, 0, 0});
        auto rule = ruleOf("r");
        rule.calm = 2;
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(6);
        compare(watch.changes(), "f:ok>firing@1 f:firing>resolved@5");
    }

    void eachOperatorHolds() {
        using enum Operator;
        const std::array<std::tuple<Operator, bool, bool, bool>, 6> expected = {{{Above, false, false, true},
                                                                                 {AtLeast, false, true, true},
                                                                                 {Below, true, false, false},
                                                                                 {AtMost, true, true, false},
                                                                                 {Equal, false, true, false},
                                                                                 {NotEqual, true, false, true}}};
        for (const auto& [op, less, same, more] : expected) {
            QCOMPARE(holds(op, 9, 10), less);
            QCOMPARE(holds(op, 10, 10), same);
            QCOMPARE(holds(op, 11, 10), more);
        }
    }

    void periodsWithoutDataAreAsThePolicySays() {
        const std::vector<std::optional<double>> values = {20, {}, {}, {}, {}};
        const std::array<std::pair<NoData, const char*>, 4> expected = {{
            {NoData::Ok, "f:ok>pending@1 f:pending>ok@3"},
            {NoData::Firing, "f:ok>pending@1 f:pending>firing@2"},
            {NoData::Keep, "f:ok>pending@1"},
            {NoData::Ignore, "f:ok>pending@1 f:pending>ok@3"},
        }};
        for (const auto& [policy, changes] : expected) {
            Watch watch;
            watch.values.metrics["Errors"][kF] = minutes(values);
            auto rule = ruleOf("r", 2, 2);
            rule.noData = policy;
            QVERIFY(watch.engine.put(rule, kStart));
            watch.pass(5);
            compare(watch.changes(), changes);
        }
    }

    void anAlarmWithoutDataIsKeptOrEnds() {
        for (const auto& [policy, changes] : {std::pair{NoData::Keep, "f:ok>firing@2"},
                                              std::pair{NoData::Ignore, "f:ok>firing@2 f:firing>resolved@4"}}) {
            Watch watch;
            watch.values.metrics["Errors"][kF] = minutes({{}, 20});
            auto rule = ruleOf("r", 1, 2);
            rule.noData = policy;
            QVERIFY(watch.engine.put(rule, kStart));
            watch.pass(8);
            compare(watch.changes(), changes);
        }
    }

    void thatThereIsNothingAtAllCanBeAnAlarm() {
        Watch watch;
        auto rule = ruleOf("r");
        rule.noData = NoData::Firing;
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(2);
        compare(watch.changes(), ":ok>firing@1");
        watch.values.metrics["Errors"][kF] = minutes({{}, {}, 1, 1, 1});
        watch.pass();
        compare(watch.changes(), ":firing>resolved@3");
        compare(watch.told(), "team/fired team/resolved");
        watch.pass(2);
        QVERIFY(watch.engine.alarms(watch.now).empty());
    }

    void changesAreComparedWithWhatWasBefore() {
        Watch watch;
        const auto at = [](SystemTime end) -> std::optional<double> {
            const auto minute = minuteOf(end);
            return minute <= 0 ? 100 : minute == 1 ? 140 : minute == 2 ? 211 : 100;
        };
        watch.values.metrics["Errors"][kF] = at;
        for (const auto& [id, against] : {std::pair{"before", Against::PeriodBefore},
                                          std::pair{"day", Against::Yesterday}, std::pair{"week", Against::LastWeek}}) {
            auto rule = ruleOf(id);
            rule.against = against;
            rule.threshold = 50;
            QVERIFY(watch.engine.put(rule, kStart));
        }
        watch.pass();
        compare(watch.changes(), "");
        watch.pass();
        // 140 → 211 is 50.7 %, 100 → 211 is 111 %.
        compare(watch.changes(), "f:ok>firing@2 f:ok>firing@2 f:ok>firing@2");
        watch.pass();
        compare(watch.changes(), "f:firing>resolved@3 f:firing>resolved@3 f:firing>resolved@3");
        QVERIFY((Observed{{}, 5, 0}.measured(Against::Yesterday) > 1e300));
        QVERIFY((Observed{{}, 0, 0}.measured(Against::Yesterday) == 0.0));
        QVERIFY(!(Observed{{}, 5, {}}.measured(Against::Yesterday)));
        QVERIFY((Observed{{}, -5, -10}.measured(Against::Yesterday) == 50.0));
    }

    void aRateIsOfTwoMetrics() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({1, 6, 5});
        watch.values.metrics["Calls"][kF] = minutes({100, 100, 0});
        auto rule = ruleOf("r");
        std::get<MetricSource>(rule.source).dividedBy = "Calls";
        rule.threshold = 0.05;
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(2);
        QVERIFY(watch.transitions.back().values.back().value == 0.06);
        compare(watch.changes(), "f:ok>firing@2");
        watch.pass();  // by nothing: no data
        compare(watch.changes(), "f:firing>resolved@3");
    }

    void linesOfLogsAreCounted() {
        Watch watch;
        watch.values.logs["level:error"] = minutes({3, 11, 0});
        auto rule = ruleOf("r");
        rule.source = LogSource{"1", "level:error"};
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(3);
        compare(watch.changes(), ":ok>firing@2 :firing>resolved@3");
    }

    void seriesAreWatchedApartOrTogether() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({6, 20});
        watch.values.metrics["Errors"][kG] = minutes({6, 6});
        auto together = ruleOf("together");
        std::get<MetricSource>(together.source).groupBy = {};
        QVERIFY(watch.engine.put(ruleOf("apart"), kStart));
        QVERIFY(watch.engine.put(together, kStart));
        watch.pass();
        compare(watch.changes(), ":ok>firing@1");
        watch.pass();
        compare(watch.changes(), "f:ok>firing@2");
        auto onlyG = ruleOf("g");
        std::get<MetricSource>(onlyG.source).series[1] = "g*";
        QVERIFY(watch.engine.put(onlyG, kStart));
        QCOMPARE(watch.engine.rules(watch.now).size(), std::size_t{3});
        watch.values.metrics["Errors"][kG] = minutes({6, 6, 30});
        watch.pass();
        QCOMPARE(watch.engine.rules(watch.now)[1].series, std::size_t{1});
    }

    void rulesThatAskTheSameAskTogether() {
        Watch watch;
        for (int i = 0; i < 300; ++i) {
            const auto function = fmt::format("f{}", i);
            watch.values.metrics["Errors"][{"1", function, "LATEST", ""}] = minutes({i == 17 ? 20.0 : 0.0});
            auto rule = ruleOf(fmt::format("r{}", i));
            std::get<MetricSource>(rule.source).series[1] = function;
            QVERIFY(watch.engine.put(rule, kStart));
        }
        watch.pass();
        QCOMPARE(watch.last.questions, std::size_t{1});
        QCOMPARE(watch.last.rules, std::size_t{300});
        QCOMPARE(watch.values.asked.front().wanted.size(), std::size_t{300});
        compare(watch.changes(), "f17:ok>firing@1");
    }

    void anAcknowledgedAlarmIsQuietUntilItIsOver() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({20, 20, 20, 20, 0});
        auto rule = ruleOf("r");
        rule.repeatEvery = 1min;
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(2);
        compare(watch.told(), "team/fired team/still-firing");
        QVERIFY(!watch.engine.acknowledge(RuleId{"r"}, kG, "ann", watch.now));
        QVERIFY(watch.engine.acknowledge(RuleId{"r"}, kF, "ann", watch.now));
        watch.pass(2);
        QCOMPARE(watch.transitions.back().by, std::string("ann"));
        compare(watch.changes(), "f:ok>firing@1 f:firing>acknowledged@2");
        compare(watch.told(), "");
        QCOMPARE(watch.engine.alarms(watch.now).front().acknowledgedBy, std::string("ann"));
        watch.pass();
        compare(watch.changes(), "f:acknowledged>resolved@5");
        compare(watch.told(), "team/resolved");
        QVERIFY(watch.engine.acknowledge(RuleId{"r"}, {}, "ann", watch.now).error().code == Code::FailedPrecondition);
        QVERIFY(watch.engine.acknowledge(RuleId{"no"}, {}, "ann", watch.now).error().code == Code::NotFound);
    }

    void aSilencedAlarmIsTold() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({20, 20, 20, 20, 20, 0, 20, 0, 0, 0});
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        QVERIFY(watch.engine.silence(RuleId{"r"}, {{}, kStart + 3min, "bob"}, watch.now));
        QVERIFY(!watch.engine.silence(RuleId{"r"}, {{}, kStart, "bob"}, watch.now));
        watch.pass(2);
        compare(watch.changes(), "f:ok>silenced@1");
        compare(watch.told(), "");
        watch.pass();
        compare(watch.changes(), "f:silenced>firing@3");
        compare(watch.told(), "team/fired");
        QVERIFY(watch.engine.silence(RuleId{"r"}, {kF, kStart + 60min, "bob"}, watch.now));
        watch.pass();
        QVERIFY(watch.engine.unsilence(RuleId{"r"}, kF, "bob", watch.now));
        watch.pass();
        compare(watch.changes(), "f:firing>silenced@3 f:silenced>firing@4");
        compare(watch.told(), "team/still-firing");
        // What ends in silence is told when it is over.
        QVERIFY(watch.engine.silence(RuleId{"r"}, {{}, kStart + 9min, "bob"}, watch.now));
        watch.pass(3);
        compare(watch.told(), "");
        watch.pass(2);
        compare(watch.told(), "team/resolved");
    }

    void outsideItsHoursNobodyIsTold() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime) { return 20.0; };
        auto rule = ruleOf("r");
        // Wednesday 00:00 UTC is 08:00 in Shanghai.
        rule.hours = {{"Asia/Shanghai", std::bitset<7>(0b0000100), 8h + 5min, 18h}};
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(4);
        compare(watch.changes(), "f:ok>silenced@1");
        compare(watch.told(), "");
        watch.pass(2);
        compare(watch.changes(), "f:silenced>firing@5");
        compare(watch.told(), "team/fired");
    }

    void hoursCrossMidnightAndChangeOfClocks() {
        const auto at = [](int day, std::chrono::minutes time) {
            return SystemTime{std::chrono::sys_days(std::chrono::year{2024} / 3 / day).time_since_epoch() + time};
        };
        // Monday nights: from Monday 22:00 to Tuesday 06:00.
        const Hours nights({{"UTC", std::bitset<7>(1), 22h, 6h}});
        QVERIFY(!nights.contain(at(4, 5h)));
        QVERIFY(nights.contain(at(4, 22h)));
        QVERIFY(nights.contain(at(5, 5h + 59min)));
        QVERIFY(!nights.contain(at(5, 6h)));
        QVERIFY(!nights.contain(at(5, 23h)));
        // Berlin is UTC+1 before and UTC+2 after Sunday the 31st, 01:00 UTC.
        const Hours office({{"Europe/Berlin", std::bitset<7>().set(), 9h, 10h}});
        QVERIFY(office.contain(at(30, 8h)) && !office.contain(at(30, 7h)));
        QVERIFY(office.contain(at(31, 7h)) && !office.contain(at(31, 8h)));
        QVERIFY(Hours({}).contain(at(1, 0h)));
    }

    void repeatsComeWhileItFires() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime) { return 20.0; };
        auto rule = ruleOf("r");
        rule.repeatEvery = 5min;
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(12);
        compare(watch.told(), "team/fired team/still-firing team/still-firing");
    }

    void whatFlapsIsToldOnce() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime end) {
            return minuteOf(end) <= 40 && minuteOf(end) % 2 == 1 ? 20.0 : 0.0;
        };
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        watch.pass(11);
        compare(watch.told(),
                "team/fired team/resolved team/fired team/resolved team/fired team/resolved team/fired team/resolved "
                "team/fired team/resolved team/flapping");
        QVERIFY(watch.engine.alarms(watch.now).front().isFlapping);
        watch.pass(60);
        compare(watch.told(), "");
        watch.pass(40);
        compare(watch.told(), "team/resolved");
        QVERIFY(!watch.engine.alarms(watch.now).front().isFlapping);
    }

    void aStormIsOneMessage() {
        Watch watch;
        for (int i = 0; i < 50; ++i) {
            watch.values.metrics["Errors"][{"1", fmt::format("f{}", i), "", ""}] = minutes({20, 20});
        }
        auto rule = ruleOf("r");
        rule.channels = {ChannelId{"a"}, ChannelId{"b"}};
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass();
        QCOMPARE(watch.messages.size(), std::size_t{2});
        QCOMPARE(watch.messages[0].notices.size(), std::size_t{50});
        QVERIFY(watch.messages[0].id != watch.messages[1].id);
        QCOMPARE(watch.transitions.size(), std::size_t{50});
    }

    void aCompositeFollowsItsRules() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({0, 20, 20, 20, 0});
        watch.values.metrics["Slow"][kF] = minutes({20, 20, 20, 0, 0});
        watch.values.metrics["Drill"][kF] = minutes({0, 20, 0, 0, 0});
        std::vector<AlarmRule> rules = {compositeOf("outer", "NOT inner"),
                                        compositeOf("inner", "errors AND slow and not (drill)"), ruleOf("errors"),
                                        ruleOf("slow"), ruleOf("drill")};
        std::get<MetricSource>(rules[3].source).metric = "Slow";
        std::get<MetricSource>(rules[4].source).metric = "Drill";
        QVERIFY(watch.engine.putAll(rules, kStart).empty());
        watch.jump(5);  // also when the time was missed: by the states of each period
        std::string inner;
        std::string outer;
        for (const auto& transition : watch.transitions) {
            auto& text = transition.rule.value == "inner" ? inner : outer;
            if (transition.rule.value == "inner" || transition.rule.value == "outer") {
                text += toText(std::vector{transition}) + " ";
            }
        }
        compare(inner, ":ok>firing@3 :firing>resolved@4 ");
        compare(outer, ":ok>firing@1 :firing>resolved@3 :resolved>firing@4 ");
    }

    void cyclesAndMissingRulesAreRefused() {
        Watch watch;
        QVERIFY(watch.engine.put(ruleOf("a"), kStart));
        QVERIFY(!watch.engine.put(compositeOf("b", "a AND gone"), kStart));
        QVERIFY(watch.engine.put(compositeOf("b", "a"), kStart));
        QVERIFY(watch.engine.put(compositeOf("c", "b OR a"), kStart));
        const auto cycle = watch.engine.put(compositeOf("b", "c"), kStart);
        QVERIFY(!cycle && cycle.error().param("message").find("depend on itself") != std::string_view::npos);
        QVERIFY(!watch.engine.put(compositeOf("d", "d"), kStart));
        QVERIFY(watch.engine.remove(RuleId{"b"}, kStart).error().code == Code::FailedPrecondition);
        QVERIFY(watch.engine.remove(RuleId{"c"}, kStart));
        QVERIFY(watch.engine.remove(RuleId{"b"}, kStart));
        QCOMPARE(watch.engine.putAll({compositeOf("x", "y"), compositeOf("y", "x"), ruleOf("z")}, kStart).size(),
                 std::size_t{2});
        QVERIFY(watch.engine.find(RuleId{"z"}) != nullptr);
    }

    void aSourceThatFailsIsAskedAgain() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({0, 20, 0, 0});
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        watch.pass();
        watch.values.broken = Error{Code::Unavailable, "DiskFailed", {}, {}};
        watch.pass(2);
        QCOMPARE(watch.last.errors.size(), std::size_t{1});
        QVERIFY(!watch.engine.rules(watch.now).front().error.empty());
        compare(watch.changes(), "");
        watch.values.broken.reset();
        watch.pass();
        compare(watch.changes(), "f:ok>firing@2 f:firing>resolved@3");
        QVERIFY(watch.engine.rules(watch.now).front().error.empty());
    }

    void missedTimeIsMadeUpForAndTold() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime end) { return minuteOf(end) == 100 ? 20.0 : 0.0; };
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        watch.pass();
        QVERIFY(!watch.last.missed);
        watch.jump(200);
        QVERIFY(watch.last.missed);
        QCOMPARE(watch.last.missed->from, kStart + 1min);
        QCOMPARE(watch.last.missed->until, kStart + 200min);
        QCOMPARE(watch.last.missed->periods, std::uint64_t{199});
        QCOMPARE(watch.last.missed->skipped, std::uint64_t{0});
        compare(watch.changes(), "f:ok>firing@100 f:firing>resolved@101");
        QVERIFY(watch.messages.front().notices.front().isLate);
        compare(watch.told(), "team/fired team/resolved");
        watch.jump(5000);
        QCOMPARE(watch.last.missed->skipped, std::uint64_t{4000});
        watch.pass();
        QVERIFY(!watch.last.missed);
    }

    void aClockThatIsSetBackDoesNotStopIt() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime) { return 20.0; };
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        watch.now += 48h;
        watch.pass();
        watch.now -= 47h;
        watch.pass(2);
        QCOMPARE(watch.last.rules, std::size_t{1});
        watch.now -= 3min;  // less is waited for
        watch.pass(2);
        QCOMPARE(watch.last.rules, std::size_t{0});
        watch.pass(2);
        QCOMPARE(watch.last.rules, std::size_t{1});
    }

    void anAlarmOfARuleThatChangesIsOver() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = [](SystemTime) { return 20.0; };
        QVERIFY(watch.engine.put(ruleOf("r"), kStart));
        watch.pass();
        auto rule = ruleOf("r");
        rule.name = "Another name";  // watches the same
        QVERIFY(watch.engine.put(rule, watch.now));
        watch.pass();
        compare(watch.changes(), "f:ok>firing@1");
        rule.threshold = 15;
        QVERIFY(watch.engine.put(rule, watch.now));
        watch.pass();
        compare(watch.changes(), "f:firing>resolved@2 f:ok>firing@3");
        rule.isEnabled = false;
        QVERIFY(watch.engine.put(rule, watch.now));
        watch.pass(2);
        compare(watch.changes(), "f:firing>resolved@3");
        compare(watch.told(), "team/fired team/resolved team/fired team/resolved");
        rule.isEnabled = true;
        QVERIFY(watch.engine.put(rule, watch.now));
        watch.pass();
        QVERIFY(watch.engine.remove(RuleId{"r"}, watch.now));
        watch.pass();
        compare(watch.changes(), "f:ok>firing@6 f:firing>resolved@6");
    }

    void seriesThatAreGoneAreForgotten() {
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes({20});
        QVERIFY(watch.engine.put(ruleOf("r", 1, 2), kStart));
        watch.pass(2);
        QCOMPARE(watch.engine.rules(watch.now).front().series, std::size_t{1});
        watch.values.metrics.clear();
        watch.pass(3);
        QCOMPARE(watch.engine.rules(watch.now).front().series, std::size_t{0});
        watch.values.metrics["Errors"][kG] = [](SystemTime) { return 20.0; };
        watch.pass();
        watch.engine.forget({"*", "g", "*", "*"}, watch.now);
        QVERIFY(watch.engine.alarms(watch.now).empty());
    }

    void aPatternCannotFillTheMemory() {
        MadeUpValues values;
        EngineOptions options;
        options.maxSeries = 10;
        Engine engine(values, options);
        for (int i = 0; i < 30; ++i) {
            values.metrics["Errors"][{"1", fmt::format("f{}", i), "", ""}] = minutes({0});
        }
        QVERIFY(engine.put(ruleOf("r"), kStart));
        const auto evaluation = engine.evaluate(kStart + 65s);
        QCOMPARE(evaluation.errors.size(), std::size_t{1});
        QVERIFY(evaluation.errors.front().error.code == Code::ResourceExhausted);
        QCOMPARE(engine.rules(kStart).front().series, std::size_t{10});
    }

    // Any rule over any values is in the state that a plain reading of the documentation gives, however the time is cut
    // into evaluations.
    void statesAreThoseOfASimpleEvaluator() {
        std::mt19937 random(20231115);
        const auto pick = [&](unsigned below) { return static_cast<std::uint32_t>(random() % below); };
        for (int round = 0; round < 400; ++round) {
            auto rule = ruleOf("r");
            rule.of = 1 + pick(6);
            rule.violated = 1 + pick(rule.of);
            rule.calm = 1 + pick(4);
            rule.noData = static_cast<NoData>(pick(4));
            std::vector<std::optional<double>> values;
            const auto blanks = pick(4);
            while (values.size() < 60) {
                values.push_back(pick(8) < blanks ? std::nullopt : std::optional<double>(pick(3) == 0 ? 20 : 5));
            }
            values.front() = 5;  // a series is known from its first value on
            Watch watch;
            watch.values.metrics["Errors"][kF] = minutes(values);
            QVERIFY(watch.engine.put(rule, kStart));
            for (std::size_t at = 0; at < values.size();) {
                const auto ahead = std::min<std::size_t>(1 + pick(4), values.size() - at);
                at += ahead;
                watch.jump(static_cast<std::int64_t>(ahead));
                const std::vector seen(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at));
                const auto expected = slowState(rule, seen);
                const auto alarms = watch.engine.alarms(watch.now);
                const auto actual = alarms.empty() ? State::Ok : alarms.front().state;
                // A series that is fine and silent is forgotten, and with it that it had been resolved.
                const auto isSame = actual == expected || (alarms.empty() && expected == State::Resolved);
                QVERIFY2(isSame, qPrintable(QString("round %1, minute %2").arg(round).arg(at)));
            }
        }
    }

    void aPreviewIsWhatWouldHaveBeen() {
        std::mt19937 random(7);
        std::vector<std::optional<double>> made;
        for (int i = 0; i < 3000; ++i) {
            made.push_back(random() % 10 == 0 ? std::nullopt : std::optional<double>(random() % 14));
        }
        Watch watch;
        watch.values.metrics["Errors"][kF] = minutes(made);
        const auto rule = ruleOf("r", 2, 3);
        QVERIFY(watch.engine.put(rule, kStart));
        watch.pass(3000);
        const auto composite = compositeOf("c", "r");
        const auto found = preview(watch.values, {rule}, kStart, kStart + 3000min);
        QVERIFY(found);
        const auto fired = std::ranges::count(watch.transitions, State::Firing, &Transition::to);
        QVERIFY(fired > 10);
        QCOMPARE(found->fired, static_cast<std::uint64_t>(fired));
        QCOMPARE(found->periods, std::uint64_t{3000});
        QVERIFY(found->withoutData > 200 && found->withoutData < 400);
        std::vector<Transition> first(
            watch.transitions.begin(),
            watch.transitions.begin() + static_cast<std::ptrdiff_t>(found->transitions.size()));
        QCOMPARE(toText(found->transitions), toText(first));
        const auto over = preview(watch.values, watch.engine.withOperands(composite), kStart, kStart + 3000min);
        QVERIFY(over);
        QCOMPARE(over->fired, found->fired);
        QVERIFY(!preview(watch.values, {rule}, kStart, kStart));
        QVERIFY(!preview(watch.values, {rule}, kStart, kStart + 24h * 200));
    }
};

QTEST_APPLESS_MAIN(TestAlarmsEngine)
#include "tst_alarms_engine.moc"
