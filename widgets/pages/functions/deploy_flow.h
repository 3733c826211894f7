// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From a dropped folder to a deployed function: reads it, asks, packs, uploads, with progress and a way to cancel. One
// at a time. GUI thread; files are read elsewhere.
#pragma once

#include "bundle/package.h"
#include "deploy/source.h"
#include "pages/functions/deploy_dialog.h"
#include "rpc/client.h"

#include <QAction>
#include <QObject>
#include <QPointer>
#include <stop_token>

namespace hanshu::feedback {
class Banner;
}

namespace hanshu::pages {

class FunctionModel;

class DeployFlow : public QObject {
    Q_OBJECT

public:
    // The banner tells how it goes; it belongs to the page.
    DeployFlow(rpc::Client& client, const FunctionModel& functions, feedback::Banner* banner, QWidget* page);
    ~DeployFlow() override;

    // `name`: the function to update, empty to guess one.
    void begin(QString path, QString name = {});
    [[nodiscard]] bool isBusy() const { return m_busy; }
    [[nodiscard]] DeployDialog* dialog() const { return m_dialog; }
    void retranslate();

Q_SIGNALS:
    void deployed(const QString& name);

private:
    void ask(const deploy::Source& source, const QString& name);
    void pack();
    void upload();
    void send(const std::string& etag);
    void fail(const Error& error);
    void finish();
    void cancel();

    rpc::Client& m_client;
    const FunctionModel& m_functions;
    feedback::Banner* m_banner;
    QWidget* m_page;
    QAction* m_cancel;
    QAction* m_again;
    QPointer<DeployDialog> m_dialog;
    bool m_busy = false;
    deploy::Source m_source;
    DeployChoice m_choice;
    bundle::Package m_package;
    std::stop_source m_stop;
    rpc::Call m_call;
};

}  // namespace hanshu::pages
