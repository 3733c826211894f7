// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/digest.h"
#include "base/encoding.h"
#include "rpc/client.h"
#include "rpc/connection.h"
#include "rpc/core.h"

#include <unistd.h>
#include <QPointer>
#include <cerrno>

namespace hanshu::rpc {

namespace {

// The schema's limit for one piece.
constexpr std::size_t kPiece = 1024 * 1024;

// Sends the head, then the zip piece by piece as fast as the server takes them.
class UploadCall : public CallBase, public grpc::ClientWriteReactor<api::DeployRequest> {
public:
    UploadCall(Core& core, Upload upload, QObject* owner, std::function<void(qint64)> progress,
               Reply<api::FunctionReply> reply)
        : m_core(&core),
          m_message(std::move(upload.head)),
          m_package(std::move(upload.package)),
          m_owner(owner),
          m_progress(std::move(progress)),
          m_reply(std::move(reply)) {
        m_message.set_zip_size(m_package.size);
    }

    static Call start(const std::shared_ptr<Core>& core, const std::shared_ptr<UploadCall>& call) {
        call->m_self = call;
        core->enter(call.get());
        core->functions->async()->DeployFunction(&call->context(), &call->m_response, call.get());
        call->StartWrite(&call->m_message);
        call->StartCall();
        return Call(call);
    }

    void OnWriteDone(bool ok) override {
        if (!ok) {
            return;  // OnDone tells why
        }
        if (m_sent > 0) {
            m_core->mailbox.post([held = m_self, sent = static_cast<qint64>(m_sent)] {
                if (held->m_owner != nullptr && held->m_progress) {
                    held->m_progress(sent);
                }
            });
        }
        if (m_complete) {
            StartWritesDone();
            return;
        }
        m_message.Clear();
        auto* piece = m_message.mutable_zip_chunk();
        piece->resize(kPiece);
        const auto count = readPiece(*piece);
        if (count <= 0) {
            m_broken = true;
            context().TryCancel();
            return;
        }
        piece->resize(static_cast<std::size_t>(count));
        m_sent += static_cast<std::uint64_t>(count);
        m_digest.update(*piece);
        m_complete = m_sent >= m_package.size;
        if (m_complete) {
            m_message.set_last(true);
            m_message.set_zip_sha256(toHex(m_digest.finish()));
        }
        StartWrite(&m_message);
    }

    void OnDone(const grpc::Status& status) override {
        m_core->leave(this, [held = std::move(m_self), status] {
            if (held->m_owner == nullptr) {
                return;
            }
            if (status.ok()) {
                held->m_reply(std::move(held->m_response));
            } else if (held->m_broken) {
                held->m_reply(fail(Code::Internal, "PackageUnreadable", {{"path", "zip"}}, "the package went away"));
            } else {
                held->m_reply(fail(toError(status, held->context())));
            }
        });
    }

private:
    ssize_t readPiece(std::string& piece) {
        ssize_t count = -1;
        do {
            count = ::read(m_package.file.get(), piece.data(), piece.size());
        } while (count < 0 && errno == EINTR);
        return count;
    }

    Core* m_core;
    api::DeployRequest m_message;
    api::FunctionReply m_response;
    bundle::Package m_package;
    std::uint64_t m_sent = 0;
    Digest m_digest{DigestKind::Sha256};
    bool m_complete = false;
    bool m_broken = false;
    QPointer<QObject> m_owner;
    std::function<void(qint64)> m_progress;
    Reply<api::FunctionReply> m_reply;
    std::shared_ptr<UploadCall> m_self;
};

}  // namespace

Call Client::deploy(Upload upload, QObject* owner, std::function<void(qint64)> progress,
                    Reply<api::FunctionReply> reply) {
    const auto core = m_connection.core();
    if (core == nullptr) {
        reply(fail(Code::Unavailable, "NotConnected"));
        return {};
    }
    return UploadCall::start(
        core, std::make_shared<UploadCall>(*core, std::move(upload), owner, std::move(progress), std::move(reply)));
}

}  // namespace hanshu::rpc
