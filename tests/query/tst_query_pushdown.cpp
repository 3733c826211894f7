// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/characters.h"
#include "query/query_maker.h"
#include "store/connection.h"

#include <re2/re2.h>
#include <sqlite3.h>
#include <QTest>
#include <algorithm>
#include <numeric>
#include <set>

using namespace hanshu;
using namespace hanshu::query;
using namespace hanshu::query::tests;

namespace {

constexpr std::array<const char*, FieldCount> kColumns{"status",   "level",  "function", "trigger", "message",
                                                       "duration", "memory", "count",    "cold",    "time"};

SqlMapping fullMapping() {
    SqlMapping mapping;
    for (FieldId field = 0; field < FieldCount; ++field) {
        mapping.columns[field] = {.expression = std::string("runs.\"") + kColumns.at(field) + '"'};
    }
    mapping.columns[Level].choicesByName = true;
    return mapping;
}

class Table {
public:
    Table() : m_connection(store::Connection::open({.path = ":memory:"}).value()) {
        const auto made = m_connection->executeScript(
            "CREATE TABLE runs (id INTEGER PRIMARY KEY, status INTEGER, level TEXT, function TEXT, \"trigger\" TEXT, "
            "message TEXT,"
            " duration INTEGER, memory INTEGER, count REAL, cold INTEGER, time INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5(message, content='', detail=none, tokenize='trigram')");
        QVERIFY2(made.has_value(), made ? "" : made.error().describe().c_str());
    }

    void insert(std::int64_t id, const Run& run, bool indexed) {
        std::vector<SqlValue> values{id};
        std::string marks = "?1";
        for (FieldId field = 0; field < FieldCount; ++field) {
            const auto value = run.value(field);
            if (value.kind() == Value::Kind::Absent) {
                marks += ", NULL";
                continue;
            }
            if (value.kind() == Value::Kind::Text) {
                values.emplace_back(std::string(value.text()));
            } else if (field == Level) {
                values.emplace_back(
                    runSchema().field(Level).choices.at(static_cast<std::size_t>(value.integer())).name);
            } else if (value.kind() == Value::Kind::Real) {
                values.emplace_back(value.real());
            } else {
                values.emplace_back(value.integer());
            }
            marks += ", ?" + std::to_string(values.size());
        }
        ids("INSERT INTO runs VALUES (" + marks + ")", values);
        const auto& message = run.textOf(Message);
        if (indexed && message) {
            ids("INSERT INTO words (rowid, message) VALUES (?1, ?2)", {id, *message});
        }
    }

    // The first column of each row. The statement is used once: those of queries are endless in number.
    std::set<std::int64_t> ids(const std::string& sql, const std::vector<SqlValue>& values) {
        std::set<std::int64_t> found;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(m_connection->handle(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
            qFatal("%s: %s", sql.c_str(), sqlite3_errmsg(m_connection->handle()));
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int at = static_cast<int>(i) + 1;
            if (const auto* integer = std::get_if<std::int64_t>(&values[i])) {
                sqlite3_bind_int64(statement, at, *integer);
            } else if (const auto* real = std::get_if<double>(&values[i])) {
                sqlite3_bind_double(statement, at, *real);
            } else {
                const auto& text = std::get<std::string>(values[i]);
                sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
            }
        }
        int step = sqlite3_step(statement);
        for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
            found.insert(sqlite3_column_int64(statement, 0));
        }
        if (step != SQLITE_DONE) {
            qFatal("%s: %s", sql.c_str(), sqlite3_errmsg(m_connection->handle()));
        }
        sqlite3_finalize(statement);
        return found;
    }

private:
    std::unique_ptr<store::Connection> m_connection;
};

Query understood(std::string_view text) {
    return compile(text, runSchema(), testOptions()).value();
}

std::string where(std::string_view text) {
    return understood(text).sql(fullMapping()).where;
}

std::string brief(const Literals& literals) {
    switch (literals.kind) {
        case Literals::Kind::Anything:
            return "*";
        case Literals::Kind::Contains:
            return literals.text;
        case Literals::Kind::All:
        case Literals::Kind::Any:
            break;
    }
    std::string out = literals.kind == Literals::Kind::All ? "all(" : "any(";
    for (const auto& part : literals.parts) {
        out += (&part == &literals.parts.front() ? "" : ",") + brief(part);
    }
    return out + ')';
}

std::string regexNeeds(std::string_view pattern, bool ignoreCase = false) {
    return brief(requiredByRegex(pattern, ignoreCase));
}

// A random expression of the forms that the extraction knows, and of some that it must leave alone.
std::string randomRegex(QueryMaker& make, int depth) {
    std::string out;
    for (auto parts = 1 + make.below(4); parts > 0; --parts) {
        if (depth > 0 && make.below(4) == 0) {
            out += make.pick({"(", "(?:", "(?i:", "(?P<n>"}) + randomRegex(make, depth - 1) + ')';
        } else {
            out += make.pick({"a",           "b",   "k",   "S", "函",    "é",  "\\.", ".",  "[ab]",      "[^a]", "[]k]",
                              "[[:alpha:]]", "\\d", "\\b", "^", "\\x61", "ab", "K",   "a{", "\\Qa.b\\E", "\\pL"});
        }
        out += make.pick({"", "", "", "", "*", "?", "+", "{0,2}", "{2}", "{1,}", "+?", "*?"});
    }
    return make.below(4) == 0 ? out + '|' + randomRegex(make, 0) : out;
}

}  // namespace

