// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "log/log_view.h"

#include "text/format.h"
#include "theme/icon.h"
#include "theme/theme.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFontDatabase>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>

namespace hanshu::logs {

namespace {

constexpr int kMargin = 10;
constexpr int kColumnGap = 14;
constexpr int kLevelChars = 8;
constexpr int kFunctionChars = 18;
// Of a line; the rest is in the detail.
constexpr int kMostShown = 4096;

theme::Tone toneOf(const QString& level) {
    const QString upper = level.toUpper();
    if (upper == QLatin1String("ERROR") || upper == QLatin1String("FATAL") || upper == QLatin1String("CRITICAL")) {
        return theme::Tone::Danger;
    }
    if (upper.startsWith(QLatin1String("WARN"))) {
        return theme::Tone::Warning;
    }
    return upper == QLatin1String("INFO") ? theme::Tone::Info : theme::Tone::Neutral;
}

}  // namespace

LogView::LogView(int capacity, QWidget* parent)
    : QAbstractScrollArea(parent), m_ring(capacity), m_jump(new QPushButton(this)), m_copy(new QAction(this)) {
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(this->font().pointSizeF());
    viewport()->setFont(font);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_jump->setProperty("primary", true);
    m_jump->setIcon(theme::iconOnAccent(QStringLiteral("bottom")));
    m_jump->setCursor(Qt::PointingHandCursor);
    m_jump->hide();
    connect(m_jump, &QPushButton::clicked, this, [this] {
        follow();
        setFocus();
    });
    m_copy->setShortcut(QKeySequence::Copy);
    m_copy->setShortcutContext(Qt::WidgetShortcut);
    connect(m_copy, &QAction::triggered, this, &LogView::copy);
    addAction(m_copy);
    retranslate();
}

void LogView::append(std::vector<Line> lines) {
    const QFontMetrics metrics = viewport()->fontMetrics();
    const int digit = metrics.horizontalAdvance(QLatin1Char('0'));
    for (const auto& line : lines) {
        // Measuring every line would cost more than painting the few that are seen; characters are of one width.
        const auto length = static_cast<int>(std::min<qsizetype>(line.message.size(), kMostShown));
        m_widest = std::max(m_widest, (length + 24 + kLevelChars + kFunctionChars) * digit + 4 * kColumnGap);
    }
    const auto change = m_ring.append(std::move(lines));
    if (change.removed > 0) {
        m_current = m_current < 0 ? -1 : std::max(-1, m_current - change.removed);
        m_anchor = m_current < 0 ? -1 : std::max(0, m_anchor - change.removed);
    }
    m_adjusting = true;
    if (!m_following) {
        m_new += change.appended;
        // What is being read moves up by what was trimmed above it.
        verticalScrollBar()->setValue(std::max(0, verticalScrollBar()->value() - change.removed));
    }
    updateScrollBar();
    m_adjusting = false;
    placeButton();
    viewport()->update();
    if (change.appended > 0 || change.removed > 0) {
        Q_EMIT countsChanged();
    }
}

void LogView::clear() {
    m_ring.clear();
    m_widest = 0;
    m_current = m_anchor = -1;
    follow();
    Q_EMIT countsChanged();
    Q_EMIT currentChanged();
}

void LogView::setTerms(const QStringList& terms) {
    m_ring.setTerms(terms);
    m_current = m_anchor = -1;
    follow();
    Q_EMIT countsChanged();
    Q_EMIT currentChanged();
}

void LogView::setStale(bool stale) {
    m_stale = stale;
    viewport()->update();
}

void LogView::setFunctionShown(bool shown) {
    m_functionShown = shown;
    viewport()->update();
}

const Line* LogView::currentLine() const {
    return m_current >= 0 && m_current < m_ring.count() ? &m_ring.at(m_current) : nullptr;
}

int LogView::firstVisible() const {
    return verticalScrollBar()->value();
}

void LogView::follow() {
    const bool news = !m_following;
    m_following = true;
    m_new = 0;
    m_adjusting = true;
    updateScrollBar();
    m_adjusting = false;
    placeButton();
    viewport()->update();
    if (news) {
        Q_EMIT followingChanged(true);
    }
}

void LogView::pause() {
    if (m_following) {
        m_following = false;
        m_new = 0;
        placeButton();
        Q_EMIT followingChanged(false);
    }
}

int LogView::rowHeight() const {
    return viewport()->fontMetrics().height() + 5;
}

int LogView::rowsOnScreen() const {
    return std::max(1, viewport()->height() / rowHeight());
}

int LogView::rowAt(int y) const {
    const int row = firstVisible() + y / rowHeight();
    return row < m_ring.count() ? row : -1;
}

void LogView::updateScrollBar() {
    auto* bar = verticalScrollBar();
    bar->setPageStep(rowsOnScreen());
    bar->setRange(0, std::max(0, m_ring.count() - rowsOnScreen()));
    if (m_following) {
        bar->setValue(bar->maximum());
    }
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(40);
    horizontalScrollBar()->setRange(0, std::max(0, m_widest - viewport()->width()));
}

void LogView::paintEvent(QPaintEvent*) {
    const auto& tokens = theme::tokens();
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), tokens.surface);
    painter.setFont(viewport()->font());
    painter.translate(-horizontalScrollBar()->value(), 0);
    const int height = rowHeight();
    const int width = viewport()->width() + horizontalScrollBar()->value();
    const int low = std::min(m_current, m_anchor);
    const int high = std::max(m_current, m_anchor);
    const int end = std::min(m_ring.count(), firstVisible() + viewport()->height() / height + 1);
    for (int index = firstVisible(); index < end; ++index) {
        const QRect row(0, (index - firstVisible()) * height, width, height);
        const bool selected = m_current >= 0 && index >= low && index <= high;
        paintLine(painter, m_ring.at(index), row, selected);
        if (index == m_current && hasFocus()) {
            painter.setPen(QPen(tokens.accent, 1));
            painter.drawRect(row.adjusted(horizontalScrollBar()->value(), 0, -1, -1));
        }
    }
}

