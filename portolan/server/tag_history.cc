// The extension `_portolan`: what happened to tags, and taking it back. docs/protocol.md describes
// it.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/url.h"
#include "portolan/server/handlers.h"
#include "portolan/server/paging.h"
#include "portolan/server/reply.h"
#include "portolan/server/timestamp.h"
#include "portolan/wire/reply.h"
#include "portolan/wire/route.h"

namespace portolan::server {
namespace {

constexpr std::size_t kMaxEvents = 1000;
constexpr std::size_t kDefaultEvents = 100;

void AppendDigest(std::string& out, const std::optional<oci::Digest>& digest) {
  if (digest) {
    wire::AppendJsonString(out, digest->text());
  } else {
    out += "null";
  }
}

void AppendEvent(std::string& out, const store::TagEvent& event) {
  out += fmt::format("{{\"id\":{},\"tag\":", event.id);
  wire::AppendJsonString(out, event.tag.text());
  out += ",\"at\":\"" + Timestamp(event.at) + "\",\"by\":";
  wire::AppendJsonString(out, event.principal);
  out += ",\"before\":";
  AppendDigest(out, event.before);
  out += ",\"after\":";
  AppendDigest(out, event.after);
  out += event.restorable ? ",\"restorable\":true}" : ",\"restorable\":false}";
}

Result<std::optional<oci::Tag>> TagParameter(const Call& call) {
  const auto text = call.query.Get("tag");
  if (!text) return std::optional<oci::Tag>();
  Result<oci::Tag> tag = oci::Tag::Parse(*text);
  if (!tag) return Fail(ErrorCode::kTagInvalid, "the parameter tag: " + tag.error().message);
  return std::optional(*std::move(tag));
}

}  // namespace

Answer GetTagHistory(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const std::optional<oci::Tag> tag, TagParameter(call));
  PORTOLAN_CO_TRY(const std::optional<std::size_t> n, PageSizeOf(call));
  PORTOLAN_CO_TRY(const std::int64_t before, CursorOf(call, "before", 1));
  const std::size_t limit = std::min(n.value_or(kDefaultEvents), kMaxEvents);
  PORTOLAN_CO_TRY(std::vector<store::TagEvent> events, co_await async::OnPool(backend.pool(), [&] {
                    return backend.storage().metadata().TagHistory(call.repository(), tag, before,
                                                                   limit + 1);
                  }));
  const bool more = events.size() > limit;
  if (more) events.erase(events.begin() + static_cast<std::ptrdiff_t>(limit), events.end());

  std::string body = "{\"name\":";
  wire::AppendJsonString(body, call.repository().text());
  body += ",\"events\":[";
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) body += ',';
    AppendEvent(body, events[i]);
  }
  body += "]}";
  http::Response response = JsonReply(200, std::move(body));
  if (more && limit > 0) {
    std::string path = wire::RepositoryPath(call.repository(), "_portolan/tags/history");
    path += fmt::format("?n={}&before={}", limit, events.back().id);
    if (tag) path += "&tag=" + PercentEncode(tag->text());
    SetNextPage(response, backend, std::move(path));
  }
  co_return response;
}

Answer RestoreTag(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const std::optional<oci::Tag> tag, TagParameter(call));
  if (!tag) co_return Fail(ErrorCode::kTagInvalid, "the parameter tag is missing");
  std::optional<oci::Digest> digest;
  if (const auto text = call.query.Get("digest")) {
    Result<oci::Digest> parsed = oci::Digest::Parse(*text);
    if (!parsed) {
      co_return Fail(ErrorCode::kDigestInvalid, "the parameter digest: " + parsed.error().message);
    }
    digest = *std::move(parsed);
  }
  PORTOLAN_CO_TRY(const oci::Digest restored, co_await async::OnPool(backend.pool(), [&] {
                    return backend.storage().metadata().RestoreTag(
                        call.repository(), *tag, digest, call.allowed.Has(auth::Action::kCreate),
                        call.allowed.Has(auth::Action::kOverwrite), ActorOf(backend, call));
                  }));
  std::string body = "{\"name\":";
  wire::AppendJsonString(body, call.repository().text());
  body += ",\"tag\":";
  wire::AppendJsonString(body, tag->text());
  body += ",\"digest\":";
  wire::AppendJsonString(body, restored.text());
  body += '}';
  http::Response response = JsonReply(200, std::move(body));
  SetDigest(response, restored);
  co_return response;
}

}  // namespace portolan::server
