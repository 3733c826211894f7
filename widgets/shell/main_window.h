// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The window: pages behind a list on the left, menus of the registry's actions, the connection below. A folder or zip
// may be dropped anywhere. GUI thread.
#pragma once

#include "pages/functions/function_feed.h"
#include "pages/invocations/invocation_feed.h"
#include "rpc/client.h"

#include <QMainWindow>

class QListWidget;
class QStackedWidget;

namespace hanshu::feedback {
class Banner;
}
namespace hanshu::pages {
class FunctionsPage;
class InvocationsPage;
class LogsPage;
class Page;
}  // namespace hanshu::pages
namespace hanshu::theme {
class Theme;
}

namespace hanshu::shell {

class ActionRegistry;
class ConnectionIndicator;
class Language;

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    enum PageNumber { Functions, Invocations, Logs };

    MainWindow(rpc::Connection& connection, theme::Theme& theme, Language& language);
    ~MainWindow() override;

    void showPage(int number);
    [[nodiscard]] int page() const;
    [[nodiscard]] pages::FunctionsPage* functionsPage() const { return m_functionsPage; }
    [[nodiscard]] pages::InvocationsPage* invocationsPage() const { return m_invocationsPage; }
    [[nodiscard]] pages::LogsPage* logsPage() const { return m_logsPage; }
    [[nodiscard]] pages::FunctionModel& functions() { return m_functions; }
    [[nodiscard]] pages::InvocationModel& invocations() { return m_invocations; }
    [[nodiscard]] ConnectionIndicator* indicator() const { return m_indicator; }
    [[nodiscard]] feedback::Banner* connectionBanner() const { return m_banner; }
    [[nodiscard]] ActionRegistry& actions() const { return *m_actions; }
    // Deploys a folder or zip; `name`: onto that function.
    void deploy(const QString& path, const QString& name = {});

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void addActions();
    void addMenus();
    void addPage(pages::Page* page);
    void connectPages();
    void connectionChanged();
    void chooseFolder(const QString& name);
    void chooseZip();
    void openPalette();
    void about();
    void showDropHint(bool visible);
    void retranslate();

    rpc::Connection& m_connection;
    theme::Theme& m_theme;
    Language& m_language;
    rpc::Client m_client;
    pages::FunctionModel m_functions;
    pages::InvocationModel m_invocations;
    pages::FunctionFeed m_functionFeed;
    pages::InvocationFeed m_invocationFeed;
    ActionRegistry* m_actions;
    QListWidget* m_navigation;
    QStackedWidget* m_stack;
    feedback::Banner* m_banner;
    ConnectionIndicator* m_indicator;
    QWidget* m_dropHint;
    std::vector<pages::Page*> m_pages;
    pages::FunctionsPage* m_functionsPage;
    pages::InvocationsPage* m_invocationsPage;
    pages::LogsPage* m_logsPage;
    QAction* m_retry;
    std::vector<std::pair<QMenu*, std::function<QString()>>> m_menus;
};

}  // namespace hanshu::shell
