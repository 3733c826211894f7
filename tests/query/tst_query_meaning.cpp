// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/characters.h"
#include "query/literal_values.h"
#include "query/pattern.h"
#include "query/query_maker.h"
#include "query/time_reader.h"

#include <re2/re2.h>
#include <QTest>

using namespace hanshu;
using namespace hanshu::query;
using namespace hanshu::query::tests;
using namespace std::chrono_literals;

namespace {

bool matches(std::string_view text, const Run& run) {
    const auto query = compile(text, runSchema(), testOptions());
    if (!query) {
        qWarning("%s: %s", std::string(text).c_str(), query.error().describe().c_str());
        return false;
    }
    return query->matches(run);
}

SystemTime at(std::string_view iso) {
    const auto span = TimeReader::open(testNow(), "UTC")->read(iso, false);
    return span.value().start;
}

Run timed(std::string_view iso) {
    Run run;
    run.set(When, Value::time(at(iso)));
    return run;
}

}  // namespace

class TestQueryMeaning : public QObject {
    Q_OBJECT

private slots:
    void anEmptyQueryMatchesEverything() {
        const auto query = compile("", runSchema(), testOptions()).value();
        QVERIFY(query.matchesEverything());
        QVERIFY(query.matches(Run()));
        QVERIFY(Query().matches(Run()));
    }

    void proseContainsItsValueInAnyCase() {
        Run run;
        run.text(Message, "Connection REFUSED by peer 超时");
        for (const auto* text :
             {"message:refused", "msg:REFUSED", "refused", "\"connection refused\"", "超时", "con*peer", "re?used",
              "message:*peer", "/^Conn/", "/refused/i", "message:/peer .时$/", "*", "message:*"}) {
            QVERIFY2(matches(text, run), text);
        }
        for (const auto* text :
             {"refusedby", "message:=refused", "peer*connection", "/refused/", "message:\"\"", "错误"}) {
            QVERIFY2(!matches(text, run), text);
        }
        QVERIFY(matches("message:=\"Connection REFUSED by peer 超时\"", run));
        QVERIFY(matches("message:\"\"", Run().text(Message, "")));
    }

    void aKeywordIsAllOfItsValue() {
        Run run;
        run.text(Function, "img-resize");
        for (const auto* text : {"function:img-resize", "fn:img-resize", "FUNCTION:img-*", "function:*size",
                                 "function:img?resize", "function:a,img-*", "function:/^img/", "function:*-re*ze",
                                 "function:**", "function:\"img-resize\"", "function:i*g*-*r*e"}) {
            QVERIFY2(matches(text, run), text);
        }
        for (const auto* text : {"function:img", "function:IMG-RESIZE", "function:resize*", "function:img-resize?",
                                 "function:\"img-*\"", "function:img-\\*", "function:\"\"", "function:=img"}) {
            QVERIFY2(!matches(text, run), text);
        }
        QVERIFY(matches("function:??", Run().text(Function, "函数")));  // a ? is a character, not a byte
        QVERIFY(matches("function:*?😀", Run().text(Function, "a函😀")));
        QVERIFY(!matches("function:???", Run().text(Function, "函数")));
        QVERIFY(matches("function:a*a", Run().text(Function, "aa")));
        QVERIFY(!matches("function:a*a", Run().text(Function, "a")));  // one letter can't be both ends
    }

    // An oracle of its own: the same pattern as a regular expression.
    void wildcardsAgreeWithRegularExpressions() {
        QueryMaker make(31);
        int found = 0;
        for (int round = 0; round < 20000; ++round) {
            const bool whole = make.below(2) == 0;
            const bool foldCase = make.below(2) == 0;
            std::string pattern;
            std::vector<std::size_t> marks;
            std::string regex = foldCase ? "(?si)" : "(?s)";
            regex += whole ? "\\A" : "";
            for (auto parts = make.below(6); parts > 0; --parts) {
                const auto part = make.pick({"*", "?", "a", "B", "函", "ab", "😀"});
                if (part == "*" || part == "?") {
                    marks.push_back(pattern.size());
                }
                pattern += part;
                regex += part == "*" ? ".*" : part == "?" ? "." : part;
            }
            regex += whole ? "\\z" : "";
            const Wildcards wildcards(pattern, marks, {.whole = whole, .foldCase = foldCase});
            for (int i = 0; i < 6; ++i) {
                std::string text;
                for (auto letters = make.below(7); letters > 0; --letters) {
                    text += make.pick({"a", "b", "A", "B", "函", "😀"});
                }
                const bool expected = re2::RE2::PartialMatch(text, regex);
                found += expected ? 1 : 0;
                QVERIFY2(wildcards.matches(text) == expected, (pattern + " | " + text + " | " + regex).c_str());
                QVERIFY2(!expected || wildcards.required().allows(lowerAscii(text)), (pattern + " | " + text).c_str());
                QVERIFY2(!expected || text.starts_with(wildcards.prefix()), (pattern + " | " + text).c_str());
            }
        }
        QVERIFY2(found > 10000, std::to_string(found).c_str());
    }

