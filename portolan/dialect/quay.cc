// Quay. A page has 50 tags (2023) or 100 (since 2024-06) at the most, with and without n; cursors
// are opaque in the older version. Public repositories need no token. A scope that it does not know
// is answered with 400.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Quay() {
  static const Profile profile = {
      .id = "quay",
      .title = "Quay",
      .hosts = {"quay.io", "registry.access.redhat.com", "registry.redhat.io"},
      .page_size = 0,
      .max_page_size = 100,
      .anonymous_without_token = true,
      .catalog_without_scope = true,
      .delete_actions = {"pull", "push"},
      .tag_api = TagApi::kQuay,
      .access_hint =
          "Quay answers the same for a repository that does not exist and for one that is private",
      .catalog_hint =
          "Quay lists only what the credentials given may see; its own API lists a namespace",
      .recognise =
          [](const Signals& signals) {
            for (const wire::Challenge& challenge : signals.challenges) {
              if (challenge.Get("realm").ends_with("/v2/auth")) return true;
            }
            return false;
          },
  };
  return profile;
}

}  // namespace portolan::dialect
