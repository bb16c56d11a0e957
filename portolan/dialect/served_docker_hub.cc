// Docker Hub. Its registry is a derivative of CNCF distribution, and words its errors as that does.
// Facts: docs/dialects.md, "Docker Hub".
#include <array>
#include <string>

#include <fmt/format.h>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

using From = FieldLine::From;

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
    FieldLine{
        .name = "strict-transport-security", .from = From::kFixed, .value = "max-age=31536000"},
};

// Of the API: nobody has used up anything.
std::string InAMinute(const Moment& moment) { return std::to_string(moment.seconds + 60); }

constexpr std::array kApiFields{
    FieldLine{.name = "content-type"},
    FieldLine{.name = "", .from = From::kOthers},
    FieldLine{.name = "x-ratelimit-limit", .from = From::kFixed, .value = "180"},
    FieldLine{.name = "x-ratelimit-reset", .from = From::kMade, .make = InAMinute},
    FieldLine{.name = "x-ratelimit-remaining", .from = From::kFixed, .value = "180"},
    FieldLine{.name = "date", .from = From::kServer},
    FieldLine{.name = "content-length", .from = From::kServer},
    FieldLine{
        .name = "strict-transport-security", .from = From::kFixed, .value = "max-age=31536000"},
};

// The token service is another program: it has words of its own.
Words TokenError(const Wrong& wrong) {
  if (wrong.code == ErrorCode::kUnauthorized) {
    return {.status = 401, .body = "{\"details\":\"incorrect username or password\"}\n"};
  }
  return {.status = wrong.status,
          .body = fmt::format("{{\"details\":{}}}\n", Quoted(wrong.message))};
}

JwtParts Jwt(const TokenFacts& facts) {
  std::string chain;
  for (const std::string& certificate : facts.x5c) {
    if (!chain.empty()) chain += ',';
    chain += Quoted(certificate);
  }
  // A key without a certificate is found by its name.
  const std::string key =
      chain.empty() ? fmt::format(R"("kid":"{}")", facts.kid) : fmt::format(R"("x5c":[{}])", chain);
  std::string access;
  for (const wire::Scope& scope : facts.granted) {
    if (!access.empty()) access += ',';
    access += fmt::format(R"({{"actions":[{}],"name":{},"parameters":{{)", QuotedActions(scope),
                          Quoted(scope.name));
    access += R"("pull_limit":"100","pull_limit_interval":"21600")";
    access += fmt::format(R"(}},"type":{}}})", Quoted(scope.type));
  }
  const std::int64_t now = std::chrono::floor<std::chrono::seconds>(facts.now).count();
  return {
      .header = fmt::format(R"({{"alg":"{}","typ":"JWT",{}}})", facts.algorithm, key),
      .claims = fmt::format(
          R"({{"access":[{}],"aud":{},"exp":{},"iat":{},"iss":"auth.docker.io","jti":"dckr_jti_{}=","nbf":{},"sub":{}{}}})",
          access, Quoted(facts.service), now + facts.lifetime.count(), now, facts.id, now - 300,
          Quoted(facts.name), facts.more_claims)};
}

std::string BlobTarget(std::string_view hex, std::string_view seal) {
  return fmt::format("/registry-v2/docker/registry/v2/blobs/sha256/{}/{}/data?verify={}",
                     hex.substr(0, 2), hex, seal);
}

Words TooManyPulls(std::string_view message) {
  return {.status = 429,
          .body = fmt::format(R"({{"errors":[{{"code":"TOOMANYREQUESTS","message":"{}"}}]}})",
                              message)};
}
Words TooManyPulls2023(bool) {
  return TooManyPulls(
      "You have reached your pull rate limit. You may increase the limit by authenticating and "
      "upgrading: https://www.docker.com/increase-rate-limit");
}
Words TooManyPulls2026(bool anonymous) {
  if (!anonymous) return TooManyPulls2023(anonymous);
  return TooManyPulls(
      "You have reached your unauthenticated pull rate limit. "
      "https://www.docker.com/increase-rate-limit");
}

constexpr std::array kMissing2023{
    Missing{.resource = wire::Resource::kManifest, .method = wire::Method::kDelete},
    kNoReferrers,
    kNoBlobDeletion,
    kNoDiscovery,
    kNoHistory,
    kNoRestoring};
constexpr std::array kMissing2026{Missing{.resource = wire::Resource::kManifest,
                                          .method = wire::Method::kDelete,
                                          .names = Missing::Names::kTags},
                                  kNoBlobDeletion, kNoDiscovery, kNoHistory, kNoRestoring};

// What did not change.
Served Hub(std::string_view name) {
  return {.name = name,
          .fields = kFields,
          .base_body = "{}",
          .base_content_type = "application/json",
          .line_end = "\n",
          .catalog = Catalog::kNobody,
          .blobs = BlobsElsewhere{.status = 307, .target = BlobTarget, .seal_parameter = "verify"},
          .pulls = PullLimit{.anonymous = 100, .named = 200, .window = std::chrono::hours(6)},
          .error = DistributionError,
          .tokens = {.path = "/token",
                     .service = "registry.docker.io",
                     .issuer = "auth.docker.io",
                     .lifetime = std::chrono::seconds(300),
                     .leeway = std::chrono::seconds(0),
                     .jwt = Jwt,
                     .reply = FullTokenReply,
                     .error = TokenError},
          .tags = {.size = AllUnlessAsked, .full_page_has_next = true, .next = LastThenN},
          .api = VendorApi::kDockerHub,
          .api_fields = kApiFields};
}

}  // namespace

const Served& ServedHub2023() {
  static const Served served = [] {
    Served hub = Hub("hub@2023-03");
    hub.missing = kMissing2023;
    hub.refuse_type = RefuseOciType;
    hub.index_becomes_image = true;
    hub.gives_schema1 = true;
    hub.tells_subject = false;
    hub.pulls->refuse = TooManyPulls2023;
    return hub;
  }();
  return served;
}

const Served& ServedHub2026() {
  static const Served served = [] {
    Served hub = Hub("hub@2026");
    hub.missing = kMissing2026;
    hub.pulls->refuse = TooManyPulls2026;
    hub.api_for_strangers = 1000;
    return hub;
  }();
  return served;
}

}  // namespace portolan::dialect
