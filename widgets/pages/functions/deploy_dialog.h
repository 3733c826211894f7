// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is to be deployed, as it was guessed, to be put right and agreed to. Not blocking: open() it. GUI thread.
#pragma once

#include "deploy/source.h"

#include <QDialog>
#include <functional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace hanshu::pages {

struct DeployChoice {
    QString name;
    QString runtime;
    QString handler;
    int memory = 0;   // MB
    int timeout = 0;  // seconds
    bool update = false;
};

class DeployDialog : public QDialog {
    Q_OBJECT

public:
    // `exists` tells whether a function of a name is there: that one would be updated.
    DeployDialog(const deploy::Source& source, const deploy::Guess& guess, std::function<bool(const QString&)> exists,
                 QWidget* parent);
    [[nodiscard]] DeployChoice choice() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void check();

    QString m_path;
    qsizetype m_fileCount;
    std::function<bool(const QString&)> m_exists;
    QLabel* m_what;
    QLabel* m_nameLabel;
    QLabel* m_runtimeLabel;
    QLabel* m_handlerLabel;
    QLabel* m_memoryLabel;
    QLabel* m_timeoutLabel;
    QLabel* m_note;
    QLineEdit* m_name;
    QComboBox* m_runtime;
    QLineEdit* m_handler;
    QSpinBox* m_memory;
    QSpinBox* m_timeout;
    QPushButton* m_ok;
    QPushButton* m_cancel;
};

}  // namespace hanshu::pages
