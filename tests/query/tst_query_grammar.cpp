// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/query_maker.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::query;

namespace {

// The tree as brackets: (and a (not b)).
std::string shape(const Node& node) {
    if (node.kind == Node::Kind::Term) {
        Ast single{std::make_shared<const Node>(node)};
        return print(single);
    }
    std::string out = node.kind == Node::Kind::And ? "(and" : node.kind == Node::Kind::Or ? "(or" : "(not";
    for (const auto& child : node.children) {
        out += ' ' + shape(*child);
    }
    return out + ')';
}

std::string shape(std::string_view text) {
    const auto ast = parse(text);
    if (!ast) {
        return ast.error().describe();
    }
    return ast->root ? shape(*ast->root) : "";
}

Term onlyTerm(std::string_view text) {
    return parse(text).value().root->term;
}

Operand onlyValue(std::string_view text) {
    return onlyTerm(text).values.at(0);
}

}  // namespace

class TestQueryGrammar : public QObject {
    Q_OBJECT

private slots:
    void termsJoinByAndWhichBindsCloserThanOr() {
        QCOMPARE(shape(""), std::string());
        QCOMPARE(shape(" \t\n"), std::string());
        QCOMPARE(shape("a"), std::string("a"));
        QCOMPARE(shape("a b c"), std::string("(and a b c)"));
        QCOMPARE(shape("a AND b"), std::string("(and a b)"));
        QCOMPARE(shape("a b OR c d"), std::string("(or (and a b) (and c d))"));
        QCOMPARE(shape("a (b OR c) d"), std::string("(and a (or b c) d)"));
        QCOMPARE(shape("((a))"), std::string("a"));
        QCOMPARE(shape("a (b c)"), std::string("(and a (and b c))"));
        QCOMPARE(shape("(a)b"), std::string("(and a b)"));
        QCOMPARE(shape("and or not ANDROID ORacle NOTE"), std::string("(and and or not ANDROID ORacle NOTE)"));
    }

    void negationReachesOverOneTermOrGroup() {
        QCOMPARE(shape("-a b"), std::string("(and (not a) b)"));
        QCOMPARE(shape("NOT a b"), std::string("(and (not a) b)"));
        QCOMPARE(shape("-(a OR b)"), std::string("(not (or a b))"));
        QCOMPARE(shape("NOT(a)"), std::string("(not a)"));
        QCOMPARE(shape("--a"), std::string("(not (not a))"));
        QCOMPARE(shape("-function:img-*"), std::string("(not function:img-*)"));
        QCOMPARE(shape("a-b"), std::string("a-b"));
        QCOMPARE(shape("\\-a"), std::string("\\-a"));
        QCOMPARE(shape("-\"a b\" -/x/"), std::string("(and (not \"a b\") (not /x/))"));
    }

    void theExampleOfTheManualIsRead() {
        QCOMPARE(shape("status:error duration:>2s function:img-* -trigger:timer since:1h \"free text\" /regex/"),
                 std::string("(and status:error duration:>2s function:img-* (not trigger:timer) since:1h \"free text\" "
                             "/regex/)"));
    }

    void fieldsOperatorsAndListsAreToldApart() {
        const auto list = onlyTerm("function:a,\"b c\",/d/i,e*");
        QCOMPARE(*list.field, std::string("function"));
        QCOMPARE(list.values.size(), std::size_t{4});
        QCOMPARE(list.values[1].text, std::string("b c"));
        QVERIFY(list.values[2].form == Operand::Form::Regex && list.values[2].ignoreCase);
        QCOMPARE(list.values[3].wildcards, std::vector<std::size_t>{1});
        QVERIFY(onlyTerm("d:>=2s").op == Operator::GreaterEqual);
        QVERIFY(onlyTerm("d:>2s").op == Operator::Greater);
        QVERIFY(onlyTerm("d:<=2s").op == Operator::LessEqual);
        QVERIFY(onlyTerm("d:<2s").op == Operator::Less);
        QVERIFY(onlyTerm("d:=2s").op == Operator::Equal);
        QVERIFY(onlyValue("d:*").form == Operand::Form::Present);
        QCOMPARE(onlyValue("d:2s..5s").text, std::string("2s..5s"));
        QCOMPARE(onlyValue("time:2026-11-22T10:00").text, std::string("2026-11-22T10:00"));
        QCOMPARE(onlyValue("count:-5").text, std::string("-5"));
        QCOMPARE(*onlyTerm("tag.env:prod").field, std::string("tag.env"));
    }

    void whatLooksLikeNoFieldIsFreeText() {
        for (const auto* text : {"10:30", ":a", "http://host/path", "函数:a", "a+b:c", "\\a:b", "a\\:b"}) {
            QVERIFY2(!onlyTerm(text).field, text);
        }
        QCOMPARE(onlyValue("hello,world").text, std::string("hello,world"));
    }

