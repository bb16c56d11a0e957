// Google Container Registry. All tags in one answer, with a map of manifests beside them. The 401
// of a real request may come without WWW-Authenticate: then /v2/ is asked.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Gcr() {
  static const Profile profile = {
      .id = "gcr",
      .title = "Google Container Registry",
      .hosts = {"gcr.io", "*.gcr.io"},
      .page_size = 0,
      .access_hint =
          "log in with gcloud auth configure-docker, or as oauth2accesstoken or _json_key",
  };
  return profile;
}

}  // namespace portolan::dialect
