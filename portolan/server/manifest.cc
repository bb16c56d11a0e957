// Manifests: pulled and deleted. Spec: "Pulling manifests", "Deleting manifests";
// content-negotiation.md.
#include "portolan/oci/manifest.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/ip_address.h"
#include "portolan/http/body.h"
#include "portolan/server/dialect_reply.h"
#include "portolan/server/handlers.h"
#include "portolan/server/reply.h"
#include "portolan/server/schema1.h"
#include "portolan/wire/preconditions.h"

namespace portolan::server {
namespace {

// Images for one platform that are looked at in an index: real ones have one.
constexpr int kMaxCandidates = 8;

store::ManifestReference ReferenceOf(const wire::Endpoint& endpoint) {
  if (endpoint.digest) return *endpoint.digest;
  return *endpoint.tag;
}

bool IsIndex(std::string_view media_type) {
  return media_type == oci::kImageIndexType || media_type == oci::kDockerManifestListType;
}

bool IsImage(std::string_view media_type) {
  return media_type == oci::kImageManifestType || media_type == oci::kDockerManifestType;
}

// Whether the client knows images and says so, but no index: an old client, which would fail with
// one.
bool KnowsNoIndex(const std::vector<std::string_view>& accept) {
  if (accept.empty()) return false;
  const auto accepts = [&](std::string_view type) { return wire::Accepts(accept, type); };
  return !accepts(oci::kImageIndexType) && !accepts(oci::kDockerManifestListType) &&
         (accepts(oci::kImageManifestType) || accepts(oci::kDockerManifestType));
}

// The image for linux/amd64 in an index, which is what old clients mean by a tag; the index where
// there is none of the types that are accepted. kBusy.
Result<store::StoredManifest> ImageFor(Backend& backend, const Call& call,
                                       store::StoredManifest index,
                                       const std::vector<std::string_view>& accept,
                                       store::Patience patience) {
  const Result<oci::Manifest> parsed = oci::Manifest::Parse(*index.content, index.media_type);
  if (!parsed) return index;
  int candidates = 0;
  for (const oci::Descriptor& child : parsed->manifests) {
    if (!child.platform || child.platform->os != "linux" ||
        child.platform->architecture != "amd64") {
      continue;
    }
    if (++candidates > kMaxCandidates) break;
    Result<store::StoredManifest> image =
        backend.storage().GetManifest(call.repository(), child.digest, patience);
    if (IsBusy(image)) return image;
    if (image && wire::Accepts(accept, image->media_type)) return image;
  }
  return index;
}

// What a dialect says instead, if it does.
std::optional<dialect::Words> RefusedType(const Backend& backend, const Call& call,
                                          std::string_view media_type) {
  const dialect::Served* const served = backend.parts.served;
  if (served == nullptr || served->refuse_type == nullptr || !call.endpoint.tag) {
    return std::nullopt;
  }
  return served->refuse_type(media_type, call.request.headers.GetAll("Accept"));
}

// Whether old clients are given an image for an index of this type.
bool GivesImages(const Backend& backend, const Call& call, std::string_view media_type) {
  const dialect::Served* const served = backend.parts.served;
  return served == nullptr ||
         (served->index_becomes_image && !RefusedType(backend, call, media_type));
}

// What the client is given for the reference.
Result<store::StoredManifest> Find(Backend& backend, const Call& call, store::Patience patience) {
  PORTOLAN_TRY(
      store::StoredManifest manifest,
      backend.storage().GetManifest(call.repository(), ReferenceOf(call.endpoint), patience));
  if (call.endpoint.tag && IsIndex(manifest.media_type) &&
      GivesImages(backend, call, manifest.media_type) &&
      KnowsNoIndex(call.request.headers.GetAll("Accept"))) {
    return ImageFor(backend, call, std::move(manifest), call.request.headers.GetAll("Accept"),
                    patience);
  }
  return manifest;
}

// Whether a dialect gives schema 1 instead: by tag, to whoever names no type that fits.
bool WantsSchema1(const Backend& backend, const Call& call, std::string_view media_type) {
  const dialect::Served* const served = backend.parts.served;
  return served != nullptr && served->gives_schema1 && call.endpoint.tag &&
         (IsIndex(media_type) || IsImage(media_type)) &&
         !wire::AcceptsByName(call.request.headers.GetAll("Accept"), media_type);
}

// The tag's image as schema 1, or as it is stored where it has no such form. Blocks.
Result<http::Response> AsSchema1(Backend& backend, const Call& call,
                                 store::StoredManifest manifest) {
  PORTOLAN_TRY(const store::StoredManifest image,
               IsIndex(manifest.media_type)
                   ? ImageFor(backend, call, std::move(manifest), {}, store::kPoolPatience)
                   : Result<store::StoredManifest>(std::move(manifest)));
  const Error unknown = Fail(ErrorCode::kManifestUnknown, "there is no image to be converted");
  if (IsIndex(image.media_type)) return unknown;
  Result<std::optional<Converted>> converted = ToSchema1(backend, call, image);
  if (!converted) {
    return converted.error().code == ErrorCode::kManifestInvalid ? unknown : converted.error();
  }
  http::Response response = Reply(200);
  if (!*converted) {
    SetDigest(response, image.digest);
    response.headers.Add("Content-Type", image.media_type);
    response.body = http::NewSharedBody(image.content);
    return response;
  }
  SetDigest(response, (*converted)->digest);
  response.headers.Add("Content-Type", oci::kDockerSignedSchema1Type);
  response.body = http::NewTextBody(std::move((*converted)->content));
  return response;
}

// By whom pulls are counted: an address (of IPv6, a network), or a name.
std::string SourceOf(const Call& call) {
  if (!call.identity.anonymous()) return call.identity.name;
  const std::string& address = call.request.peer_address;
  const auto parsed = IpAddress::Parse(address);
  return parsed && !parsed->is_v4() ? parsed->Network(64).ToString() : address;
}

// Counts a pull, where a dialect limits them.
struct Counted {
  std::vector<dialect::Field> fields;  // that tell of it
  std::optional<dialect::Words> refusal;
};
Counted Count(Backend& backend, const Call& call) {
  if (backend.pulls == nullptr) return {};
  const dialect::PullLimit& pulls = *backend.parts.served->pulls;
  const bool anonymous = call.identity.anonymous();
  const int limit = backend.options.pull_limit.value_or(anonymous ? pulls.anonymous : pulls.named);
  const std::string source = SourceOf(call);
  const PullLimits::Count count = backend.pulls->Look((anonymous ? "a " : "n ") + source, limit,
                                                      call.endpoint.method == wire::Method::kGet);
  const auto window = pulls.window.count();
  Counted counted{
      .fields = {{"ratelimit-limit", fmt::format("{};w={}", limit, window)},
                 {"ratelimit-remaining", fmt::format("{};w={}", count.remaining, window)},
                 {"docker-ratelimit-source", source}}};
  if (count.refused) counted.refusal = pulls.refuse(anonymous);
  return counted;
}

Answer GiveManifest(Backend& backend, Call& call) {
  Result<store::StoredManifest> found = Find(backend, call, store::kNoPatience);
  if (IsBusy(found)) {
    found = co_await async::OnPool(backend.pool(),
                                   [&] { return Find(backend, call, store::kPoolPatience); });
  }
  PORTOLAN_CO_TRY(store::StoredManifest manifest, std::move(found));
  if (const auto words = RefusedType(backend, call, manifest.media_type)) {
    co_return WordsReply(*words);
  }
  if (WantsSchema1(backend, call, manifest.media_type)) {
    co_return co_await async::OnPool(backend.pool(),
                                     [&] { return AsSchema1(backend, call, std::move(manifest)); });
  }

  const bool unchanged =
      wire::MatchesEntityTag(call.request.headers.GetAll("If-None-Match"), manifest.digest.text());
  http::Response response = Reply(unchanged ? 304 : 200);
  SetDigest(response, manifest.digest);
  if (call.endpoint.digest) {
    response.headers.Add("Cache-Control", ImmutableCacheControl(backend));
  } else {
    response.headers.Add("Vary", "Accept");
  }
  if (unchanged) co_return response;
  response.headers.Add("Content-Type", manifest.media_type);
  response.body = http::NewSharedBody(std::move(manifest.content));
  co_return response;
}

}  // namespace

Answer GetManifest(Backend& backend, Call& call) {
  const Counted counted = Count(backend, call);
  Result<http::Response> answer = http::Response();
  if (counted.refusal) {
    answer = WordsReply(*counted.refusal);
  } else {
    answer = co_await GiveManifest(backend, call);
  }
  if (!answer) co_return answer;
  for (const dialect::Field& field : counted.fields) answer->headers.Add(field.name, field.value);
  co_return answer;
}

Answer DeleteManifest(Backend& backend, Call& call) {
  store::MetadataStore& metadata = backend.storage().metadata();
  const store::Actor actor = ActorOf(backend, call);
  PORTOLAN_CO_CHECK(co_await async::OnPool(backend.pool(), [&] {
    return call.endpoint.digest
               ? metadata.DeleteManifest(call.repository(), *call.endpoint.digest, actor)
               : metadata.DeleteTag(call.repository(), *call.endpoint.tag, actor);
  }));
  co_return Reply(202);
}

}  // namespace portolan::server
