#include "portolan/dialect/habits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

constexpr std::string_view kConnection = "Connection";
constexpr std::string_view kBase = "/v2/";
constexpr std::string_view kAccess = "Access";
constexpr std::string_view kLists = "Lists of tags";
constexpr std::string_view kErrors = "Errors";
constexpr std::string_view kContent = "Manifests and blobs";
constexpr std::string_view kMore = "More";

constexpr std::array kQuestions{
    Question{"http.version", kConnection, "HTTP"},
    Question{"tls.version", kConnection, "TLS"},
    Question{"tls.issuer", kConnection, "certificate signed by"},
    Question{"header.case", kConnection, "names of header fields"},
    Question{"header.server", kConnection, "Server"},
    Question{"base.status", kBase, "status without a token"},
    Question{"base.body", kBase, "body"},
    Question{"base.type", kBase, "Content-Type"},
    Question{"base.api-version", kBase, "Docker-Distribution-Api-Version"},
    Question{"challenge.scheme", kAccess, "challenge"},
    Question{"challenge.realm", kAccess, "tokens from"},
    Question{"challenge.realm-path", kAccess, "path of that"},
    Question{"challenge.service", kAccess, "service"},
    Question{"challenge.scope", kAccess, "scope in the challenge of /v2/"},
    Question{"challenge.list-scope", kAccess, "scope in that of a list"},
    Question{"token.anonymous", kAccess, "a token for nobody"},
    Question{"token.fields", kAccess, "members of a token answer"},
    Question{"token.form", kAccess, "form of the token"},
    Question{"token.lifetime", kAccess, "it lives"},
    Question{"list.without-token", kAccess, "a list without token"},
    Question{"list.with-token", kAccess, "a list with a token"},
    Question{"list.order", kLists, "order"},
    Question{"list.api-version", kLists, "Docker-Distribution-Api-Version"},
    Question{"page.default", kLists, "tags of a page"},
    Question{"page.n", kLists, "n"},
    Question{"page.largest", kLists, "largest page"},
    Question{"page.above", kLists, "n above that"},
    Question{"page.zero", kLists, "n=0"},
    Question{"page.negative", kLists, "n=-1"},
    Question{"page.word", kLists, "n=abc"},
    Question{"page.full-link", kLists, "Link on a full last page"},
    Question{"cursor.kind", kLists, "cursor"},
    Question{"cursor.unknown", kLists, "last that is no tag gives"},
    Question{"link.form", kLists, "Link"},
    Question{"link.parameters", kLists, "its parameters"},
    Question{"link.default-n", kLists, "its n where none was asked"},
    Question{"link.rel", kLists, "its rel"},
    Question{"error.token", kErrors, "token that is none"},
    Question{"error.token-body", kErrors, "its body"},
    Question{"error.tag", kErrors, "tag that is not there"},
    Question{"error.tag-body", kErrors, "its body"},
    Question{"error.repository", kErrors, "repository that is not there"},
    Question{"error.repository-body", kErrors, "its body"},
    Question{"manifest.get", kContent, "GET a manifest"},
    Question{"manifest.head", kContent, "HEAD"},
    Question{"manifest.digest", kContent, "Docker-Content-Digest"},
    Question{"manifest.etag", kContent, "ETag"},
    Question{"manifest.no-accept", kContent, "without Accept"},
    Question{"blob.get", kContent, "GET a blob"},
    Question{"blob.range", kContent, "Range of a blob"},
    Question{"referrers", kContent, "referrers"},
    Question{"catalog", kMore, "_catalog"},
    Question{"discover", kMore, "_oci/ext/discover"},
    Question{"rate-limit", kMore, "header fields about limits"},
};

constexpr std::string_view kAtLeast = "at least ";

Agreement CompareOne(std::string_view expected, std::string_view found) {
  if (expected == found) return Agreement::kAgrees;
  if (!found.starts_with(kAtLeast)) return Agreement::kDiffers;
  const std::optional<std::int64_t> low = NumberOf(found.substr(kAtLeast.size()));
  const std::optional<std::int64_t> exact = NumberOf(expected);
  if (!low) return Agreement::kDiffers;
  if (expected == "all") return Agreement::kAgrees;
  if (!exact) return Agreement::kDiffers;
  return *low > *exact ? Agreement::kDiffers : Agreement::kOpen;
}

