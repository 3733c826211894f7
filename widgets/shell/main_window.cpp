// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/main_window.h"

#include "feedback/banner.h"
#include "feedback/error_text.h"
#include "pages/functions/deploy_flow.h"
#include "pages/functions/functions_page.h"
#include "pages/invocations/invocations_page.h"
#include "pages/logs/logs_page.h"
#include "rpc/connection.h"
#include "shell/action_registry.h"
#include "shell/command_palette.h"
#include "shell/connection_indicator.h"
#include "shell/language.h"
#include "shell/settings.h"
#include "shell/shortcuts_dialog.h"
#include "text/format.h"
#include "theme/icon.h"
#include "theme/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

namespace hanshu::shell {

namespace {

// The one path of a drop that can be deployed, empty when there is none.
QString droppedPath(const QMimeData* data) {
    const auto urls = data->urls();
    if (urls.size() != 1 || !urls.front().isLocalFile()) {
        return {};
    }
    const QFileInfo info(urls.front().toLocalFile());
    const bool zip = info.isFile() && info.suffix().compare(QLatin1String("zip"), Qt::CaseInsensitive) == 0;
    return info.isDir() || zip ? info.absoluteFilePath() : QString();
}

}  // namespace

MainWindow::MainWindow(rpc::Connection& connection, theme::Theme& theme, Language& language)
    : m_connection(connection),
      m_theme(theme),
      m_language(language),
      m_client(connection),
      m_functionFeed(m_client, m_functions),
      m_invocationFeed(m_client, m_invocations),
      m_actions(new ActionRegistry(this)),
      m_navigation(new QListWidget),
      m_stack(new QStackedWidget),
      m_banner(new feedback::Banner),
      m_indicator(new ConnectionIndicator(connection)),
      m_dropHint(new QWidget(this)),
      m_retry(new QAction(this)) {
    setAcceptDrops(true);
    resize(1280, 800);
    setMinimumSize(900, 560);
    connect(m_retry, &QAction::triggered, &connection, &rpc::Connection::retryNow);
    addActions();

    m_functionsPage = new pages::FunctionsPage(m_client, m_functions, m_functionFeed,
                                               m_actions->action(QStringLiteral("deploy.folder")));
    m_invocationsPage = new pages::InvocationsPage(m_client, m_invocations, m_invocationFeed);
    m_logsPage = new pages::LogsPage(m_client, m_functions);
    for (pages::Page* page : std::initializer_list<pages::Page*>{m_functionsPage, m_invocationsPage, m_logsPage}) {
        addPage(page);
    }
    connectPages();
    addMenus();

    constexpr int kNavigationWidth = 190;
    m_navigation->setObjectName(QStringLiteral("navigation"));
    m_navigation->setFixedWidth(kNavigationWidth);
    m_navigation->setIconSize({18, 18});
    m_navigation->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_navigation, &QListWidget::currentRowChanged, m_stack, &QStackedWidget::setCurrentIndex);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->setContentsMargins(0, 0, 0, 0);
    right->addWidget(m_banner);
    right->addWidget(m_stack, 1);
    auto* center = new QWidget;
    auto* row = new QHBoxLayout(center);
    row->setSpacing(0);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_navigation);
    row->addLayout(right, 1);
    setCentralWidget(center);
    statusBar()->addWidget(m_indicator, 1);
    statusBar()->setSizeGripEnabled(false);
    m_banner->setActions({m_retry});
    m_banner->setClosable(false);

    m_dropHint->setObjectName(QStringLiteral("dropHint"));
    m_dropHint->setAttribute(Qt::WA_StyledBackground);
    auto* hint = new QLabel(m_dropHint);
    hint->setObjectName(QStringLiteral("emptyTitle"));
    hint->setAlignment(Qt::AlignCenter);
    (new QVBoxLayout(m_dropHint))->addWidget(hint);
    m_dropHint->hide();

    connect(&connection, &rpc::Connection::changed, this, &MainWindow::connectionChanged);
    const QSettings stored;
    restoreGeometry(stored.value(settings::kGeometry).toByteArray());
    retranslate();
    showPage(stored.value(settings::kPage, 0).toInt());
    connectionChanged();
}

