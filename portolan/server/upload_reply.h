// What a client is told of an upload.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/error.h"
#include "portolan/http/message.h"
#include "portolan/oci/hasher.h"
#include "portolan/server/call.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// `Location`, `Range` and `Docker-Upload-UUID` of an upload. Spec: "Pushing a blob in chunks".
http::Response UploadReply(const Backend& backend, const Call& call, int status,
                           const store::UploadState& upload);
/// An error that tells where the upload stands, so that the client can go on (416).
http::Response UploadErrorReply(const Backend& backend, const Call& call, int status,
                                const Error& error, const store::UploadState& upload);
/// 201 for a blob that the repository has now.
http::Response BlobCreatedReply(const Backend& backend, const Call& call,
                                const oci::Digest& digest);
/// The algorithm of this name. kDigestInvalid for one that cannot be verified here.
Result<oci::HashAlgorithm> AlgorithmOf(std::string_view name);
/// `digest` of the query. kDigestInvalid where it is missing or cannot be parsed.
Result<oci::Digest> DigestParameter(const Call& call, std::string_view name);

}  // namespace portolan::server
