// What Docker Hub, ghcr.io and quay.io answer. Facts: docs/dialects.md.
#include "portolan/dialect/habits_known.h"

namespace portolan::dialect {

const Habits& HabitsOfHub2023() {
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

const Habits& HabitsOfHub2026() {
  static const Habits habits{.name = "hub@2026",
                             .title = "Docker Hub, 2026",
                             .base = &HabitsOfHub2023(),
                             .own = {{"manifest.no-accept", "as stored"}, {"referrers", "200"}}};
  return habits;
}

const Habits& HabitsOfGhcr2023() {
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

const Habits& HabitsOfGhcr2026() {
  static const Habits habits{.name = "ghcr@2026",
                             .title = "ghcr.io, 2026",
                             .base = &HabitsOfGhcr2023(),
                             .own = {{"referrers", "303 | 404 | 404 NAME_UNKNOWN"}}};
  return habits;
}

const Habits& HabitsOfQuay2023() {
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

const Habits& HabitsOfQuay2024() {
  static const Habits habits{.name = "quay@2024-06",
                             .title = "quay.io since June 2024",
                             .base = &HabitsOfQuay2023(),
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

}  // namespace portolan::dialect