void LogView::paintLine(QPainter& painter, const Line& line, const QRect& row, bool selected) const {
    const auto& tokens = theme::tokens();
    const auto tone = toneOf(line.level);
    const QFontMetrics metrics = painter.fontMetrics();
    const int digit = metrics.horizontalAdvance(QLatin1Char('0'));
    if (selected) {
        painter.fillRect(row, tokens.selection);
    } else if (tone == theme::Tone::Danger || tone == theme::Tone::Warning) {
        painter.fillRect(row, tokens.softOf(tone));
        painter.fillRect(QRect(row.left(), row.top(), 3, row.height()), tokens.of(tone));
    }
    int x = row.left() + kMargin;
    const auto column = [&](const QString& text, int width, const QColor& color) {
        painter.setPen(m_stale ? tokens.textMuted : color);
        painter.drawText(QRect(x, row.top(), width, row.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(text, Qt::ElideRight, width));
        x += width + kColumnGap;
    };
    const QString time = text::Format::time(line.time);
    column(time, std::max(metrics.horizontalAdvance(time), 12 * digit), selected ? tokens.text : tokens.textMuted);
    if (m_functionShown) {
        column(line.function, kFunctionChars * digit, selected ? tokens.text : tokens.accent);
    }
    column(line.level.toUpper(), kLevelChars * digit, selected ? tokens.text : tokens.of(tone));
    painter.setPen(m_stale ? tokens.textMuted : tokens.text);
    painter.drawText(QRect(x, row.top(), std::max(0, row.right() - x), row.height()),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     text::oneLine(line.message.left(kMostShown)));
}

void LogView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    m_adjusting = true;
    updateScrollBar();
    m_adjusting = false;
    placeButton();
}

void LogView::scrollContentsBy(int, int dy) {
    viewport()->update();
    if (m_adjusting || dy == 0) {
        return;
    }
    const auto* bar = verticalScrollBar();
    if (bar->value() >= bar->maximum()) {
        follow();
    } else {
        pause();
    }
}

