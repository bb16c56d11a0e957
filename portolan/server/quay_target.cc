#include "portolan/server/quay_target.h"

#include <algorithm>
#include <cstddef>

namespace portolan::server {

std::string_view QuayTarget::Methods() const {
  switch (kind) {
    case Kind::kNothing:
      break;
    case Kind::kList:
    case Kind::kTags:
      return "GET, HEAD, OPTIONS";
    case Kind::kRepository:
      return "DELETE, GET, HEAD, OPTIONS";
    case Kind::kTag:
      return "DELETE, OPTIONS, PUT";
    case Kind::kRestore:
      return "OPTIONS, POST";
  }
  return "";
}

bool QuayTarget::HasMethod(std::string_view method) const {
  for (std::string_view rest = Methods(); !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (rest.substr(0, comma) == method) return true;
    rest.remove_prefix(std::min(comma + 2, rest.size()));
  }
  return false;
}

QuayTarget QuayTarget::Of(std::span<const std::string> parts) {
  if (parts.empty() || parts[0] != "repository") return {};
  std::span<const std::string> rest = parts.subspan(1);
  if (rest.empty()) return {.kind = Kind::kList, .repository = {}, .tag = {}};
  QuayTarget target{.kind = Kind::kRepository, .repository = {}, .tag = {}};
  const std::size_t size = rest.size();
  if (size >= 5 && rest[size - 3] == "tag" && rest.back() == "restore") {
    target.kind = Kind::kRestore;
    target.tag = rest[size - 2];
    rest = rest.first(size - 3);
  } else if (size >= 4 && rest[size - 2] == "tag") {
    target.kind = Kind::kTag;
    target.tag = rest.back();
    rest = rest.first(size - 2);
  } else if (size >= 3 && rest.back() == "tag") {
    target.kind = Kind::kTags;
    rest = rest.first(size - 1);
  }
  if (rest.size() < 2) return {};
  for (const std::string& part : rest) {
    if (!target.repository.empty()) target.repository += '/';
    target.repository += part;
  }
  return target;
}

}  // namespace portolan::server
