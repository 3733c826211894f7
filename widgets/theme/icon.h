// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Icons drawn from SVG in the colours of the theme in force: they follow it without being made anew. GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QIcon>
#include <QString>

namespace hanshu::theme {

// `name` is a file of theme/icons without its suffix. An unknown name is a programming error and draws nothing.
[[nodiscard]] QIcon icon(const QString& name);
[[nodiscard]] QIcon icon(const QString& name, Tone tone);
[[nodiscard]] QIcon iconOnAccent(const QString& name);

// Draws the icon at once, for delegates.
void paintIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color);

}  // namespace hanshu::theme
