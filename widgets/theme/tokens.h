// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The semantic colours of the console. A pair that carries text meets WCAG AA (4.5:1), one that carries a mark 3:1;
// tst_theme holds every pair of textPairs() and markPairs() to that. Values; any thread.
#pragma once

#include <QColor>
#include <array>
#include <utility>
#include <vector>

namespace hanshu::theme {

// What a state means to the person who looks; never shown by colour alone.
enum class Tone { Neutral, Info, Success, Warning, Danger };

// The parts of a run, in the order they happen.
enum class Phase { Queue, Schedule, Start, Init, Run };
inline constexpr int kPhaseCount = 5;

struct Tokens {
    QColor window;   // behind everything
    QColor surface;  // lists, editors, cards
    QColor raised;   // menus, tooltips, header rows
    QColor border;   // separates; decoration only
    QColor control;  // the outline of a control
    QColor text;
    QColor textMuted;
    QColor accent;  // links, focus, the primary action
    QColor onAccent;
    QColor selection;  // behind selected rows, with `text` on it
    QColor hover;
    std::array<QColor, 5> tone;      // by Tone: text and marks
    std::array<QColor, 5> toneSoft;  // by Tone: behind `tone`
    std::array<QColor, kPhaseCount> phase;
    bool dark = false;

    [[nodiscard]] const QColor& of(Tone value) const { return tone[static_cast<std::size_t>(value)]; }
    [[nodiscard]] const QColor& softOf(Tone value) const { return toneSoft[static_cast<std::size_t>(value)]; }
    [[nodiscard]] const QColor& of(Phase value) const { return phase[static_cast<std::size_t>(value)]; }
};

[[nodiscard]] const Tokens& lightTokens();
[[nodiscard]] const Tokens& darkTokens();

struct ColorPair {
    const char* name;
    QColor foreground;
    QColor background;
};
[[nodiscard]] std::vector<ColorPair> textPairs(const Tokens& tokens);
[[nodiscard]] std::vector<ColorPair> markPairs(const Tokens& tokens);

// The contrast ratio of WCAG 2.1, 1 to 21.
[[nodiscard]] double contrast(const QColor& a, const QColor& b);

}  // namespace hanshu::theme
