#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/authenticator.h"
#include "portolan/auth/bcrypt.h"
#include "portolan/auth/htpasswd.h"
#include "portolan/auth/verified.h"
#include "portolan/base/base64.h"
#include "portolan/base/guarded.h"
#include "portolan/base/limits.h"
#include "portolan/base/secret.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

constexpr Clock::Duration kLookInterval = std::chrono::seconds(1);

// What skopeo and podman send to a registry that asks for Basic when they have no credentials: an
// empty name and an empty password.
constexpr std::string_view kNobody = "Basic Og==";

bool IsAnonymous(std::string_view authorization) {
  return authorization.empty() || authorization == kNobody;
}

Error Refused() {
  return Fail(ErrorCode::kUnauthorized, "wrong user name or password",
              "log in: docker login, podman login, portolan login");
}

struct BasicCredentials {
  std::string user;
  Secret password;
};

// RFC 7617.
Result<BasicCredentials> ParseBasic(std::string_view authorization) {
  const std::string_view field = TrimSpace(authorization);
  const std::size_t space = std::min(field.find(' '), field.size());
  if (!EqualsIgnoreCase(field.substr(0, space), "Basic")) {
    return Fail(ErrorCode::kUnauthorized, "this registry takes a user name and password (Basic)",
                "log in: docker login, podman login, portolan login");
  }
  Result<std::string> decoded = Base64Decode(TrimSpace(field.substr(space)));
  if (!decoded) return Refused();
  const Secret text(*std::move(decoded));
  const std::size_t colon = text.Reveal().find(':');
  if (colon == std::string::npos) return Refused();
  return BasicCredentials{.user = text.Reveal().substr(0, colon),
                          .password = Secret(text.Reveal().substr(colon + 1))};
}

// For a quoted-string.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

class HtpasswdAuthenticator final : public Authenticator {
 public:
  HtpasswdAuthenticator(std::string path, std::string realm, Files& files, const Clock& clock,
                        Random& random, Log& log)
      : path_(std::move(path)),
        realm_(std::move(realm)),
        files_(files),
        clock_(clock),
        log_(log),
        verified_(random) {}

  // Reads the file for the first time.
  Status Start() {
    PORTOLAN_TRY(Users users, Load());
    Take(std::move(users));
    return {};
  }

  std::optional<Identity> Known(std::string_view authorization) override {
    if (IsAnonymous(authorization)) return Identity{};
    const Verified::Key key = verified_.KeyOf(authorization);
    const std::lock_guard lock(mutex_);
    // Whether the file has changed is for Authenticate to see, which may block.
    if (clock_.Now() - looked_at_ >= kLookInterval) return std::nullopt;
    return verified_.Find(key, clock_.Now());
  }

  Result<Identity> Authenticate(std::string_view authorization) override {
    if (IsAnonymous(authorization)) return Identity{};
    Look();
    const Verified::Key key = verified_.KeyOf(authorization);
    std::shared_ptr<const Htpasswd> users;
    {
      const std::lock_guard lock(mutex_);
      if (auto identity = verified_.Find(key, clock_.Now())) return *std::move(identity);
      users = users_.parsed;
    }
    PORTOLAN_TRY(BasicCredentials credentials, ParseBasic(authorization));
    if (credentials.password.Reveal().size() > kMaxBcryptPassword) {
      return Fail(ErrorCode::kUnauthorized,
                  fmt::format("a password may have at most {} bytes", kMaxBcryptPassword));
    }
    if (!users->Verify(credentials.user, credentials.password)) return Refused();
    Identity identity{.name = std::move(credentials.user)};
    const std::lock_guard lock(mutex_);
    // Not if the file has changed meanwhile: the user may be gone.
    if (users == users_.parsed) verified_.Remember(key, identity, clock_.Now());
    return identity;
  }

  std::string Challenge() const override { return "Basic realm=" + Quoted(realm_); }

 private:
  struct Users {
    std::shared_ptr<const Htpasswd> parsed;
    oci::Sha256Bytes content{};  // of what text
  };

  Result<Users> Load() {
    PORTOLAN_TRY(const std::string text, files_.Read(path_, Limits().config_file));
    PORTOLAN_TRY(Htpasswd parsed, Htpasswd::Parse(text, path_));
    return Users{.parsed = std::make_shared<const Htpasswd>(std::move(parsed)),
                 .content = oci::Sha256(text)};
  }

  void Take(Users users) {
    const std::lock_guard lock(mutex_);
    looked_at_ = clock_.Now();
    if (users_.parsed && users.content == users_.content) return;
    users_ = std::move(users);
    verified_.Clear();
  }

  // Sees whether the file has changed, unless that was done within the last second.
  void Look() {
    const std::lock_guard one_reader(reading_);
    {
      const std::lock_guard lock(mutex_);
      if (clock_.Now() - looked_at_ < kLookInterval) return;
    }
    Result<Users> users = Load();
    if (users) return Take(*std::move(users));
    {
      const std::lock_guard lock(mutex_);
      looked_at_ = clock_.Now();
    }
    log_.Warn(fmt::format("{}; the users of before stay", users.error().message));
  }

  const std::string path_;
  const std::string realm_;
  Files& files_;
  const Clock& clock_;
  Log& log_;
  std::mutex reading_;  // held while the file is read; before mutex_
  std::mutex mutex_;    // of all below; held for moments only
  Users users_;
  Clock::Instant looked_at_{};
  Verified verified_;
};

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

}  // namespace

Result<std::unique_ptr<Authenticator>> NewHtpasswdAuthenticator(std::string path, std::string realm,
                                                                Files& files, const Clock& clock,
                                                                Random& random, Log& log) {
  if (!IsPrintableAscii(realm)) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("the realm \"{}\" must be printable ASCII", Printable(realm)));
  }
  const std::string place = path;
  auto authenticator = std::make_unique<HtpasswdAuthenticator>(std::move(path), std::move(realm),
                                                               files, clock, random, log);
  if (Status status = authenticator->Start(); !status) {
    Error error = std::move(status).error();
    if (error.code == ErrorCode::kNameUnknown) {
      error.code = ErrorCode::kConfigInvalid;
      error.hint = fmt::format("make it with: htpasswd -cB {} USER", place);
    }
    return error;
  }
  return authenticator;
}

}  // namespace portolan::auth
