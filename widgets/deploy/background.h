// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs blocking work on a pool thread and brings its result back. Call on the thread of `context`.
#pragma once

#include <QFuture>
#include <QPromise>
#include <QThreadPool>
#include <memory>

namespace hanshu::deploy {

// `done` gets the result on the thread of `context`, unless that is gone by then.
template <class Work, class Done>
void inBackground(QObject* context, Work work, Done done) {
    using Value = decltype(work());
    auto promise = std::make_shared<QPromise<Value>>();
    promise->future().then(context, [done = std::move(done)](Value value) mutable { done(std::move(value)); });
    promise->start();
    QThreadPool::globalInstance()->start([promise, work = std::move(work)]() mutable {
        promise->addResult(work());
        promise->finish();
    });
}

}  // namespace hanshu::deploy
