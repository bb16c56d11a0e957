// GitLab's container registry, as far as its clients tell. Facts: docs/dialects.md.
#include <chrono>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {

const Served& ServedGitlab() {
  static const Served served = [] {
    Served gitlab = DistributionLike("gitlab");
    gitlab.tokens.path = "/jwt/auth";
    gitlab.tokens.service = "container_registry";
    gitlab.tokens.issuer = "omnibus-gitlab-issuer";
    gitlab.refuse_type = RefuseOciType;
    gitlab.tags.size = PagesOf100;
    return gitlab;
  }();
  return served;
}

}  // namespace portolan::dialect