class TestQueryPushdown : public QObject {
    Q_OBJECT

private slots:
    void conditionsAreSql() {
        const auto filter = understood("function:img-* status:error,timeout duration:>2s").sql(fullMapping());
        QCOMPARE(filter.where, std::string("((runs.\"status\" IN (1, 2)) AND ((runs.\"duration\" >= ?1) AND "
                                           "(runs.\"function\" >= ?2 AND runs.\"function\" < ?3)))"));
        QVERIFY(filter.exact);
        QCOMPARE(std::get<std::int64_t>(filter.parameters.at(0)), std::int64_t{2'000'001});
        QCOMPARE(std::get<std::string>(filter.parameters.at(1)), std::string("img-"));
        QCOMPARE(std::get<std::string>(filter.parameters.at(2)), std::string("img."));
        QCOMPARE(where(""), std::string("1"));
        QCOMPARE(where("-*"), std::string("0"));
        QCOMPARE(where("-trigger:timer"), std::string("((runs.\"trigger\" = ?1) IS NOT TRUE)"));
        QCOMPARE(where("level:>=error"), std::string("(runs.\"level\" IN (?1, ?2))"));
        QCOMPARE(where("-message:/x/ OR cold:*"), std::string("1"));
    }

    void whatIsNotExactSaysSo() {
        QVERIFY(understood("message:a cold:yes -count:1").sql(fullMapping()).exact);
        for (const auto* text : {"/abc/", "-/abc/", "function:a*b", "con*fused", "a OR /b/"}) {
            QVERIFY2(!understood(text).sql(fullMapping()).exact, text);
        }
        auto partial = fullMapping();
        partial.columns.erase(Count);
        QVERIFY(!understood("cold:yes count:1").sql(partial).exact);
        QCOMPARE(understood("cold:yes OR count:1").sql(partial).where, std::string("1"));
        QVERIFY(understood("cold:yes OR count:1").sql(partial).parameters.empty());
    }

    void parametersBeginWhereTheCallerSays() {
        auto mapping = fullMapping();
        mapping.firstParameter = 5;
        QCOMPARE(understood("trigger:a fn:b").sql(mapping).where,
                 std::string("((runs.\"trigger\" = ?5) AND (runs.\"function\" = ?6))"));
    }

    void theLargestQueryIsAcceptedBySqlite() {
        std::string text = "a";
        for (std::size_t i = 1; i < kTermLimit; ++i) {
            text += " OR a" + std::to_string(i);
        }
        Table table;
        const auto filter = understood(text).sql(fullMapping());
        QVERIFY(table.ids("SELECT id FROM runs WHERE " + filter.where, filter.parameters).empty());
    }

