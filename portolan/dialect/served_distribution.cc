#include "portolan/dialect/served_distribution.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

using From = FieldLine::From;

// Go's net/http: names as they are usually written.
constexpr std::array kFields{
    FieldLine{.name = "Content-Type"},
    FieldLine{
        .name = "Docker-Distribution-Api-Version", .from = From::kFixed, .value = "registry/2.0"},
    FieldLine{.name = "Link"},
    FieldLine{.name = "Www-Authenticate"},
    FieldLine{.name = "vary", .from = From::kNowhere},
    FieldLine{.name = "", .from = From::kRest},
    FieldLine{.name = "Date", .from = From::kServer},
    FieldLine{.name = "Content-Length", .from = From::kServer},
};

constexpr std::array kMissing{kNoReferrers, kNoDiscovery, kNoHistory, kNoRestoring};

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

std::optional<PageSize> PagesOf(std::optional<std::string_view> n, std::int64_t usual) {
  constexpr std::int64_t kMost = 1000;
  const std::optional<std::int64_t> number = n ? NumberOf(*n) : usual;
  if (!number || *number < 0) return std::nullopt;
  const std::int64_t size = std::min(*number, kMost);
  return PageSize{.limit = static_cast<std::size_t>(size), .shown = size};
}

JwtParts Jwt(const TokenFacts& facts) {
  std::string access;
  for (const wire::Scope& scope : facts.granted) {
    if (!access.empty()) access += ',';
    access += fmt::format(R"({{"type":{},"name":{},"actions":[{}]}})", Quoted(scope.type),
                          Quoted(scope.name), QuotedActions(scope));
  }
  const std::int64_t now = std::chrono::floor<std::chrono::seconds>(facts.now).count();
  return {
      .header = fmt::format(R"({{"typ":"JWT","alg":"{}","kid":"{}"}})", facts.algorithm, facts.kid),
      .claims = fmt::format(
          R"({{"iss":{},"sub":{},"aud":{},"exp":{},"nbf":{},"iat":{},"jti":"{}","access":[{}]{}}})",
          Quoted(facts.issuer), Quoted(facts.name), Quoted(facts.service),
          now + facts.lifetime.count(), now - 60, now, facts.id, access, facts.more_claims)};
}

}  // namespace

Words DistributionError(const Wrong& wrong) {
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

std::string QuotedActions(const wire::Scope& scope) {
  std::string out;
  for (const std::string& action : scope.actions) {
    if (!out.empty()) out += ',';
    out += Quoted(action);
  }
  return out;
}

std::string FullTokenReply(const TokenFacts& facts, std::string_view token) {
  return fmt::format(
      "{{\"token\":\"{0}\",\"access_token\":\"{0}\",\"expires_in\":{1},\"issued_at\":\"{2}\"}}\n",
      token, facts.lifetime.count(), IssuedAt(facts.now));
}

std::optional<PageSize> AllUnlessAsked(std::optional<std::string_view> n) {
  if (!n) return PageSize{};
  const std::optional<std::int64_t> number = NumberOf(*n);
  if (!number || *number < 0) return std::nullopt;
  return PageSize{.limit = static_cast<std::size_t>(*number), .shown = *number};
}

std::optional<PageSize> PagesOf100(std::optional<std::string_view> n) { return PagesOf(n, 100); }
std::optional<PageSize> PagesOf1000(std::optional<std::string_view> n) { return PagesOf(n, 1000); }

std::optional<Words> RefuseOciType(std::string_view media_type,
                                   std::span<const std::string_view> accept) {
  return OciTypeRefused(media_type, accept, "accept");
}

Served DistributionLike(std::string_view name) {
  return {.name = name,
          .fields = kFields,
          .base_body = "{}",
          .base_content_type = "application/json",
          .line_end = "\n",
          .missing = kMissing,
          .tells_subject = false,
          .error = DistributionError,
          .tokens = {.path = "/token",
                     .service = "registry",
                     .issuer = "registry",
                     .lifetime = std::chrono::minutes(5),
                     .jwt = Jwt,
                     .reply = FullTokenReply,
                     .error = DistributionError},
          .tags = {.size = AllUnlessAsked, .full_page_has_next = true, .next = LastThenN}};
}

}  // namespace portolan::dialect