// What distribution does, and those that descend from it. Spec: docs/dialects.md of the reference;
// measured with Debian's docker-registry 2.8.2.
const Habits& Distribution28() {
  static const Habits habits{
      .name = "distribution@2.8",
      .title = "CNCF distribution 2.8 (docker-registry)",
      .own = {{"base.api-version", "registry/2.0"},
              {"list.order", "not lexical | lexical"},
              {"list.api-version", "yes"},
              {"page.default", "all"},
              {"page.n", "ignored"},
              {"page.zero", "as without n"},
              {"page.negative", "as without n"},
              {"page.word", "as without n"},
              {"page.full-link", "no"},
              {"cursor.unknown", "the first page again"},
              {"error.tag", "404 MANIFEST_UNKNOWN"},
              {"error.tag-body", "json, with detail"},
              {"error.repository", "404 NAME_UNKNOWN"},
              {"error.repository-body", "json, with detail"},
              {"manifest.get", "200"},
              {"manifest.head", "as GET"},
              {"manifest.digest", "yes"},
              {"manifest.etag", "yes"},
              {"manifest.no-accept",
               "404 MANIFEST_UNKNOWN | as stored | as "
               "application/vnd.docker.distribution.manifest.v1+prettyjws"},
              {"blob.get", "sent"},
              {"blob.range", "honoured"},
              {"referrers", "404"},
              {"catalog", "200, with repositories | 200, empty | 401 UNAUTHORIZED"},
              {"discover", "404"},
              {"rate-limit", "none"},
              {"header.case", "capitals"}}};
  return habits;
}

const Habits& Distribution3() {
  static const Habits habits{.name = "distribution@3",
                             .title = "CNCF distribution 3",
                             .base = &Distribution28(),
                             .own = {{"list.order", "lexical"},
                                     {"page.n", "honoured"},
                                     {"page.largest", "all"},
                                     {"page.zero", "empty"},
                                     {"page.negative", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.word", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.full-link", "yes"},
                                     {"cursor.kind", "last: tag"},
                                     {"cursor.unknown", "what comes behind it"},
                                     {"link.form", "relative"},
                                     {"link.parameters", "last,n"},
                                     {"link.rel", "quoted"},
                                     {"manifest.no-accept", "404 MANIFEST_UNKNOWN | as stored"}}};
  return habits;
}

const Habits& Portolan() {
  static const Habits habits{.name = "portolan",
                             .title = "Portolan",
                             .own = {{"list.order", "lexical"},
                                     {"list.api-version", "yes"},
                                     {"page.default", "all"},
                                     {"page.n", "honoured"},
                                     {"page.largest", "10000"},
                                     {"page.zero", "empty"},
                                     {"page.negative", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.word", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.full-link", "no"},
                                     {"cursor.kind", "last: tag"},
                                     {"cursor.unknown", "what comes behind it"},
                                     {"link.form", "relative"},
                                     {"link.parameters", "n,last"},
                                     {"link.rel", "quoted"},
                                     {"error.tag", "404 MANIFEST_UNKNOWN"},
                                     {"error.tag-body", "json, with detail"},
                                     {"manifest.get", "200"},
                                     {"manifest.head", "as GET"},
                                     {"manifest.digest", "yes"},
                                     {"manifest.etag", "yes"},
                                     {"manifest.no-accept", "as stored"},
                                     {"blob.get", "sent"},
                                     {"blob.range", "honoured"},
                                     {"referrers", "200"},
                                     {"discover", "200"},
                                     {"rate-limit", "none"}}};
  return habits;
}

