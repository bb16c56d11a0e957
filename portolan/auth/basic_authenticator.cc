#include "portolan/auth/basic_authenticator.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/api_key.h"
#include "portolan/auth/basic.h"
#include "portolan/auth/bcrypt.h"
#include "portolan/auth/htpasswd_file.h"
#include "portolan/auth/single_flight.h"
#include "portolan/auth/verified.h"

namespace portolan::auth {
namespace {

constexpr std::string_view kHint = "log in: docker login, podman login, portolan login";

Error Refused() {
  return Fail(ErrorCode::kUnauthorized, "wrong user name or password", std::string(kHint));
}

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

class BasicAuthenticator final : public Authenticator {
 public:
  BasicAuthenticator(BasicSources sources, std::string realm, const BasicParts& parts)
      : realm_(std::move(realm)),
        accounts_(sources.accounts),
        clock_(parts.clock),
        account_dummy_(BcryptDummy(kBcryptCost)),
        verified_(parts.random) {
    if (!sources.htpasswd) return;
    file_.emplace(*std::move(sources.htpasswd), parts.files, parts.clock, parts.log);
  }

  Status Start() { return file_ ? file_->Start() : Status(); }

  std::optional<Identity> Known(std::string_view authorization) override {
    if (IsAnonymous(authorization)) return Identity{};
    // Whether the file has changed is for Authenticate to see, which may block.
    if (file_ && !file_->fresh()) return std::nullopt;
    return Remembered(verified_.KeyOf(authorization), Now());
  }

  Result<Identity> Authenticate(std::string_view authorization) override {
    if (IsAnonymous(authorization)) return Identity{};
    const Verified::Key key = verified_.KeyOf(authorization);
    return flights_.Do(key, [&] { return Prove(key, authorization); });
  }

  std::string Challenge() const override { return "Basic realm=" + Quoted(realm_); }

 private:
  // What the sources are like: anything verified under another one must be verified again.
  struct State {
    std::shared_ptr<const Htpasswd> users;
    std::uint64_t generation = 0;
    friend bool operator==(const State&, const State&) = default;
  };
  // Who has proved a name, and how long that may be remembered.
  struct Proof {
    Identity identity;
    Clock::Duration lifetime = Verified::kLifetime;
  };

  State Now() {
    return {.users = file_ ? file_->users() : nullptr,
            .generation = accounts_ != nullptr ? accounts_->Generation() : 0};
  }

  std::optional<Identity> Remembered(const Verified::Key& key, const State& now) {
    const std::lock_guard lock(mutex_);
    return verified_state_ == now ? verified_.Find(key, clock_.Now()) : std::nullopt;
  }

  void Remember(const Verified::Key& key, const Proof& proof, const State& then) {
    const State now = Now();
    if (now != then) return;  // who was right a moment ago may be gone
    const std::lock_guard lock(mutex_);
    if (verified_state_ != now) {
      verified_.Clear();
      verified_state_ = now;
    }
    verified_.Remember(key, proof.identity, clock_.Now(), proof.lifetime);
  }

  Result<Identity> Prove(const Verified::Key& key, std::string_view authorization) {
    if (file_) file_->Look();
    const State state = Now();  // before anything is looked up
    if (auto identity = Remembered(key, state)) return *std::move(identity);
    if (!IsBasic(authorization)) {
      return Fail(ErrorCode::kUnauthorized, "this registry takes a user name and password (Basic)",
                  std::string(kHint));
    }
    const std::optional<BasicCredentials> credentials = ParseBasic(authorization);
    if (!credentials) return Refused();
    PORTOLAN_TRY(Proof proof, Verify(*credentials, state));
    Remember(key, proof, state);
    return std::move(proof.identity);
  }

  Result<Proof> Verify(const BasicCredentials& credentials, const State& state) {
    const std::string& password = credentials.password.Reveal();
    if (accounts_ != nullptr && IsApiKeyText(password)) return VerifyKey(credentials);
    if (password.size() > kMaxBcryptPassword) {
      return Fail(ErrorCode::kUnauthorized,
                  fmt::format("a password may have at most {} bytes", kMaxBcryptPassword));
    }
    PORTOLAN_TRY(const bool right, VerifyPassword(credentials, state));
    if (!right) return Refused();
    return Proof{.identity = {.name = credentials.user}};
  }

  Result<Proof> VerifyKey(const BasicCredentials& credentials) {
    PORTOLAN_TRY(std::optional<ApiKey> key,
                 accounts_->FindKey(oci::Sha256(credentials.password.Reveal())));
    if (!key) return Refused();
    if (!credentials.user.empty() && credentials.user != key->account) return Refused();
    Proof proof{.identity = {.name = std::move(key->account), .api_key = key->id}};
    if (key->expires) {
      proof.lifetime =
          std::min(proof.lifetime,
                   std::chrono::duration_cast<Clock::Duration>(*key->expires - clock_.WallNow()));
    }
    return proof;
  }

  // Both hashes are computed, whether the name is an account's, a user's of the file, or nobody's:
  // else the time of a refusal would tell.
  Result<bool> VerifyPassword(const BasicCredentials& credentials, const State& state) {
    std::optional<Account> account;
    if (accounts_ != nullptr) {
      PORTOLAN_TRY(account, accounts_->Find(credentials.user));
      const bool has_password = account && BcryptCost(account->password_hash).has_value();
      const bool matches = BcryptMatches(credentials.password,
                                         has_password ? account->password_hash : account_dummy_);
      if (matches && has_password && !account->disabled) return true;
    }
    if (!state.users) return false;
    return state.users->Verify(credentials.user, credentials.password) && !account;
  }

  const std::string realm_;
  Accounts* const accounts_;
  const Clock& clock_;
  const std::string account_dummy_;
  std::optional<HtpasswdFile> file_;
  SingleFlight<Verified::Key, Result<Identity>> flights_;
  std::mutex mutex_;  // of all below; held for moments only
  State verified_state_;
  Verified verified_;  // KeyOf needs no lock
};

}  // namespace

Result<std::unique_ptr<Authenticator>> NewBasicAuthenticator(BasicSources sources,
                                                             std::string realm,
                                                             const BasicParts& parts) {
  if (!IsPrintableAscii(realm)) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("the realm \"{}\" must be printable ASCII", Printable(realm)));
  }
  auto authenticator =
      std::make_unique<BasicAuthenticator>(std::move(sources), std::move(realm), parts);
  PORTOLAN_CHECK(authenticator->Start());
  return authenticator;
}

Result<std::unique_ptr<Authenticator>> NewHtpasswdAuthenticator(std::string path, std::string realm,
                                                                Files& files, const Clock& clock,
                                                                Random& random, Log& log) {
  return NewBasicAuthenticator({.htpasswd = std::move(path)}, std::move(realm),
                               {.files = files, .clock = clock, .random = random, .log = log});
}

}  // namespace portolan::auth
