// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/language.h"

#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

namespace {

struct Message {
    QString context;
    QString source;
    QStringList translations;
    bool numerus = false;
    QString type;
};

QList<Message> readCatalogue(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QXmlStreamReader xml(&file);
    QList<Message> messages;
    QString context;
    while (!xml.atEnd()) {
        xml.readNext();
        if (!xml.isStartElement()) {
            continue;
        }
        if (xml.name() == QLatin1String("name")) {
            context = xml.readElementText();
        } else if (xml.name() == QLatin1String("message")) {
            Message message;
            message.context = context;
            message.numerus = xml.attributes().value(QLatin1String("numerus")) == QLatin1String("yes");
            messages.append(message);
        } else if (xml.name() == QLatin1String("source")) {
            messages.last().source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            messages.last().type = xml.attributes().value(QLatin1String("type")).toString();
            if (!messages.last().numerus) {
                messages.last().translations = {xml.readElementText()};
            }
        } else if (xml.name() == QLatin1String("numerusform")) {
            messages.last().translations.append(xml.readElementText());
        }
    }
    return messages;
}

// %1, %2, %n: what a translation must carry over.
QStringList placesOf(const QString& text) {
    static const QRegularExpression place(QStringLiteral("%(\\d|n)"));
    QStringList places;
    auto found = place.globalMatch(text);
    while (found.hasNext()) {
        places.append(found.next().captured());
    }
    places.sort();
    places.removeDuplicates();
    return places;
}

}  // namespace

class TestTranslations : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        m_source = qEnvironmentVariable("HANSHU_SOURCE");
        m_lupdate = qEnvironmentVariable("LUPDATE");
        QVERIFY2(QFileInfo::exists(m_source + QStringLiteral("/translations/hanshu_zh_CN.ts")), qPrintable(m_source));
        QVERIFY2(QFileInfo(m_lupdate).isExecutable(), qPrintable(m_lupdate));
    }

    // What lupdate finds in the sources now is what the catalogue holds, and all of it is translated.
    void everyTextOfTheSourcesIsTranslated_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("Chinese") << QStringLiteral("hanshu_zh_CN.ts");
        QTest::newRow("English plurals") << QStringLiteral("hanshu_en.ts");
    }
    void everyTextOfTheSourcesIsTranslated() {
        QFETCH(QString, name);
        QTemporaryDir folder;
        const QString copy = folder.filePath(name);
        QVERIFY(QFile::copy(m_source + QStringLiteral("/translations/") + name, copy));
        QFile(copy).setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        QProcess lupdate;
        QStringList arguments{
            m_source + QStringLiteral("/widgets"), QStringLiteral("-extensions"), QStringLiteral("cpp,h"),
            QStringLiteral("-no-obsolete"),        QStringLiteral("-ts"),         copy};
        if (name.contains(QStringLiteral("_en"))) {
            arguments.prepend(QStringLiteral("-pluralonly"));
        }
        lupdate.start(m_lupdate, arguments);
        QVERIFY(lupdate.waitForFinished(60'000));
        QCOMPARE(lupdate.exitCode(), 0);
        const auto messages = readCatalogue(copy);
        QVERIFY(messages.size() > 10);
        for (const auto& message : messages) {
            const QString told = message.context + QStringLiteral(": ") + message.source;
            QVERIFY2(message.type.isEmpty(), qPrintable(told));
            QVERIFY2(!message.translations.isEmpty(), qPrintable(told));
            for (const auto& text : message.translations) {
                QVERIFY2(!text.isEmpty(), qPrintable(told));
                QStringList missing = placesOf(message.source);
                for (const auto& place : placesOf(text)) {
                    QVERIFY2(missing.removeAll(place) > 0, qPrintable(told));
                }
                // A plural form may say "one" in words; every other place has to be there.
                missing.removeAll(QStringLiteral("%n"));
                QVERIFY2(missing.isEmpty(), qPrintable(told));
            }
        }
    }

    void mnemonicsSurviveInChinese() {
        for (const auto& message : readCatalogue(m_source + QStringLiteral("/translations/hanshu_zh_CN.ts"))) {
            QVERIFY2(
                message.source.contains(QLatin1Char('&')) == message.translations.value(0).contains(QLatin1Char('&')),
                qPrintable(message.source));
        }
    }

    void theLanguageChangesWhileTheProgramRuns() {
        hanshu::shell::Language language(QStringLiteral("en"));
        const auto text = [] { return QCoreApplication::translate("hanshu::pages::FunctionModel", "Runtime"); };
        QCOMPARE(text(), QStringLiteral("Runtime"));
        QCOMPARE(QCoreApplication::translate("hanshu::pages::FunctionsPage", "%n function(s)", nullptr, 1),
                 QStringLiteral("1 function"));
        QCOMPARE(QCoreApplication::translate("hanshu::pages::FunctionsPage", "%n function(s)", nullptr, 2),
                 QStringLiteral("2 functions"));
        language.setCode(QStringLiteral("zh_CN"));
        QVERIFY(text() != QStringLiteral("Runtime"));
        QCOMPARE(QLocale().language(), QLocale::Chinese);
    }

private:
    QString m_source;
    QString m_lupdate;
};

QTEST_MAIN(TestTranslations)
#include "tst_console_translations.moc"
