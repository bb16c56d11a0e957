// Blobs: pulled whole or in part, and taken from a repository. Spec: "Pulling blobs", "Deleting
// Blobs".
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/http/body.h"
#include "portolan/server/handlers.h"
#include "portolan/server/reply.h"
#include "portolan/wire/preconditions.h"
#include "portolan/wire/range.h"

namespace portolan::server {
namespace {

std::unique_ptr<http::BodyReader> BodyOf(const store::OpenBlob& blob,
                                         const wire::ByteRange& range) {
  if (blob.file) {
    return http::NewFileBody(http::FileRange{
        .fd = blob.file->fd(), .offset = range.offset, .size = range.size, .owner = blob.file});
  }
  if (range.size == blob.size) return http::NewSharedBody(blob.content);
  return http::NewTextBody(blob.content->substr(range.offset, range.size));
}

void SetContentFields(http::Response& response, const Backend& backend, const oci::Digest& digest) {
  response.headers.Add("Content-Type", "application/octet-stream");
  response.headers.Add("Cache-Control", ImmutableCacheControl(backend));
  response.headers.Add("Accept-Ranges", "bytes");
  SetDigest(response, digest);
}

http::Response Unsatisfiable(const Error& error, std::uint64_t size) {
  http::Response response = ErrorReply(error, 416);
  response.headers.Add("Content-Range", fmt::format("bytes */{}", size));
  return response;
}

// Whether a blob is here, and its size: no file is opened. For HEAD, and for GET of a client that
// has it already.
Answer HeadBlob(Backend& backend, const Call& call, const oci::Digest& digest, bool unchanged) {
  const auto stat = [&](store::Patience patience) {
    return backend.storage().StatBlob(call.repository(), digest, patience);
  };
  Result<store::BlobRow> blob = stat(store::kNoPatience);
  if (IsBusy(blob)) {
    blob = co_await async::OnPool(backend.pool(), [&] { return stat(store::kPoolPatience); });
  }
  if (!blob) co_return std::move(blob).error();
  if (unchanged) {
    http::Response response = Reply(304);
    response.headers.Add("Cache-Control", ImmutableCacheControl(backend));
    SetDigest(response, digest);
    co_return response;
  }
  http::Response response = Reply(200);
  SetContentFields(response, backend, digest);
  response.headers.Add("Content-Length", fmt::format("{}", blob->size));
  co_return response;
}

}  // namespace

Answer GetBlob(Backend& backend, Call& call) {
  const oci::Digest& digest = *call.endpoint.digest;
  const bool unchanged =
      wire::MatchesEntityTag(call.request.headers.GetAll("If-None-Match"), digest.text());
  if (call.endpoint.method == wire::Method::kHead || unchanged) {
    co_return co_await HeadBlob(backend, call, digest, unchanged);
  }
  const auto open = [&](store::Patience patience) {
    return backend.storage().GetBlob(call.repository(), digest, patience);
  };
  Result<store::OpenBlob> opened = open(store::kNoPatience);
  if (IsBusy(opened)) {
    opened = co_await async::OnPool(backend.pool(), [&] { return open(store::kPoolPatience); });
  }
  PORTOLAN_CO_TRY(const store::OpenBlob blob, std::move(opened));

  std::optional<wire::ByteRange> part;
  const std::string_view range = call.request.headers.Get("Range");
  // RFC 9110 §14.2: Range is for GET; with If-Range only if that names this content, which never
  // changes.
  const std::string_view if_range = call.request.headers.Get("If-Range");
  if (!range.empty() && (if_range.empty() || if_range == '"' + digest.text() + '"')) {
    Result<std::optional<wire::ByteRange>> resolved = wire::ResolveRange(range, blob.size);
    if (!resolved) co_return Unsatisfiable(resolved.error(), blob.size);
    part = *resolved;
  }

  http::Response response = Reply(part ? 206 : 200);
  SetContentFields(response, backend, digest);
  if (part) response.headers.Add("Content-Range", wire::ContentRangeOf(*part, blob.size));
  response.body = BodyOf(blob, part.value_or(wire::ByteRange{.offset = 0, .size = blob.size}));
  co_return response;
}

Answer DeleteBlob(Backend& backend, Call& call) {
  store::MetadataStore& metadata = backend.storage().metadata();
  PORTOLAN_CO_CHECK(co_await async::OnPool(backend.pool(), [&] {
    return metadata.RemoveBlob(call.repository(), *call.endpoint.digest);
  }));
  co_return Reply(202);
}

}  // namespace portolan::server
