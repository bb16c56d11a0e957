// Azure Container Registry, as far as its clients tell. Facts: docs/dialects.md.
#include <fmt/format.h>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

std::string Reply(const TokenFacts&, std::string_view token) {
  return fmt::format("{{\"access_token\":\"{}\"}}", token);
}

}  // namespace

const Served& ServedAcr() {
  static const Served served = [] {
    Served acr = DistributionLike("acr");
    acr.tokens.path = "/oauth2/token";
    acr.tokens.service = "portolan.azurecr.io";
    acr.tokens.issuer = "Azure Container Registry";
    acr.tokens.lifetime = std::chrono::minutes(75);
    acr.tokens.reply = Reply;
    acr.tags.size = PagesOf100;
    acr.tags.full_page_has_next = false;
    return acr;
  }();
  return served;
}

}  // namespace portolan::dialect
