// Harbor. All tags without n, slowly for large repositories (harbor#6876): pages are asked for. A
// request that already carried Authorization is refused with a Basic challenge; /v2/_catalog always
// is.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Harbor() {
  static const Profile profile = {
      .id = "harbor",
      .title = "Harbor",
      .hosts = {},
      .page_size = 1000,
      .access_hint =
          "the first part of the name is the Harbor project; robot accounts are called robot$NAME",
      .catalog_hint = "Harbor shows its catalog to administrators only",
      .recognise =
          [](const Signals& signals) {
            for (const wire::Challenge& challenge : signals.challenges) {
              if (challenge.Get("service") == "harbor-registry" ||
                  challenge.Get("realm") == "harbor")
                return true;
            }
            return false;
          },
  };
  return profile;
}

}  // namespace portolan::dialect