    void freeTextLooksInEveryFieldThatIsSearched() {
        QVERIFY(matches("timer", Run().text(Trigger, "my-timer")));
        QVERIFY(matches("timer", Run().text(Message, "Timer fired")));
        QVERIFY(!matches("timer", Run().text(Function, "timer")));
        QVERIFY(matches("timer -fired", Run().text(Trigger, "timer")));
        QVERIFY(!matches("timer -fired", Run().text(Trigger, "timer").text(Message, "fired")));
    }

    void aFieldThatIsAbsentMatchesOnlyNegations() {
        for (const auto* text : {"function:*", "function:a", "status:ok", "duration:>0", "cold:no", "level:<fatal",
                                 "since:1h", "cold:yes,no", "status:ok,error,timeout,throttled", "memory:0.."}) {
            QVERIFY2(!matches(text, Run()), text);
            QVERIFY2(matches('-' + std::string(text), Run()), text);
        }
        QVERIFY(!matches("count:*", Run().set(Count, Value::number(std::nan("")))));
        QVERIFY(!matches("count:1", Run().text(Count, "1")));  // of another kind than the field
    }

    void enumerationsKnowNamesAliasesAndOrder() {
        Run warn;
        warn.set(Level, Value::choice(2)).set(Status, Value::choice(0));
        for (const auto* text :
             {"level:warn", "level:WARNING", "severity:warn", "level:>=warn", "level:<error", "level:info..error",
              "level:warn..", "level:..warn", "level:*", "level:w*", "level:/ar/", "level:>info", "level:<=warn",
              "level:=warn", "status:ok", "status:success", "status:error,ok"}) {
            QVERIFY2(matches(text, warn), text);
        }
        for (const auto* text :
             {"level:>warn", "level:<warn", "level:error", "level:debug..info", "status:t*", "level:zz*"}) {
            QVERIFY2(!matches(text, warn), text);
        }
        QVERIFY(compile("level:<debug", runSchema(), testOptions()).value().matchesNothing());
    }

    void measuresCompareInTheirUnits() {
        Run run;
        run.set(Elapsed, Value::duration(1500ms)).set(Memory, Value::bytes(128 << 20)).set(Count, Value::number(2.5));
        for (const auto* text : {"duration:>1s",       "duration:1.5s",     "duration:1500ms",
                                 "duration:1s500ms",   "duration:<=1500ms", "duration:1s..2s",
                                 "duration:1s..",      "duration:..1.5s",   "duration:>=0",
                                 "memory:128MiB",      "memory:<134.3MB",   "memory:134217728",
                                 "memory:>128000KB",   "count:2.5",         "count:>2.4999",
                                 "count:-1..3",        "count:>=25e-1",     "duration:3s,1500000us",
                                 "duration:1500000µs", "duration:=1.5s",    "duration:\"1.5s\"",
                                 "count:2..3,9"}) {
            QVERIFY2(matches(text, run), text);
        }
        for (const auto* text : {"duration:>1.5s", "duration:<1500ms", "duration:2s..3s", "memory:>128MiB",
                                 "count:>2.5", "count:<2.5", "duration:>1d", "count:3.."}) {
            QVERIFY2(!matches(text, run), text);
        }
        QVERIFY(matches("cold:TRUE", Run().set(Cold, Value::boolean(true))));
        QVERIFY(matches("cold:0", Run().set(Cold, Value::boolean(false))));
        QVERIFY(!matches("cold:off", Run().set(Cold, Value::boolean(true))));
    }

    void numbersOfPeopleAreReadStrictly() {
        QCOMPARE(parseDuration("1h30m")->value, std::chrono::microseconds(90min));
        QVERIFY(parseDuration("1h30m")->finest == TimeUnit::Minute);
        QCOMPARE(parseDuration("2w")->value, std::chrono::microseconds(14 * 24h));
        for (const auto* bad :
             {"", "2", "s", "-1s", "1.2.3s", "1x", "1 s", "1s2", "99999999999d", ".", "1e3s", "infs"}) {
            QVERIFY2(!parseDuration(bad).has_value(), bad);
        }
        QCOMPARE(parseBytes("1.5KB").value(), std::int64_t{1500});
        QCOMPARE(parseBytes("1kib").value(), std::int64_t{1024});
        for (const auto* bad : {"", "MB", "1 MB", "1XB", "-1", "1e3", "99999TiB"}) {
            QVERIFY2(!parseBytes(bad).has_value(), bad);
        }
        for (const auto* bad : {"", "1x", "inf", "nan", "+1", "0x10", "1,5", "1e999"}) {
            QVERIFY2(!parseNumber(bad).has_value(), bad);
        }
    }

