// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/deploy_flow.h"

#include "deploy/background.h"
#include "feedback/banner.h"
#include "feedback/error_text.h"
#include "pages/functions/function_model.h"
#include "text/format.h"

#include <QFile>

namespace hanshu::pages {

DeployFlow::DeployFlow(rpc::Client& client, const FunctionModel& functions, feedback::Banner* banner, QWidget* page)
    : QObject(page),
      m_client(client),
      m_functions(functions),
      m_banner(banner),
      m_page(page),
      m_cancel(new QAction(this)),
      m_again(new QAction(this)) {
    connect(m_cancel, &QAction::triggered, this, &DeployFlow::cancel);
    connect(m_again, &QAction::triggered, this, [this] { begin(m_source.path, m_choice.name); });
    retranslate();
}

DeployFlow::~DeployFlow() {
    m_stop.request_stop();
}

void DeployFlow::retranslate() {
    m_cancel->setText(tr("Cancel"));
    m_again->setText(tr("Try again"));
}

// By value: a second try is given what the first one left in the members that are reset here.
void DeployFlow::begin(QString path, QString name) {
    if (m_busy) {
        m_banner->present(m_banner->tone(), tr("One deployment is under way. Wait for it, or cancel it."));
        return;
    }
    m_busy = true;
    m_stop = std::stop_source();
    m_source = {};
    m_source.path = path;
    m_banner->setActions({m_cancel});
    m_banner->setClosable(false);
    m_banner->setProgress(-1);
    m_banner->present(theme::Tone::Info, tr("Reading %1…").arg(path));
    deploy::inBackground(
        this, [path, stop = m_stop.get_token()] { return deploy::readSource(path, stop); },
        [this, name, stop = m_stop.get_token()](Result<deploy::Source> source) {
            if (stop.stop_requested()) {
                return;
            }
            if (source) {
                ask(*source, name);
            } else {
                fail(source.error());
            }
        });
}

void DeployFlow::ask(const deploy::Source& source, const QString& name) {
    m_source = source;
    m_banner->hide();
    auto guess = deploy::guess(source);
    if (!name.isEmpty()) {
        guess.name = name;
        if (const auto* row = m_functions.find(name.toStdString())) {
            guess.runtime = text::fromUtf8(row->function.runtime());
            guess.handler = text::fromUtf8(row->function.handler());
        }
    }
    m_dialog = new DeployDialog(
        source, guess, [this](const QString& text) { return m_functions.find(text.toStdString()) != nullptr; },
        m_page->window());
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &QDialog::accepted, this, [this] {
        m_choice = m_dialog->choice();
        pack();
    });
    connect(m_dialog, &QDialog::rejected, this, &DeployFlow::finish);
    m_dialog->open();
}

void DeployFlow::pack() {
    m_banner->setActions({m_cancel});
    m_banner->setProgress(0);
    m_banner->present(theme::Tone::Info,
                      m_source.isZip ? tr("Reading %1…").arg(m_source.path)
                                     : tr("Packing %n file(s)…", nullptr, static_cast<int>(m_source.files.size())));
    const auto tell = [this, self = QPointer(this), stop = m_stop.get_token()](double share) {
        const auto show = [this, self, stop, share] {
            if (self != nullptr && !stop.stop_requested()) {
                m_banner->setProgress(share);
            }
        };
        QMetaObject::invokeMethod(qApp, show, Qt::QueuedConnection);
    };
    deploy::inBackground(
        this,
        [source = m_source, stop = m_stop.get_token(), tell] {
            // A hundred steps are as fine as the bar shows.
            std::uint64_t told = 0;
            const auto progress = [&](std::uint64_t done, std::uint64_t total) {
                if (const auto percent = done * 100 / total; percent > told) {
                    told = percent;
                    tell(static_cast<double>(done) / static_cast<double>(total));
                }
            };
            return source.folder ? bundle::packFolder(*source.folder, progress, stop)
                                 : bundle::openPackage(QFile::encodeName(source.path).toStdString());
        },
        [this, stop = m_stop.get_token()](Result<bundle::Package> package) {
            if (stop.stop_requested()) {
                return;
            }
            if (package) {
                m_package = std::move(*package);
                upload();
            } else {
                fail(package.error());
            }
        });
}

// An update is made against what was read just before, so that it can't undo somebody else's in between.
void DeployFlow::upload() {
    m_banner->setProgress(0);
    m_banner->present(theme::Tone::Info, tr("Uploading %1…").arg(m_choice.name));
    if (!m_choice.update) {
        send({});
        return;
    }
    m_call = m_client.getFunction(m_choice.name.toStdString(), this, [this](const Result<api::FunctionReply>& reply) {
        if (reply) {
            send(reply->etag());
        } else {
            fail(reply.error());
        }
    });
}

void DeployFlow::send(const std::string& etag) {
    rpc::Upload upload;
    const auto size = static_cast<double>(m_package.size);
    upload.package = std::move(m_package);
    const auto fill = [this](auto* input) {
        input->set_runtime(m_choice.runtime.toStdString());
        input->set_handler(m_choice.handler.toStdString());
        input->set_memory_size(m_choice.memory);
        input->set_timeout(m_choice.timeout);
    };
    if (m_choice.update) {
        upload.head.set_function_name(m_choice.name.toStdString());
        upload.head.set_if_match(etag);
        fill(upload.head.mutable_update());
    } else {
        upload.head.mutable_create()->set_function_name(m_choice.name.toStdString());
        fill(upload.head.mutable_create());
    }
    m_call = m_client.deploy(
        std::move(upload), this, [this, size](qint64 sent) { m_banner->setProgress(static_cast<double>(sent) / size); },
        [this](const Result<api::FunctionReply>& reply) {
            if (!reply) {
                fail(reply.error());
                return;
            }
            const QString name = text::fromUtf8(reply->function().function_name());
            const QString done = m_choice.update ? tr("%1 is updated.").arg(name) : tr("%1 is deployed.").arg(name);
            finish();
            m_banner->present(theme::Tone::Success, done);
            Q_EMIT deployed(name);
        });
}

void DeployFlow::fail(const Error& error) {
    finish();
    if (error.code == Code::Cancelled) {
        m_banner->hide();
        return;
    }
    m_banner->setActions({m_again});
    m_banner->present(theme::Tone::Danger, tr("Nothing was deployed. %1").arg(feedback::ErrorTexts::of(error).whole()));
}

void DeployFlow::finish() {
    m_busy = false;
    m_call = {};
    m_package = {};
    m_banner->hideProgress();
    m_banner->setActions({});
    m_banner->setClosable(true);
}

void DeployFlow::cancel() {
    m_stop.request_stop();
    m_call.cancel();
    finish();
    m_banner->hide();
}

}  // namespace hanshu::pages
