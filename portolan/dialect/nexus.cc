// Sonatype Nexus. Lists may hold null (3.58), groups send no Link (nexus-public#117), or one with a
// wrong prefix (nexus-public#1011).
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Nexus() {
  static const Profile profile = {
      .id = "nexus",
      .title = "Sonatype Nexus",
      .hosts = {},
      .page_size = 1000,
      .link_may_be_missing = true,
      .recognise =
          [](const Signals& signals) {
            for (const wire::Challenge& challenge : signals.challenges) {
              if (challenge.Get("realm").starts_with("Sonatype Nexus")) return true;
            }
            return signals.server.starts_with("Nexus/");
          },
  };
  return profile;
}

}  // namespace portolan::dialect
