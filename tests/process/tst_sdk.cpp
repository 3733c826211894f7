// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Function Compute's own SDK, unmodified, works with a real daemon.
#include "daemon.h"

#include <QDir>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QtTest>

using namespace hanshu::tests;

namespace {

// npm gives up on a registry that does not answer after a while of its own.
constexpr int kInstallMilliseconds = 300'000;

QString sourceFile(const QString& name) {
    return qEnvironmentVariable("HANSHU_SOURCE") + "/tests/process/sdk/" + name;
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class TestSdk : public QObject {
    Q_OBJECT

private slots:
    // The packages stay in the build folder for as long as the lock file is the same.
    void initTestCase() {
        QVERIFY2(!QStandardPaths::findExecutable("npm").isEmpty(), "npm is missing: apt install npm");
        const QDir folder(HANSHU_SDK_FOLDER);
        QVERIFY(folder.mkpath("."));
        const auto lock = contentOf(sourceFile("package-lock.json"));
        const auto done = folder.filePath("installed.json");
        if (contentOf(done) != lock) {
            for (const QString name : {"package.json", "package-lock.json"}) {
                QFile::remove(folder.filePath(name));
                QVERIFY(QFile::copy(sourceFile(name), folder.filePath(name)));
            }
            const auto installed =
                run("npm", {"ci", "--prefix", folder.path(), "--no-audit", "--no-fund"}, kInstallMilliseconds);
            QVERIFY2(installed.exitCode == 0, (installed.out + installed.err).constData());
            QFile stamp(done);
            QVERIFY(stamp.open(QIODevice::WriteOnly) && stamp.write(lock) == lock.size());
        }
        // Modules are looked up from where the script lies.
        QFile::remove(folder.filePath("fc3.mjs"));
        QVERIFY(QFile::copy(sourceFile("fc3.mjs"), folder.filePath("fc3.mjs")));
    }

    void functionComputesSdkWorksUnmodified() {
        const StateFolder state;
        Daemon daemon(state);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        const auto owner = state.owner();
        qputenv("HANSHU_ENDPOINT", QByteArray::fromStdString(daemon.http()));
        qputenv("HANSHU_ACCESS_KEY_ID", QByteArray::fromStdString(owner.id));
        qputenv("HANSHU_ACCESS_KEY_SECRET", QByteArray::fromStdString(owner.secret));
        const auto script = run("node", {QString(HANSHU_SDK_FOLDER) + "/fc3.mjs"}, 120'000);
        const QString said = QString::fromUtf8(script.out + script.err);
        QVERIFY2(script.exitCode == 0, qPrintable(said));
        const auto summary = QRegularExpression("(\\d+) passed, 0 failed").match(said);
        QVERIFY2(summary.hasMatch() && summary.captured(1).toInt() > 0, qPrintable(said));
    }
};

QTEST_GUILESS_MAIN(TestSdk)
#include "tst_sdk.moc"
