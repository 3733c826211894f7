// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an error says to a person: an event and a remedy, in the console's language. GUI thread.
#pragma once

#include "base/result.h"

#include <QCoreApplication>
#include <QString>

namespace hanshu::feedback {

struct ErrorText {
    QString event;
    QString remedy;  // may be empty
    [[nodiscard]] QString whole() const { return remedy.isEmpty() ? event : event + QLatin1Char(' ') + remedy; }
};

class ErrorTexts {
    Q_DECLARE_TR_FUNCTIONS(ErrorTexts)

public:
    // An unknown reason still shows itself, with the parameters that came with it.
    [[nodiscard]] static ErrorText of(const Error& error);
};

}  // namespace hanshu::feedback
