// JFrog Artifactory, as far as its clients tell. Facts: docs/dialects.md.

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

Words Error(const Wrong& wrong) {
  Words words = DistributionError(wrong);
  words.content_type = "application/json;charset=ISO-8859-1";
  return words;
}

}  // namespace

const Served& ServedArtifactory() {
  static const Served served = [] {
    Served artifactory = DistributionLike("artifactory");
    artifactory.error = Error;
    artifactory.tokens.path = "/artifactory/api/docker/docker/v2/token";
    artifactory.tokens.service = "portolan:443";
    artifactory.tokens.issuer = "jfrog-artifactory";
    artifactory.tags.full_page_has_next = false;
    return artifactory;
  }();
  return served;
}

}  // namespace portolan::dialect
