// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/query_maker.h"
#include "query/survival.h"

#include <QTest>
#include <ctime>

using namespace hanshu;
using namespace hanshu::query;
using namespace hanshu::query::tests;

namespace {

// A few bytes changed, put in, taken out, doubled or cut off.
void mutate(std::string& text, QueryMaker& make) {
    for (auto changes = 1 + make.below(4); changes > 0; --changes) {
        const auto at = make.below(text.size() + 1);
        switch (make.below(5)) {
            case 0:
                if (at < text.size()) {
                    text[at] = static_cast<char>(make.below(256));
                }
                break;
            case 1:
                text.insert(at,
                            make.pick({"\"",       "\\",   "(",     ")",      "-",       "/", ":", "*",  "?",  ",",
                                       "..",       " OR ", " AND ", "NOT ",   ">=",      "<", "=", "函", "😀", "\xff",
                                       "\xe5\x87", "　",   "\x01",  "since:", "status:", "i", "{", "[",  "|"}));
                break;
            case 2:
                text.erase(at, make.below(4));
                break;
            case 3:
                text.insert(at, text.substr(make.below(text.size() + 1), make.below(12)));
                break;
            default:
                text.resize(at);
        }
    }
}

// Of this program's work, however busy the machine is.
double secondsSince(std::clock_t start) {
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

class TestQueryFuzz : public QObject {
    Q_OBJECT

private slots:
    void noTextBreaksAnything() {
        QueryMaker make(23);
        std::vector<std::string> texts;
        for (int i = 0; i < 200; ++i) {
            texts.push_back(make.query());
        }
        for (int i = 0; i < kRounds; ++i) {
            auto& text = texts[make.below(texts.size())];
            if (text.size() > 200 || make.below(50) == 0) {
                text = make.query();
            }
            mutate(text, make);
            const auto broken = brokenBy(text);
            QVERIFY2(broken.empty(), (broken + " | " + text).c_str());
        }
    }

    // Each of these would take minutes if any part looked at the text again for each of its bytes.
    void hardTextsTakeNoLongerThanTheirLength() {
        const auto repeated = [](std::string_view part) {
            std::string text;
            while (text.size() + part.size() <= kTextLimit) {
                text += part;
            }
            return text;
        };
        const auto start = std::clock();
        for (const auto* part : {"(", ")",  "-",  "\"",    "/",    "/ ", "a:", "a:b,",  "a ", "a OR ", "NOT ", "*a",
                                 "?", "\\", "a.", "((a) ", "/a/ ", "..", "函", "\"\" ", "-(", "a:/",   "f:>"}) {
            const auto text = repeated(part);
            QVERIFY2(brokenBy(text).empty(), part);
        }
        QVERIFY2(secondsSince(start) < 5, std::to_string(secondsSince(start)).c_str());
    }

    // A pattern that makes a careless matcher try everything again from every place.
    void hardPatternsMatchInReasonableTime() {
        std::string pattern;
        while (pattern.size() + 3 <= kPatternLimit) {
            pattern += "*aa";
        }
        const auto query = compile(pattern + 'b', runSchema(), testOptions()).value();
        Run run;
        run.text(Message, std::string(32 * 1024, 'a'));
        const auto start = std::clock();
        QVERIFY(!query.matches(run));
        QVERIFY2(secondsSince(start) < 2, std::to_string(secondsSince(start)).c_str());
    }

private:
    static constexpr int kRounds = 100'000;
};

QTEST_APPLESS_MAIN(TestQueryFuzz)
#include "tst_query_fuzz.moc"