    // The main promise: a store that applies the condition, and then `matches`, keeps what `matches` alone keeps.
    void aStoreKeepsWhatMatchesKeeps() {
        QueryMaker make(11);
        Table table;
        std::vector<Run> runs;
        std::set<std::int64_t> indexed;
        for (std::int64_t id = 0; id < 150; ++id) {
            runs.push_back(make.record());
            const auto& message = runs.back().textOf(Message);
            const bool whole = !message || message->find('\0') == std::string::npos;
            if (whole && message) {
                indexed.insert(id);
            }
            table.insert(id, runs.back(), whole);
        }
        int exact = 0;
        int useful = 0;
        for (int round = 0; round < 2000; ++round) {
            const auto text = make.query();
            const auto query = compile(text, runSchema(), testOptions());
            QVERIFY2(query.has_value(), (text + (query ? "" : query.error().describe())).c_str());
            auto mapping = fullMapping();
            for (FieldId field = 0; round % 2 == 1 && field < FieldCount; ++field) {
                if (make.below(3) == 0) {
                    mapping.columns.erase(field);
                }
            }
            const bool trigrams = round % 4 >= 2;
            if (trigrams) {
                mapping.trigramField = Message;
                mapping.trigramCondition = "id IN (SELECT rowid FROM words WHERE words MATCH ?)";
            }
            const auto filter = query->sql(mapping);
            const auto kept = table.ids("SELECT id FROM runs WHERE " + filter.where, filter.parameters);
            std::set<std::int64_t> wanted;
            std::set<std::int64_t> filtered;
            for (std::size_t i = 0; i < runs.size(); ++i) {
                const auto id = static_cast<std::int64_t>(i);
                if (trigrams && runs[i].textOf(Message) && !indexed.contains(id)) {
                    continue;  // an index of trigrams holds no NUL
                }
                const bool matches = query->matches(runs[i]);
                if (matches) {
                    wanted.insert(id);
                }
                if (kept.contains(id) && (filter.exact || matches)) {
                    filtered.insert(id);
                }
            }
            QVERIFY2(filtered == wanted, (text + " | " + filter.where).c_str());
            exact += filter.exact ? 1 : 0;
            useful += kept.size() < runs.size() / 2 ? 1 : 0;
        }
        // The promise would also hold if nothing were ever pushed down.
        QVERIFY2(exact > 500, std::to_string(exact).c_str());
        QVERIFY2(useful > 500, std::to_string(useful).c_str());
    }

    void timesAreTakenFromTheQuery() {
        const auto hours = [](std::string_view text) {
            std::string out;
            for (const auto& range : understood(text).times()) {
                const auto hour = [](SystemTime time) {
                    return time == SystemTime::min() ? std::string("-")
                           : time == SystemTime::max()
                               ? std::string("+")
                               : std::to_string(std::chrono::floor<std::chrono::minutes>(time - testNow()).count());
                };
                out += '[' + hour(range.from) + ',' + hour(range.until) + ']';
            }
            return out;
        };
        QCOMPARE(hours(""), std::string("[-,+]"));
        QCOMPARE(hours("since:1h"), std::string("[-60,+]"));
        QCOMPARE(hours("status:ok until:1h since:3h"), std::string("[-180,-60]"));
        QCOMPARE(hours("(since:1h OR until:3h) -since:10m"), std::string("[-,-180][-60,-10]"));
        QCOMPARE(hours("since:1h OR status:ok"), std::string("[-,+]"));
        QCOMPARE(hours("-time:2h..1h"), std::string("[-,-120][-60,+]"));
        QCOMPARE(hours("time:3h..2h time:1h..now"), std::string());
        QCOMPARE(hours("-*"), std::string());
        QCOMPARE(hours("since:2h OR (since:1h status:ok)"), std::string("[-120,+]"));
    }

    void noMatchLiesOutsideTheTimes() {
        QueryMaker make(13);
        for (int round = 0; round < 3000; ++round) {
            const auto text = make.query();
            const auto query = understood(text);
            const auto times = query.times();
            for (int i = 0; i < 5; ++i) {
                const auto run = make.record();
                const auto value = run.value(When);
                if (value.kind() == Value::Kind::Absent || !query.matches(run)) {
                    continue;
                }
                const SystemTime time{std::chrono::microseconds{value.integer()}};
                QVERIFY2(std::any_of(times.begin(), times.end(),
                                     [&](const TimeRange& range) { return range.from <= time && time < range.until; }),
                         text.c_str());
            }
        }
    }

