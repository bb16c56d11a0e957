// Harbor, as far as its sources and clients tell. Facts: docs/dialects.md.
#include <chrono>

#include <fmt/format.h>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

Words Error(const Wrong& wrong) {
  Words words = DistributionError(wrong);
  if (wrong.code == ErrorCode::kPaginationNumberInvalid) {
    words.body =
        "{\"errors\":[{\"code\":\"BAD_REQUEST\",\"message\":\"the N must be a positive int "
        "type\"}]}\n";
  }
  words.content_type = "application/json; charset=utf-8";
  return words;
}

}  // namespace

const Served& ServedHarbor() {
  static const Served served = [] {
    Served harbor = DistributionLike("harbor");
    harbor.error = Error;
    harbor.tokens.path = "/service/token";
    harbor.tokens.service = "harbor-registry";
    harbor.tokens.issuer = "harbor-token-issuer";
    harbor.tokens.lifetime = std::chrono::minutes(30);
    harbor.tags.full_page_has_next = false;
    return harbor;
  }();
  return served;
}

}  // namespace portolan::dialect
