// What other registries answer, as far as their clients, sources and documentation tell. Facts:
// docs/dialects.md.
#include "portolan/dialect/habits_known.h"

namespace portolan::dialect {
namespace {

// Most of them descend from CNCF distribution, or do as it does.
const Habits& Usual() {
  static const Habits habits{.name = "",
                             .title = "",
                             .own = {{"base.api-version", "registry/2.0"},
                                     {"header.case", "capitals"},
                                     {"list.order", "lexical"},
                                     {"list.api-version", "yes"},
                                     {"page.n", "honoured"},
                                     {"page.zero", "empty"},
                                     {"page.negative", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.word", "refused: 400 PAGINATION_NUMBER_INVALID"},
                                     {"page.full-link", "no"},
                                     {"cursor.kind", "last: tag"},
                                     {"cursor.unknown", "what comes behind it"},
                                     {"link.form", "relative"},
                                     {"link.parameters", "last,n"},
                                     {"link.rel", "quoted"},
                                     {"error.tag", "404 MANIFEST_UNKNOWN"},
                                     {"error.tag-body", "json, with detail"},
                                     {"manifest.get", "200"},
                                     {"manifest.head", "as GET"},
                                     {"manifest.digest", "yes"},
                                     {"manifest.no-accept", "404 MANIFEST_UNKNOWN | as stored"},
                                     {"blob.get", "sent | redirect 307 | redirect 302"},
                                     {"referrers", "404 NAME_UNKNOWN | 404"},
                                     {"rate-limit", "none"}}};
  return habits;
}

// With tokens, in the form in which most have them.
const Habits& WithTokens() {
  static const Habits habits{.name = "",
                             .title = "",
                             .base = &Usual(),
                             .own = {{"base.status", "401"},
                                     {"challenge.scheme", "bearer"},
                                     {"challenge.scope", "none"},
                                     {"challenge.list-scope", "repository:NAME:pull"},
                                     {"error.token", "401 UNAUTHORIZED"},
                                     {"error.token-body", "json, with detail"}}};
  return habits;
}

}  // namespace

// Anybody may be let in where nobody can log in, as our stand-in has it without users.
const Habits& HabitsOfEcr() {
  static const Habits habits{.name = "ecr",
                             .title = "Amazon ECR",
                             .base = &Usual(),
                             .own = {{"challenge.scheme", "basic | none"},
                                     {"page.default", "100"},
                                     {"page.largest", "1000"},
                                     {"page.above", "refused: 405 UNSUPPORTED"},
                                     {"page.zero", "refused: 405 UNSUPPORTED"},
                                     {"page.negative", "refused: 405 UNSUPPORTED"},
                                     {"page.word", "refused: 405 UNSUPPORTED"}}};
  return habits;
}

const Habits& HabitsOfGar() {
  static const Habits habits{.name = "gar",
                             .title = "Google Artifact Registry, Container Registry",
                             .base = &WithTokens(),
                             .own = {{"challenge.realm-path", "/v2/token"},
                                     {"challenge.service", "gcr.io"},
                                     {"token.lifetime", "3600 s"},
                                     {"page.default", "1000 | all"},
                                     {"page.largest", "1000 | all"}}};
  return habits;
}

const Habits& HabitsOfAcr() {
  static const Habits habits{.name = "acr",
                             .title = "Azure Container Registry",
                             .base = &WithTokens(),
                             .own = {{"challenge.realm-path", "/oauth2/token"},
                                     {"token.fields", "access_token"},
                                     {"token.lifetime", "4500 s"},
                                     {"page.default", "100"},
                                     {"page.largest", "1000"}}};
  return habits;
}

const Habits& HabitsOfGitlab() {
  static const Habits habits{.name = "gitlab",
                             .title = "GitLab",
                             .base = &WithTokens(),
                             .own = {{"challenge.realm-path", "/jwt/auth"},
                                     {"challenge.service", "container_registry"},
                                     {"token.lifetime", "300 s"},
                                     {"page.default", "100"},
                                     {"page.largest", "1000"},
                                     {"page.full-link", "yes"}}};
  return habits;
}

const Habits& HabitsOfHarbor() {
  static const Habits habits{.name = "harbor",
                             .title = "Harbor",
                             .base = &WithTokens(),
                             .own = {{"challenge.realm-path", "/service/token"},
                                     {"challenge.service", "harbor-registry"},
                                     {"token.lifetime", "1800 s"},
                                     {"page.default", "all"},
                                     {"page.largest", "all"},
                                     {"page.negative", "refused: 400 BAD_REQUEST"},
                                     {"page.word", "refused: 400 BAD_REQUEST"}}};
  return habits;
}

const Habits& HabitsOfArtifactory() {
  static const Habits habits{
      .name = "artifactory",
      .title = "JFrog Artifactory",
      .base = &WithTokens(),
      .own = {{"challenge.realm-path", "/artifactory/api/docker/docker/v2/token"},
              {"page.default", "all"}}};
  return habits;
}

const Habits& HabitsOfNexus() {
  static const Habits habits{
      .name = "nexus",
      .title = "Sonatype Nexus",
      .base = &Usual(),
      .own = {{"challenge.scheme", "basic | none"}, {"page.default", "all"}}};
  return habits;
}

// What tells it from our own registry is not seen by reading.
const Habits& HabitsOfZot() {
  static const Habits habits{.name = "zot",
                             .title = "zot",
                             .base = &HabitsOfPortolan(),
                             .own = {{"push.mount-anywhere", "202 | 201"}}};
  return habits;
}

}  // namespace portolan::dialect
