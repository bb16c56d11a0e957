// Amazon Elastic Container Registry, as far as its clients tell. Facts: docs/dialects.md.
#include <algorithm>

#include <fmt/format.h>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

constexpr std::int64_t kMost = 1000;

std::optional<PageSize> SizeOf(std::optional<std::string_view> n) {
  const std::optional<std::int64_t> number = n ? NumberOf(*n) : 100;
  if (!number || *number < 1 || *number > kMost) return std::nullopt;
  return PageSize{.limit = static_cast<std::size_t>(*number), .shown = *number};
}

Words Error(const Wrong& wrong) {
  if (wrong.code != ErrorCode::kPaginationNumberInvalid) return DistributionError(wrong);
  return {.status = 405,
          .body =
              "{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"Invalid parameter at "
              "'maxResults' failed to satisfy constraint: 'Member must have value less than or "
              "equal to 1000'\"}]}\n"};
}

}  // namespace

const Served& ServedEcr() {
  static const Served served = [] {
    Served ecr = DistributionLike("ecr");
    ecr.basic_challenge = R"(Basic realm="https://ecr.amazonaws.com/",service="ecr.amazonaws.com")";
    ecr.tokens = {};
    ecr.error = Error;
    ecr.tags.size = SizeOf;
    ecr.tags.full_page_has_next = false;
    return ecr;
  }();
  return served;
}

}  // namespace portolan::dialect
