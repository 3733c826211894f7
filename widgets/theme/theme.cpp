// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "theme/theme.h"

#include "theme/system_scheme.h"

#include <QApplication>
#include <QPalette>
#include <QPixmapCache>
#include <QStyleFactory>

namespace hanshu::theme {

namespace {

const Tokens* tokensInUse = nullptr;

QPalette paletteOf(const Tokens& t) {
    QPalette palette;
    palette.setColor(QPalette::Window, t.window);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.surface);
    palette.setColor(QPalette::AlternateBase, t.raised);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.textMuted);
    palette.setColor(QPalette::Button, t.raised);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::BrightText, t.of(Tone::Danger));
    palette.setColor(QPalette::ToolTipBase, t.raised);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.selection);
    palette.setColor(QPalette::HighlightedText, t.text);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::LinkVisited, t.accent);
    palette.setColor(QPalette::Light, t.raised);
    palette.setColor(QPalette::Midlight, t.hover);
    palette.setColor(QPalette::Mid, t.border);
    palette.setColor(QPalette::Dark, t.control);
    palette.setColor(QPalette::Shadow, QColor(0, 0, 0, t.dark ? 160 : 60));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        QColor faded = t.text;
        faded.setAlpha(110);
        palette.setColor(QPalette::Disabled, role, faded);
    }
    return palette;
}

// The @names are tokens.
constexpr const char* kSheet = R"(
QToolTip { color: @text; background: @raised; border: 1px solid @control; padding: 4px 6px; }
QMenuBar { background: @window; border-bottom: 1px solid @border; padding: 2px 4px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @selection; }
QMenu { background: @raised; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @textMuted; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QStatusBar { background: @window; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QSplitter::handle { background: @border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox {
  background: @surface; border: 1px solid @control; border-radius: 5px; selection-background-color: @accent;
  selection-color: @onAccent; }
QLineEdit, QSpinBox, QComboBox { padding: 4px 7px; min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus { border: 2px solid @accent; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { padding: 3px 6px; }
QLineEdit[invalid="true"] { border: 2px solid @danger; padding: 3px 6px; }
QPlainTextEdit[readOnly="true"], QTextEdit[readOnly="true"] { background: @raised; border-color: @border; }
QPlainTextEdit[readOnly="true"]:focus, QTextEdit[readOnly="true"]:focus { border: 2px solid @accent; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(:/icons/chevron-@scheme.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @border; selection-background-color: @selection;
  selection-color: @text; outline: none; }
QSpinBox::up-button, QSpinBox::down-button { border: none; width: 18px; background: transparent; }
QSpinBox::up-arrow { image: url(:/icons/chevron-up-@scheme.svg); width: 10px; height: 10px; }
QSpinBox::down-arrow { image: url(:/icons/chevron-@scheme.svg); width: 10px; height: 10px; }

QPushButton { background: @raised; border: 1px solid @control; border-radius: 5px; padding: 5px 12px; min-height: 18px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:focus { border: 2px solid @accent; padding: 4px 11px; }
QPushButton:disabled { border-color: @border; }
QPushButton:default, QPushButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton:default:disabled, QPushButton[primary="true"]:disabled { background: @hover; color: @textMuted;
  border-color: @border; }
QPushButton[flat="true"] { background: transparent; border-color: transparent; }
QPushButton[flat="true"]:hover { background: @hover; }
QPushButton[flat="true"]:focus { border: 2px solid @accent; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px; background: transparent; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selection; }
QToolButton:focus { border: 1px solid @accent; }

QTableView, QListView { background: @surface; border: none; outline: none; selection-background-color: @selection;
  selection-color: @text; }
QHeaderView { background: @raised; border: none; }
QHeaderView::section { background: @raised; color: @textMuted; border: none; border-bottom: 1px solid @border;
  padding: 6px 8px; font-weight: 600; }
QHeaderView::section:hover { color: @text; background: @hover; }
QTableCornerButton::section { background: @raised; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid @border; top: -1px; }
QTabBar { background: transparent; }
QTabBar::tab { padding: 7px 14px; color: @textMuted; border: none; border-bottom: 2px solid transparent;
  background: transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar:focus { outline: none; }
QTabBar::tab:selected:focus { background: @selection; border-radius: 4px 4px 0 0; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @control; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @textMuted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none;
  width: 0; height: 0; }
QProgressBar { background: @border; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }

#navigation { background: @window; border: none; padding: 8px 6px; }
#navigation::item { padding: 8px 10px; border-radius: 6px; color: @text; margin: 1px 0; }
#navigation::item:hover { background: @hover; }
#navigation::item:selected { background: @selection; color: @text; }
#navigation:focus { border: none; }
#navigation::item:selected:focus { border: 2px solid @accent; padding: 6px 8px; }
#brand { padding: 14px 16px 6px 16px; }
#pageHeader { background: @surface; border-bottom: 1px solid @border; }
#pageTitle { font-size: 15pt; font-weight: 600; }
#objectTitle { font-size: 13pt; font-weight: 600; }
#sectionTitle { font-weight: 600; color: @textMuted; }
QLabel[muted="true"] { color: @textMuted; }
#card, #detail { background: @surface; }
#emptyTitle { font-size: 13pt; font-weight: 600; }
#dropHint { background: @selection; border: 2px dashed @accent; border-radius: 10px; }
#dropHint QLabel { background: transparent; }
#palette { background: @raised; border: 1px solid @control; border-radius: 8px; }
)";

QString sheetOf(const Tokens& t) {
    QString sheet = QString::fromLatin1(kSheet);
    // Longer names first: @text is a beginning of @textMuted.
    const std::pair<const char*, QString> values[] = {
        {"@textMuted", t.textMuted.name()},
        {"@text", t.text.name()},
        {"@window", t.window.name()},
        {"@surface", t.surface.name()},
        {"@raised", t.raised.name()},
        {"@border", t.border.name()},
        {"@control", t.control.name()},
        {"@onAccent", t.onAccent.name()},
        {"@accent", t.accent.name()},
        {"@selection", t.selection.name()},
        {"@hover", t.hover.name()},
        {"@danger", t.of(Tone::Danger).name()},
        {"@scheme", t.dark ? "dark" : "light"},
    };
    for (const auto& [name, value] : values) {
        sheet.replace(QLatin1String(name), value);
    }
    return sheet;
}

}  // namespace

const Tokens& tokens() {
    return tokensInUse != nullptr ? *tokensInUse : lightTokens();
}

Theme::Theme(Choice choice, QObject* parent) : QObject(parent), m_choice(choice), m_system(new SystemScheme(this)) {
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    connect(m_system, &SystemScheme::changed, this, &Theme::apply);
    apply();
}

void Theme::setChoice(Choice choice) {
    m_choice = choice;
    apply();
}

void Theme::apply() {
    const bool dark = m_choice == Choice::Dark || (m_choice == Choice::System && m_system->isDark());
    tokensInUse = dark ? &darkTokens() : &lightTokens();
    QPixmapCache::clear();
    QApplication::setPalette(paletteOf(*tokensInUse));
    qApp->setStyleSheet(sheetOf(*tokensInUse));
    Q_EMIT changed();
}

}  // namespace hanshu::theme
