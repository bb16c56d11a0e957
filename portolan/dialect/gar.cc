// Google Artifact Registry. Pages of about 1000 (ggcr#1643), with Link.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Gar() {
  static const Profile profile = {
      .id = "gar",
      .title = "Google Artifact Registry",
      .hosts = {"*-docker.pkg.dev", "docker.pkg.dev"},
      .page_size = 1000,
      .max_page_size = 1000,
      .access_hint =
          "log in with gcloud auth configure-docker HOST, or as oauth2accesstoken or _json_key",
  };
  return profile;
}

}  // namespace portolan::dialect
