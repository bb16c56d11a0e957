// JFrog Artifactory. Links of virtual repositories lose their prefix or are missing (RTFACT-18971);
// digests appear among tags (skopeo#2346).
#include "portolan/base/text.h"
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Artifactory() {
  static const Profile profile = {
      .id = "artifactory",
      .title = "JFrog Artifactory",
      .hosts = {"*.jfrog.io"},
      .page_size = 1000,
      .link_may_be_missing = true,
      .recognise =
          [](const Signals& signals) {
            for (const std::string_view name : signals.header_names) {
              if (EqualsIgnoreCase(name, "X-JFrog-Version") ||
                  EqualsIgnoreCase(name, "X-Artifactory-Id"))
                return true;
            }
            return signals.server.starts_with("Artifactory");
          },
  };
  return profile;
}

}  // namespace portolan::dialect