MainWindow::~MainWindow() {
    // Pages hold streams of the client and models that are members here.
    delete takeCentralWidget();
}

void MainWindow::addPage(pages::Page* page) {
    static const char* const icons[] = {"function", "invocations", "logs"};
    m_navigation->addItem(new QListWidgetItem(theme::icon(QLatin1String(icons[m_pages.size()])), {}));
    m_stack->addWidget(page);
    m_pages.push_back(page);
}

void MainWindow::addActions() {
    const auto everywhere = [] { return tr("Everywhere"); };
    const auto add = [&](const char* id, std::function<QString()> text, const QKeySequence& shortcut,
                         std::function<void()> run) {
        return m_actions->add(QLatin1String(id), std::move(text), everywhere, shortcut, std::move(run));
    };
    add(
        "deploy.folder", [] { return tr("&Deploy a folder…"); }, QKeySequence(Qt::CTRL | Qt::Key_D),
        [this] { chooseFolder({}); })
        ->setIcon(theme::icon(QStringLiteral("folder")));
    add(
        "deploy.zip", [] { return tr("Deploy a &zip file…"); }, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D),
        [this] { chooseZip(); });
    add("quit", [] { return tr("&Quit"); }, QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
    add(
        "palette", [] { return tr("&Command palette…"); }, QKeySequence(Qt::CTRL | Qt::Key_K),
        [this] { openPalette(); })
        ->setIcon(theme::icon(QStringLiteral("search")));
    add(
        "page.functions", [] { return tr("&Functions"); }, QKeySequence(Qt::CTRL | Qt::Key_1),
        [this] { showPage(Functions); })
        ->setIcon(theme::icon(QStringLiteral("function")));
    add(
        "page.invocations", [] { return tr("&Invocations"); }, QKeySequence(Qt::CTRL | Qt::Key_2),
        [this] { showPage(Invocations); })
        ->setIcon(theme::icon(QStringLiteral("invocations")));
    add(
        "page.logs", [] { return tr("&Logs"); }, QKeySequence(Qt::CTRL | Qt::Key_3), [this] { showPage(Logs); })
        ->setIcon(theme::icon(QStringLiteral("logs")));
    add(
        "reconnect", [] { return tr("&Try the connection now"); }, QKeySequence(Qt::CTRL | Qt::Key_R),
        [this] { m_connection.retryNow(); })
        ->setIcon(theme::icon(QStringLiteral("refresh")));
    const auto addTheme = [&](const char* id, std::function<QString()> text, theme::Choice choice) {
        auto* action = add(id, std::move(text), {}, [this, choice] {
            m_theme.setChoice(choice);
            QSettings().setValue(settings::kTheme, static_cast<int>(choice));
        });
        action->setCheckable(true);
        action->setChecked(m_theme.choice() == choice);
    };
    addTheme("theme.system", [] { return tr("As the &system"); }, theme::Choice::System);
    addTheme("theme.light", [] { return tr("&Light"); }, theme::Choice::Light);
    addTheme("theme.dark", [] { return tr("&Dark"); }, theme::Choice::Dark);
    const auto addLanguage = [&](const char* id, std::function<QString()> text, const QString& code) {
        auto* action = add(id, std::move(text), {}, [this, code] {
            m_language.setCode(code);
            QSettings().setValue(settings::kLanguage, code);
        });
        action->setCheckable(true);
        action->setChecked(m_language.code() == code);
    };
    addLanguage("language.system", [] { return tr("As the &system"); }, {});
    // A language is named in itself, so that somebody who reads no other finds it.
    addLanguage("language.en", [] { return QStringLiteral("English"); }, QStringLiteral("en"));
    addLanguage("language.zh", [] { return QStringLiteral("中文"); }, QStringLiteral("zh_CN"));
    add(
        "shortcuts", [] { return tr("&Keyboard shortcuts"); }, QKeySequence(Qt::Key_F1),
        [this] {
            auto* dialog = new ShortcutsDialog(*m_actions, this);
            dialog->open();
        });
    add("about", [] { return tr("&About Hanshu"); }, {}, [this] { about(); });
}

