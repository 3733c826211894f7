// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What nearly every test includes; compiled once. Tests of the console have more of Qt and go without.
#pragma once

#include "base/precompiled.h"

#include <QTemporaryDir>
#include <QTest>
