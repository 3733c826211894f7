// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>

namespace hanshu::shell {

Language::Language(const QString& code, QObject* parent) : QObject(parent) {
    setCode(code);
}

void Language::setCode(const QString& code) {
    m_code = code;
    const QLocale locale = code.isEmpty() ? m_system : QLocale(code);
    QLocale::setDefault(locale);
    QCoreApplication::removeTranslator(&m_console);
    QCoreApplication::removeTranslator(&m_qt);
    // English has a catalogue too: it holds the plurals.
    const auto name = locale.language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en");
    if (m_qt.load(QStringLiteral("qtbase_%1").arg(name), QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&m_qt);
    }
    const bool loaded = m_console.load(QStringLiteral(":/i18n/hanshu_%1.qm").arg(name));
    Q_ASSERT(loaded);
    Q_UNUSED(loaded)
    QCoreApplication::installTranslator(&m_console);
}

}  // namespace hanshu::shell
