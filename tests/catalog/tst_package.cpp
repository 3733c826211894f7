// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/utf8_locale.h"
#include "catalog/package.h"
#include "zip_maker.h"

#include <sys/stat.h>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <clocale>
#include <filesystem>
#include <fstream>

using namespace hanshu;
using namespace hanshu::catalog;
using hanshu::test::makeZip;
using hanshu::test::patched;
using hanshu::test::ZipEntry;

namespace {

std::string contentOf(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// A zip whose one entry says that it is a character device: mode 0100644 becomes 020644 in its external attributes.
std::string device() {
    using namespace std::string_view_literals;
    return patched(makeZip({{"null", "x"}}), "\x00\x00\xa4\x81"sv, "\x00\x00\xa4\x21"sv);
}

// A zip with these names as Python's zipfile writes it: UTF-8 with the flag that says so, or, as old programs did, in
// another charset and without the flag.
std::string pythonZip(const QString& names, const QString& charset) {
    static const char* const kScript = R"(
import io, sys, zipfile
class Info(zipfile.ZipInfo):
    def _encodeFilenameFlags(self):
        if charset == 'utf-8':
            return super()._encodeFilenameFlags()
        return self.filename.encode(charset), self.flag_bits
charset, bytes = sys.argv[2], io.BytesIO()
with zipfile.ZipFile(bytes, 'w', zipfile.ZIP_DEFLATED) as out:
    for name in sys.argv[1].split('|'):
        out.writestr(Info(name), 'content of ' + name)
sys.stdout.buffer.write(bytes.getvalue())
)";
    QProcess python;
    python.start("python3", {"-X", "utf8", "-c", kScript, names, charset});
    if (!python.waitForFinished() || python.exitCode() != 0) {
        qFatal("python3: %s", python.readAllStandardError().constData());
    }
    return python.readAllStandardOutput().toStdString();
}

// The error that `zip` gives, or an empty text when it unpacks.
std::string problemOf(const std::string& zip) {
    const QTemporaryDir folder;
    const auto result = unpackZip(zip, folder.path().toStdString());
    if (result) {
        return {};
    }
    return std::string(result.error().code == Code::InvalidArgument ? result.error().param("message") : "INTERNAL");
}

}  // namespace

