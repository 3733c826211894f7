// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/completion.h"
#include "query/edit.h"
#include "query/run_records.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::query;
using namespace hanshu::query::tests;

namespace {

// The cursor is where the | stands; the answer shows each replacement put in.
std::vector<std::string> completed(std::string text, const RecentValues& values = {}) {
    const auto cursor = text.find('|');
    text.erase(cursor, 1);
    std::vector<std::string> out;
    for (const auto& completion : complete(text, cursor, runSchema(), values)) {
        auto changed = text;
        changed.replace(completion.range.offset, completion.range.length, completion.text);
        out.push_back(std::move(changed));
    }
    return out;
}

using Texts = std::vector<std::string>;

bool has(const Texts& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

SourceRange place(std::string_view text, std::string_view part) {
    return {text.find(part), part.size()};
}

}  // namespace

class TestQueryWriting : public QObject {
    Q_OBJECT

private slots:
    void fieldsAreOfferedAtTheBeginningOfATerm() {
        QCOMPARE(completed("sta|"), (Texts{"status:"}));
        QCOMPARE(completed("level:info -(fu|)"), (Texts{"level:info -(function:)"}));
        QCOMPARE(completed("si|"), (Texts{"since:"}));
        QVERIFY(has(completed("a |"), "a duration:"));
        QCOMPARE(completed("|").size(), runSchema().fields().size() + 3);
        QCOMPARE(completed("函数 mess|"), (Texts{"函数 message:"}));
        QVERIFY(has(completed("essa|"), "message:"));  // within a name, behind those that begin so
        QCOMPARE(completed("a O|").front(), std::string("a OR "));
    }

    void aWordIsReplacedAsAWhole() {
        QCOMPARE(completed("st|at:error"), (Texts{"status:error"}));
        QCOMPARE(completed("level:i|nf x"), (Texts{"level:info x"}));
        QCOMPARE(completed("level:info,w|"), (Texts{"level:info,warn"}));
        QCOMPARE(completed("level:>=w|"), (Texts{"level:>=warn"}));
    }

    void valuesAreOfferedByTheFieldsKind() {
        QCOMPARE(completed("status:|"), (Texts{"status:ok", "status:error", "status:timeout", "status:throttled"}));
        QCOMPARE(completed("status:t|"), (Texts{"status:timeout", "status:throttled"}));
        QCOMPARE(completed("cold:|"), (Texts{"cold:true", "cold:false"}));
        QCOMPARE(completed("duration:|"), (Texts{"duration:>", "duration:>=", "duration:<", "duration:<="}));
        QVERIFY(has(completed("level:|"), "level:>="));
        QVERIFY(!has(completed("level:>|"), "level:>>="));
        QVERIFY(has(completed("since:|"), "since:1h"));
        QCOMPARE(completed("since:tod|"), (Texts{"since:today"}));
        QVERIFY(completed("nothing:|").empty());
    }

    void recentValuesComeFromTheCaller() {
        std::vector<std::pair<FieldId, std::string>> asked;
        const RecentValues values = [&](FieldId field, std::string_view prefix) {
            asked.emplace_back(field, prefix);
            return Texts{"img-resize", "img two", "OR"};
        };
        QCOMPARE(completed("fn:img|", values), (Texts{"fn:img-resize", "fn:\"img two\""}));
        QCOMPARE(asked.size(), std::size_t{1});
        QCOMPARE(asked[0], (std::pair<FieldId, std::string>{Function, "img"}));
        QCOMPARE(completed("fn:\"img t|\"", values), (Texts{"fn:\"img two\""}));
        QCOMPARE(completed("fn:\"im|g x\" b", values), (Texts{"fn:img-resize b", "fn:\"img two\" b"}));
        QCOMPARE(completed("fn:\"img|", values), (Texts{"fn:img-resize", "fn:\"img two\""}));
    }

    void nothingIsOfferedWithinTextAndExpressions() {
        QVERIFY(completed("\"sta|").empty());
        QVERIFY(completed("/sta|").empty());
        QVERIFY(completed("function:/im|").empty());
        QVERIFY(complete(std::string(kTextLimit + 1, 'a'), 1, runSchema()).empty());
        QVERIFY(!complete("sta", 99, runSchema()).empty());
    }

    void chipsAreThePartsOfTheOutermostAnd() {
        const std::string text = "status:error -trigger:timer (a OR b) NOT x";
        const auto found = chips(parse(text).value());
        QCOMPARE(found.size(), std::size_t{4});
        QCOMPARE(std::string(found[0].range.of(text)), std::string("status:error"));
        QVERIFY(found[1].negated && *found[1].part->term.field == "trigger");
        QCOMPARE(std::string(found[1].range.of(text)), std::string("-trigger:timer"));
        QCOMPARE(std::string(found[2].range.of(text)), std::string("(a OR b)"));
        QCOMPARE(std::string(found[3].range.of(text)), std::string("NOT x"));
        QVERIFY(chips(parse("").value()).empty());
        QCOMPARE(chips(parse("a OR b").value()).size(), std::size_t{1});
    }

    void aTermIsAddedOnceAndReplacesItsOpposite() {
        QCOMPARE(withTerm("", "status", "error", false).value(), std::string("status:error"));
        QCOMPARE(withTerm("a", "function", "img two", true).value(), std::string("a -function:\"img two\""));
        QCOMPARE(withTerm("a status:error", "STATUS", "error", false).value(), std::string("a status:error"));
        QCOMPARE(withTerm("a  -status:error  b", "status", "error", false).value(), std::string("a status:error b"));
        QCOMPARE(withTerm("status:error b", "status", "error", true).value(), std::string("-status:error b"));
        QCOMPARE(withTerm("a OR b", "status", "ok", false).value(), std::string("(a OR b) status:ok"));
        QCOMPARE(withTerm("(a) OR b", "status", "ok", false).value(), std::string("((a) OR b) status:ok"));
        QCOMPARE(withTerm("(a OR b)", "status", "ok", false).value(), std::string("(a OR b) status:ok"));
        QCOMPARE(withTerm("f:a*", "f", "a*", false).value(), std::string("f:a* f:\"a*\""));
        QCOMPARE(withTerm("(a", "f", "a", false).error().reason, std::string(reason::kUnclosedParenthesis));
    }

    void aChipIsTakenOutOrTurnedRound() {
        const std::string text = "a AND status:error  (b OR c)";
        QCOMPARE(withoutChip(text, place(text, "status:error")).value(), std::string("a (b OR c)"));
        QCOMPARE(withoutChip(text, place(text, "(b OR c)")).value(), std::string("a status:error"));
        QCOMPARE(withoutChip("a", {0, 1}).value(), std::string());
        QCOMPARE(withChipTurned(text, place(text, "a")).value(), std::string("-a status:error (b OR c)"));
        QCOMPARE(withChipTurned(text, place(text, "(b OR c)")).value(), std::string("a status:error -(b OR c)"));
        QCOMPARE(withChipTurned("NOT a b", {0, 5}).value(), std::string("a b"));
        QCOMPARE(withChipTurned("(a) OR b", {0, 8}).value(), std::string("-((a) OR b)"));
        QCOMPARE(withChipTurned(text, {1, 1}).error().reason, std::string(reason::kNoSuchTerm));
    }
};

QTEST_APPLESS_MAIN(TestQueryWriting)
#include "tst_query_writing.moc"
