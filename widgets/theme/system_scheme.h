// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whether the desktop is dark, told by its settings portal where there is one, else by the palette that the program
// started with. GUI thread.
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace hanshu::theme {

class SystemScheme : public QObject {
    Q_OBJECT

public:
    explicit SystemScheme(QObject* parent = nullptr);
    [[nodiscard]] bool isDark() const { return m_dark; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onSettingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void askPortal();
    void take(uint preference);

    bool m_startedDark;
    bool m_dark;
};

}  // namespace hanshu::theme
