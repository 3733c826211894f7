// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "text/format.h"

#include <QDateTime>
#include <QLocale>
#include <cmath>

namespace hanshu::text {

namespace {

constexpr double kMsPerSecond = 1000;
constexpr double kUsPerMs = 1000;
constexpr double kUsPerSecond = 1e6;

// Three significant digits, as much as anyone compares at a glance.
QString threeDigits(double value) {
    const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    return QLocale().toString(value, 'f', decimals);
}

}  // namespace

QString Format::duration(double microseconds) {
    if (microseconds <= 0) {
        return tr("0 ms");
    }
    if (microseconds < kUsPerMs) {
        return tr("%1 µs").arg(QLocale().toString(std::round(microseconds), 'f', 0));
    }
    if (microseconds < kUsPerSecond) {
        return tr("%1 ms").arg(threeDigits(microseconds / kUsPerMs));
    }
    const double seconds = microseconds / kUsPerSecond;
    if (seconds < 60) {
        return tr("%1 s").arg(threeDigits(seconds));
    }
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 3600) {
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString Format::bytes(double count) {
    constexpr double kKilobyte = 1024;
    if (count < kKilobyte) {
        return tr("%n byte(s)", nullptr, static_cast<int>(count));
    }
    return QLocale().formattedDataSize(static_cast<qint64>(count), 1, QLocale::DataSizeTraditionalFormat);
}

QString Format::megabytes(int count) {
    return tr("%1 MB").arg(QLocale().toString(count));
}

QString Format::gbSeconds(double value) {
    return tr("%1 GB-s").arg(QLocale().toString(value, 'g', 3));
}

QString Format::time(double unixMs) {
    const auto time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(unixMs));
    const auto clock = time.toString(QStringLiteral("HH:mm:ss.zzz"));
    return time.date() == QDate::currentDate() ? clock : time.toString(QStringLiteral("MM-dd ")) + clock;
}

QString Format::fullTime(double unixMs) {
    if (unixMs <= 0) {
        return {};
    }
    const auto time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(unixMs));
    return time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz ")) + time.timeZoneAbbreviation();
}

QString Format::elapsed(double unixMs, double nowMs) {
    if (unixMs <= 0) {
        return {};
    }
    const auto seconds = static_cast<qint64>((nowMs - unixMs) / kMsPerSecond);
    if (seconds < 60) {
        return tr("just now");
    }
    if (seconds < 3600) {
        return tr("%n min ago", nullptr, static_cast<int>(seconds / 60));
    }
    if (seconds < 86400) {
        return tr("%n h ago", nullptr, static_cast<int>(seconds / 3600));
    }
    return tr("%n day(s) ago", nullptr, static_cast<int>(seconds / 86400));
}

QString Format::count(qint64 value) {
    return QLocale().toString(value);
}

double Format::parseTime(const std::string& rfc3339) {
    const auto time = QDateTime::fromString(QString::fromStdString(rfc3339), Qt::ISODateWithMs);
    return time.isValid() ? static_cast<double>(time.toMSecsSinceEpoch()) : 0;
}

QString oneLine(const QString& text) {
    constexpr char16_t kReturnSymbol = u'\u21b5';
    QString line;
    line.reserve(text.size());
    for (const QChar c : text) {
        const char16_t code = c.unicode();
        if (code == u'\n') {
            line += kReturnSymbol;
        } else if (code == u'\t') {
            line += QLatin1String("    ");
        } else if (code < 0x20) {
            line += QChar(static_cast<char16_t>(0x2400 + code));  // the control pictures of Unicode
        } else if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
            continue;
        } else {
            line += c;
        }
    }
    return line;
}

}  // namespace hanshu::text
