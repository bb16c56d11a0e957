// Blobs: pulled whole or in part, and taken from a repository. Spec: "Pulling blobs", "Deleting
// Blobs".
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/url.h"
#include "portolan/http/body.h"
#include "portolan/server/blob_origin.h"
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

void SetContentFields(http::Response& response, const BlobAsked& asked) {
  response.headers.Add("Content-Type", "application/octet-stream");
  response.headers.Add("Cache-Control", asked.cache_control);
  response.headers.Add("Accept-Ranges", "bytes");
  SetDigest(response, asked.digest);
}

http::Response Unsatisfiable(const Error& error, std::uint64_t size) {
  http::Response response = ErrorReply(error, 416);
  response.headers.Add("Content-Range", fmt::format("bytes */{}", size));
  return response;
}

// Whether a blob is here, and its size: no file is opened.
async::Task<Result<store::BlobRow>> Stat(const BlobAsked& asked) {
  const auto stat = [&](store::Patience patience) {
    return asked.storage.StatBlob(asked.repository, asked.digest, patience);
  };
  Result<store::BlobRow> blob = stat(store::kNoPatience);
  if (IsBusy(blob)) {
    blob = co_await async::OnPool(asked.pool, [&] { return stat(store::kPoolPatience); });
  }
  co_return blob;
}

// For HEAD, and for GET of a client that has it already.
Answer HeadBlob(const BlobAsked& asked, bool unchanged) {
  PORTOLAN_CO_TRY(const store::BlobRow blob, co_await Stat(asked));
  if (unchanged) {
    http::Response response = Reply(304);
    response.headers.Add("Cache-Control", asked.cache_control);
    SetDigest(response, asked.digest);
    co_return response;
  }
  http::Response response = Reply(200);
  SetContentFields(response, asked);
  response.headers.Add("Content-Length", fmt::format("{}", blob.size));
  co_return response;
}

std::string_view CacheControl(const Backend& backend, const Call& call) {
  if (const dialect::Served* const served = backend.parts.served) {
    const bool head = call.endpoint.method == wire::Method::kHead;
    const std::string_view own =
        head ? served->blob_head_cache_control : served->blob_cache_control;
    if (!own.empty()) return own;
  }
  return ImmutableCacheControl(backend);
}

// A dialect's answer that a blob is elsewhere; nothing where it gives blobs itself.
std::optional<std::string> Elsewhere(const Backend& backend, const Call& call) {
  const dialect::Served* const served = backend.parts.served;
  if (served == nullptr || !served->blobs || backend.parts.seals == nullptr) return std::nullopt;
  if (call.endpoint.method == wire::Method::kHead) return std::nullopt;
  const oci::Digest& digest = *call.endpoint.digest;
  const std::string seal = backend.parts.seals->Make(call.repository(), digest);
  return backend.options.blob_origin + served->blobs->target(digest.encoded(), PercentEncode(seal));
}

}  // namespace

Answer GiveBlob(const BlobAsked& asked) {
  const bool unchanged =
      wire::MatchesEntityTag(asked.request.headers.GetAll("If-None-Match"), asked.digest.text());
  if (asked.request.method == "HEAD" || unchanged) co_return co_await HeadBlob(asked, unchanged);
  const auto open = [&](store::Patience patience) {
    return asked.storage.GetBlob(asked.repository, asked.digest, patience);
  };
  Result<store::OpenBlob> opened = open(store::kNoPatience);
  if (IsBusy(opened)) {
    opened = co_await async::OnPool(asked.pool, [&] { return open(store::kPoolPatience); });
  }
  PORTOLAN_CO_TRY(const store::OpenBlob blob, std::move(opened));

  std::optional<wire::ByteRange> part;
  const std::string_view range = asked.request.headers.Get("Range");
  // RFC 9110 §14.2: Range is for GET; with If-Range only if that names this content, which never
  // changes.
  const std::string_view if_range = asked.request.headers.Get("If-Range");
  if (!range.empty() && (if_range.empty() || if_range == '"' + asked.digest.text() + '"')) {
    Result<std::optional<wire::ByteRange>> resolved = wire::ResolveRange(range, blob.size);
    if (!resolved) co_return Unsatisfiable(resolved.error(), blob.size);
    part = *resolved;
  }

  http::Response response = Reply(part ? 206 : 200);
  SetContentFields(response, asked);
  if (part) response.headers.Add("Content-Range", wire::ContentRangeOf(*part, blob.size));
  response.body = BodyOf(blob, part.value_or(wire::ByteRange{.offset = 0, .size = blob.size}));
  co_return response;
}

Answer GetBlob(Backend& backend, Call& call) {
  const BlobAsked asked{.storage = backend.storage(),
                        .pool = backend.pool(),
                        .repository = call.repository(),
                        .digest = *call.endpoint.digest,
                        .request = call.request,
                        .cache_control = CacheControl(backend, call)};
  const std::optional<std::string> location = Elsewhere(backend, call);
  if (!location) co_return co_await GiveBlob(asked);
  PORTOLAN_CO_CHECK(co_await Stat(asked));
  http::Response response = Reply(backend.parts.served->blobs->status);
  response.headers.Add("Location", *location);
  response.headers.Add("Docker-Content-Digest", asked.digest.text());
  if (!backend.parts.served->blob_cache_control.empty()) {
    response.headers.Add("Accept-Ranges", "bytes");
    response.headers.Add("Cache-Control", asked.cache_control);
  }
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
