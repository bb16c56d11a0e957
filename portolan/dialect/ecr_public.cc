// Amazon ECR Public. The token endpoint knows only the scope aws; an expired token is answered with
// 400 (containers-roadmap#2835); a rebuilt `last` with 405.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& EcrPublic() {
  static const Profile profile = {
      .id = "ecr-public",
      .title = "Amazon ECR Public",
      .hosts = {"public.ecr.aws"},
      .page_size = 1000,
      .max_page_size = 1000,
      .expired_token_is_400 = true,
      .challenge_scope_only = true,
  };
  return profile;
}

}  // namespace portolan::dialect
