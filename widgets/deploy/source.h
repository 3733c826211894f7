// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What somebody dropped: a folder or a zip, what is in it, and what function it seems to be. Reads files, so away from
// the GUI thread.
#pragma once

#include "bundle/folder.h"

#include <QString>
#include <QStringList>
#include <map>
#include <memory>

namespace hanshu::deploy {

// The files that would be deployed, as paths with `/`, sorted.
struct Source {
    QString path;
    bool isZip = false;
    QStringList files;
    std::shared_ptr<const bundle::Folder> folder;  // null for a zip
    std::map<QString, QByteArray> texts;           // the sources at the top, which the guess reads
};

struct Guess {
    QString name;
    QString runtime;
    QString handler;
};

// The runtimes that can be chosen.
[[nodiscard]] const QStringList& runtimes();

// Lists a folder without what .fcignore names, or a zip. Errors: those of bundle::readFolder, and PackageNotZip with
// `path`.
[[nodiscard]] Result<Source> readSource(const QString& path, const std::stop_token& stop = {});
[[nodiscard]] Guess guess(const Source& source);
// The nearest name that a function may have.
[[nodiscard]] QString functionNameFrom(const QString& text);

}  // namespace hanshu::deploy