    void escapesTakeTheMeaningFromACharacter() {
        QCOMPARE(onlyValue("f:\\*\\?\\,\\ x\\\\").text, std::string("*?, x\\"));
        QVERIFY(onlyValue("f:\\*a").wildcards.empty());
        QVERIFY(onlyValue("f:\\*").form == Operand::Form::Word);
        QCOMPARE(onlyValue("\\函").text, std::string("函"));
        QCOMPARE(onlyValue("\"a\\\"b\\\\c\\n\\t\\r*\"").text, std::string("a\"b\\c\n\t\r*"));
        QCOMPARE(onlyValue("\"\\x1b[31m\"").text, std::string("\x1b[31m"));
        QVERIFY(onlyValue("\"a*\"").wildcards.empty());
        QCOMPARE(onlyValue("f:\"\"").text, std::string());
    }

    void regularExpressionsEndAtASlashBeforeASpace() {
        QCOMPARE(onlyValue("/a b/").text, std::string("a b"));
        QCOMPARE(onlyValue("/a\\/b/").text, std::string("a\\/b"));
        QCOMPARE(onlyValue("/a/b/").text, std::string("a/b"));
        QCOMPARE(onlyValue("/(a|b) [/]x/i").text, std::string("(a|b) [/]x"));
        QVERIFY(onlyValue("/a/i").ignoreCase);
        QCOMPARE(shape("(/a/ OR f:/b/)"), std::string("(or /a/ f:/b/)"));
        QCOMPARE(onlyValue("a/b").text, std::string("a/b"));
    }

    void textOfAnyScriptKeepsItsPlaces() {
        const std::string text = "函数:超时 status:错误 \"😀 ok\"　שלום مرحبا";  // an ideographic space between
        const auto root = parse(text).value().root;
        QCOMPARE(root->children.size(), std::size_t{5});
        QCOMPARE(std::string(root->children[0]->range.of(text)), std::string("函数:超时"));
        QCOMPARE(std::string(root->children[1]->term.fieldRange.of(text)), std::string("status"));
        QCOMPARE(std::string(root->children[1]->term.values[0].range.of(text)), std::string("错误"));
        QCOMPARE(root->children[2]->term.values[0].text, std::string("😀 ok"));
        QCOMPARE(std::string(root->children[3]->range.of(text)), std::string("שלום"));
        QCOMPARE(std::string(root->children[4]->range.of(text)), std::string("مرحبا"));
        // Marks that an editor leaves in front of a word don't hide its field.
        QCOMPARE(*parse("\xe2\x80\x8fstatus:ok").value().root->term.field, std::string("status"));
    }

    void rangesCoverSignsAndParentheses() {
        const std::string text = " a -(b OR NOT c) ";
        const auto root = parse(text).value().root;
        QCOMPARE(std::string(root->range.of(text)), std::string("a -(b OR NOT c)"));
        const auto& negation = root->children[1];
        QCOMPARE(std::string(negation->range.of(text)), std::string("-(b OR NOT c)"));
        QCOMPARE(std::string(negation->children[0]->range.of(text)), std::string("(b OR NOT c)"));
        QCOMPARE(std::string(negation->children[0]->children[1]->range.of(text)), std::string("NOT c"));
    }

