// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/ignore_rules.h"

#include <QTest>

using hanshu::bundle::IgnoreRules;

class TestIgnoreRules : public QObject {
    Q_OBJECT

private slots:
    // As `git check-ignore --no-index` says, but for rows about .git/ and .fcignore, and that a path inside an ignored
    // folder (a/b/c below) is not asked for.
    void patternsMeanWhatTheyMeanToGit_data() {
        QTest::addColumn<QString>("rules");
        QTest::addColumn<QString>("path");  // a / at the end: a folder
        QTest::addColumn<bool>("ignored");
        const auto row = [](const char* rules, const char* path, bool ignored) {
            QTest::addRow("%s | %s", rules, path) << QString::fromUtf8(rules) << QString::fromUtf8(path) << ignored;
        };
        row("*.pyc", "a.pyc", true);
        row("*.pyc", "deep/er/a.pyc", true);
        row("*.pyc", "a.py", false);
        row("/a.txt", "a.txt", true);
        row("/a.txt", "b/a.txt", false);
        row("a/b", "a/b", true);
        row("a/b", "x/a/b", false);
        row("node_modules/", "node_modules/", true);
        row("node_modules/", "x/node_modules/", true);
        row("node_modules/", "node_modules", false);
        row("a/**/b", "a/b", true);
        row("a/**/b", "a/x/y/b", true);
        row("a/**/b", "a/x/y/c", false);
        row("**/logs", "logs", true);
        row("**/logs", "x/y/logs", true);
        row("logs/**", "logs/a/b", true);
        row("logs/**", "logs/", false);
        row("a/*", "a/b", true);
        row("a/*", "a/b/c", false);
        row("fo?", "foo", true);
        row("fo?", "fo", false);
        row("f?o", "f/o", false);
        row("[a-c].txt", "b.txt", true);
        row("[!a-c].txt", "b.txt", false);
        row("[!a-c].txt", "d.txt", true);
        row("[]-]x", "]x", true);
        row("a[", "a[", false);
        row("# no rule", "# no rule", false);
        row("\\#file", "#file", true);
        row("\\!file", "!file", true);
        row("*.log\n!keep.log", "keep.log", false);
        row("*.log\n!keep.log", "other.log", true);
        row("!keep.log\n*.log", "keep.log", true);
        row("name   ", "name", true);
        row("name\\ ", "name ", true);
        row("a\r\nb\r\n", "b", true);
        row("函数*", "函数一", true);
        row("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false);
        row("", "a", false);
        row("/", "a", false);
        row("**", "a/b", true);
        row("", ".git/", true);
        row("", ".git", true);
        row("/build/", "build/", true);
        row("/build/", "sub/build/", false);
        row("docs/**/draft.md", "docs/a/b/draft.md", true);
        row("docs/**/draft.md", "docs/a/final.md", false);
        row("", ".fcignore", true);
        row("", "x/.fcignore", false);
        row("!.git/", ".git/", false);
    }
    void patternsMeanWhatTheyMeanToGit() {
        QFETCH(QString, rules);
        QFETCH(QString, path);
        QFETCH(bool, ignored);
        IgnoreRules tested;
        tested.add(rules.toStdString());
        const bool folder = path.endsWith('/');
        QCOMPARE(tested.ignores((folder ? path.chopped(1) : path).toStdString(), folder), ignored);
    }
};

QTEST_GUILESS_MAIN(TestIgnoreRules)
#include "tst_ignore_rules.moc"