const Habits& Hub2023() {
  static const Habits habits{
      .name = "hub@2023-03",
      .title = "Docker Hub, March 2023",
      .own = {{"base.status", "401"},
              {"base.body", "json, detail null"},
              {"base.type", "application/json"},
              {"base.api-version", "registry/2.0"},
              {"challenge.scheme", "bearer"},
              {"challenge.realm-path", "/token"},
              {"challenge.service", "registry.docker.io"},
              {"challenge.scope", "none"},
              {"challenge.list-scope", "repository:NAME:pull"},
              {"token.anonymous", "yes"},
              {"token.fields", "token,access_token,expires_in,issued_at"},
              {"token.form", "JWT RS256 x5c"},
              {"token.lifetime", "300 s"},
              {"list.without-token", "no: 401 UNAUTHORIZED"},
              {"list.with-token", "yes"},
              {"list.order", "lexical"},
              {"list.api-version", "yes"},
              {"page.default", "all"},
              {"page.n", "honoured"},
              {"page.largest", "all"},
              {"page.zero", "empty"},
              {"page.negative", "refused: 400 PAGINATION_NUMBER_INVALID"},
              {"page.word", "refused: 400 PAGINATION_NUMBER_INVALID"},
              {"page.full-link", "yes"},
              {"cursor.kind", "last: tag"},
              {"cursor.unknown", "what comes behind it"},
              {"link.form", "relative"},
              {"link.parameters", "last,n"},
              {"link.rel", "quoted"},
              {"error.token", "401 UNAUTHORIZED"},
              {"error.token-body", "json, with detail"},
              {"error.tag", "404 MANIFEST_UNKNOWN"},
              {"error.tag-body", "json, with detail"},
              {"error.repository", "401 UNAUTHORIZED"},
              {"error.repository-body", "json, with detail"},
              {"manifest.get", "200"},
              {"manifest.head", "as GET"},
              {"manifest.digest", "yes"},
              {"manifest.no-accept",
               "as stored | 404 MANIFEST_UNKNOWN | "
               "as application/vnd.docker.distribution.manifest.v1+prettyjws"},
              {"blob.get", "redirect 307 | sent"},
              {"referrers", "404 | 404 NAME_UNKNOWN"},
              {"catalog", "401 UNAUTHORIZED"},
              {"rate-limit", "docker-ratelimit-source, ratelimit-limit, ratelimit-remaining"},
              {"header.case", "lower case"}}};
  return habits;
}

const Habits& Hub2026() {
  static const Habits habits{.name = "hub@2026",
                             .title = "Docker Hub, 2026",
                             .base = &Hub2023(),
                             .own = {{"manifest.no-accept", "as stored"}, {"referrers", "200"}}};
  return habits;
}

const Habits& Ghcr2023() {
  static const Habits habits{
      .name = "ghcr@2023-03",
      .title = "ghcr.io, March 2023",
      .own = {{"base.status", "401"},
              {"base.body", "json, no detail"},
              {"base.type", "application/json"},
              {"base.api-version", "registry/2.0"},
              {"challenge.scheme", "bearer"},
              {"challenge.realm-path", "/token"},
              {"challenge.service", "ghcr.io"},
              {"challenge.scope", "repository:user/image:pull"},
              {"challenge.list-scope", "repository:NAME:pull"},
              {"token.anonymous", "yes"},
              {"token.fields", "token"},
              {"token.form", "base64 text"},
              {"token.lifetime", "not said"},
              {"list.without-token", "no: 401 UNAUTHORIZED"},
              {"list.with-token", "yes"},
              {"list.order", "not lexical"},
              {"list.api-version", "yes"},
              {"page.default", "100"},
              {"page.n", "honoured"},
              {"page.largest", "all"},
              {"page.zero", "as without n"},
              {"page.negative", "as without n"},
              {"page.word", "as without n"},
              {"page.full-link", "no"},
              {"cursor.kind", "last: tag"},
              {"cursor.unknown", "an empty page"},
              {"link.form", "relative"},
              {"link.parameters", "last,n"},
              {"link.default-n", "0"},
              {"link.rel", "quoted"},
              {"error.token", "401 UNAUTHORIZED"},
              {"error.token-body", "json, no detail"},
              {"error.tag", "404 MANIFEST_UNKNOWN"},
              {"error.tag-body", "json, no detail"},
              {"error.repository",
               "403 DENIED (token endpoint) | 401 UNAUTHORIZED (token endpoint) | 403 DENIED"},
              {"error.repository-body", "json, no detail"},
              {"manifest.get", "200"},
              {"manifest.head", "as GET"},
              {"manifest.digest", "yes"},
              {"manifest.no-accept", "404 MANIFEST_UNKNOWN | as stored"},
              {"blob.get", "redirect 307 | sent"},
              {"referrers", "404 | 404 NAME_UNKNOWN"},
              {"catalog", "401 UNAUTHORIZED | 403 DENIED (token endpoint) | 404 NAME_UNKNOWN"},
              {"rate-limit", "none"},
              {"header.case", "lower case"}}};
  return habits;
}