    void errorsOfFormSayWhere_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<QByteArray>("place");
        const auto row = [](const char* text, std::string_view reason, const char* place) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(reason.data(), static_cast<qsizetype>(reason.size()))
                                << QByteArray(place);
        };
        row("a \"b c", reason::kUnterminatedQuote, "\"b c");
        row("a /b c", reason::kUnterminatedRegex, "/b c");
        row("/var/log/x", reason::kUnterminatedRegex, "/var/log/x");
        row("\"a\\q\"", reason::kBadEscape, "\\q");
        row("\"a\\函\"", reason::kBadEscape, "\\函");
        row("\"\\xff\"", reason::kBadEscape, "\\x");
        row("\"\\x1\"", reason::kBadEscape, "\\x");
        row("a \"b\\", reason::kUnterminatedQuote, "\"b\\");
        row("a b\\", reason::kBadEscape, "\\");
        row("a (b", reason::kUnclosedParenthesis, "(");
        row("a) b", reason::kUnexpected, ")");
        row("AND a", reason::kUnexpected, "AND");
        row("OR", reason::kUnexpected, "OR");
        row("main(argc)", reason::kUnexpected, "(");
        row("foo\"bar\"", reason::kUnexpected, "\"");
        row("\"foo\"bar", reason::kUnexpected, "b");
        row("a OR", reason::kMissingOperand, "OR");
        row("a AND OR b", reason::kMissingOperand, "AND");
        row("(a OR )", reason::kMissingOperand, "OR");
        row("NOT", reason::kMissingOperand, "NOT");
        row("a - b", reason::kMissingOperand, "-");
        row("()", reason::kMissingOperand, "(");
        row("a status: b", reason::kMissingValue, "status:");
        row("status:>", reason::kMissingValue, "status:>");
        row("status:a,", reason::kMissingValue, "status:a,");
        row("status:,a", reason::kMissingValue, "status:");
        row("a \"\"", reason::kEmptyText, "\"\"");
        row("//", reason::kEmptyText, "//");
        row("超时 (b", reason::kUnclosedParenthesis, "(");
        row("ok \x01", reason::kInvalidText, "\x01");
        row("ok \xe5\x87", reason::kInvalidText, "\xe5\x87");
        row("ok \xff", reason::kInvalidText, "\xff");
    }
    void errorsOfFormSayWhere() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, reason);
        QFETCH(QByteArray, place);
        const std::string query(text.constData(), static_cast<std::size_t>(text.size()));
        const auto ast = parse(query);
        QVERIFY(!ast.has_value());
        QVERIFY(ast.error().code == Code::InvalidArgument);
        QCOMPARE(ast.error().reason, reason.toStdString());
        QCOMPARE(std::string(errorRange(ast.error()).value().of(query)), place.toStdString());
    }

    void limitsAreErrorsAtTheirPlace() {
        const auto long1 = parse(std::string(kTextLimit, 'a'));
        QVERIFY(long1.has_value());
        const auto long2 = parse(std::string(kTextLimit - 1, 'a') + "函");
        QCOMPARE(long2.error().reason, std::string(reason::kTooLong));
        QCOMPARE(errorRange(long2.error()).value(), (SourceRange{kTextLimit - 1, 3}));
        QCOMPARE(long2.error().param("limit"), std::string_view("8192"));

        const std::string open(kDepthLimit, '(');
        const std::string close(kDepthLimit, ')');
        QVERIFY(parse(open + 'a' + close).has_value());
        const auto deep = parse('(' + open + 'a' + close + ')');
        QCOMPARE(deep.error().reason, std::string(reason::kTooDeep));
        QCOMPARE(errorRange(deep.error()).value(), (SourceRange{kDepthLimit, 1}));
        QCOMPARE(parse(std::string(8000, '-') + 'a').error().reason, std::string(reason::kTooDeep));
        QCOMPARE(parse(std::string(8000, '(')).error().reason, std::string(reason::kTooDeep));

        std::string many = "f:x";
        for (std::size_t i = 1; i < kTermLimit; ++i) {
            many += ",x";
        }
        QVERIFY(parse(many).has_value());
        const auto more = parse(many + " last");
        QCOMPARE(more.error().reason, std::string(reason::kTooManyTerms));
        QCOMPARE(errorRange(more.error()).value().offset, many.size() + 1);
    }

    void printingGivesTheCanonicalForm() {
        const auto canonical = [](std::string_view text) { return print(parse(text).value()); };
        QCOMPARE(canonical("  a   AND (b)  NOT c"), std::string("a b -c"));
        QCOMPARE(canonical("((a b) OR c)"), std::string("a b OR c"));
        QCOMPARE(canonical("a (b OR c)"), std::string("a (b OR c)"));
        QCOMPARE(canonical("f:\\a\\-b"), std::string("f:a-b"));
        QCOMPARE(canonical("http://host:80/p"), std::string("http://host:80/p"));
        QCOMPARE(canonical("\"a\nb\""), std::string("\"a\\nb\""));
        QCOMPARE(canonical("\\OR \\a:b \\/x f:\\>2 f:\\/x f:a\\,b"),
                 std::string("\\OR a\\:b \\/x f:\\>2 f:\\/x f:a\\,b"));
    }

    void printingReadsBackAsTheSameTree() {
        tests::QueryMaker make(7);
        for (int i = 0; i < 5000; ++i) {
            const auto text = make.query();
            const auto ast = parse(text);
            QVERIFY2(ast.has_value(), (text + ": " + (ast ? "" : ast.error().describe())).c_str());
            const auto printed = print(*ast);
            const auto again = parse(printed);
            QVERIFY2(again.has_value(), printed.c_str());
            QVERIFY2(sameQuery(*ast, *again), (text + " | " + printed).c_str());
            QCOMPARE(print(*again), printed);
        }
    }

    void quotedTextsReadBackAsThemselves() {
        for (const std::string& text : std::vector<std::string>{"plain",
                                                                "two words",
                                                                "",
                                                                "a*b",
                                                                "2s..5s",
                                                                "OR",
                                                                "-x",
                                                                ">5",
                                                                "/x/",
                                                                "a,b",
                                                                "\"q\"",
                                                                "back\\slash",
                                                                "line\nbreak",
                                                                "\x1b[31mred\x1b[0m",
                                                                std::string("a\0b", 3),
                                                                "10:30",
                                                                "函数",
                                                                "a　b",
                                                                "(x)",
                                                                "\xe2\x80\x8fx"}) {
            const auto value = onlyValue("f:" + toWord(text));
            QCOMPARE(value.text, text);
            QVERIFY(value.wildcards.empty());
            if (!text.empty()) {
                const auto free = onlyTerm(toWord(text));
                QVERIFY(!free.field.has_value());
                QCOMPARE(free.values.at(0).text, text);
            }
        }
        QCOMPARE(toWord("img-resize"), std::string("img-resize"));
    }
};

QTEST_APPLESS_MAIN(TestQueryGrammar)
#include "tst_query_grammar.moc"
