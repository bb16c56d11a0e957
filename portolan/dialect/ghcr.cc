// GitHub Container Registry. 100 tags a page without n; n=10000 was honoured (2026). Its own Link
// carries n=0, which means the default: it is followed as it is. The challenge of /v2/ has a
// placeholder scope, repository:user/image:pull.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Ghcr() {
  static const Profile profile = {
      .id = "ghcr",
      .title = "GitHub Container Registry",
      .hosts = {"ghcr.io"},
      .page_size = 1000,
      .max_page_size = 10000,
      .tag_api = TagApi::kGitHub,
      .tag_api_base = "https://api.github.com",
      .access_hint =
          "a private package needs a token with read:packages, and owner and image names are lower "
          "case",
      .catalog_hint =
          "ghcr.io offers no catalog; the Packages API at api.github.com lists an owner",
  };
  return profile;
}

}  // namespace portolan::dialect
