// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Values as people read them, in the language of the console. GUI thread.
#pragma once

#include <QCoreApplication>
#include <QString>

namespace hanshu::text {

class Format {
    Q_DECLARE_TR_FUNCTIONS(Format)

public:
    // 850 µs, 12.3 ms, 2.35 s, 3 min 12 s.
    [[nodiscard]] static QString duration(double microseconds);
    [[nodiscard]] static QString bytes(double count);
    [[nodiscard]] static QString megabytes(int count);
    [[nodiscard]] static QString gbSeconds(double value);
    // Local time of Unix milliseconds: the clock with milliseconds, after the day when that is not today.
    [[nodiscard]] static QString time(double unixMs);
    // The same, always with day and zone: for tooltips and details.
    [[nodiscard]] static QString fullTime(double unixMs);
    // "just now", "5 min ago", "3 days ago".
    [[nodiscard]] static QString elapsed(double unixMs, double nowMs);
    [[nodiscard]] static QString count(qint64 value);
    // Unix milliseconds of RFC 3339, 0 when it is none.
    [[nodiscard]] static double parseTime(const std::string& rfc3339);
};

// UTF-8 of the schema; broken bytes become replacement characters.
[[nodiscard]] inline QString fromUtf8(const std::string& text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

// For one line of a list: control characters become visible, and directional overrides cannot turn the line around.
[[nodiscard]] QString oneLine(const QString& text);

}  // namespace hanshu::text
