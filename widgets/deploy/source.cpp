// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "deploy/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <memory>

namespace hanshu::deploy {

namespace {

// Of a source file only so much is read for the guess.
constexpr qint64 kGuessBytes = 256 * 1024;

Failure sourceError(const char* reason, const QString& path, const QString& detail = {}) {
    return fail(Code::InvalidArgument, reason, {{"path", path.toStdString()}}, detail.toStdString());
}

bool isTopText(const QString& path) {
    return !path.contains(QLatin1Char('/')) &&
           (path.endsWith(QLatin1String(".py")) || path == QLatin1String("bootstrap"));
}

Result<Source> readZip(Source source) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
    archive_read_support_format_zip(reader.get());
    constexpr std::size_t kBlock = 64 * 1024;
    if (archive_read_open_filename(reader.get(), source.path.toLocal8Bit().constData(), kBlock) != ARCHIVE_OK) {
        return sourceError("PackageNotZip", source.path);
    }
    archive_entry* entry = nullptr;
    int result = ARCHIVE_OK;
    while ((result = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK || result == ARCHIVE_WARN) {
        const char* name = archive_entry_pathname_utf8(entry);
        if (name == nullptr) {
            return sourceError("PackageNameNotUtf8", source.path);
        }
        const QString path = QString::fromUtf8(name);
        if (archive_entry_filetype(entry) != AE_IFREG) {
            continue;
        }
        source.files.append(path);
        if (isTopText(path)) {
            QByteArray text(kGuessBytes, '\0');
            const auto got = archive_read_data(reader.get(), text.data(), static_cast<std::size_t>(text.size()));
            text.truncate(std::max<qsizetype>(0, got));
            source.texts[path] = text;
        }
    }
    if (result != ARCHIVE_EOF) {
        return sourceError("PackageNotZip", source.path);
    }
    if (source.files.isEmpty()) {
        return sourceError("PackageEmpty", source.path);
    }
    source.files.sort();
    return source;
}

}  // namespace

const QStringList& runtimes() {
    static const QStringList names{QStringLiteral("python3.11"), QStringLiteral("python3"), QStringLiteral("custom")};
    return names;
}

Result<Source> readSource(const QString& path, const std::stop_token& stop) {
    Source source;
    source.path = path;
    const QFileInfo info(path);
    if (!info.isDir()) {
        if (!info.isReadable()) {
            return sourceError("PackageUnreadable", path,
                               info.exists() ? QStringLiteral("Permission denied") : QStringLiteral("No such file"));
        }
        source.isZip = true;
        return readZip(std::move(source));
    }
    auto folder = bundle::readFolder(QFile::encodeName(path).toStdString(), stop);
    if (!folder) {
        return fail(std::move(folder.error()));
    }
    for (const auto& item : folder->items) {
        const QString file = QString::fromStdString(item.path);
        if (!file.endsWith(QLatin1Char('/'))) {
            source.files.append(file);
        }
        QFile text(QDir(path).filePath(file));
        if (isTopText(file) && text.open(QIODevice::ReadOnly)) {
            source.texts[file] = text.read(kGuessBytes);
        }
    }
    source.folder = std::make_shared<const bundle::Folder>(std::move(*folder));
    return source;
}

QString functionNameFrom(const QString& text) {
    constexpr qsizetype kLongest = 64;
    static const QRegularExpression other(QStringLiteral("[^A-Za-z0-9_-]+"));
    QString name = text;
    name.replace(other, QStringLiteral("-"));
    while (name.startsWith(QLatin1Char('-'))) {
        name.remove(0, 1);
    }
    while (name.endsWith(QLatin1Char('-'))) {
        name.chop(1);
    }
    if (name.isEmpty()) {
        return QStringLiteral("function");
    }
    if (name[0].isDigit()) {
        name.prepend(QLatin1Char('_'));
    }
    return name.left(kLongest);
}

// A file that defines a function of two parameters, `event` and `context` by habit, holds the handler: index.py before
// main.py before the rest, `handler` before other names.
Guess guess(const Source& source) {
    Guess result;
    const QFileInfo info(source.path);
    result.name = functionNameFrom(source.isZip ? info.completeBaseName() : QDir(source.path).dirName());
    if (source.texts.contains(QStringLiteral("bootstrap"))) {
        result.runtime = QStringLiteral("custom");
        result.handler = QStringLiteral("bootstrap");
        return result;
    }
    static const QRegularExpression definition(
        QStringLiteral("^(?:async\\s+)?def\\s+(\\w+)\\s*\\(\\s*\\w+[^,)]*,\\s*\\w+[^,)]*\\)"),
        QRegularExpression::MultilineOption);
    result.runtime = runtimes().first();
    int best = 0;
    for (const auto& [file, text] : source.texts) {
        const QString module = file.chopped(3);
        auto found = definition.globalMatch(QString::fromUtf8(text));
        while (found.hasNext()) {
            const QString name = found.next().captured(1);
            const int fileRank = module == QLatin1String("index") ? 4 : module == QLatin1String("main") ? 2 : 0;
            const int rank = 1 + fileRank + (name.endsWith(QLatin1String("handler")) ? 8 : 0);
            if (rank > best) {
                best = rank;
                result.handler = module + QLatin1Char('.') + name;
            }
        }
    }
    if (result.handler.isEmpty()) {
        result.handler = QStringLiteral("index.handler");
    }
    return result;
}

}  // namespace hanshu::deploy
