// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Exists so that the precompiled header has a library to belong to.
#include "precompiled.h"
