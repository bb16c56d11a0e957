// CNCF distribution. 2.8 ignores n and gives all tags; 3.x pages. The version header alone does not
// prove it (Docker Hub and GHCR send it too), so it is recognised only beside the sniffing guard
// that distribution adds.
#include "portolan/base/text.h"
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Distribution() {
  static const Profile profile = {
      .id = "distribution",
      .title = "CNCF distribution",
      .hosts = {},
      .page_size = 1000,
      .catalog_hint = "the catalog needs the scope registry:catalog:*",
      .recognise =
          [](const Signals& signals) {
            int found = 0;
            for (const std::string_view name : signals.header_names) {
              if (EqualsIgnoreCase(name, "Docker-Distribution-Api-Version") ||
                  EqualsIgnoreCase(name, "X-Content-Type-Options")) {
                ++found;
              }
            }
            return found == 2;
          },
  };
  return profile;
}

}  // namespace portolan::dialect
