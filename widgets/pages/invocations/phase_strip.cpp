// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/phase_strip.h"

#include "table/table_model_base.h"
#include "text/format.h"
#include "theme/theme.h"

#include <QEvent>
#include <QPainter>

namespace hanshu::pages {

namespace {

// A phase that happened stays visible however short it was.
constexpr double kLeastWidth = 2;

void paintStrip(QPainter& painter, const QRectF& rect, const PhaseTimes& times) {
    const double total = times.total();
    if (total <= 0) {
        return;
    }
    const auto& tokens = theme::tokens();
    std::array<double, theme::kPhaseCount> widths{};
    double sum = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const double value = times.microseconds[i];
        widths[i] = value > 0 ? std::max(kLeastWidth, value / total * rect.width()) : 0;
        sum += widths[i];
    }
    double x = rect.left();
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const double width = widths[i] * rect.width() / sum;
        if (width > 0) {
            // A gap of a pixel keeps neighbours apart for eyes that don't tell their colours.
            painter.fillRect(QRectF(x, rect.top(), std::max(1.0, width - 1), rect.height()), tokens.phase[i]);
        }
        x += width;
    }
}

}  // namespace

void PhasesDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    constexpr int kHalfHeight = 5;
    constexpr int kHeight = 2 * kHalfHeight;
    paintBackground(painter, option, index);
    const auto times = index.data(table::PhasesRole).value<PhaseTimes>();
    const QRect cell = option.rect.adjusted(8, 0, -8, 0);
    paintStrip(*painter, QRectF(cell.left(), cell.center().y() - kHalfHeight + 1, cell.width(), kHeight), times);
}

PhaseStrip::PhaseStrip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(layOut(nullptr, width()));
    retranslate();
}

void PhaseStrip::setTimes(const PhaseTimes& times) {
    m_times = times;
    retranslate();
    setFixedHeight(layOut(nullptr, width()));
    update();
}

int PhaseStrip::layOut(QPainter* painter, int width) const {
    constexpr int kStrip = 16;
    constexpr int kSquare = 10;
    constexpr int kGap = 6;
    constexpr int kBetween = 16;
    const auto& tokens = theme::tokens();
    if (painter != nullptr) {
        paintStrip(*painter, QRectF(0, 0, width, kStrip), m_times);
    }
    const QFontMetrics metrics = fontMetrics();
    const int line = metrics.height() + 4;
    int x = 0;
    int y = kStrip + 8;
    for (int i = 0; i < theme::kPhaseCount; ++i) {
        const auto phase = static_cast<theme::Phase>(i);
        const QString name = RunText::phase(phase);
        const QString value = text::Format::duration(m_times.microseconds[static_cast<std::size_t>(i)]);
        const int nameWidth = metrics.horizontalAdvance(name);
        const int whole = kSquare + kGap + nameWidth + kGap + metrics.horizontalAdvance(value);
        if (x > 0 && x + whole > width) {
            x = 0;
            y += line;
        }
        if (painter != nullptr) {
            painter->fillRect(x, y + (line - kSquare) / 2, kSquare, kSquare, tokens.of(phase));
            const int baseline = y + (line - metrics.height()) / 2 + metrics.ascent();
            painter->setPen(tokens.textMuted);
            painter->drawText(x + kSquare + kGap, baseline, name);
            painter->setPen(tokens.text);
            painter->drawText(x + kSquare + kGap + nameWidth + kGap, baseline, value);
        }
        x += whole + kBetween;
    }
    return y + line;
}

// Layouts within splitters and scroll areas do not ask for a height by width, so the height follows here.
void PhaseStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    setFixedHeight(layOut(nullptr, width()));
}

void PhaseStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    layOut(&painter, width());
}

void PhaseStrip::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        setFixedHeight(layOut(nullptr, width()));
    }
}

void PhaseStrip::retranslate() {
    setAccessibleName(tr("Phases of the run"));
    setAccessibleDescription(RunText::phasesLine(m_times));
    setToolTip(RunText::phasesLine(m_times));
}

}  // namespace hanshu::pages