void MainWindow::addMenus() {
    const auto add = [this](QMenu* menu, std::initializer_list<const char*> ids, bool exclusive = false) {
        auto* group = exclusive ? new QActionGroup(menu) : nullptr;
        for (const char* id : ids) {
            auto* action = *id == '\0' ? menu->addSeparator() : m_actions->action(QLatin1String(id));
            menu->addAction(action);
            if (group != nullptr) {
                group->addAction(action);
            }
        }
    };
    const auto menu = [this](QMenu* created, std::function<QString()> title) {
        m_menus.emplace_back(created, std::move(title));
        return created;
    };
    add(menu(menuBar()->addMenu(QString()), [] { return tr("&File"); }), {"deploy.folder", "deploy.zip", "", "quit"});
    auto* view = menu(menuBar()->addMenu(QString()), [] { return tr("&View"); });
    add(view, {"page.functions", "page.invocations", "page.logs", "", "palette", "reconnect", ""});
    add(menu(view->addMenu(QString()), [] { return tr("&Theme"); }), {"theme.system", "theme.light", "theme.dark"},
        true);
    // In both languages, for whoever is in the wrong one.
    add(menu(view->addMenu(QString()), [] { return QStringLiteral("Language · 语言"); }),
        {"language.system", "language.en", "language.zh"}, true);
    add(menu(menuBar()->addMenu(QString()), [] { return tr("&Help"); }), {"shortcuts", "about"});
}

void MainWindow::connectPages() {
    const auto showLogs = [this](const QString& function, const QString& requestId) {
        m_logsPage->show(function, requestId);
        showPage(Logs);
    };
    connect(m_functionsPage, &pages::FunctionsPage::logsWanted, this, showLogs);
    connect(m_invocationsPage, &pages::InvocationsPage::logsWanted, this, showLogs);
    connect(m_functionsPage, &pages::FunctionsPage::invocationsWanted, this, [this](const QString& function) {
        m_invocationsPage->setFilterText(function);
        showPage(Invocations);
    });
    connect(m_functionsPage, &pages::FunctionsPage::updateWanted, this, &MainWindow::chooseFolder);
    connect(m_invocationsPage, &pages::InvocationsPage::functionWanted, this, [this](const QString& function) {
        showPage(Functions);
        m_functionsPage->select(function);
    });
    connect(&m_invocationFeed, &pages::InvocationFeed::arrived, this, [this](const std::vector<api::Invocation>& runs) {
        if (!runs.empty()) {
            m_functions.noteRuns(runs);
            return;
        }
        std::vector<api::Invocation> known;
        m_invocations.forEach([&](const pages::InvocationRow& row) { known.push_back(row.run); });
        m_functions.noteRuns(known);
    });
}

void MainWindow::showPage(int number) {
    m_navigation->setCurrentRow(std::clamp(number, 0, m_navigation->count() - 1));
    m_pages[static_cast<std::size_t>(page())]->mainWidget()->setFocus();
}

int MainWindow::page() const {
    return std::max(0, m_navigation->currentRow());
}

void MainWindow::connectionChanged() {
    setWindowTitle(m_connection.name().isEmpty() ? tr("Hanshu") : tr("%1 – Hanshu").arg(m_connection.name()));
    const bool connected = m_connection.isConnected();
    m_functions.setStale(!connected);
    m_invocations.setStale(!connected);
    m_retry->setEnabled(m_connection.core() != nullptr);
    if (m_connection.state() == rpc::Connection::State::Reconnecting) {
        QString text = connectionText(m_connection) + QStringLiteral(". ");
        if (m_connection.lastSeen().isValid()) {
            text += tr("What you see is from then.");
        } else if (m_connection.lastError()) {
            text += feedback::ErrorTexts::of(*m_connection.lastError()).whole();
        }
        m_banner->present(theme::Tone::Warning, text);
    } else if (m_connection.state() == rpc::Connection::State::Offline) {
        QString text = connectionText(m_connection) + QStringLiteral(". ");
        if (m_connection.lastError()) {
            text += feedback::ErrorTexts::of(*m_connection.lastError()).whole();
        }
        m_banner->present(theme::Tone::Danger, text);
    } else {
        m_banner->hide();
    }
}

