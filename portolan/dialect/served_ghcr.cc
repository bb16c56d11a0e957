// GitHub Container Registry. Facts: docs/dialects.md, "ghcr.io".
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/url.h"
#include "portolan/dialect/served_words.h"
#include "portolan/wire/challenge.h"

namespace portolan::dialect {
namespace {

using From = FieldLine::From;

// Five groups of hexadecimal digits, the last of which is the time.
std::string RequestId(const Moment& moment) {
  const std::uint64_t chance = moment.chance;
  return fmt::format("{:04X}:{:04X}:{:05X}:{:05X}:{:08X}", chance & 0xffffU,
                     chance >> 16U & 0xffffU, chance >> 32U & 0x7ffffU, chance >> 45U & 0x7ffffU,
                     moment.seconds);
}

constexpr std::array kFields{
    FieldLine{.name = "content-type"},
    FieldLine{
        .name = "docker-distribution-api-version", .from = From::kFixed, .value = "registry/2.0"},
    FieldLine{.name = "link"},
    FieldLine{.name = "www-authenticate"},
    FieldLine{.name = "vary", .from = From::kNowhere},
    FieldLine{.name = "", .from = From::kOthers},
    FieldLine{.name = "date", .from = From::kServer},
    FieldLine{.name = "content-length", .from = From::kServer},
    FieldLine{.name = "x-github-request-id", .from = From::kMade, .make = RequestId},
};

// Of the API, which is another host's. Nobody has used up anything.
std::string InAnHour(const Moment& moment) { return std::to_string(moment.seconds + 3600); }

constexpr std::array kApiFields{
    FieldLine{.name = "server", .from = From::kFixed, .value = "GitHub.com"},
    FieldLine{.name = "date", .from = From::kServer},
    FieldLine{.name = "content-type"},
    FieldLine{.name = "content-length", .from = From::kServer},
    FieldLine{
        .name = "x-github-media-type", .from = From::kFixed, .value = "github.v3; format=json"},
    FieldLine{.name = "link"},
    FieldLine{.name = "", .from = From::kOthers},
    FieldLine{.name = "x-ratelimit-limit", .from = From::kFixed, .value = "5000"},
    FieldLine{.name = "x-ratelimit-remaining", .from = From::kFixed, .value = "5000"},
    FieldLine{.name = "x-ratelimit-reset", .from = From::kMade, .make = InAnHour},
    FieldLine{.name = "x-ratelimit-used", .from = From::kFixed, .value = "0"},
    FieldLine{.name = "x-ratelimit-resource", .from = From::kFixed, .value = "core"},
    FieldLine{.name = "x-github-request-id", .from = From::kMade, .make = RequestId},
};

// Errors have no detail.
Words Error(const Wrong& wrong) {
  const bool by_token = wire::BearerToken(wrong.authorization).has_value();
  if (wrong.bad_credentials || wrong.code == ErrorCode::kUnauthorized) {
    if (!wrong.authorization.empty() && !by_token)
      return WithoutDetail(403, "DENIED", "invalid token");
    Words words = WithoutDetail(
        401, "UNAUTHORIZED",
        by_token ? "unauthenticated: User cannot be authenticated with the token provided."
                 : StandardMessage(ErrorCode::kUnauthorized));
    words.challenge = true;
    return words;
  }
  if (wrong.code == ErrorCode::kDenied) {
    const bool writes = wrong.scope.substr(wrong.scope.rfind(':') + 1).contains("push");
    return WithoutDetail(
        403, "DENIED",
        writes ? "permission_denied: write_package" : StandardMessage(ErrorCode::kDenied));
  }
  const std::string_view message = StandardMessage(wrong.code);
  return WithoutDetail(wrong.status, WireCode(wrong.code),
                       message.empty() ? wrong.message : message);
}

Words TokenError(const Wrong& wrong) {
  if (wrong.code == ErrorCode::kUnauthorized) return WithoutDetail(403, "DENIED", "denied");
  const std::string_view message = StandardMessage(wrong.code);
  return WithoutDetail(wrong.status, WireCode(wrong.code),
                       message.empty() ? wrong.message : message);
}

// A repository that is hidden, or is not there, has no token.
std::optional<Words> RefuseGrant(const TokenFacts& facts) {
  const bool nothing_asked = facts.asked.empty() && !facts.name.empty();  // docker login
  if (nothing_asked || !facts.granted.empty()) return std::nullopt;
  return WithoutDetail(403, "DENIED", StandardMessage(ErrorCode::kDenied));
}

// What is known is the form of an anonymous token. Ours of a proved name are not to be guessed.
std::string Token(const TokenFacts& facts) {
  const std::string_view repository =
      facts.asked.empty() ? std::string_view() : std::string_view(facts.asked.front().name);
  std::string text = fmt::format("v1:{}:{}", repository, facts.now.count());
  if (!facts.name.empty()) text += fmt::format(":{}", facts.id);
  return Base64Encode(text);
}

std::string Reply(const TokenFacts&, std::string_view token) {
  return fmt::format("{{\"token\":\"{}\"}}\n", token);
}

// n=0 is the default, which is what the Link of a list without n says, too.
std::optional<PageSize> SizeOf(std::optional<std::string_view> n) {
  constexpr PageSize kDefault{.limit = 100, .shown = 0};
  const std::optional<std::int64_t> number = n ? NumberOf(*n) : std::nullopt;
  if (!number || *number <= 0) return kDefault;
  return PageSize{.limit = static_cast<std::size_t>(*number), .shown = *number};
}

std::optional<Words> RefuseType(std::string_view media_type,
                                std::span<const std::string_view> accept) {
  return OciTypeRefused(media_type, accept, "Accept");
}

std::string BlobTarget2023(std::string_view hex, std::string_view seal) {
  return fmt::format("/ghcr1/blobs/sha256:{}?se=300&sig={}&sp=r&spr=https&sr=b&sv=2019-12-12", hex,
                     seal);
}
std::string BlobTarget2026(std::string_view hex, std::string_view seal) {
  return fmt::format("/ghcrblobs19/blobs/sha256:{}?se=300&sig={}&sp=r&spr=https&sr=b&sv=2025-01-05",
                     hex, seal);
}

constexpr std::array kMissing{
    Missing{.resource = wire::Resource::kManifest, .method = wire::Method::kDelete},
    kNoBlobDeletion,
    kNoReferrers,
    kNoDiscovery,
    kNoHistory,
    kNoRestoring};
// Those who may ask at all.
constexpr std::array kMissingWithCatalog = [] {
  std::array<Missing, kMissing.size() + 1> missing{};
  std::ranges::copy(kMissing, missing.begin());
  missing.back() = {.resource = wire::Resource::kCatalog,
                    .method = wire::Method::kGet,
                    .code = ErrorCode::kNameUnknown};
  return missing;
}();

// As it is: the digest gets lost behind its colon, and who follows meets a page for people.
std::string ReferrersAtGitHub(std::string_view repository) {
  return "https://github.com/-/v2/packages/container/package/" +
         PercentEncode(fmt::format("{}/referrers/sha256", repository));
}

Served Ghcr(std::string_view name, std::string (*target)(std::string_view, std::string_view)) {
  return {.name = name,
          .fields = kFields,
          .placeholder_scope = "repository:user/image:pull",
          .challenge_names_error = false,
          .base_body = "{}",
          .base_content_type = "application/json",
          .line_end = "\n",
          .missing = kMissingWithCatalog,
          .catalog = Catalog::kOwn,
          .refuse_type = RefuseType,
          .tells_subject = false,
          .blobs = BlobsElsewhere{.status = 307, .target = target, .seal_parameter = "sig"},
          .error = Error,
          .tokens = {.path = "/token",
                     .service = "ghcr.io",
                     .issuer = {},
                     .lifetime = std::chrono::seconds(300),
                     .opaque = Token,
                     .reply = Reply,
                     .refuse_grant = RefuseGrant,
                     .error = TokenError},
          .tags = {.size = SizeOf, .order = TagPages::Order::kPlace, .next = LastThenN},
          .api = VendorApi::kGitHubPackages,
          .api_fields = kApiFields};
}

}  // namespace

const Served& ServedGhcr2023() {
  static const Served served = Ghcr("ghcr@2023-03", BlobTarget2023);
  return served;
}

const Served& ServedGhcr2026() {
  static const Served served = [] {
    static const std::vector<Missing> kMissing2026 = [] {
      std::vector<Missing> missing(kMissingWithCatalog.begin(), kMissingWithCatalog.end());
      std::erase_if(
          missing, [](const Missing& part) { return part.resource == wire::Resource::kReferrers; });
      return missing;
    }();
    Served ghcr = Ghcr("ghcr@2026", BlobTarget2026);
    ghcr.missing = kMissing2026;
    ghcr.referrers_elsewhere = ReferrersAtGitHub;
    return ghcr;
  }();
  return served;
}

}  // namespace portolan::dialect
