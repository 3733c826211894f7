// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_error.h"

#include "objects/s3_xml.h"

#include <unordered_map>

namespace hanshu::objects {
namespace {

// By reason: those of the rooms below, and the codes of S3 that the dialect fails with itself.
const std::unordered_map<std::string_view, S3Error>& table() {
    static const std::unordered_map<std::string_view, S3Error> errors{
        // Of the rooms.
        {"BucketNotFound", {"NoSuchBucket", 404, "The specified bucket does not exist"}},
        {"BucketAlreadyExists", {"BucketAlreadyOwnedByYou", 409, "You already own a bucket of this name"}},
        {"InvalidBucketName", {"InvalidBucketName", 400, "The specified bucket name is not valid"}},
        {"BucketNotEmpty", {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"}},
        {"ObjectNotFound", {"NoSuchKey", 404, "The specified key does not exist"}},
        {"KeyTooLong", {"KeyTooLongError", 400, "Your key is too long"}},
        {"UploadNotFound",
         {"NoSuchUpload", 404, "The specified upload does not exist; it may have been completed or aborted"}},
        {"InvalidPart",
         {"InvalidPart", 400, "A listed part was not uploaded, or its entity tag does not match the one listed"}},
        {"InvalidPartOrder", {"InvalidPartOrder", 400, "The list of parts was not in ascending order"}},
        {"PartTooSmall", {"EntityTooSmall", 400, "A part other than the last is smaller than 5 MiB"}},
        {"PreconditionFailed",
         {"PreconditionFailed", 412, "At least one of the preconditions you specified did not hold"}},
        {"StorageFull", {"StorageFull", 507, "There is no room left for this on the disk of the server"}},
        {"ObjectDamaged", {"InternalError", 500, "The file of the object is damaged or missing on the server"}},
        {"InvalidAccessKeyID", {"InvalidAccessKeyId", 403, "The access key id you provided does not exist"}},
        {"SignatureNotMatch",
         {"SignatureDoesNotMatch", 403,
          "The signature we calculated does not match the one you provided: check your key and signing method"}},
        {"MissingRequiredHeader", {"AccessDenied", 403, "The request is not signed, or not completely"}},
        {"RequestExpired",
         {"RequestTimeTooSkewed", 403, "The difference between the request's time and the server's is too large"}},
        {"InvalidSecurityToken", {"InvalidToken", 400, "The provided token is malformed or otherwise not valid"}},
        {"SecurityTokenExpired", {"ExpiredToken", 400, "The provided token has expired"}},
        {"AccessDenied", {"AccessDenied", 403, "Access denied"}},
        {"InvalidArgument", {"InvalidArgument", 400, "Invalid argument"}},
        {"EntityTooLarge", {"EntityTooLarge", 400, "Your upload is larger than what is allowed"}},
        // Of the dialect.
        {"AccessControlListNotSupported",
         {"AccessControlListNotSupported", 400,
          "Buckets and objects are private; no other access control list is kept"}},
        {"BadDigest", {"BadDigest", 400, "The checksum you specified does not match what was received"}},
        {"XAmzContentSHA256Mismatch",
         {"XAmzContentSHA256Mismatch", 400, "The x-amz-content-sha256 you specified does not match what was received"}},
        {"InvalidDigest", {"InvalidDigest", 400, "The Content-MD5 you specified is not valid"}},
        {"IncompleteBody", {"IncompleteBody", 400, "The body is shorter or longer than its stated length"}},
        {"InvalidRange", {"InvalidRange", 416, "The requested range can't be satisfied"}},
        {"InvalidRequest", {"InvalidRequest", 400, "The request is not valid"}},
        {"InvalidURI", {"InvalidURI", 400, "The specified URI can't be parsed"}},
        {"InvalidStorageClass", {"InvalidStorageClass", 400, "The storage class you specified is not valid"}},
        {"MalformedXML", {"MalformedXML", 400, "The XML you provided is not well-formed or not what is expected"}},
        {"MetadataTooLarge", {"MetadataTooLarge", 400, "Your metadata headers exceed 2 KB"}},
        {"MethodNotAllowed", {"MethodNotAllowed", 405, "The method is not allowed against this resource"}},
        {"MissingContentLength", {"MissingContentLength", 411, "You must provide the Content-Length header"}},
        {"NotImplemented", {"NotImplemented", 501, "What you asked for is not implemented"}},
        {"NotModified", {"NotModified", 304, "Not modified"}},
        {"NoSuchBucketPolicy", {"NoSuchBucketPolicy", 404, "The bucket has no policy"}},
        {"NoSuchCORSConfiguration", {"NoSuchCORSConfiguration", 404, "The bucket has no CORS configuration"}},
        {"NoSuchLifecycleConfiguration",
         {"NoSuchLifecycleConfiguration", 404, "The bucket has no lifecycle configuration"}},
        {"NoSuchPublicAccessBlockConfiguration",
         {"NoSuchPublicAccessBlockConfiguration", 404, "The bucket has no public access block configuration"}},
        {"NoSuchTagSet", {"NoSuchTagSet", 404, "There is no tag set"}},
        {"NoSuchVersion", {"NoSuchVersion", 404, "The specified version does not exist"}},
        {"NoSuchWebsiteConfiguration", {"NoSuchWebsiteConfiguration", 404, "The bucket has no website configuration"}},
        {"ObjectLockConfigurationNotFoundError",
         {"ObjectLockConfigurationNotFoundError", 404, "The bucket has no object lock configuration"}},
        {"OwnershipControlsNotFoundError",
         {"OwnershipControlsNotFoundError", 404, "The bucket has no ownership controls"}},
        {"ReplicationConfigurationNotFoundError",
         {"ReplicationConfigurationNotFoundError", 404, "The bucket has no replication configuration"}},
        {"ServerSideEncryptionConfigurationNotFoundError",
         {"ServerSideEncryptionConfigurationNotFoundError", 404, "The bucket has no encryption configuration"}},
    };
    return errors;
}

// The name that S3 gives to what an error is about.
std::string_view elementOf(std::string_view param) {
    static const std::unordered_map<std::string_view, std::string_view> names{{"bucket", "BucketName"},
                                                                              {"key", "Key"},
                                                                              {"uploadId", "UploadId"},
                                                                              {"part", "PartNumber"},
                                                                              {"argument", "ArgumentName"},
                                                                              {"value", "ArgumentValue"},
                                                                              {"condition", "Condition"},
                                                                              {"accessKeyId", "AWSAccessKeyId"},
                                                                              {"minimum", "MinSizeAllowed"},
                                                                              {"limit", "MaxSizeAllowed"},
                                                                              {"size", "ProposedSize"},
                                                                              {"header", "Header"},
                                                                              {"action", "Action"},
                                                                              {"resource", "DeniedResource"},
                                                                              {"principal", "Principal"},
                                                                              {"decision", "Decision"},
                                                                              {"actualSize", "ActualObjectSize"}};
    const auto found = names.find(param);
    return found == names.end() ? std::string_view{} : found->second;
}

}  // namespace

S3Error s3ErrorOf(const Error& error) {
    const auto found = table().find(error.reason);
    if (found != table().end()) {
        return found->second;
    }
    if (error.code == Code::DeadlineExceeded) {
        return {"RequestTimeout", 400, "The connection was idle for too long while the body was awaited"};
    }
    if (error.code == Code::Unavailable || error.code == Code::ResourceExhausted) {
        return {"SlowDown", 503, "The server is busy: reduce your request rate"};
    }
    return {"InternalError", 500, "The server met an internal error: try again"};
}

std::string s3ErrorDocument(const Error& error, std::string_view resource, std::string_view requestId) {
    const auto known = s3ErrorOf(error);
    XmlWriter xml("Error", "");
    const auto better = error.reason == "InvalidArgument" ? error.param("message") : std::string_view{};
    xml.text("Code", known.code).text("Message", better.empty() ? std::string_view(known.message) : better);
    for (const auto& [name, value] : error.params) {
        if (const auto element = elementOf(name); !element.empty()) {
            xml.text(element, value);
        }
    }
    xml.text("Resource", resource).text("RequestId", requestId);
    return xml.take();
}

Failure s3Fail(std::string_view code, std::vector<std::pair<std::string, std::string>> params) {
    return fail(Code::InvalidArgument, std::string(code), std::move(params));
}

}  // namespace hanshu::objects
