// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The one place of this room where Beast's non-template parts are compiled.
#include <boost/beast/src.hpp>