void MainWindow::deploy(const QString& path, const QString& name) {
    showPage(Functions);
    m_functionsPage->deployFlow()->begin(path, name);
}

void MainWindow::chooseFolder(const QString& name) {
    auto* dialog = new QFileDialog(this, tr("Choose the folder with the function's code"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this, name](const QString& path) { deploy(path, name); });
    dialog->open();
}

void MainWindow::chooseZip() {
    auto* dialog = new QFileDialog(this, tr("Choose a zip file with the function's code"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilter(tr("Zip files (*.zip)"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { deploy(path); });
    dialog->open();
}

void MainWindow::openPalette() {
    std::vector<CommandPalette::Item> items;
    for (const auto& entry : m_actions->entries()) {
        if (entry.action->isEnabled() && entry.id != QLatin1String("palette")) {
            items.push_back({plainText(*entry.action), entry.action->shortcut().toString(QKeySequence::NativeText),
                             QStringLiteral("run"), [action = entry.action] { action->trigger(); }});
        }
    }
    m_functions.forEach([&](const pages::FunctionRow& row) {
        const QString name = text::fromUtf8(row.key());
        items.push_back({name, tr("Function"), QStringLiteral("function"), [this, name] {
                             showPage(Functions);
                             m_functionsPage->select(name);
                         }});
    });
    (new CommandPalette(std::move(items), this))->show();
}

void MainWindow::about() {
    auto* box =
        new QMessageBox(QMessageBox::NoIcon, tr("About Hanshu"),
                        tr("Hanshu %1 — function compute on machines you own").arg(QApplication::applicationVersion()),
                        QMessageBox::NoButton, this);
    box->setIconPixmap(QIcon(QStringLiteral(":/icons/hanshu.svg")).pixmap(64, 64));
    box->setInformativeText(tr("Free software under the GNU General Public License, version 3 or later."));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->addButton(tr("Close"), QMessageBox::AcceptRole);
    box->open();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    QSettings stored;
    stored.setValue(settings::kGeometry, saveGeometry());
    stored.setValue(settings::kPage, page());
    for (const auto* each : m_pages) {
        each->saveState();
    }
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (m_connection.isConnected() && !droppedPath(event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
        showDropHint(true);
    }
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) {
    showDropHint(false);
}

void MainWindow::dropEvent(QDropEvent* event) {
    showDropHint(false);
    const QString path = droppedPath(event->mimeData());
    if (!path.isEmpty()) {
        event->acceptProposedAction();
        deploy(path);
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    constexpr int kMargin = 28;
    m_dropHint->setGeometry(rect().adjusted(kMargin, kMargin, -kMargin, -kMargin));
}

void MainWindow::showDropHint(bool visible) {
    m_dropHint->setVisible(visible);
    m_dropHint->raise();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

void MainWindow::retranslate() {
    m_navigation->setAccessibleName(tr("Pages"));
    const QString names[] = {tr("Functions"), tr("Invocations"), tr("Logs")};
    for (int i = 0; i < m_navigation->count(); ++i) {
        m_navigation->item(i)->setText(names[i]);
        m_navigation->item(i)->setToolTip(QStringLiteral("%1 (Ctrl+%2)").arg(names[i]).arg(i + 1));
    }
    m_retry->setText(tr("Retry now"));
    m_dropHint->findChild<QLabel*>()->setText(tr("Drop to deploy as a function"));
    m_actions->retranslate();
    for (const auto& [menu, title] : m_menus) {
        menu->setTitle(title());
    }
    connectionChanged();
}

}  // namespace hanshu::shell
