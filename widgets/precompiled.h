// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What nearly every file of the console includes; compiled once.
#pragma once

#include "function.pb.h"
#include "invocation.pb.h"
#include "services.pb.h"

#include <QtWidgets>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>
