// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What every page of the main window has: a header with its title, what belongs beside it, and a body. GUI thread.
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace hanshu::pages {

class Page : public QWidget {
    Q_OBJECT

public:
    explicit Page(QWidget* parent = nullptr);
    // Where widths and splitters are kept for the next time.
    virtual void saveState() const = 0;
    // The widget that takes the focus when the page is chosen.
    [[nodiscard]] virtual QWidget* mainWidget() const = 0;

protected:
    [[nodiscard]] QHBoxLayout* header() const { return m_header; }
    [[nodiscard]] QVBoxLayout* body() const { return m_body; }
    void setTitle(const QString& title);
    void setSubtitle(const QString& text);
    virtual void retranslate() = 0;
    void changeEvent(QEvent* event) override;

private:
    QHBoxLayout* m_header;
    QVBoxLayout* m_body;
    QLabel* m_title;
    QLabel* m_subtitle;
};

}  // namespace hanshu::pages
