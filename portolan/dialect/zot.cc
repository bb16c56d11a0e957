// zot. All tags without n; n works. Writes its schemes in lower case and its realm without quotes.
// An unknown `last` is 404.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Zot() {
  static const Profile profile = {
      .id = "zot",
      .title = "zot",
      .hosts = {},
      .page_size = 1000,
      .recognise =
          [](const Signals& signals) {
            return signals.raw_challenge.starts_with("bearer realm=") ||
                   signals.raw_challenge.starts_with("basic realm=");
          },
  };
  return profile;
}

}  // namespace portolan::dialect
