// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "theme/icon.h"

#include "theme/theme.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>
#include <functional>

namespace hanshu::theme {

namespace {

QByteArray source(const QString& name) {
    static QHash<QString, QByteArray> cache;
    auto found = cache.find(name);
    if (found == cache.end()) {
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        found = cache.insert(name, file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    }
    return *found;
}

class Engine : public QIconEngine {
public:
    Engine(QString name, std::function<QColor()> color) : m_name(std::move(name)), m_color(std::move(color)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        QColor color = m_color();
        if (mode == QIcon::Disabled) {
            color.setAlpha(110);
        }
        paintIcon(*painter, m_name, rect, color);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new Engine(m_name, m_color); }

private:
    QString m_name;
    std::function<QColor()> m_color;
};

}  // namespace

void paintIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color) {
    QByteArray svg = source(name);
    Q_ASSERT_X(!svg.isEmpty(), "paintIcon", qPrintable(name));
    svg.replace("currentColor", color.name().toLatin1());
    QSvgRenderer renderer(svg);
    painter.save();
    painter.setOpacity(painter.opacity() * color.alphaF());
    renderer.render(&painter, rect);
    painter.restore();
}

QIcon icon(const QString& name) {
    return QIcon(new Engine(name, [] { return tokens().text; }));
}

QIcon icon(const QString& name, Tone tone) {
    return QIcon(new Engine(name, [tone] { return tokens().of(tone); }));
}

QIcon iconOnAccent(const QString& name) {
    return QIcon(new Engine(name, [] { return tokens().onAccent; }));
}

}  // namespace hanshu::theme
