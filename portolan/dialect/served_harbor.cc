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
  // Whoever has come with credentials, and whoever asks for the catalog, is to come with a
  // password.
  const bool catalog =
      wrong.endpoint != nullptr && wrong.endpoint->resource == wire::Resource::kCatalog;
  if (words.challenge && (catalog || !wrong.authorization.empty())) {
    words.challenge = false;
    words.fields.push_back({"WWW-Authenticate", "Basic realm=\"harbor\""});
  }
  return words;
}

}  // namespace

const Served& ServedHarbor() {
  static const Served served = [] {
    Served harbor = DistributionLike("harbor");
    harbor.takes_passwords = true;
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
