#include "portolan/client/tag_api.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::client {
namespace {

using dialect::TagApi;

constexpr const char* kVariable = "PORTOLAN_TAG_APIS";

Error Malformed(std::string_view item) {
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("{}: \"{}\" is not understood", kVariable, Printable(item)),
              "write HOST=KIND:URL, for example "
              "quay.corp.example=quay:https://quay.corp.example");
}

Result<TagApiPlace> ParsePlace(std::string_view item, std::string_view text) {
  constexpr std::pair<std::string_view, TagApi> kKinds[] = {{"none", TagApi::kNone},
                                                            {"docker-hub", TagApi::kDockerHub},
                                                            {"github", TagApi::kGitHub},
                                                            {"quay", TagApi::kQuay}};
  const std::size_t colon = text.find(':');
  const auto* const kind =
      std::ranges::find(kKinds, text.substr(0, colon), &std::pair<std::string_view, TagApi>::first);
  if (kind == std::end(kKinds)) return Malformed(item);
  TagApiPlace place{.kind = kind->second, .base = std::nullopt};
  if (colon == std::string_view::npos) return place;
  Result<Url> base = Url::Parse(text.substr(colon + 1));
  if (!base || !base->Query().empty()) return Malformed(item);
  place.base = *std::move(base);
  return place;
}

}  // namespace

Result<TagApiPlace> FindTagApi(const oci::RegistryName& registry, const Environment& environment) {
  std::string items = environment.Get(kVariable).value_or("");
  for (std::string_view rest = items; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view item = TrimSpace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return Malformed(item);
    const auto host = oci::RegistryName::Parse(item.substr(0, equals));
    if (!host) return Malformed(item);
    PORTOLAN_TRY(TagApiPlace place, ParsePlace(item, item.substr(equals + 1)));
    if (*host == registry) return place;
  }
  const dialect::Profile& profile = dialect::ProfileFor(registry);
  TagApiPlace place{.kind = profile.tag_api, .base = std::nullopt};
  if (!profile.tag_api_base.empty()) {
    PORTOLAN_TRY(place.base, Url::Parse(profile.tag_api_base));
  }
  return place;
}

}  // namespace portolan::client
