// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The private place of the spawner: a mount namespace of its own (and as an ordinary user a user namespace), in which
// the /etc of sandboxes is put together. For the spawner's one thread only.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace hanshu::sandbox {

// Once. As an ordinary user the caller becomes root of a new user namespace that maps only itself.
[[nodiscard]] Result<void> enterPrivateNamespaces();
// The path of a folder that only this process and its children see: names, certificates and tables that programs of
// /usr look for in /etc, and nothing of this host's users or secrets. It hides neither `stateDirectory` nor /usr.
[[nodiscard]] Result<std::string> makeEtc(const std::filesystem::path& stateDirectory);

}  // namespace hanshu::sandbox
