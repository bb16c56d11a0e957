// What CNCF distribution answers, and our own registry. Facts: docs/dialects.md.
#include "portolan/dialect/habits_known.h"

namespace portolan::dialect {

// What distribution does, and those that descend from it. Spec: docs/dialects.md of the reference;
// measured with Debian's docker-registry 2.8.2.
const Habits& HabitsOfDistribution28() {
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

const Habits& HabitsOfDistribution3() {
  static const Habits habits{.name = "distribution@3",
                             .title = "CNCF distribution 3",
                             .base = &HabitsOfDistribution28(),
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

const Habits& HabitsOfPortolan() {
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

}  // namespace portolan::dialect
