// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The settings of the window: key and what holds without one. Splitters and tables keep theirs under splitters/ and
// tables/, payloads of tests under payloads/.
#pragma once

#include <QLatin1String>

namespace hanshu::shell::settings {

inline constexpr QLatin1String kGeometry{"window/geometry"};      // none: the size that the window asks for
inline constexpr QLatin1String kPage{"window/page"};              // 0
inline constexpr QLatin1String kTheme{"appearance/theme"};        // 0: as the system, 1: light, 2: dark
inline constexpr QLatin1String kLanguage{"appearance/language"};  // empty: as the system

}  // namespace hanshu::shell::settings