const Habits& Ghcr2026() {
  static const Habits habits{.name = "ghcr@2026",
                             .title = "ghcr.io, 2026",
                             .base = &Ghcr2023(),
                             .own = {{"referrers", "303 | 404 | 404 NAME_UNKNOWN"}}};
  return habits;
}

const Habits& Quay2023() {
  static const Habits habits{
      .name = "quay@2023-03",
      .title = "quay.io, March 2023",
      .own = {{"base.status", "401"},
              {"base.body", "true"},
              {"base.type", "text/html"},
              {"base.api-version", "registry/2.0"},
              {"challenge.scheme", "bearer"},
              {"challenge.realm-path", "/v2/auth"},
              {"challenge.service", "quay.io"},
              {"challenge.scope", "none"},
              {"token.anonymous", "yes"},
              {"token.fields", "token"},
              {"token.form", "JWT RS256 kid"},
              {"token.lifetime", "3600 s"},
              {"list.without-token", "yes"},
              {"list.with-token", "yes"},
              {"list.order", "not lexical"},
              {"list.api-version", "no"},
              {"page.default", "50"},
              {"page.n", "honoured"},
              {"page.largest", "50"},
              {"page.above", "clamped"},
              {"page.zero", "one tag"},
              {"page.negative", "one tag"},
              {"page.word", "one tag"},
              {"page.full-link", "no"},
              {"cursor.kind", "next_page: opaque"},
              {"cursor.unknown", "the first page again"},
              {"link.form", "relative"},
              {"link.parameters", "n,next_page"},
              {"link.default-n", "50"},
              {"link.rel", "quoted"},
              {"error.token", "401"},
              {"error.token-body", "json, own form"},
              {"error.tag", "404 MANIFEST_UNKNOWN"},
              {"error.tag-body", "json, with detail"},
              {"error.repository", "401 UNAUTHORIZED"},
              {"error.repository-body", "json, with detail"},
              {"manifest.get", "200"},
              {"manifest.head", "as GET"},
              {"manifest.digest", "yes"},
              {"manifest.etag", "no"},
              {"manifest.no-accept",
               "as application/vnd.docker.distribution.manifest.v1+prettyjws | as stored | 404 "
               "MANIFEST_UNKNOWN"},
              {"blob.get", "redirect 302 | sent"},
              {"referrers", "404 | 404 NAME_UNKNOWN"},
              {"catalog", "200, empty"},
              {"rate-limit", "none"},
              {"header.case", "lower case"}}};
  return habits;
}

const Habits& Quay2024() {
  static const Habits habits{.name = "quay@2024-06",
                             .title = "quay.io since June 2024",
                             .base = &Quay2023(),
                             .own = {{"list.order", "lexical"},
                                     {"page.default", "100"},
                                     {"page.largest", "100"},
                                     {"page.zero", "empty"},
                                     {"page.negative", "empty"},
                                     {"page.word", "as without n"},
                                     {"cursor.kind", "last: tag"},
                                     {"cursor.unknown", "what comes behind it"},
                                     {"link.parameters", "n,last"},
                                     {"link.default-n", "100"},
                                     {"referrers", "200"}}};
  return habits;
}

}  // namespace

std::span<const Question> Questions() { return kQuestions; }

std::string_view Habits::Answer(std::string_view question) const {
  const auto found = std::ranges::find(own, question, &Habit::question);
  if (found != own.end()) return found->answer;
  return base == nullptr ? std::string_view() : base->Answer(question);
}

std::span<const Habits* const> AllHabits() {
  static const std::array kAll{&Hub2023(),  &Hub2026(),        &Ghcr2023(),
                               &Ghcr2026(), &Quay2023(),       &Quay2024(),
                               &Portolan(), &Distribution28(), &Distribution3()};
  return kAll;
}

const Habits* FindHabits(std::string_view name) { return FindNamed(AllHabits(), name); }

Agreement Compare(std::string_view expected, std::string_view found) {
  constexpr std::string_view kOr = " | ";
  Agreement best = Agreement::kDiffers;
  for (;;) {
    const std::size_t end = expected.find(kOr);
    const Agreement one = CompareOne(expected.substr(0, end), found);
    if (one == Agreement::kAgrees) return one;
    if (one == Agreement::kOpen) best = one;
    if (end == std::string_view::npos) return best;
    expected.remove_prefix(end + kOr.size());
  }
}

}  // namespace portolan::dialect
