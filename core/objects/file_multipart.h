// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Uploads in parts of the file object store: parts stay in incoming until they are made into one file. Any thread.
#pragma once

#include "objects/object_store.h"

#include <memory>

namespace hanshu::objects {

struct StoreCore;

struct PartsOf {
    std::string account;
    std::string bucket;
    std::string key;
    std::string uploadId;
    int afterNumber = 0;
    int limit = 1000;
};

[[nodiscard]] Task<Result<std::string>> beginMultipart(std::shared_ptr<StoreCore> core, UploadSpec spec);
[[nodiscard]] Task<Result<std::unique_ptr<Upload>>> uploadPart(std::shared_ptr<StoreCore> core, UploadSpec spec,
                                                               std::string uploadId, int number);
[[nodiscard]] Task<Result<ObjectMeta>> endMultipart(std::shared_ptr<StoreCore> core, MultipartEnd end);
[[nodiscard]] Task<Result<void>> abortMultipart(std::shared_ptr<StoreCore> core, std::string account,
                                                std::string bucket, std::string key, std::string uploadId);
[[nodiscard]] Task<Result<PartListing>> listParts(std::shared_ptr<StoreCore> core, PartsOf what);
[[nodiscard]] Task<Result<MultipartListing>> listMultipart(std::shared_ptr<StoreCore> core, std::string account,
                                                           std::string bucket, MultipartQuery query);

}  // namespace hanshu::objects
