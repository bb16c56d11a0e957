// A registry of which nothing is known: what the specification says, and nothing assumed on order,
// size or Links.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Generic() {
  static const Profile profile = {
      .id = "generic",
      .title = "a registry",
      .hosts = {},
      .page_size = 1000,
  };
  return profile;
}

}  // namespace portolan::dialect