    void namedValuesAreTakenFromTheQuery() {
        const auto names = [](std::string_view text) {
            const auto values = understood(text).onlyValues(Function);
            std::string out = values ? "[" : "any";
            for (const auto& value : values.value_or(std::vector<std::string>())) {
                out += (out.size() > 1 ? " " : "") + value;
            }
            return values ? out + "]" : out;
        };
        QCOMPARE(names(""), std::string("any"));
        QCOMPARE(names("function:b,a status:ok"), std::string("[a b]"));
        QCOMPARE(names("function:a,b function:b,c"), std::string("[b]"));
        QCOMPARE(names("function:a OR function:b,a"), std::string("[a b]"));
        QCOMPARE(names("function:a OR status:ok"), std::string("any"));
        QCOMPARE(names("function:a*"), std::string("any"));
        QCOMPARE(names("-function:a"), std::string("any"));
        QCOMPARE(names("-*"), std::string("[]"));
    }

    void valuesThatCannotMatchAreTold() {
        const auto allows = [](std::string_view text, std::string_view function) {
            return understood(text).allows(Function, Value::text(function));
        };
        QVERIFY(allows("", "a"));
        QVERIFY(allows("function:a* status:ok", "ab"));
        QVERIFY(!allows("function:a* status:ok", "b"));
        QVERIFY(allows("function:a* OR status:ok", "b"));
        QVERIFY(!allows("-function:a", "a"));
        QVERIFY(allows("-function:a", "b"));
        QVERIFY(!understood("level:>=warn").allows(Level, Value::choice(1)));
        QVERIFY(understood("level:>=warn").allows(Level, Value::choice(3)));
    }

    void whatEachFieldDecidesOnItsOwnIsTold() {
        const std::vector<FieldId> fields{Function, Level};
        QVERIFY(understood("").isDecidedBy({}));
        QVERIFY(understood("function:a level:>=warn").isDecidedBy(fields));
        QVERIFY(understood("(function:a OR function:b*) -level:info").isDecidedBy(fields));
        QVERIFY(!understood("function:a OR level:info").isDecidedBy(fields));
        QVERIFY(!understood("function:a status:ok").isDecidedBy(fields));
        QVERIFY(!understood("function:a timeout").isDecidedBy(fields));
    }

    void noMatchHasAValueThatWasRuledOut() {
        QueryMaker make(17);
        int matched = 0;
        int ruledOut = 0;
        int named = 0;
        int decided = 0;
        std::vector<FieldId> everyField(FieldCount);
        std::iota(everyField.begin(), everyField.end(), FieldId{0});
        for (int round = 0; round < 3000; ++round) {
            const auto text = make.query();
            const auto query = understood(text);
            for (int i = 0; i < 5; ++i) {
                const auto run = make.record();
                const bool matches = query.matches(run);
                matched += matches ? 1 : 0;
                bool everyFieldAllows = true;
                for (FieldId field = 0; field < FieldCount; ++field) {
                    const auto value = run.value(field);
                    const bool allowed = query.allows(field, value);
                    QVERIFY2(allowed || !matches, text.c_str());
                    ruledOut += allowed ? 0 : 1;
                    everyFieldAllows = everyFieldAllows && allowed;
                    if (const auto only = query.onlyValues(field); only && matches) {
                        QVERIFY2(value.kind() == Value::Kind::Text &&
                                     std::ranges::find(*only, std::string(value.text())) != only->end(),
                                 text.c_str());
                        ++named;
                    }
                }
                if (query.isDecidedBy(everyField)) {
                    QVERIFY2(everyFieldAllows == matches, text.c_str());
                    decided += matches ? 0 : 1;
                }
            }
        }
        // The promises would also hold if nothing were ever ruled out.
        QVERIFY2(matched > 1000 && ruledOut > 1000 && named > 20 && decided > 500,
                 (std::to_string(matched) + " " + std::to_string(ruledOut) + " " + std::to_string(named) + " " +
                  std::to_string(decided))
                     .c_str());
    }

