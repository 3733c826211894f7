// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/function_detail.h"

#include "pages/badge_label.h"
#include "pages/field_list.h"
#include "pages/functions/test_panel.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>
#include <map>

namespace hanshu::pages {

FunctionDetail::FunctionDetail(QWidget* parent)
    : QWidget(parent),
      m_name(new QLabel),
      m_description(new QLabel),
      m_state(new BadgeLabel),
      m_logs(new QPushButton),
      m_invocations(new QPushButton),
      m_update(new QPushButton),
      m_delete(new QPushButton),
      m_tabs(new QTabWidget),
      m_test(new TestPanel),
      m_configuration(new QScrollArea),
      m_fields(new FieldList) {
    setObjectName(QStringLiteral("detail"));
    setAttribute(Qt::WA_StyledBackground);
    m_name->setObjectName(QStringLiteral("objectTitle"));
    m_description->setProperty("muted", true);
    for (auto* label : {m_name, m_description}) {
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setWordWrap(true);
    }
    m_logs->setIcon(theme::icon(QStringLiteral("logs")));
    m_invocations->setIcon(theme::icon(QStringLiteral("invocations")));
    m_update->setIcon(theme::icon(QStringLiteral("deploy")));
    m_delete->setIcon(theme::icon(QStringLiteral("delete"), theme::Tone::Danger));
    connect(m_logs, &QPushButton::clicked, this, &FunctionDetail::logsWanted);
    connect(m_invocations, &QPushButton::clicked, this, &FunctionDetail::invocationsWanted);
    connect(m_update, &QPushButton::clicked, this, &FunctionDetail::updateWanted);
    connect(m_delete, &QPushButton::clicked, this, &FunctionDetail::deleteWanted);

    auto* fieldsHolder = new QWidget;
    fieldsHolder->setObjectName(QStringLiteral("detail"));
    auto* fieldsColumn = new QVBoxLayout(fieldsHolder);
    fieldsColumn->setContentsMargins(18, 14, 18, 14);
    fieldsColumn->addWidget(m_fields);
    fieldsColumn->addStretch(1);
    m_configuration->setWidget(fieldsHolder);
    m_configuration->setWidgetResizable(true);
    m_configuration->setFrameShape(QFrame::NoFrame);
    m_tabs->addTab(m_test, {});
    m_tabs->addTab(m_configuration, {});
    m_tabs->setDocumentMode(true);

    auto* head = new QVBoxLayout;
    head->setContentsMargins(18, 14, 18, 8);
    head->setSpacing(8);
    auto* title = new QHBoxLayout;
    title->addWidget(m_name, 1);
    title->addWidget(m_state, 0, Qt::AlignTop);
    head->addLayout(title);
    head->addWidget(m_description);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_update);
    buttons->addWidget(m_invocations);
    buttons->addWidget(m_logs);
    buttons->addStretch(1);
    buttons->addWidget(m_delete);
    head->addLayout(buttons);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_tabs, 1);
    retranslate();
}

void FunctionDetail::setFunction(const api::Function& function) {
    const bool other = function.function_name() != m_function.function_name();
    m_function = function;
    if (other) {
        m_test->setFunction(text::fromUtf8(function.function_name()));
    }
    showFunction();
}

void FunctionDetail::showFunction() {
    using text::Format;
    using text::fromUtf8;
    m_name->setText(fromUtf8(m_function.function_name()));
    m_description->setText(fromUtf8(m_function.description()));
    m_description->setVisible(!m_function.description().empty());
    const bool active = m_function.state() == "Active";
    m_state->setBadge(active ? theme::Tone::Success : theme::Tone::Warning,
                      active ? tr("Active") : fromUtf8(m_function.state()));
    QStringList variables;
    for (const auto& [name, value] :
         std::map(m_function.environment_variables().begin(), m_function.environment_variables().end())) {
        variables.append(fromUtf8(name) + QLatin1Char('=') + fromUtf8(value));
    }
    QStringList mounts;
    for (const auto& mount : m_function.oss_mount_config().mount_points()) {
        mounts.append(
            tr("%1 at %2")
                .arg(fromUtf8(mount.bucket_name()) + fromUtf8(mount.bucket_path()), fromUtf8(mount.mount_dir())));
    }
    m_fields->setFields({
        {tr("Runtime"), fromUtf8(m_function.runtime())},
        {tr("Handler"), fromUtf8(m_function.handler())},
        {tr("Memory"), Format::megabytes(m_function.memory_size())},
        {tr("Disk"), Format::megabytes(m_function.disk_size())},
        {tr("vCPU"), QLocale().toString(m_function.cpu(), 'g', 3)},
        {tr("Timeout"), Format::duration(m_function.timeout() * 1e6)},
        {tr("Requests an instance"), Format::count(m_function.instance_concurrency())},
        {tr("Role"), m_function.role().empty() ? tr("none: the code has no credentials") : fromUtf8(m_function.role())},
        {tr("Environment"), variables.join(QLatin1Char('\n'))},
        {tr("Bucket mounts"), mounts.join(QLatin1Char('\n'))},
        {tr("Code size"), Format::bytes(m_function.code_size())},
        {tr("Code checksum"), fromUtf8(m_function.code_checksum())},
        {tr("Created"), Format::fullTime(Format::parseTime(m_function.created_time()))},
        {tr("Changed"), Format::fullTime(Format::parseTime(m_function.last_modified_time()))},
        {tr("ARN"), fromUtf8(m_function.function_arn())},
    });
}

void FunctionDetail::retranslate() {
    m_tabs->setTabText(0, tr("Test"));
    m_tabs->setTabText(1, tr("Configuration"));
    m_tabs->setAccessibleName(tr("Parts of the function"));
    m_tabs->tabBar()->setAccessibleName(tr("Parts of the function"));
    m_configuration->setAccessibleName(tr("Configuration"));
    m_update->setText(tr("Update code…"));
    m_update->setToolTip(tr("Deploys a folder or zip as the new code of this function"));
    m_invocations->setText(tr("Runs"));
    m_invocations->setToolTip(tr("The runs of this function"));
    m_logs->setText(tr("Logs"));
    m_logs->setToolTip(tr("The log of this function, live"));
    m_delete->setText(tr("Delete…"));
    m_delete->setToolTip(tr("Deletes the function and its code"));
    for (auto* button : {m_update, m_invocations, m_logs, m_delete}) {
        button->setAccessibleName(button->text());
    }
    showFunction();
}

void FunctionDetail::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::pages
