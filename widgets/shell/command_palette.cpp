// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/command_palette.h"

#include "filter/filter_field.h"
#include "theme/icon.h"
#include "theme/theme.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace hanshu::shell {

namespace {

constexpr int kHintRole = Qt::UserRole + 1;
constexpr int kMostShown = 200;

// The name on the left, its hint muted on the right.
class ItemDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        painter->save();
        painter->setPen(theme::tokens().textMuted);
        painter->drawText(option.rect.adjusted(0, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter,
                          index.data(kHintRole).toString());
        painter->restore();
    }
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QSize size = QStyledItemDelegate::sizeHint(option, index);
        size.setHeight(option.fontMetrics.height() + 14);
        return size;
    }
};

}  // namespace

CommandPalette::CommandPalette(std::vector<Item> items, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_items(std::move(items)), m_field(new QLineEdit), m_list(new QListWidget) {
    constexpr int kWidth = 560;
    constexpr int kHeight = 380;
    setObjectName(QStringLiteral("palette"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_field->setPlaceholderText(tr("Type a command or the name of a function"));
    m_field->setAccessibleName(tr("Command"));
    m_list->setAccessibleName(tr("Commands that match"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setItemDelegate(new ItemDelegate(m_list));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 10, 10, 10);
    column->addWidget(m_field);
    column->addWidget(m_list);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::narrow);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    resize(kWidth, kHeight);
    if (parent != nullptr) {
        move(parent->mapToGlobal(QPoint((parent->width() - kWidth) / 2, 70)));
    }
    narrow();
    m_field->setFocus();
}

void CommandPalette::narrow() {
    const auto terms = filter::terms(m_field->text());
    m_list->clear();
    for (std::size_t i = 0; i < m_items.size() && m_list->count() < kMostShown; ++i) {
        const auto& item = m_items[i];
        if (filter::matches(terms, {item.text, item.hint})) {
            auto* row = new QListWidgetItem(theme::icon(item.icon), item.text, m_list);
            row->setData(Qt::UserRole, static_cast<int>(i));
            row->setData(kHintRole, item.hint);
        }
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
    const auto* row = m_list->currentItem();
    if (row == nullptr) {
        return;
    }
    const auto run = m_items[static_cast<std::size_t>(row->data(Qt::UserRole).toInt())].run;
    close();
    run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
            case Qt::Key_Up:
            case Qt::Key_Down:
            case Qt::Key_PageUp:
            case Qt::Key_PageDown:
                QCoreApplication::sendEvent(m_list, event);
                return true;
            case Qt::Key_Return:
            case Qt::Key_Enter:
                runCurrent();
                return true;
            default:
                break;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}  // namespace hanshu::shell
