// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The main job from end to end, as `./run demo` shows it, with a clip that is short enough for a test.
#include "daemon.h"

#include <QDir>
#include <QRegularExpression>
#include <QtTest>

using namespace hanshu::tests;

class TestDemo : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        const auto made = run("ffmpeg", {"-hide_banner",
                                         "-loglevel",
                                         "error",
                                         "-f",
                                         "lavfi",
                                         "-i",
                                         "testsrc2=size=1280x720:rate=25",
                                         "-f",
                                         "lavfi",
                                         "-i",
                                         "sine=frequency=440",
                                         "-t",
                                         "2",
                                         "-c:v",
                                         "libx264",
                                         "-preset",
                                         "ultrafast",
                                         "-pix_fmt",
                                         "yuv420p",
                                         "-c:a",
                                         "aac",
                                         m_folder.filePath("clip.mp4")});
        QVERIFY2(made.exitCode == 0, made.err.constData());
    }

    void theDemoProvesItself() {
        const auto demo = qEnvironmentVariable("HANSHU_SOURCE") + "/resources/examples/transcode/demo.py";
        const auto shown =
            run("python3",
                {demo, "--bin", qEnvironmentVariable("HANSHU_BIN"), "--video", m_folder.filePath("clip.mp4")}, 240'000);
        const auto text = QString::fromUtf8(shown.out + shown.err);
        // What it keeps for the console, it says how to remove.
        const auto kept = QRegularExpression("rm -r (/var/tmp/hanshu-demo-\\S+)").match(text);
        if (kept.hasMatch()) {
            QDir(kept.captured(1)).removeRecursively();
        }
        QVERIFY2(shown.exitCode == 0, qPrintable(text));
        for (const auto* const output : {"640x360", "x480", "1280x720", "Nothing ran"}) {
            QVERIFY2(text.contains(output), qPrintable(text));
        }
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
