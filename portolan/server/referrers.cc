// What refers to a manifest: signatures, attestations, bills of materials. Spec: "Listing
// Referrers".
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/url.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/handlers.h"
#include "portolan/server/paging.h"
#include "portolan/server/reply.h"
#include "portolan/wire/reply.h"
#include "portolan/wire/route.h"

namespace portolan::server {
namespace {

// One answer is an index that clients read whole: it stays below what they take of a manifest.
constexpr std::size_t kMaxDescriptors = 1000;
constexpr std::size_t kMaxSize = 3U << 20U;

struct Page {
  std::string body;
  std::int64_t after = 0;
  bool more = false;
};

Result<Page> ReadPage(Backend& backend, const Call& call, std::string_view type,
                      std::int64_t after) {
  Page page;
  wire::ReferrersBody body;
  std::size_t count = 0;
  PORTOLAN_CHECK(backend.storage().metadata().ListReferrers(
      call.repository(), *call.endpoint.digest, type, after, kMaxDescriptors + 1,
      [&](std::int64_t id, const oci::Descriptor& descriptor) {
        if (count == kMaxDescriptors || body.size() > kMaxSize) {
          page.more = true;
          return false;
        }
        body.Add(descriptor);
        page.after = id;
        ++count;
        return true;
      }));
  page.body = std::move(body).End();
  return page;
}

// Of a dialect in which the subject must be there.
Status CheckSubject(Backend& backend, const Call& call, ErrorCode missing) {
  const auto row =
      backend.storage().metadata().FindManifest(call.repository(), *call.endpoint.digest);
  if (row || row.error().code != ErrorCode::kManifestUnknown) return row ? Status() : row.error();
  return Fail(missing, "manifest invalid");
}

}  // namespace

Answer ListReferrers(Backend& backend, Call& call) {
  const dialect::Served* const served = backend.parts.served;
  if (served != nullptr && served->referrers_elsewhere != nullptr) {
    http::Response response = Reply(303);
    response.headers.Add("Location", served->referrers_elsewhere(call.repository().text()));
    co_return response;
  }
  if (served != nullptr && served->unknown_subject) {
    PORTOLAN_CO_CHECK(co_await async::OnPool(
        backend.pool(), [&] { return CheckSubject(backend, call, *served->unknown_subject); }));
  }
  const std::string type(call.query.Get("artifactType").value_or(""));
  PORTOLAN_CO_TRY(const std::int64_t after, CursorOf(call, "after", 0));
  PORTOLAN_CO_TRY(Page page, co_await async::OnPool(backend.pool(), [&] {
                    return ReadPage(backend, call, type, after);
                  }));
  http::Response response = JsonReply(200, std::move(page.body), oci::kImageIndexType);
  if (!type.empty()) response.headers.Add("OCI-Filters-Applied", "artifactType");
  if (page.more) {
    std::string path =
        wire::RepositoryPath(call.repository(), "referrers/" + call.endpoint.digest->text());
    path += fmt::format("?after={}", page.after);
    if (!type.empty()) path += "&artifactType=" + PercentEncode(type);
    SetNextPage(response, backend, std::move(path));
  }
  co_return response;
}

}  // namespace portolan::server
