// GitLab Container Registry. With its metadata database 100 a page and 1000 at the most.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& GitLab() {
  static const Profile profile = {
      .id = "gitlab",
      .title = "GitLab Container Registry",
      .hosts = {"registry.gitlab.com"},
      .page_size = 1000,
      .max_page_size = 1000,
      .access_hint =
          "in CI log in as gitlab-ci-token with $CI_JOB_TOKEN; elsewhere a token needs "
          "read_registry",
      .recognise =
          [](const Signals& signals) {
            for (const wire::Challenge& challenge : signals.challenges) {
              if (challenge.Get("service") == "container_registry") return true;
            }
            return false;
          },
  };
  return profile;
}

}  // namespace portolan::dialect
