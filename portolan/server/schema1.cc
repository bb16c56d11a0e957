#include "portolan/server/schema1.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/schema1.h"
#include "portolan/server/timestamp.h"

namespace portolan::server {
namespace {

// Of this process: what signs schema 1 has never proved anything.
const Result<auth::SigningKey>& Key() {
  static const Result<auth::SigningKey> key =
      auth::SigningKey::Generate(auth::Algorithm::kEs256, "portolan", 0);
  return key;
}

}  // namespace

Result<std::string> SignedInside(std::string_view payload, const auth::SigningKey& key,
                                 Clock::WallTime now) {
  constexpr std::string_view kTail = "\n}";
  const std::string_view body = payload.substr(0, payload.size() - kTail.size());
  const std::string protected_part = Base64UrlEncode(
      fmt::format(R"({{"formatLength":{},"formatTail":"{}","time":"{}"}})", body.size(),
                  Base64UrlEncode(kTail), Timestamp(store::ToMillis(now))));
  PORTOLAN_TRY(const std::string signature,
               key.Sign(protected_part + "." + Base64UrlEncode(payload)));
  std::string jwk = key.public_key().jwk();
  jwk.insert(1, fmt::format(R"("kid":"{}",)", key.public_key().libtrust_id()));
  return fmt::format(
      "{},\n   \"signatures\": [\n      {{\n         \"header\": "
      "{{\"jwk\":{},\"alg\":\"ES256\"}},\n"
      "         \"signature\": \"{}\",\n         \"protected\": \"{}\"\n      }}\n   ]{}",
      body, jwk, Base64UrlEncode(signature), protected_part, kTail);
}

Result<std::optional<Converted>> ToSchema1(Backend& backend, const Call& call,
                                           const store::StoredManifest& image) {
  PORTOLAN_TRY(const oci::Manifest manifest,
               oci::Manifest::Parse(*image.content, image.media_type));
  if (!manifest.config || manifest.layers.empty()) return std::optional<Converted>();
  if (manifest.config->size > oci::kMaxSchema1Config) {
    return Fail(ErrorCode::kManifestInvalid, "the image's configuration is too large for schema 1");
  }
  PORTOLAN_TRY(
      const store::OpenBlob blob,
      backend.storage().GetBlob(call.repository(), manifest.config->digest, store::kPoolPatience));
  if (blob.size > oci::kMaxSchema1Config) {
    return Fail(ErrorCode::kManifestInvalid, "the image's configuration is too large for schema 1");
  }
  PORTOLAN_TRY(const std::string config, store::ReadWhole(blob));
  PORTOLAN_TRY(const std::string payload,
               oci::Schema1Payload(call.repository(), *call.endpoint.tag, manifest, config));
  if (!Key()) return Key().error();
  PORTOLAN_TRY(std::string content, SignedInside(payload, *Key(), backend.parts.clock.WallNow()));
  return Converted{.content = std::move(content),
                   .digest = oci::DigestOf(oci::HashAlgorithm::kSha256, payload)};
}

}  // namespace portolan::server
