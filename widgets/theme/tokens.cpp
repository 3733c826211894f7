// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "theme/tokens.h"

#include <algorithm>
#include <cmath>

namespace hanshu::theme {

const Tokens& lightTokens() {
    static const Tokens tokens{
        .window = QColor(0xf3f4f7),
        .surface = QColor(0xffffff),
        .raised = QColor(0xfafbfc),
        .border = QColor(0xdce0e6),
        .control = QColor(0x7b8494),
        .text = QColor(0x1a1f29),
        .textMuted = QColor(0x545e70),
        .accent = QColor(0x1d5bc9),
        .onAccent = QColor(0xffffff),
        .selection = QColor(0xdfe9fc),
        .hover = QColor(0xeef1f6),
        .tone = {QColor(0x4c5566), QColor(0x1d55bd), QColor(0x176b3a), QColor(0x7d5000), QColor(0xab231c)},
        .toneSoft = {QColor(0xe6e9ee), QColor(0xe1eafc), QColor(0xdcf2e4), QColor(0xfcefd0), QColor(0xfce3e1)},
        .phase = {QColor(0x5f6875), QColor(0xb07400), QColor(0x0b4f80), QColor(0x2b87c4), QColor(0x007f5b)},
        .dark = false,
    };
    return tokens;
}

const Tokens& darkTokens() {
    static const Tokens tokens{
        .window = QColor(0x14171c),
        .surface = QColor(0x1a1e25),
        .raised = QColor(0x20252d),
        .border = QColor(0x2f3641),
        .control = QColor(0x707b8c),
        .text = QColor(0xe5e8ee),
        .textMuted = QColor(0xa2acbc),
        .accent = QColor(0x82b1ff),
        .onAccent = QColor(0x0b1b36),
        .selection = QColor(0x233b66),
        .hover = QColor(0x252b34),
        .tone = {QColor(0xb6bfcd), QColor(0x8cb8ff), QColor(0x72d39b), QColor(0xf0c060), QColor(0xff9f97)},
        .toneSoft = {QColor(0x2b313b), QColor(0x1f3152), QColor(0x173525), QColor(0x392d13), QColor(0x43211f)},
        .phase = {QColor(0x99a2b1), QColor(0xefb445), QColor(0x4a97db), QColor(0x93d2f6), QColor(0x35c593)},
        .dark = true,
    };
    return tokens;
}

std::vector<ColorPair> textPairs(const Tokens& t) {
    std::vector<ColorPair> pairs{
        {"text on window", t.text, t.window},
        {"text on surface", t.text, t.surface},
        {"text on raised", t.text, t.raised},
        {"text on selection", t.text, t.selection},
        {"text on hover", t.text, t.hover},
        {"muted text on window", t.textMuted, t.window},
        {"muted text on surface", t.textMuted, t.surface},
        {"muted text on raised", t.textMuted, t.raised},
        {"muted text on selection", t.textMuted, t.selection},
        {"link on window", t.accent, t.window},
        {"link on surface", t.accent, t.surface},
        {"text of the primary action", t.onAccent, t.accent},
    };
    for (std::size_t i = 0; i < t.tone.size(); ++i) {
        pairs.push_back({"tone on its soft background", t.tone[i], t.toneSoft[i]});
        pairs.push_back({"tone on surface", t.tone[i], t.surface});
        pairs.push_back({"text on a soft background", t.text, t.toneSoft[i]});
    }
    return pairs;
}

std::vector<ColorPair> markPairs(const Tokens& t) {
    std::vector<ColorPair> pairs{
        {"control outline on surface", t.control, t.surface},
        {"control outline on window", t.control, t.window},
        {"focus on surface", t.accent, t.surface},
        {"focus on window", t.accent, t.window},
    };
    for (const auto& color : t.phase) {
        pairs.push_back({"phase on surface", color, t.surface});
    }
    return pairs;
}

namespace {

// https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
double luminance(const QColor& color) {
    const auto linear = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

}  // namespace

double contrast(const QColor& a, const QColor& b) {
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});
    return (high + 0.05) / (low + 0.05);
}

}  // namespace hanshu::theme
