// Azure Container Registry. The token reply has access_token only. Scope maps need metadata/read
// for a listing.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Acr() {
  static const Profile profile = {
      .id = "acr",
      .title = "Azure Container Registry",
      .hosts = {"*.azurecr.io", "*.azurecr.cn", "*.azurecr.us"},
      .page_size = 1000,
      .max_page_size = 1000,
      .access_hint =
          "listing tags needs the metadata/read action of a scope map, or the AcrPull role",
  };
  return profile;
}

}  // namespace portolan::dialect
