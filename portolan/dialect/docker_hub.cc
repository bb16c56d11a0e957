// Docker Hub. Without n it gives all tags at once, but very large repositories then time out
// (hub-feedback#1960), so pages are asked for; n=10000 is accepted. A repository that is missing or
// private answers 401, never 404, without rights.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& DockerHub() {
  static const Profile profile = {
      .id = "docker-hub",
      .title = "Docker Hub",
      .hosts = {"docker.io", "registry-1.docker.io", "index.docker.io", "registry.hub.docker.com"},
      .page_size = 1000,
      .max_page_size = 10000,
      .tag_api = TagApi::kDockerHub,
      .tag_api_base = "https://hub.docker.com",
      .manifests_are_counted = true,
      .access_hint =
          "Docker Hub answers the same for a repository that does not exist and for one that is "
          "private",
      .catalog_hint =
          "Docker Hub offers no catalog; its web API at hub.docker.com lists a namespace",
  };
  return profile;
}

}  // namespace portolan::dialect
