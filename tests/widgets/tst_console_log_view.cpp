// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "log/log_view.h"
#include "theme/theme.h"

#include <QElapsedTimer>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace hanshu::logs;

namespace {

std::vector<Line> lines(int count, qint64 from = 1, const QString& text = QStringLiteral("line")) {
    std::vector<Line> made;
    for (int i = 0; i < count; ++i) {
        Line line;
        line.sequence = from + i;
        line.message = QStringLiteral("%1 %2").arg(text).arg(from + i);
        made.push_back(line);
    }
    return made;
}

}  // namespace

class TestLogView : public QObject {
    Q_OBJECT

private slots:
    void theRingKeepsTheNewestAndCountsWhatItTrimmed() {
        Ring ring(10);
        auto change = ring.append(lines(8));
        QCOMPARE(change.appended, 8);
        QCOMPARE(change.removed, 0);
        change = ring.append(lines(5, 9));
        QCOMPARE(change.appended, 5);
        QCOMPARE(change.removed, 3);
        QCOMPARE(ring.count(), 10);
        QCOMPARE(ring.trimmed(), 3);
        QCOMPARE(ring.at(0).sequence, 4);
        QCOMPARE(ring.at(9).sequence, 13);
    }

    void aBatchLargerThanTheRingLeavesItsEnd() {
        Ring ring(10);
        ring.append(lines(4));
        const auto change = ring.append(lines(100, 5));
        QCOMPARE(ring.count(), 10);
        QCOMPARE(ring.at(0).sequence, 95);
        QCOMPARE(ring.at(9).sequence, 104);
        QCOMPARE(ring.trimmed(), 94);
        QCOMPARE(change.removed, 4);
        QCOMPARE(change.appended, 10);
    }

    void theFilterHoldsForOldAndNewLinesAndAcrossTrimming() {
        Ring ring(10);
        ring.append(lines(6));
        ring.setTerms({QStringLiteral("4")});
        QCOMPARE(ring.count(), 1);
        auto change = ring.append(lines(8, 7));  // 7 to 14: one more match, and 1 to 4 go
        QCOMPARE(change.appended, 1);
        QCOMPARE(change.removed, 1);
        QCOMPARE(ring.count(), 1);
        QCOMPARE(ring.at(0).sequence, 14);
        ring.setTerms({});
        QCOMPARE(ring.count(), 10);
    }

    void itFollowsUntilSomebodyScrollsUpAndCountsWhatIsNew() {
        LogView view(1000);
        view.resize(600, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.append(lines(200));
        auto* bar = view.verticalScrollBar();
        QVERIFY(view.isFollowing());
        QCOMPARE(bar->value(), bar->maximum());
        QSignalSpy following(&view, &LogView::followingChanged);

        bar->setValue(bar->maximum() - 20);
        QVERIFY(!view.isFollowing());
        QCOMPARE(following.size(), 1);
        const int place = bar->value();
        const qint64 seen = view.ring().at(view.firstVisible()).sequence;
        view.append(lines(30, 201));
        QCOMPARE(bar->value(), place);
        QCOMPARE(view.newLines(), 30);
        auto* button = view.findChild<QPushButton*>();
        QVERIFY(button->isVisible());
        QVERIFY(button->text().contains(QStringLiteral("30")));

        // Trimming from the front does not move what is read.
        view.append(lines(900, 231));
        QVERIFY(view.ring().trimmed() > 0);
        QCOMPARE(view.ring().at(view.firstVisible()).sequence, std::max(seen, view.ring().at(0).sequence));

        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(view.isFollowing());
        QCOMPARE(view.newLines(), 0);
        QCOMPARE(bar->value(), bar->maximum());
        QVERIFY(!button->isVisible());
    }

    void scrollingBackToTheEndFollowsAgain() {
        LogView view(1000);
        view.resize(600, 300);
        view.show();
        view.append(lines(200));
        view.verticalScrollBar()->setValue(0);
        QVERIFY(!view.isFollowing());
        view.verticalScrollBar()->setValue(view.verticalScrollBar()->maximum());
        QVERIFY(view.isFollowing());
    }

    void theKeyboardWalksSelectsCopiesAndPauses() {
        LogView view(1000);
        view.resize(600, 300);
        view.show();
        view.append(lines(50));
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.currentLine()->sequence, 50);
        QTest::keyClick(&view, Qt::Key_Up, Qt::ShiftModifier);
        QCOMPARE(view.currentLine()->sequence, 49);
        QVERIFY(!view.isFollowing());
        QCOMPARE(view.selectedText().count(QLatin1Char('\n')), 1);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.currentLine()->sequence, 1);
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("line 1")));
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.currentLine()->sequence, 50);
        QVERIFY(view.isFollowing());
        QTest::keyClick(&view, Qt::Key_Space);
        QVERIFY(!view.isFollowing());
    }

    void theCurrentLineStaysTheSameLineWhileOthersAreTrimmed() {
        LogView view(100);
        view.resize(600, 300);
        view.show();
        view.append(lines(100));
        QTest::keyClick(&view, Qt::Key_Home);
        for (int i = 0; i < 80; ++i) {
            QTest::keyClick(&view, Qt::Key_Down);
        }
        QCOMPARE(view.currentLine()->sequence, 81);
        view.append(lines(50, 101));
        QCOMPARE(view.currentLine()->sequence, 81);
        view.append(lines(100, 151));
        QVERIFY(view.currentLine() == nullptr);
    }

    void strangeTextIsPaintedOnOneLine() {
        LogView view(100);
        view.resize(900, 200);
        view.show();
        auto strange = lines(4);
        strange[0].message = QStringLiteral("two\nlines\tand \x1b[31mcolour");
        strange[1].message = QString::fromUtf8("\u202eoverride \U0001F680 \u0645\u0631\u062d\u0628\u0627");
        strange[2].message = QString(200'000, QLatin1Char('x'));
        strange[3].level = QStringLiteral("ERROR");
        view.append(strange);
        const QImage drawn = view.grab().toImage();
        QVERIFY(!drawn.isNull());
        // The error's background differs from that of plain lines.
        const int row = view.viewport()->fontMetrics().height() + 5;
        QVERIFY(drawn.pixelColor(880, row / 2) != drawn.pixelColor(880, 3 * row + row / 2));
    }

    void twentyThousandLinesASecondLeaveTimeForFrames() {
        LogView view(100'000);
        view.resize(1200, 700);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.append(lines(100'000));
        QElapsedTimer timer;
        timer.start();
        constexpr int kFrames = 60;
        for (int frame = 0; frame < kFrames; ++frame) {
            view.append(lines(334, 100'001 + frame * 334));  // 20,000 a second at 60 frames
            view.viewport()->repaint();
        }
        qInfo("a frame of 334 lines on a full ring: %.2f ms", static_cast<double>(timer.elapsed()) / kFrames);
        QCOMPARE(view.ring().held(), 100'000);
    }
};

QTEST_MAIN(TestLogView)
#include "tst_console_log_view.moc"
