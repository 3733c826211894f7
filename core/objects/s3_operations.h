// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The operations of S3: each authorizes, acts and answers; an error that it returns before it has begun to answer is
// answered by the service. One io thread.
#pragma once

#include "objects/s3_call.h"

namespace hanshu::objects {

using Operation = Task<Result<void>>;

// s3_bucket_operations.cpp
[[nodiscard]] Operation listBuckets(S3Call& call);
[[nodiscard]] Operation createBucket(S3Call& call);
[[nodiscard]] Operation headBucket(S3Call& call);
[[nodiscard]] Operation deleteBucket(S3Call& call);
[[nodiscard]] Operation getLocation(S3Call& call);
[[nodiscard]] Operation getBucketAcl(S3Call& call);
[[nodiscard]] Operation putBucketAcl(S3Call& call);
// A configuration that no bucket has here: its document, or S3's error for a bucket without it.
[[nodiscard]] Operation getBucketSetting(S3Call& call, std::string_view setting);

// s3_list_operations.cpp
[[nodiscard]] Operation listObjectsV1(S3Call& call);
[[nodiscard]] Operation listObjectsV2(S3Call& call);
[[nodiscard]] Operation listParts(S3Call& call);
[[nodiscard]] Operation listMultipart(S3Call& call);

// s3_object_operations.cpp
[[nodiscard]] Operation getObject(S3Call& call);
[[nodiscard]] Operation headObject(S3Call& call);
[[nodiscard]] Operation putObject(S3Call& call);
[[nodiscard]] Operation deleteObject(S3Call& call);
[[nodiscard]] Operation deleteObjects(S3Call& call);
[[nodiscard]] Operation getObjectAcl(S3Call& call);
[[nodiscard]] Operation putObjectAcl(S3Call& call);
[[nodiscard]] Operation getObjectTags(S3Call& call);

// s3_copy_operations.cpp
[[nodiscard]] Operation copyObject(S3Call& call);
[[nodiscard]] Operation copyPart(S3Call& call);

// s3_multipart_operations.cpp
[[nodiscard]] Operation beginMultipart(S3Call& call);
[[nodiscard]] Operation putPart(S3Call& call);
[[nodiscard]] Operation endMultipart(S3Call& call);
[[nodiscard]] Operation abortMultipart(S3Call& call);

// What the headers of a write ask of the object. NotImplemented for what is not kept (encryption, tags, locks), and the
// errors of access lists, storage classes and metadata.
[[nodiscard]] Result<UploadSpec> specOf(const S3Call& call);
// If-None-Match and If-Match of a write.
[[nodiscard]] Result<Precondition> preconditionOf(const S3Call& call);
// AccessControlListNotSupported unless what the headers ask for is private.
[[nodiscard]] Result<void> checkAclHeaders(const S3Call& call);
// InvalidArgument unless the number of a part is one.
[[nodiscard]] Result<int> partNumberOf(const S3Call& call);

// The document of an access list with which only the owner may do everything.
[[nodiscard]] std::string privateAcl(const S3Call& call);
// Reads the body of a request that sets an access list, and refuses any but that one.
[[nodiscard]] Operation acceptPrivateAcl(S3Call& call);

}  // namespace hanshu::objects