class TestPackage : public QObject {
    Q_OBJECT

private slots:
    void filesFoldersAndModesComeOut() {
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        const auto zip = makeZip({{"index.py", "print(1)"},
                                  {"bin/", "", AE_IFDIR, 0755},
                                  {"bin/tool", "#!/bin/sh", AE_IFREG, 0755},
                                  {"./deep/er/file", "x", AE_IFREG, 0600},
                                  {"link", "", AE_IFLNK, 0777, "bin/tool"},
                                  {"deep/up", "", AE_IFLNK, 0777, "../index.py"}});
        const auto unpacked = unpackZip(zip, root);
        QVERIFY2(unpacked.has_value(), unpacked ? "" : unpacked.error().describe().c_str());
        QCOMPARE(contentOf(root / "index.py"), std::string("print(1)"));
        QCOMPARE(contentOf(root / "link"), std::string("#!/bin/sh"));
        QCOMPARE(contentOf(root / "deep/up"), std::string("print(1)"));
        struct stat info{};
        QCOMPARE(::stat((root / "deep/er/file").c_str(), &info), 0);
        // What a sandbox's own uid must read is readable, whatever the zip says.
        QCOMPARE(info.st_mode & 07777U, 0644U);
        QCOMPARE(::stat((root / "bin/tool").c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0755U);
    }

    // A daemon has the locale C unless somebody sets another.
    void namesOfEveryScriptComeOutInTheLocaleC() {
        std::string zip;
        {
            const Utf8Locale locale;
            zip = makeZip({{"函.txt", "han"},
                           {"目录/", "", AE_IFDIR, 0755},
                           {"目录/\U0001F600.txt", "emoji"},
                           {"链", "", AE_IFLNK, 0777, "目录/\U0001F600.txt"}});
        }
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        const std::string before = std::setlocale(LC_ALL, nullptr);
        std::setlocale(LC_ALL, "C");
        const auto unpacked = unpackZip(zip, root);
        std::setlocale(LC_ALL, before.c_str());
        QVERIFY2(unpacked.has_value(), unpacked ? "" : unpacked.error().describe().c_str());
        QCOMPARE(contentOf(root / "函.txt"), std::string("han"));
        QCOMPARE(contentOf(root / "链"), std::string("emoji"));
    }

    void namesThatPythonWroteComeOut() {
        const auto zip = pythonZip("é函.py|目录/ünï.txt|plain.py", "utf-8");
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        const auto unpacked = unpackZip(zip, root);
        QVERIFY2(unpacked.has_value(), unpacked ? "" : unpacked.error().describe().c_str());
        for (const auto* name : {"é函.py", "目录/ünï.txt", "plain.py"}) {
            QCOMPARE(contentOf(root / name), std::string("content of ") + name);
        }
    }

    // What charset the names are in is not written anywhere: a guess would make a handler's module another one.
    void namesOfAnUnknownCharsetAreRefused_data() {
        QTest::addColumn<QString>("names");
        QTest::addColumn<QString>("charset");
        QTest::addColumn<QString>("shown");
        QTest::newRow("CP437") << QString("café.py") << QString("cp437") << QString("636166822e7079");
        QTest::newRow("in a folder") << QString("übung/index.py") << QString("cp437") << QString("8162756e67");
        QTest::newRow("GBK") << QString("函数.py") << QString("gbk") << QString("baafcafd");
    }

    void namesOfAnUnknownCharsetAreRefused() {
        QFETCH(QString, names);
        QFETCH(QString, charset);
        QFETCH(QString, shown);
        const auto problem = QString::fromStdString(problemOf(pythonZip(names + "|index.py", charset)));
        QVERIFY2(problem.contains("is not UTF-8; zip it again with UTF-8 names"), qPrintable(problem));
        QVERIFY2(problem.contains(shown), qPrintable(problem));
    }

    void badPackagesAreRefused_data() {
        QTest::addColumn<QByteArray>("zip");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& zip, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(zip) << QString(says);
        };
        const auto good = makeZip({{"index.py", std::string(5000, 'x')}});
        row("empty", "", "is empty");
        row("not a zip", "hello, this is no zip at all", "zip");
        row("no files", makeZip({{"only/", "", AE_IFDIR, 0755}}), "no files");
        row("truncated", good.substr(0, good.size() / 2), "damaged");
        row("dot dot", makeZip({{"../evil", "x"}}), "'..'");
        row("inner dot dot", makeZip({{"a/../../evil", "x"}}), "'..'");
        row("absolute", makeZip({{"/etc/evil", "x"}}), "absolute");
        row("not UTF-8", patched(makeZip({{"cafX.py", "x"}}), "cafX.py", "caf\xe9.py"), "UTF-8");
        row("twice", makeZip({{"a.py", "1"}, {"a.py", "2"}}), "twice");
        row("case twins", makeZip({{"A.py", "1"}, {"a.py", "2"}}), "case");
        row("twin folders", makeZip({{"Lib/x", "1"}, {"lib/y", "2"}}), "case");
        row("file and folder", makeZip({{"a", "1"}, {"a/b", "2"}}), "both as a file and as a folder");
        row("link out", makeZip({{"f", "x"}, {"l", "", AE_IFLNK, 0777, "../../etc/passwd"}}), "leads out");
        row("absolute link", makeZip({{"f", "x"}, {"l", "", AE_IFLNK, 0777, "/etc/passwd"}}), "leads out");
        row("link through link",
            makeZip({{"f", "x"}, {"d", "", AE_IFLNK, 0777, "."}, {"l", "", AE_IFLNK, 0777, "d/../../x"}}), "leads out");
        row("file through link", makeZip({{"d", "", AE_IFLNK, 0777, "/tmp"}, {"d/evil", "x"}}), "folder");
        row("device", device(), "device");
        row("long name", makeZip({{std::string(256, 'n'), "x"}}), "255");
    }

    void badPackagesAreRefused() {
        QFETCH(QByteArray, zip);
        QFETCH(QString, says);
        const auto problem = QString::fromStdString(problemOf(zip.toStdString()));
        QVERIFY2(problem.contains(says), qPrintable(problem));
    }

    void nothingLeavesTheFolder() {
        const QTemporaryDir outer;
        const std::filesystem::path root = outer.path().toStdString();
        std::filesystem::create_directory(root / "inner");
        QVERIFY(!unpackZip(makeZip({{"ok", "1"}, {"../escaped", "x"}}), root / "inner").has_value());
        QVERIFY(!std::filesystem::exists(root / "escaped"));
    }

    void tooManyEntriesAreRefused() {
        std::vector<ZipEntry> entries;
        for (std::size_t i = 0; i < 100'000; ++i) {
            entries.push_back({"f" + std::to_string(i), ""});
        }
        QVERIFY(problemOf(makeZip(entries)).find("more than 50000 entries") != std::string::npos);
    }

    void aBombIsRefusedBeforeItFillsTheDisk() {
        const auto zip = makeZip({{"a", std::string(40U << 20U, '\0')}, {"b", std::string(40U << 20U, '\0')}});
        QVERIFY(zip.size() < (1U << 20U));
        const QTemporaryDir folder;
        const auto result = unpackZip(zip, folder.path().toStdString(), {.unpackedBytes = 50U << 20U});
        QVERIFY(!result.has_value());
        QVERIFY(result.error().param("message").find("unpacks to more than 50 MB") != std::string_view::npos);
        std::uintmax_t written = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path().toStdString())) {
            written += entry.file_size();
        }
        QVERIFY(written <= (51U << 20U));
    }

    void everyTruncationIsRefused() {
        const auto zip = makeZip({{"a.py", "first"}, {"b.py", "second"}});
        for (std::size_t length = 0; length < zip.size(); ++length) {
            QVERIFY2(!problemOf(zip.substr(0, length)).empty(), std::to_string(length).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestPackage)
#include "tst_package.moc"
