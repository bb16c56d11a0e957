// Google Artifact Registry, as far as its clients tell; without the lists' own members (`manifest`,
// `child`). Facts: docs/dialects.md.
#include <chrono>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {

const Served& ServedGar() {
  static const Served served = [] {
    Served gar = DistributionLike("gar");
    gar.tokens.path = "/v2/token";
    gar.tokens.service = "gcr.io";
    gar.tokens.issuer = "gcr.io";
    gar.tokens.lifetime = std::chrono::hours(1);
    gar.tags.size = PagesOf1000;
    gar.tags.full_page_has_next = false;
    return gar;
  }();
  return served;
}

}  // namespace portolan::dialect
