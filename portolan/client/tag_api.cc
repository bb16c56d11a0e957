#include "portolan/client/tag_api.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/client/host_items.h"

namespace portolan::client {
namespace {

using dialect::TagApi;

Result<TagApiPlace> ParsePlace(const HostItems& items, const HostItem& item) {
  constexpr std::pair<std::string_view, TagApi> kKinds[] = {{"none", TagApi::kNone},
                                                            {"docker-hub", TagApi::kDockerHub},
                                                            {"github", TagApi::kGitHub},
                                                            {"quay", TagApi::kQuay}};
  const std::string_view text = item.value;
  const std::size_t colon = text.find(':');
  const auto* const kind =
      std::ranges::find(kKinds, text.substr(0, colon), &std::pair<std::string_view, TagApi>::first);
  if (kind == std::end(kKinds)) return items.Malformed(item.text);
  TagApiPlace place{.kind = kind->second, .base = std::nullopt};
  if (colon == std::string_view::npos) return place;
  Result<Url> base = Url::Parse(text.substr(colon + 1));
  if (!base || !base->Query().empty()) return items.Malformed(item.text);
  place.base = *std::move(base);
  return place;
}

}  // namespace

Result<TagApiPlace> FindTagApi(const oci::RegistryName& registry, const Environment& environment) {
  HostItems items(environment, "PORTOLAN_TAG_APIS",
                  "write HOST=KIND:URL, for example "
                  "quay.corp.example=quay:https://quay.corp.example");
  for (;;) {
    PORTOLAN_TRY(const std::optional<HostItem> item, items.Next());
    if (!item) break;
    PORTOLAN_TRY(TagApiPlace place, ParsePlace(items, *item));
    if (item->host == registry) return place;
  }
  const dialect::Profile& profile = dialect::ProfileFor(registry);
  TagApiPlace place{.kind = profile.tag_api, .base = std::nullopt};
  if (!profile.tag_api_base.empty()) {
    PORTOLAN_TRY(place.base, Url::Parse(profile.tag_api_base));
  }
  return place;
}

}  // namespace portolan::client
