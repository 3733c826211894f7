// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The connection in the status bar: its state in words with an icon, and the runtime's own numbers. GUI thread.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace hanshu::rpc {
class Connection;
}

namespace hanshu::shell {

class ConnectionIndicator : public QWidget {
    Q_OBJECT

public:
    explicit ConnectionIndicator(rpc::Connection& connection, QWidget* parent = nullptr);
    [[nodiscard]] QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void show();

    rpc::Connection& m_connection;
    QPushButton* m_state;
    QLabel* m_numbers;
};

// One sentence about the connection, for indicator and banner.
[[nodiscard]] QString connectionText(const rpc::Connection& connection);

}  // namespace hanshu::shell
