#include "portolan/auth/htpasswd_file.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/limits.h"

namespace portolan::auth {

Status HtpasswdFile::Start() {
  Result<Users> users = Load();
  if (users) {
    Take(*std::move(users));
    return {};
  }
  Error error = std::move(users).error();
  if (error.code == ErrorCode::kNameUnknown) {
    error.code = ErrorCode::kConfigInvalid;
    error.hint = fmt::format("make it with: htpasswd -cB {} USER", path_);
  }
  return error;
}

Result<HtpasswdFile::Users> HtpasswdFile::Load() {
  PORTOLAN_TRY(const std::string text, files_.Read(path_, Limits().config_file));
  PORTOLAN_TRY(Htpasswd parsed, Htpasswd::Parse(text, path_));
  return Users{.parsed = std::make_shared<const Htpasswd>(std::move(parsed)),
               .content = oci::Sha256(text)};
}

void HtpasswdFile::Take(Users users) {
  const std::lock_guard lock(mutex_);
  looked_at_ = clock_.Now();
  if (users_.parsed && users.content == users_.content) return;
  users_ = std::move(users);
}

void HtpasswdFile::Look() {
  const std::lock_guard one_reader(reading_);
  if (fresh()) return;
  Result<Users> users = Load();
  if (users) return Take(*std::move(users));
  {
    const std::lock_guard lock(mutex_);
    looked_at_ = clock_.Now();
  }
  log_.Warn(fmt::format("{}; the users of before stay", users.error().message));
}

bool HtpasswdFile::fresh() {
  const std::lock_guard lock(mutex_);
  return clock_.Now() - looked_at_ < kLookInterval;
}

std::shared_ptr<const Htpasswd> HtpasswdFile::users() {
  const std::lock_guard lock(mutex_);
  return users_.parsed;
}

}  // namespace portolan::auth
