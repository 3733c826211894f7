// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/package.h"
#include "deploy/source.h"

#include <sys/stat.h>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace hanshu;
using namespace hanshu::deploy;

class TestPackage : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void aPythonFolderIsGuessed() {
        write(QStringLiteral("my func/index.py"),
              "import json\n\ndef helper(a):\n  pass\n\ndef handler(event, context):\n  return event\n");
        write(QStringLiteral("my func/lib/util.py"), "def handler(event, context): pass\n");
        const auto source = readSource(path(QStringLiteral("my func")));
        QVERIFY(source.has_value());
        QCOMPARE(source->files, (QStringList{"index.py", "lib/util.py"}));
        const auto guessed = guess(*source);
        QCOMPARE(guessed.name, QStringLiteral("my-func"));
        QCOMPARE(guessed.runtime, QStringLiteral("python3.11"));
        QCOMPARE(guessed.handler, QStringLiteral("index.handler"));
    }

    void anotherModuleOrNameIsFound() {
        write(QStringLiteral("a/transcode.py"), "def main(event: bytes, context) -> bytes:\n  pass\n");
        QCOMPARE(guess(*readSource(path(QStringLiteral("a")))).handler, QStringLiteral("transcode.main"));
        write(QStringLiteral("b/main.py"), "def on_event(evt, ctx): pass\ndef handler(evt, ctx): pass\n");
        QCOMPARE(guess(*readSource(path(QStringLiteral("b")))).handler, QStringLiteral("main.handler"));
    }

    void aBootstrapMeansTheCustomRuntime() {
        write(QStringLiteral("c/bootstrap"), "#!/bin/sh\n");
        write(QStringLiteral("c/index.py"), "def handler(event, context): pass\n");
        QCOMPARE(guess(*readSource(path(QStringLiteral("c")))).runtime, QStringLiteral("custom"));
    }

    void namesBecomeThoseOfFunctions_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("name");
        QTest::newRow("good") << "resize_v2" << "resize_v2";
        QTest::newRow("digit") << "2fast" << "_2fast";
        QTest::newRow("Chinese") << QString::fromUtf8("函数") << "function";
        QTest::newRow("mixed") << QString::fromUtf8(" é img!! ") << "img";
        QTest::newRow("long") << QString(100, QLatin1Char('a')) << QString(64, QLatin1Char('a'));
    }
    void namesBecomeThoseOfFunctions() {
        QFETCH(QString, text);
        QFETCH(QString, name);
        QCOMPARE(functionNameFrom(text), name);
    }

    void ignoredFilesStayOut() {
        write(QStringLiteral("d/.fcignore"),
              "# build output\n*.pyc\n/build/\nnode_modules\n!keep.pyc\ndocs/**/draft.md\n");
        for (const auto* file : {"index.py", "x.pyc", "sub/y.pyc", "keep.pyc", "build/out", "sub/build/in",
                                 "sub/node_modules/z", "docs/a/b/draft.md", "docs/a/final.md"}) {
            write(QStringLiteral("d/") + QLatin1String(file), "x");
        }
        QCOMPARE(readSource(path(QStringLiteral("d")))->files,
                 (QStringList{"docs/a/final.md", "index.py", "keep.pyc", "sub/build/in"}));
    }

    void whatCannotBePackedIsNamed() {
        write(QStringLiteral("e/index.py"), "x");
        QVERIFY(QFile::link(QStringLiteral("/etc/passwd"), path(QStringLiteral("e/secret"))));
        const auto outside = readSource(path(QStringLiteral("e")));
        QCOMPARE(outside.error().reason, std::string("PackageLinkOutside"));
        QCOMPARE(std::string(outside.error().param("path")), std::string("secret"));
        QFile::remove(path(QStringLiteral("e/secret")));
        QCOMPARE(mkfifo(path(QStringLiteral("e/pipe")).toLocal8Bit().constData(), 0600), 0);
        QCOMPARE(readSource(path(QStringLiteral("e"))).error().reason, std::string("PackageSpecialFile"));
        QDir().mkpath(path(QStringLiteral("empty/sub")));
        QCOMPARE(readSource(path(QStringLiteral("empty"))).error().reason, std::string("PackageEmpty"));
        write(QStringLiteral("text.zip"), "no zip at all");
        QCOMPARE(readSource(path(QStringLiteral("text.zip"))).error().reason, std::string("PackageNotZip"));
        QCOMPARE(readSource(path(QStringLiteral("missing.zip"))).error().reason, std::string("PackageUnreadable"));
    }

    void aZipIsGuessedLikeItsFolder() {
        write(QStringLiteral("h/index.py"), "def handler(event, context): pass\n");
        auto package = bundle::openPackage(path(QStringLiteral("h")).toStdString());
        QVERIFY(package.has_value());
        QFile zip;
        QVERIFY(zip.open(package->file.get(), QIODevice::ReadOnly));
        write(QStringLiteral("resize-1.2.zip"), zip.readAll());
        const auto source = readSource(path(QStringLiteral("resize-1.2.zip")));
        QVERIFY(source.has_value());
        QVERIFY(source->isZip);
        QCOMPARE(guess(*source).name, QStringLiteral("resize-1-2"));
        QCOMPARE(guess(*source).handler, QStringLiteral("index.handler"));
    }

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    void write(const QString& name, const QByteArray& content) {
        QDir().mkpath(QFileInfo(path(name)).path());
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestPackage)
#include "tst_console_package.moc"
