// Amazon ECR, private. Basic with the user AWS and a password of 12 hours. n above 1000 is refused
// with 405; the cursor in `last` is opaque, Links are absolute, lists are unordered and text/plain.
#include "portolan/dialect/profile.h"

namespace portolan::dialect {

const Profile& Ecr() {
  static const Profile profile = {
      .id = "ecr",
      .title = "Amazon ECR",
      .hosts = {"*.dkr.ecr.*.amazonaws.com", "*.dkr.ecr.*.amazonaws.com.cn",
                "*.dkr.ecr-fips.*.amazonaws.com"},
      .page_size = 1000,
      .max_page_size = 1000,
      .access_hint =
          "ECR passwords last 12 hours: aws ecr get-login-password | portolan login -u AWS "
          "--password-stdin HOST; "
          "listing needs the ecr:ListImages permission",
  };
  return profile;
}

}  // namespace portolan::dialect
