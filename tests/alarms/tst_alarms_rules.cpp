// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Rules that are wrong are told all that is wrong with them, and the default ones are right.

#include "alarms/fixture.h"

#include "alarms/defaults.h"

#include <QtTest>
#include <limits>

using namespace hanshu;
using namespace hanshu::alarms;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> fieldsOf(const std::vector<Violation>& violations) {
    std::vector<std::string> fields;
    for (const auto& violation : violations) {
        fields.push_back(violation.field);
    }
    return fields;
}

}  // namespace

class TestAlarmsRules : public QObject {
    Q_OBJECT

private slots:
    void aRuleThatIsRightIsTaken() {
        auto rule = ruleOf("errors.of-f_1", 3, 5);
        rule.hours = {{"Asia/Shanghai", std::bitset<7>().set(), 9h, 18h}};
        rule.title = "{rule}: {value} {{is}} {operator} {threshold} {label.team}";
        rule.labels = {{"team", "一"}};
        QVERIFY(validate(rule).empty());
        rule.source = LogSource{"1", "level:error -\"connection reset\""};
        QVERIFY(validate(rule).empty());
        for (const auto period : {10s, 20s, 60s, 300s, 3600s, 86'400s}) {
            rule.period = period;
            QVERIFY(validate(rule).empty());
        }
    }

    void allThatIsWrongIsToldAtOnce() {
        AlarmRule rule;
        rule.id = RuleId{"no spaces"};
        rule.source = MetricSource{"", "", {"*", "", "*", "*"}, Statistic::Sum, {}};
        rule.threshold = std::numeric_limits<double>::quiet_NaN();
        rule.period = 7s;
        rule.violated = 9;
        rule.of = 5;
        rule.calm = 0;
        rule.repeatEvery = 5s;
        rule.labels = {{"no spaces", "x"}};
        rule.hours = {{"Mars/Olympus", {}, 25h, 0min}};
        rule.channels = {ChannelId{"?"}};
        rule.title = "{nothing}";
        rule.text = "}";
        const auto violations = validate(rule);
        const std::vector<std::string> expected = {"id",
                                                   "name",
                                                   "labels.no spaces",
                                                   "source.metric",
                                                   "source.series.function",
                                                   "threshold",
                                                   "period",
                                                   "violated",
                                                   "calm",
                                                   "repeatEvery",
                                                   "hours[0].zone",
                                                   "hours[0].weekdays",
                                                   "hours[0].from",
                                                   "hours[0].until",
                                                   "channels",
                                                   "title",
                                                   "text"};
        QCOMPARE(fieldsOf(violations), expected);
        const Result<void> refused = invalid(violations);
        QVERIFY(refused.error().code == Code::InvalidArgument);
        QVERIFY(refused.error().param("message").find("calm must be between 1 and 60") != std::string_view::npos);
        for (const auto& violation : violations) {
            QVERIFY(violation.problem.starts_with("must"));
        }
    }

    void periodsDivideADay() {
        auto rule = ruleOf("r");
        for (const auto period : {0s, -10s, 5s, 70s, 86'410s}) {
            rule.period = period;
            QCOMPARE(fieldsOf(validate(rule)), std::vector<std::string>{"period"});
        }
    }

    void filtersAndExpressionsAreRead() {
        auto rule = ruleOf("r");
        rule.source = LogSource{"", "level:("};
        QCOMPARE(fieldsOf(validate(rule)), (std::vector<std::string>{"source.account", "source.filter"}));
        rule.source = CompositeSource{"a AND"};
        rule.against = Against::Yesterday;
        QCOMPARE(fieldsOf(validate(rule)), (std::vector<std::string>{"source.expression", "against"}));
    }

    void expressionsSayWhereTheyAreWrong() {
        const std::array<std::pair<const char*, const char*>, 8> wrong = {{
            {"", "the id of a rule is missing (at character 1)"},
            {"a AND", "the id of a rule is missing (at character 6)"},
            {"a b", "expected AND or OR, found b (at character 3)"},
            {"(a OR b", "a closing parenthesis is missing (at character 8)"},
            {"a)", "expected AND or OR, found ) (at character 2)"},
            {"a & b", "expected AND or OR, found & (at character 3)"},
            {"or", "expected the id of a rule, found or (at character 1)"},
            {"a AND (", "the id of a rule is missing (at character 8)"},
        }};
        for (const auto& [text, message] : wrong) {
            const auto parsed = Composite::parse(text);
            QVERIFY(!parsed);
            QCOMPARE(std::string(parsed.error().param("message")), std::string(message));
        }
        QVERIFY(!Composite::parse(std::string(100'000, '(')));
        std::string nots;
        for (int i = 0; i < 100'000; ++i) {
            nots += "not ";
        }
        QVERIFY(!Composite::parse(nots + "a"));
    }

    void expressionsMeanWhatTheySay() {
        // Each against a truth table: a is bit 0, b bit 1, c bit 2.
        const std::array<std::pair<const char*, bool (*)(bool, bool, bool)>, 6> cases = {{
            {"a", [](bool a, bool, bool) { return a; }},
            {"a OR b AND c", [](bool a, bool b, bool c) { return a || (b && c); }},
            {"(a OR b) AND c", [](bool a, bool b, bool c) { return (a || b) && c; }},
            {"NOT a AND b", [](bool a, bool b, bool) { return !a && b; }},
            {"not (a and b) or c", [](bool a, bool b, bool c) { return !(a && b) || c; }},
            {"NOT NOT a AND NOT (b OR NOT c)", [](bool a, bool b, bool c) { return a && !(b || !c); }},
        }};
        for (const auto& [text, meaning] : cases) {
            const auto composite = Composite::parse(text);
            QVERIFY(composite);
            for (unsigned bits = 0; bits < 8; ++bits) {
                const auto isFiring = [bits](const RuleId& id) {
                    return (bits >> static_cast<unsigned>(id.value.front() - 'a') & 1U) != 0;
                };
                QCOMPARE(composite->evaluate(isFiring), meaning((bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0));
            }
        }
    }

    void globsMatchAsAShellDoes() {
        const std::array<std::tuple<const char*, const char*, bool>, 10> cases = {
            {{"*", "", true},
             {"", "", true},
             {"", "a", false},
             {"img-*", "img-resize", true},
             {"img-*", "im", false},
             {"*a*b*", "xxaxxbxx", true},
             {"*a*b", "xxaxxbx", false},
             {"a?c", "abc", true},
             {"a?c", "ac", false},
             {"a*a*a*a*b", "aaaaaaaaaaaaaaaa", false}}};
        for (const auto& [glob, text, expected] : cases) {
            QCOMPARE(matchesGlob(glob, text), expected);
        }
    }

    void rulesAreDescribed() {
        auto rule = ruleOf("r", 3, 5);
        QCOMPARE(describe(rule), std::string("sum of Errors > 10 in 3 of 5 periods of 1m"));
        rule.against = Against::LastWeek;
        rule.of = rule.violated = 1;
        rule.period = 90min;
        std::get<MetricSource>(rule.source).dividedBy = "Calls";
        QCOMPARE(describe(rule), std::string("sum of Errors / Calls > 10% against the same time last week in 1h30m"));
        QCOMPARE(describe(compositeOf("c", "a AND b")), std::string("a AND b in 1m"));
    }

    void theDefaultsAreRightAndHaveOneSwitch() {
        const FunctionFacts facts{"1", "img-resize", 30s, {ChannelId{"team"}}};
        const auto on = defaultRules(facts);
        QCOMPARE(on.size(), defaultRuleTable().size());
        std::set<std::string> ids;
        for (const auto& rule : on) {
            QVERIFY2(validate(rule).empty(), rule.id.value.c_str());
            QVERIFY(rule.isEnabled && isDefaultRule(rule.id));
            ids.insert(rule.id.value);
        }
        QCOMPARE(ids.size(), on.size());
        const auto duration = std::ranges::find(on, RuleId{"default.1.img-resize.duration"}, &AlarmRule::id);
        QVERIFY(duration != on.end());
        QCOMPARE(duration->threshold, 24'000.0);
        for (const auto& rule : defaultRules(facts, false)) {
            QVERIFY(!rule.isEnabled && ids.contains(rule.id.value));
        }
    }

    void theDefaultsFireWhenTheyShould() {
        Watch watch;
        const auto constant = [](double value) { return [value](SystemTime) { return value; }; };
        watch.values.metrics["FunctionTotalInvocations"][kF] = constant(100);
        watch.values.metrics["FunctionFunctionErrors"][{"1", "f", "LATEST", "exception"}] = constant(4);
        watch.values.metrics["FunctionFunctionErrors"][{"1", "f", "LATEST", "timeout"}] = constant(2);
        watch.values.metrics["FunctionColdStarts"][kF] = constant(5);
        watch.values.metrics["FunctionMemoryUtilization"][kF] = constant(0.95);
        watch.values.metrics["FunctionDuration"][kF] = constant(10'000);
        watch.values.metrics["FunctionDeadLetters"][kF] = constant(1);
        QVERIFY(watch.engine.putAll(defaultRules({"1", "f", 60s, {}}), kStart).empty());
        watch.pass(20);
        std::set<std::string> firing;
        for (const auto& alarm : watch.engine.alarms(watch.now)) {
            firing.insert(alarm.rule.value);
        }
        QCOMPARE(firing,
                 (std::set<std::string>{"default.1.f.dead-letters", "default.1.f.errors", "default.1.f.memory"}));
    }
};

QTEST_APPLESS_MAIN(TestAlarmsRules)
#include "tst_alarms_rules.moc"
