// Sonatype Nexus, as far as its clients tell: names and passwords. Facts: docs/dialects.md.

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {

const Served& ServedNexus() {
  static const Served served = [] {
    Served nexus = DistributionLike("nexus");
    nexus.basic_challenge = R"(BASIC realm="Sonatype Nexus Repository Manager")";
    nexus.tokens = {};
    nexus.tags.full_page_has_next = false;
    return nexus;
  }();
  return served;
}

}  // namespace portolan::dialect