    void timesCoverWhatTheyLeaveOpen_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("zone");
        QTest::addColumn<bool>("whole");
        QTest::addColumn<QString>("start");
        QTest::addColumn<qint64>("width");
        const auto row = [](const char* text, const char* zone, bool whole, const char* start,
                            std::chrono::microseconds width) {
            QTest::addRow("%s %s %d", text, zone, whole) << text << zone << whole << start << qint64{width.count()};
        };
        row("2026-11-22", "UTC", false, "2026-11-22T00:00:00Z", 24h);
        row("2026-11", "UTC", false, "2026-11-01T00:00:00Z", 30 * 24h);
        row("2026-11-22T10", "UTC", false, "2026-11-22T10:00:00Z", 1h);
        row("2026-11-22T10:30", "UTC", false, "2026-11-22T10:30:00Z", 1min);
        row("2026-11-22T10:30:15", "UTC", false, "2026-11-22T10:30:15Z", 1s);
        row("2026-11-22T10:30:15.250", "UTC", false, "2026-11-22T10:30:15.250Z", 1ms);
        row("2026-11-22T10:30:15.123456789Z", "UTC", false, "2026-11-22T10:30:15.123456Z", 1us);
        row("2026-11-22T10:30:00+08:00", "UTC", false, "2026-11-22T02:30:00Z", 1s);
        row("2026-11-22T10:30Z", "Asia/Shanghai", false, "2026-11-22T10:30:00Z", 1min);
        row("2026-11-22", "Asia/Shanghai", false, "2026-11-21T16:00:00Z", 24h);
        row("10:30", "Asia/Shanghai", false, "2026-11-22T02:30:00Z", 1min);
        row("10:30:05", "UTC", false, "2026-11-22T10:30:05Z", 1s);
        row("23:00", "Pacific/Auckland", false, "2026-11-22T10:00:00Z", 1min);  // there it is 23:30 of the 22nd
        row("1h", "UTC", false, "2026-11-22T09:30:15.500Z", 1us);
        row("now", "UTC", false, "2026-11-22T10:30:15.500Z", 1us);
        row("now-1h30m", "UTC", false, "2026-11-22T09:00:15.500Z", 1us);
        row("now+5m", "UTC", false, "2026-11-22T10:35:15.500Z", 1us);
        row("5m", "UTC", true, "2026-11-22T10:25:00Z", 1min);
        row("2h", "Asia/Kolkata", true, "2026-11-22T08:30:00Z", 1h);  // hours there begin at half past
        row("1d", "Asia/Shanghai", true, "2026-11-20T16:00:00Z", 24h);
        row("now", "UTC", true, "2026-11-22T10:30:15Z", 1s);
        row("today", "Asia/Shanghai", false, "2026-11-21T16:00:00Z", 24h);
        row("Yesterday", "UTC", false, "2026-11-21T00:00:00Z", 24h);
        row("2026-03-29", "Europe/Berlin", false, "2026-03-28T23:00:00Z", 23h);         // clocks go forward
        row("2026-03-29T02:30", "Europe/Berlin", false, "2026-03-29T01:00:00Z", 0min);  // a minute that is skipped
        row("2026-10-25T02:30", "Europe/Berlin", false, "2026-10-25T00:30:00Z", 1min);  // the first of two
    }
    void timesCoverWhatTheyLeaveOpen() {
        QFETCH(QString, text);
        QFETCH(QString, zone);
        QFETCH(bool, whole);
        QFETCH(QString, start);
        QFETCH(qint64, width);
        const auto reader = TimeReader::open(testNow(), zone.toStdString());
        QVERIFY(reader.has_value());
        const auto span = reader->read(text.toStdString(), whole);
        QVERIFY(span.has_value());
        QCOMPARE(span->start.time_since_epoch().count(), at(start.toStdString()).time_since_epoch().count());
        QCOMPARE(qint64{(span->end - span->start).count()}, width);
    }

    void whatIsNoTimeIsRefused() {
        const auto reader = TimeReader::open(testNow(), "UTC").value();
        for (const auto* bad : {"",
                                "2026",
                                "2026-13",
                                "2026-02-30",
                                "2026-1-1",
                                "2026-11-22 10:00",
                                "2026-11-22T",
                                "2026-11-22T25",
                                "2026-11-22T10:60",
                                "10:3",
                                "10:30Z",
                                "1:30",
                                "now-",
                                "now1h",
                                "tomorrow",
                                "5",
                                "1969-12-31",
                                "2026-11-22T10:30:15.",
                                "2026-11-22T10+99:00",
                                "2026-11-22T10:00+08:00x",
                                "2026-11-22-"}) {
            QVERIFY2(!reader.read(bad, false).has_value(), bad);
        }
    }

    void boundariesIncludeWhatTheyName() {
        QVERIFY(matches("since:2026-11-22", timed("2026-11-22T00:00:00Z")));
        QVERIFY(!matches("since:2026-11-22", timed("2026-11-21T23:59:59.999999Z")));
        QVERIFY(matches("until:2026-11-22", timed("2026-11-22T23:59:59.999999Z")));
        QVERIFY(!matches("until:2026-11-22", timed("2026-11-23T00:00:00Z")));
        QVERIFY(matches("at:10:30", timed("2026-11-22T10:30:59Z")));
        QVERIFY(!matches("at:10:30", timed("2026-11-22T10:31:00Z")));
        QVERIFY(matches("time:2026-11-22", timed("2026-11-22T12:00:00Z")));
        QVERIFY(!matches("time:>2026-11-22", timed("2026-11-22T12:00:00Z")));
        QVERIFY(matches("time:>2026-11-22", timed("2026-11-23T00:00:00Z")));
        QVERIFY(matches("time:2026-11-20..2026-11-21", timed("2026-11-21T12:00:00Z")));
        QVERIFY(matches("since:1h until:30m", timed("2026-11-22T10:00:15.500Z")));
        QVERIFY(!matches("since:1h until:30m", timed("2026-11-22T10:00:15.500001Z")));
    }

    void constantsFold() {
        const auto folded = [](std::string_view text) { return compile(text, runSchema(), testOptions()).value(); };
        QVERIFY(folded("* OR status:ok").matchesEverything());
        QVERIFY(folded("-*").matchesNothing());
        QVERIFY(folded("status:ok -*").matchesNothing());
        QVERIFY(folded("-(-* status:ok)").matchesEverything());
        QVERIFY(!folded("* status:ok").matchesEverything());
    }

    void errorsOfMeaningSayWhere_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<QString>("place");
        QTest::addColumn<QString>("params");  // name=value, …
        const auto row = [](const char* text, std::string_view reason, const char* place, const char* params) {
            QTest::newRow(text) << text << QByteArray(reason.data(), static_cast<qsizetype>(reason.size())) << place
                                << params;
        };
        row("ok stauts:error", reason::kUnknownField, "stauts", "field=stauts,suggestion=status");
        row("dur:1s", reason::kUnknownField, "dur", "suggestion=duration");
        row("sinc:1h", reason::kUnknownField, "sinc", "suggestion=since");
        row("http:x", reason::kUnknownField, "http", "suggestion=");
        row("超时 duration:fast", reason::kBadValue, "fast", "field=duration,kind=duration,value=fast");
        row("duration:2", reason::kBadValue, "2", "kind=duration");
        row("duration:>*", reason::kPatternNotAllowed, "*", "kind=duration");
        row("duration:1s..x", reason::kBadValue, "1s..x", "");
        row("duration:5s..2s", reason::kRangeOrder, "5s..2s", "field=duration");
        row("memory:1QB", reason::kBadValue, "1QB", "kind=bytes");
        row("count:1s", reason::kBadValue, "1s", "kind=number");
        row("count:3..1", reason::kRangeOrder, "3..1", "");
        row("cold:maybe", reason::kBadValue, "maybe", "kind=boolean");
        row("time:soon", reason::kBadValue, "soon", "kind=time");
        row("since:soon", reason::kBadValue, "soon", "field=since,kind=time");
        row("since:1h,2h", reason::kListCompared, "since:", "");
        row("since:>1h", reason::kNotComparable, "since:>", "");
        row("since:/x/", reason::kBadValue, "/x/", "");
        row("level:warm", reason::kUnknownValue, "warm", "value=warm,suggestion=warn");
        row("level:info..wran", reason::kUnknownValue, "info..wran", "value=wran,suggestion=warn");
        row("level:error..info", reason::kRangeOrder, "error..info", "");
        row("status:bad", reason::kUnknownValue, "bad", "suggestion=,allowed=ok; error; timeout; throttled");
        row("status:>ok", reason::kNotComparable, "status:>", "kind=enumeration,operator=>");
        row("function:>a", reason::kNotComparable, "function:>", "kind=keyword");
        row("message:<=a", reason::kNotComparable, "message:<=", "kind=text");
        row("cold:>no", reason::kNotComparable, "cold:>", "kind=boolean");
        row("duration:>1s,2s", reason::kListCompared, "duration:>", "operator=>");
        row("duration:1*", reason::kPatternNotAllowed, "1*", "");
        row("count:/1/", reason::kPatternNotAllowed, "/1/", "");
        row("function:=img-*", reason::kPatternNotAllowed, "img-*", "");
        row("a /(b/", reason::kBadRegex, "/(b/", "");
        row("function:a,/[/", reason::kBadRegex, "/[/", "");
        row("/((x{1000}){1000}){1000}/", reason::kBadRegex, "/((x{1000}){1000}){1000}/", "");
        row("since:1h until:2h", reason::kTimeOrder, "2h", "since=1h,until=2h");
        row("until:2026-11-01 a since:2026-11-02", reason::kTimeOrder, "2026-11-02", "");
    }
    void errorsOfMeaningSayWhere() {
        QFETCH(QString, text);
        QFETCH(QByteArray, reason);
        QFETCH(QString, place);
        QFETCH(QString, params);
        const auto query = compile(text.toStdString(), runSchema(), testOptions());
        QVERIFY(!query.has_value());
        const auto& error = query.error();
        QVERIFY(error.code == Code::InvalidArgument);
        QCOMPARE(error.reason, reason.toStdString());
        QCOMPARE(std::string(errorRange(error).value().of(text.toStdString())), place.toStdString());
        for (const auto& param : params.split(',', Qt::SkipEmptyParts)) {
            const auto name = param.section('=', 0, 0).toStdString();
            const auto value = param.section('=', 1).replace(';', ',').toStdString();
            QCOMPARE(std::string(error.param(name)), value);
        }
    }

    void regularExpressionsHaveLimits() {
        const auto fits = compile('/' + std::string(kPatternLimit, 'a') + '/', runSchema(), testOptions());
        QVERIFY(fits.has_value());
        for (const auto& text :
             {'/' + std::string(kPatternLimit + 1, 'a') + '/', std::string(kPatternLimit, 'a') + '*',
              std::string(kPatternLimit + 1, 'a'), "function:" + std::string(kPatternLimit, 'a') + '*'}) {
            const auto query = compile(text, runSchema(), testOptions());
            QCOMPARE(query.error().reason, std::string(reason::kPatternTooLong));
            QCOMPARE(query.error().param("limit"), std::string_view("1024"));
        }
        QVERIFY(!compile("/(a{500}){500}/", runSchema(), testOptions()).has_value());
        std::string many;
        for (std::size_t i = 0; i < kRegexLimit; ++i) {
            many += "/a/ ";
        }
        QVERIFY(compile(many, runSchema(), testOptions()).has_value());
        const auto more = compile(many + "fn:/b/", runSchema(), testOptions());
        QCOMPARE(more.error().reason, std::string(reason::kTooManyRegexes));
        QCOMPARE(errorRange(more.error()).value(), (SourceRange{many.size() + 3, 3}));
    }

    void timesMayOverlapWhereNotAllMustHold() {
        QVERIFY(compile("since:1h OR until:2h", runSchema(), testOptions()).has_value());
        QVERIFY(compile("since:1h -until:2h", runSchema(), testOptions()).has_value());
    }

    void aSchemaWithoutTimeOrFreeTextSaysSo() {
        const Schema bare({{.name = "name", .kind = FieldKind::Keyword}});
        QCOMPARE(compile("since:1h", bare, testOptions()).error().reason, std::string(reason::kUnknownField));
        QCOMPARE(compile("hello", bare, testOptions()).error().reason, std::string(reason::kNoFreeText));
        QCOMPARE(compile("name:a", bare, testOptions("Mars/Olympus")).error().reason,
                 std::string(reason::kUnknownZone));
    }

    void editDistanceCountsSwapsAndStopsAtItsLimit() {
        QCOMPARE(editDistance("status", "stauts", 3), std::size_t{1});
        QCOMPARE(editDistance("level", "LEVEL", 3), std::size_t{0});
        QCOMPARE(editDistance("kitten", "sitting", 9), std::size_t{3});
        QCOMPARE(editDistance("abc", "xyz", 1), std::size_t{2});
        QCOMPARE(editDistance("", "abc", 2), std::size_t{3});
    }
};

QTEST_APPLESS_MAIN(TestQueryMeaning)
#include "tst_query_meaning.moc"
