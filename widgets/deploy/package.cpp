// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "deploy/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <memory>

namespace hanshu::deploy {

namespace {

// The first moment that a zip can tell, so that the time of a checkout does not change the package.
constexpr time_t kZipEpoch = 315'532'800;  // 1980-01-01T00:00:00Z
constexpr qint64 kBlock = 256 * 1024;

Failure writeError(archive* writer) {
    const char* text = archive_error_string(writer);
    return fail(Code::Internal, "PackageUnreadable", {{"path", "zip"}}, text != nullptr ? text : "");
}

Failure readError(const QString& path, const QString& detail) {
    return fail(Code::InvalidArgument, "PackageUnreadable", {{"path", path.toStdString()}}, detail.toStdString());
}

Result<void> addFile(archive* writer, const QDir& top, const QString& path, const std::atomic<bool>& cancelled) {
    QFile file(top.filePath(path));
    if (!file.open(QIODevice::ReadOnly)) {
        return readError(path, file.errorString());
    }
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
    const bool runs = QFileInfo(file).isExecutable();
    archive_entry_set_pathname_utf8(entry.get(), path.toUtf8().constData());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), runs ? 0755 : 0644);
    archive_entry_set_size(entry.get(), file.size());
    archive_entry_set_mtime(entry.get(), kZipEpoch, 0);
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) {
        return writeError(writer);
    }
    QByteArray block(kBlock, '\0');
    qint64 left = file.size();
    while (left > 0) {
        if (cancelled) {
            return fail(Code::Cancelled, "Cancelled");
        }
        const qint64 got = file.read(block.data(), std::min(left, kBlock));
        if (got <= 0) {
            return readError(path, got < 0 ? file.errorString() : QStringLiteral("it became shorter meanwhile"));
        }
        if (archive_write_data(writer, block.constData(), static_cast<std::size_t>(got)) != got) {
            return writeError(writer);
        }
        left -= got;
    }
    return {};
}

}  // namespace

Result<void> writeZip(const Source& source, const QString& zipPath, const std::function<void(int)>& progress,
                      const std::atomic<bool>& cancelled) {
    const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(), archive_write_free);
    archive_write_set_format_zip(writer.get());
    // Names are marked as UTF-8, whatever the locale is.
    archive_write_set_options(writer.get(), "zip:hdrcharset=UTF-8");
    if (archive_write_open_filename(writer.get(), zipPath.toLocal8Bit().constData()) != ARCHIVE_OK) {
        return writeError(writer.get());
    }
    const QDir top(source.path);
    int done = 0;
    for (const auto& path : source.files) {
        if (cancelled) {
            return fail(Code::Cancelled, "Cancelled");
        }
        HANSHU_TRY(addFile(writer.get(), top, path, cancelled));
        progress(++done);
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK) {
        return writeError(writer.get());
    }
    return {};
}

}  // namespace hanshu::deploy
