// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The language of the console, changed while it runs: every widget gets a LanguageChange. One a process. GUI thread.
#pragma once

#include <QLocale>
#include <QObject>
#include <QTranslator>

namespace hanshu::shell {

class Language : public QObject {
    Q_OBJECT

public:
    // `code`: en, zh_CN, or empty for the system's.
    explicit Language(const QString& code, QObject* parent = nullptr);
    [[nodiscard]] const QString& code() const { return m_code; }
    void setCode(const QString& code);

private:
    QString m_code;
    QLocale m_system;
    QTranslator m_console;
    QTranslator m_qt;
};

}  // namespace hanshu::shell