    void requiredTextIsTakenFromTheQuery() {
        const auto needs = [](std::string_view text) { return brief(understood(text).required(Message)); };
        const Schema prose({{.name = "message", .kind = FieldKind::Text, .searched = true}});
        QCOMPARE(brief(compile("Timeout", prose, testOptions()).value().required(0)), std::string("timeout"));
        QCOMPARE(needs("Timeout"), std::string("*"));  // may be in the trigger as well
        QCOMPARE(needs("message:Foo msg:b*ar"), std::string("all(foo,b,ar)"));
        QCOMPARE(needs("message:a,b"), std::string("any(a,b)"));
        QCOMPARE(needs("message:a OR status:ok"), std::string("*"));
        QCOMPARE(needs("-message:a message:b"), std::string("b"));
        QCOMPARE(needs("message:/conn(ect|fuse).*ED/"), std::string("all(conn,any(ect,fuse),ed)"));
        QCOMPARE(needs("message:=Exact"), std::string("exact"));
    }

    void expressionsGiveTheirPlainParts() {
        QCOMPARE(regexNeeds("abc"), std::string("abc"));
        QCOMPARE(regexNeeds("ab+c"), std::string("all(ab,c)"));
        QCOMPARE(regexNeeds("ab?c"), std::string("all(a,c)"));
        QCOMPARE(regexNeeds("ab*"), std::string("a"));
        QCOMPARE(regexNeeds("a{0,3}bc{2}d"), std::string("all(bc,d)"));
        QCOMPARE(regexNeeds("a|b"), std::string("any(a,b)"));
        QCOMPARE(regexNeeds("a|"), std::string("*"));
        QCOMPARE(regexNeeds("(abc)?def"), std::string("def"));
        QCOMPARE(regexNeeds("^\\[error\\] [0-9]+ms$"), std::string("all([error] ,ms)"));
        QCOMPARE(regexNeeds("(?i)Token"), std::string("all(to,en)"));  // the Kelvin sign is a k as well
        QCOMPARE(regexNeeds("x(?i)y"), std::string("*"));
        QCOMPARE(regexNeeds("Grüße", true), std::string("all(gr,e)"));
        QCOMPARE(regexNeeds("超时"), std::string("超时"));
        QCOMPARE(regexNeeds("\\x41"), std::string("*"));
        QCOMPARE(regexNeeds("a\\QB.\\Ec"), std::string("*"));
    }

    void everyTextThatAnExpressionFindsIsAllowed() {
        QueryMaker make(17);
        int restricted = 0;
        int found = 0;
        for (int round = 0; round < 8000; ++round) {
            const auto pattern = randomRegex(make, 2);
            const bool ignoreCase = make.below(2) == 0;
            re2::RE2::Options options;
            options.set_log_errors(false);
            options.set_case_sensitive(!ignoreCase);
            const re2::RE2 regex(pattern, options);
            if (!regex.ok()) {
                continue;
            }
            const auto literals = requiredByRegex(pattern, ignoreCase);
            restricted += literals.kind != Literals::Kind::Anything ? 1 : 0;
            for (int i = 0; i < 10; ++i) {
                std::string text;
                for (auto letters = make.below(9); letters > 0; --letters) {
                    text += make.pick({"a", "b", "A", "B", "k", "K", "s", "S", "\xe2\x84\xaa", "\xc5\xbf", "函", "é",
                                       "É", ".", "1", "{"});
                }
                if (re2::RE2::PartialMatch(text, regex)) {
                    ++found;
                    QVERIFY2(literals.allows(lowerAscii(text)),
                             (pattern + " | " + text + " | " + brief(literals)).c_str());
                }
            }
        }
        QVERIFY2(restricted > 1200 && found > 4000, (std::to_string(restricted) + ' ' + std::to_string(found)).c_str());
    }

    void trigramsAreOfCharacters() {
        QCOMPARE(trigrams("abcd"), (std::vector<std::string>{"abc", "bcd"}));
        QCOMPARE(trigrams("函数超时"), (std::vector<std::string>{"函数超", "数超时"}));
        QVERIFY(trigrams("ab").empty());
        QCOMPARE(trigramMatch(Literals::contains("A\"bc")), std::string("(\"\"\"bc\" AND \"a\"\"b\")"));
        QCOMPARE(trigramMatch(Literals{}), std::string());
        QCOMPARE(trigramMatch(requiredByRegex("abc|x", false)), std::string());
        QCOMPARE(trigramMatch(requiredByRegex("abc|xyz", false)), std::string("(\"abc\" OR \"xyz\")"));
    }
};

QTEST_APPLESS_MAIN(TestQueryPushdown)
#include "tst_query_pushdown.moc"
