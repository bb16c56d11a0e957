#include "portolan/server/upload_reply.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/server/dialect_reply.h"
#include "portolan/server/login.h"
#include "portolan/server/reply.h"
#include "portolan/wire/range.h"
#include "portolan/wire/route.h"

namespace portolan::server {
namespace {

void SetBlobLocation(http::Response& response, const Backend& backend, const Call& call,
                     const std::string& rest) {
  std::string path = wire::RepositoryPath(call.repository(), "blobs/" + rest);
  const dialect::Served* const served = backend.parts.served;
  if (served != nullptr && served->absolute_uploads) {
    response.headers.Add("Location", OriginOf(backend.options, call.request) + path);
  } else {
    SetLocation(response, backend, std::move(path));
  }
}

void SetUpload(http::Response& response, const Backend& backend, const Call& call,
               const store::UploadState& upload) {
  SetBlobLocation(response, backend, call, "uploads/" + upload.id);
  const dialect::Served* const served = backend.parts.served;
  response.headers.Add("Range", served != nullptr && served->upload_range != nullptr
                                    ? served->upload_range(call.endpoint.method, upload.offset)
                                    : wire::UploadRangeOf(upload.offset));
  response.headers.Add("Docker-Upload-UUID", upload.id);
}

}  // namespace

http::Response UploadReply(const Backend& backend, const Call& call, int status,
                           const store::UploadState& upload) {
  http::Response response = Reply(status);
  SetUpload(response, backend, call, upload);
  return response;
}

http::Response UploadErrorReply(const Backend& backend, const Call& call, int status,
                                const Error& error, const store::UploadState& upload) {
  http::Response response =
      backend.parts.served == nullptr
          ? ErrorReply(error, status)
          : InDialect(backend, call.request, error, {.endpoint = &call.endpoint, .status = status});
  SetUpload(response, backend, call, upload);
  return response;
}

http::Response BlobCreatedReply(const Backend& backend, const Call& call,
                                const oci::Digest& digest) {
  http::Response response = Reply(201);
  SetBlobLocation(response, backend, call, digest.text());
  response.headers.Add("Docker-Content-Digest", digest.text());
  return response;
}

Result<oci::HashAlgorithm> AlgorithmOf(std::string_view name) {
  if (const auto algorithm = oci::HashAlgorithmOf(name)) return *algorithm;
  return Fail(
      ErrorCode::kDigestInvalid,
      fmt::format("digests of the algorithm {} cannot be verified here; expected sha256 or sha512",
                  name));
}

Result<oci::Digest> DigestParameter(const Call& call, std::string_view name) {
  const std::optional<std::string_view> text = call.query.Get(name);
  if (!text) {
    return Fail(ErrorCode::kDigestInvalid,
                fmt::format("the parameter {} is missing; expected {}=sha256:…", name, name));
  }
  Result<oci::Digest> digest = oci::Digest::Parse(*text);
  if (!digest) {
    return Fail(ErrorCode::kDigestInvalid,
                fmt::format("the parameter {} is no digest: {}", name, digest.error().message));
  }
  return digest;
}

}  // namespace portolan::server
