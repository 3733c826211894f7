// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an instance needs of its function: compiled once per revision, immutable, shared by all its instances.
#pragma once

#include "base/ids.h"
#include "function.pb.h"

#include <memory>
#include <string>
#include <vector>

namespace hanshu::catalog {

// A folder of the host that appears read-only inside an instance.
struct FolderMount {
    std::string hostPath;    // absolute
    std::string targetPath;  // inside, absolute
};

// An unpacked package; its folder is removed with the last instance that uses it once no function does.
class CodeTree;

struct FunctionSpec {
    std::string account;
    std::string region;
    api::Function function;
    std::string qualifier = "LATEST";
    std::string versionId;
    std::string codeDirectory;                 // of the host: appears at /code
    std::shared_ptr<const CodeTree> codeTree;  // keeps codeDirectory
    std::vector<FolderMount> mounts;           // layers and bucket paths
    Revision revision;
};

}  // namespace hanshu::catalog
