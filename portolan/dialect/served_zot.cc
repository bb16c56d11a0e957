// zot, as its documentation has it: referrers, names and passwords. Facts: docs/dialects.md.
#include <array>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

constexpr std::array kMissing{kNoHistory, kNoRestoring};

}  // namespace

const Served& ServedZot() {
  static const Served served = [] {
    Served zot = DistributionLike("zot");
    zot.basic_challenge = R"(Basic realm="zot")";
    zot.tokens = {};
    zot.missing = kMissing;
    zot.tells_subject = true;
    zot.public_without_token = true;
    zot.tags.full_page_has_next = false;
    zot.tags.next = NThenLast;
    return zot;
  }();
  return served;
}

}  // namespace portolan::dialect
