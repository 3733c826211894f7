// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "theme/icon.h"
#include "theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QImage>
#include <QTest>

using namespace hanshu::theme;

class TestTheme : public QObject {
    Q_OBJECT

private slots:
    void contrastIsThatOfWcag() {
        QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrast(Qt::white, Qt::white), 1.0);
        // 4.54:1 is the well-known grey that just passes on white.
        QVERIFY(std::abs(contrast(QColor(0x767676), Qt::white) - 4.54) < 0.01);
    }

    void everyPairOfColoursMeetsWcagAaInBothThemes() {
        for (const auto* tokens : {&lightTokens(), &darkTokens()}) {
            for (const auto& pair : textPairs(*tokens)) {
                const double ratio = contrast(pair.foreground, pair.background);
                QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("%1 (%2): %3 on %4 is %5")
                                                      .arg(QLatin1String(pair.name), tokens->dark ? "dark" : "light",
                                                           pair.foreground.name(), pair.background.name())
                                                      .arg(ratio)));
            }
            for (const auto& pair : markPairs(*tokens)) {
                const double ratio = contrast(pair.foreground, pair.background);
                QVERIFY2(ratio >= 3, qPrintable(QStringLiteral("%1 (%2): %3 on %4 is %5")
                                                    .arg(QLatin1String(pair.name), tokens->dark ? "dark" : "light",
                                                         pair.foreground.name(), pair.background.name())
                                                    .arg(ratio)));
            }
        }
    }

    void neighbouringPhasesDifferInLightness() {
        // What eyes that don't tell hues apart see: the gap between neighbours helps, lightness tells which is which.
        for (const auto* tokens : {&lightTokens(), &darkTokens()}) {
            for (std::size_t i = 1; i < tokens->phase.size(); ++i) {
                QVERIFY(contrast(tokens->phase[i - 1], tokens->phase[i]) > 1.05);
            }
        }
    }

    void theThemeChangesWhileTheProgramRuns() {
        Theme theme(Choice::Light);
        QVERIFY(!tokens().dark);
        QCOMPARE(QApplication::palette().color(QPalette::Base), lightTokens().surface);
        QVERIFY(!qApp->styleSheet().contains(QLatin1Char('@')));
        theme.setChoice(Choice::Dark);
        QVERIFY(tokens().dark);
        QCOMPARE(QApplication::palette().color(QPalette::Base), darkTokens().surface);
    }

    void everyIconDrawsInTheColourOfTheThemeInForce() {
        Theme theme(Choice::Light);
        const auto names = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
        QVERIFY(names.size() > 20);
        for (const auto& file : names) {
            const QIcon drawn = icon(file.chopped(4));
            theme.setChoice(Choice::Light);
            const QImage light = drawn.pixmap(32, 32).toImage();
            theme.setChoice(Choice::Dark);
            const QImage dark = drawn.pixmap(32, 32).toImage();
            int inked = 0;
            for (int y = 0; y < light.height(); ++y) {
                for (int x = 0; x < light.width(); ++x) {
                    inked += light.pixelColor(x, y).alpha() > 128 ? 1 : 0;
                }
            }
            QVERIFY2(inked > 8, qPrintable(file));
            const bool fixed = file.startsWith(QLatin1String("chevron")) || file == QLatin1String("hanshu.svg");
            QVERIFY2(fixed == (light == dark), qPrintable(file));
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_console_theme.moc"