void LogView::setCurrent(int index, bool extend) {
    if (m_ring.count() == 0) {
        return;
    }
    m_current = std::clamp(index, 0, m_ring.count() - 1);
    if (!extend || m_anchor < 0) {
        m_anchor = m_current;
    }
    auto* bar = verticalScrollBar();
    if (m_current < bar->value()) {
        bar->setValue(m_current);
    } else if (m_current >= bar->value() + rowsOnScreen()) {
        bar->setValue(m_current - rowsOnScreen() + 1);
    }
    if (m_current < m_ring.count() - 1) {
        pause();
    }
    viewport()->update();
    const auto& line = m_ring.at(m_current);
    setAccessibleDescription(text::Format::time(line.time) + QLatin1Char(' ') + line.function + QLatin1Char(' ') +
                             line.level + QLatin1Char(' ') + line.message);
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
    Q_EMIT currentChanged();
}

void LogView::keyPressEvent(QKeyEvent* event) {
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const int from = m_current >= 0 ? m_current : m_ring.count();
    switch (event->key()) {
        case Qt::Key_Up:
            return setCurrent(from - 1, extend);
        case Qt::Key_Down:
            return setCurrent(from + 1, extend);
        case Qt::Key_PageUp:
            return setCurrent(from - rowsOnScreen(), extend);
        case Qt::Key_PageDown:
            return setCurrent(from + rowsOnScreen(), extend);
        case Qt::Key_Home:
            return setCurrent(0, extend);
        case Qt::Key_End:
            setCurrent(m_ring.count() - 1, extend);
            return follow();
        case Qt::Key_Space:
            return m_following ? pause() : follow();
        default:
            QAbstractScrollArea::keyPressEvent(event);
    }
}

void LogView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        const int row = rowAt(static_cast<int>(event->position().y()));
        if (row >= 0) {
            setCurrent(row, event->modifiers().testFlag(Qt::ShiftModifier));
        }
    }
}

void LogView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons().testFlag(Qt::LeftButton)) {
        const int row = rowAt(std::clamp(static_cast<int>(event->position().y()), 0, viewport()->height() - 1));
        if (row >= 0 && row != m_current) {
            setCurrent(row, true);
        }
    }
}

void LogView::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_copy->setEnabled(m_current >= 0);
    menu->addAction(m_copy);
    menu->popup(event->globalPos());
}

QString LogView::selectedText() const {
    QStringList lines;
    if (m_current >= 0) {
        for (int i = std::min(m_current, m_anchor); i <= std::max(m_current, m_anchor); ++i) {
            const auto& line = m_ring.at(i);
            lines.append(
                QStringList{text::Format::fullTime(line.time), line.function, line.requestId, line.level, line.message}
                    .join(QLatin1Char('\t')));
        }
    }
    return lines.join(QLatin1Char('\n'));
}

void LogView::copy() const {
    QApplication::clipboard()->setText(selectedText());
}

void LogView::placeButton() {
    m_jump->setVisible(!m_following);
    if (m_following) {
        return;
    }
    m_jump->setText(m_new == 0 ? tr("Follow") : tr("%n new line(s)", nullptr, m_new));
    m_jump->adjustSize();
    m_jump->move(viewport()->width() - m_jump->width() - 16, viewport()->height() - m_jump->height() - 12);
    m_jump->raise();
}

void LogView::retranslate() {
    setAccessibleName(tr("Log lines"));
    m_copy->setText(tr("Copy lines"));
    m_jump->setToolTip(tr("Go to the newest line and stay there (End)"));
    m_jump->setAccessibleName(tr("Follow the log"));
    placeButton();
}

void LogView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

void LogView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0 && m_ring.count() > 0 && event->reason() == Qt::TabFocusReason) {
        m_current = m_anchor = m_ring.count() - 1;
    }
    viewport()->update();
}

void LogView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

}  // namespace hanshu::logs
