// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/deploy_dialog.h"

#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStyle>
#include <QVBoxLayout>

namespace hanshu::pages {

namespace {

// Ranges and defaults of Function Compute 3.0.
constexpr int kLeastMemory = 128;
constexpr int kMostMemory = 32'768;
constexpr int kMemoryStep = 64;
constexpr int kFirstMemory = 512;
constexpr int kMostTimeout = 86'400;
constexpr int kFirstTimeout = 60;

}  // namespace

DeployDialog::DeployDialog(const deploy::Source& source, const deploy::Guess& guess,
                           std::function<bool(const QString&)> exists, QWidget* parent)
    : QDialog(parent),
      m_path(source.path),
      m_fileCount(source.files.size()),
      m_exists(std::move(exists)),
      m_what(new QLabel),
      m_nameLabel(new QLabel),
      m_runtimeLabel(new QLabel),
      m_handlerLabel(new QLabel),
      m_memoryLabel(new QLabel),
      m_timeoutLabel(new QLabel),
      m_note(new QLabel),
      m_name(new QLineEdit(guess.name)),
      m_runtime(new QComboBox),
      m_handler(new QLineEdit(guess.handler)),
      m_memory(new QSpinBox),
      m_timeout(new QSpinBox),
      m_ok(new QPushButton),
      m_cancel(new QPushButton) {
    setMinimumWidth(460);
    m_runtime->addItems(deploy::runtimes());
    m_runtime->setCurrentText(guess.runtime);
    m_memory->setRange(kLeastMemory, kMostMemory);
    m_memory->setSingleStep(kMemoryStep);
    m_memory->setValue(kFirstMemory);
    m_timeout->setRange(1, kMostTimeout);
    m_timeout->setValue(kFirstTimeout);
    m_what->setWordWrap(true);
    m_what->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setProperty("muted", true);
    // Always two lines high, so that the dialog does not jump while a name is typed.
    m_note->setMinimumHeight(2 * m_note->fontMetrics().lineSpacing() + 2);
    m_note->setAlignment(Qt::AlignTop);

    auto* form = new QFormLayout;
    form->setHorizontalSpacing(18);
    form->setVerticalSpacing(8);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto addRow = [&](QLabel* label, QWidget* field) {
        label->setBuddy(field);
        form->addRow(label, field);
    };
    addRow(m_nameLabel, m_name);
    form->addRow(nullptr, m_note);
    addRow(m_runtimeLabel, m_runtime);
    addRow(m_handlerLabel, m_handler);
    addRow(m_memoryLabel, m_memory);
    addRow(m_timeoutLabel, m_timeout);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_ok);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(14);
    column->addWidget(m_what);
    column->addLayout(form);
    column->addStretch(1);
    column->addLayout(buttons);
    m_ok->setDefault(true);
    m_cancel->setAutoDefault(false);
    connect(m_ok, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_name, &QLineEdit::textChanged, this, &DeployDialog::check);
    connect(m_handler, &QLineEdit::textChanged, this, &DeployDialog::check);
    retranslate();
    m_name->selectAll();
}

DeployChoice DeployDialog::choice() const {
    return {m_name->text(),    m_runtime->currentText(), m_handler->text(),
            m_memory->value(), m_timeout->value(),       m_exists(m_name->text())};
}

// The name's grammar is that of the API: a letter or underscore first, then letters, digits, - and _, 64 in all.
void DeployDialog::check() {
    static const QRegularExpression grammar(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_-]{0,63}\\z"));
    const bool named = grammar.match(m_name->text()).hasMatch();
    const bool update = named && m_exists(m_name->text());
    m_name->setProperty("invalid", !named);
    m_name->style()->polish(m_name);
    m_note->setText(!named   ? tr("Use letters, digits, “-” and “_”, a letter first, at most 64.")
                    : update ? tr("A function of this name is there: it gets this code and these settings.")
                             : tr("A new function."));
    m_name->setAccessibleDescription(m_note->text());
    m_ok->setText(update ? tr("Update") : tr("Deploy"));
    m_ok->setAccessibleName(m_ok->text());
    m_ok->setEnabled(named && !m_handler->text().trimmed().isEmpty());
}

void DeployDialog::retranslate() {
    setWindowTitle(tr("Deploy a function"));
    m_what->setText(
        tr("%n file(s) from %1", nullptr, static_cast<int>(m_fileCount)).arg(QDir::toNativeSeparators(m_path)));
    m_nameLabel->setText(tr("&Name"));
    m_runtimeLabel->setText(tr("&Runtime"));
    m_handlerLabel->setText(tr("&Handler"));
    m_memoryLabel->setText(tr("&Memory"));
    m_timeoutLabel->setText(tr("&Timeout"));
    m_name->setAccessibleName(tr("Name"));
    m_runtime->setAccessibleName(tr("Runtime"));
    m_handler->setAccessibleName(tr("Handler"));
    m_handler->setToolTip(tr("Module and function, for instance index.handler"));
    m_memory->setAccessibleName(tr("Memory"));
    m_memory->setSuffix(tr(" MB"));
    m_timeout->setAccessibleName(tr("Timeout"));
    m_timeout->setSuffix(tr(" s"));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setAccessibleName(tr("Cancel"));
    check();
}

void DeployDialog::changeEvent(QEvent* event) {
    QDialog::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::pages
