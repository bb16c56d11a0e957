// Docker Hub. Its registry is a derivative of CNCF distribution, and words its errors as that does.
// Facts: docs/dialects.md, "Docker Hub".
#include <array>

#include <fmt/format.h>

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

// One object per action of the scope; null where nothing is named.
std::string AccessRecords(std::string_view scope) {
  const std::array<std::string_view, 1> parameter{scope};
  const Result<std::vector<wire::Scope>> scopes = wire::Scope::ParseAll(parameter);
  if (!scopes || scopes->empty()) return "null";
  std::string out;
  for (const wire::Scope& one : *scopes) {
    for (const std::string& action : one.actions) {
      out += out.empty() ? '[' : ',';
      out += fmt::format(R"({{"Type":{},"Class":"","Name":{},"Action":{}}})", Quoted(one.type),
                         Quoted(one.name), Quoted(action));
    }
  }
  return out + ']';
}

std::string DetailOf(const Wrong& wrong) {
  const wire::Endpoint* const endpoint = wrong.endpoint;
  const bool named = endpoint != nullptr && endpoint->repository;
  switch (wrong.code) {
    case ErrorCode::kUnauthorized:
      return AccessRecords(wrong.scope);
    case ErrorCode::kNameUnknown:
      if (!named) return {};
      return fmt::format(R"({{"name":{}}})", Quoted(endpoint->repository->text()));
    case ErrorCode::kPaginationNumberInvalid:
      return fmt::format(R"({{"n":{}}})", NumberOf(wrong.n).value_or(0));
    case ErrorCode::kManifestUnknown:
      if (named && endpoint->tag) return Quoted("unknown tag=" + endpoint->tag->text());
      if (named && endpoint->digest) {
        return Quoted(fmt::format("unknown manifest name={} revision={}",
                                  endpoint->repository->text(), endpoint->digest->text()));
      }
      return {};
    case ErrorCode::kBlobUnknown:
      return endpoint != nullptr && endpoint->digest ? Quoted(endpoint->digest->text())
                                                     : std::string();
    default:
      return {};
  }
}

Words Error(const Wrong& wrong) {
  // Who has no right is told to get a token, whoever it is.
  Wrong said = wrong;
  if (wrong.code == ErrorCode::kDenied && !wrong.scope.empty()) {
    said.code = ErrorCode::kUnauthorized;
  }
  const bool unauthorized = said.code == ErrorCode::kUnauthorized;
  std::string_view message = StandardMessage(said.code);
  if (message.empty()) message = said.message;
  std::string body = fmt::format(R"({{"errors":[{{"code":"{}","message":{})", WireCode(said.code),
                                 Quoted(message));
  if (const std::string detail = DetailOf(said); !detail.empty()) body += ",\"detail\":" + detail;
  return {.status = unauthorized ? 401 : said.status,
          .body = body + "}]}\n",
          .challenge = unauthorized};
}

// The token service is another program: it has words of its own.
Words TokenError(const Wrong& wrong) {
  if (wrong.code == ErrorCode::kUnauthorized) {
    return {.status = 401, .body = "{\"details\":\"incorrect username or password\"}\n"};
  }
  return {.status = wrong.status,
          .body = fmt::format("{{\"details\":{}}}\n", Quoted(wrong.message))};
}

std::string Actions(const wire::Scope& scope) {
  std::string out;
  for (const std::string& action : scope.actions) {
    if (!out.empty()) out += ',';
    out += Quoted(action);
  }
  return out;
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
    access += fmt::format(R"({{"actions":[{}],"name":{},"parameters":{{)", Actions(scope),
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

std::string IssuedAt(std::chrono::nanoseconds now) {
  const std::chrono::sys_seconds second(std::chrono::floor<std::chrono::seconds>(now));
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     (now - second.time_since_epoch()).count());
}

std::string Reply(const TokenFacts& facts, std::string_view token) {
  return fmt::format(
      "{{\"token\":\"{0}\",\"access_token\":\"{0}\",\"expires_in\":{1},\"issued_at\":\"{2}\"}}\n",
      token, facts.lifetime.count(), IssuedAt(facts.now));
}

// Without n there is no page: all tags.
std::optional<PageSize> SizeOf(std::optional<std::string_view> n) {
  if (!n) return PageSize{};
  const std::optional<std::int64_t> number = NumberOf(*n);
  if (!number || *number < 0) return std::nullopt;
  return PageSize{.limit = static_cast<std::size_t>(*number), .shown = *number};
}

std::optional<Words> RefuseType(std::string_view media_type,
                                std::span<const std::string_view> accept) {
  const auto refused = OciTypeRefused(media_type, accept, "accept");
  if (!refused) return std::nullopt;
  return Words{
      .status = 404,
      .body = fmt::format("{{\"errors\":[{{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"{}\"}}]}}\n",
                          *refused)};
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

constexpr Missing kNoDiscovery{.resource = wire::Resource::kDiscover,
                               .method = wire::Method::kGet,
                               .code = ErrorCode::kNameUnknown};
constexpr Missing kNoHistory{.resource = wire::Resource::kTagHistory,
                             .method = wire::Method::kGet,
                             .code = ErrorCode::kNameUnknown};
constexpr Missing kNoRestoring{.resource = wire::Resource::kTagRestore,
                               .method = wire::Method::kPost,
                               .code = ErrorCode::kNameUnknown};
constexpr Missing kNoBlobDeletion{.resource = wire::Resource::kBlob,
                                  .method = wire::Method::kDelete};
constexpr std::array kMissing2023{
    Missing{.resource = wire::Resource::kManifest, .method = wire::Method::kDelete},
    Missing{.resource = wire::Resource::kReferrers,
            .method = wire::Method::kGet,
            .code = ErrorCode::kNameUnknown},
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
          .error = Error,
          .tokens = {.path = "/token",
                     .service = "registry.docker.io",
                     .issuer = "auth.docker.io",
                     .lifetime = std::chrono::seconds(300),
                     .jwt = Jwt,
                     .reply = Reply,
                     .error = TokenError},
          .tags = {.size = SizeOf, .full_page_has_next = true, .next = LastThenN}};
}

}  // namespace

const Served& ServedHub2023() {
  static const Served served = [] {
    Served hub = Hub("hub@2023-03");
    hub.missing = kMissing2023;
    hub.refuse_type = RefuseType;
    hub.index_becomes_image = true;
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
    return hub;
  }();
  return served;
}

}  // namespace portolan::dialect
