#include <utility>

#include <fmt/format.h>

#include "portolan/auth/authenticator.h"
#include "portolan/auth/basic.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/text.h"
#include "portolan/wire/challenge.h"

namespace portolan::auth {
namespace {

class BearerAuthenticator final : public Authenticator {
 public:
  BearerAuthenticator(Authenticator& others, TokenVerifier& verifier, BearerOptions options)
      : others_(others), verifier_(verifier), options_(std::move(options)) {}

  std::optional<Identity> Known(std::string_view authorization) override {
    const std::optional<std::string_view> token = wire::BearerToken(authorization);
    return token ? verifier_.Known(*token) : others_.Known(authorization);
  }
  Result<Identity> Authenticate(std::string_view authorization) override {
    const std::optional<std::string_view> token = wire::BearerToken(authorization);
    return token ? verifier_.Verify(*token) : others_.Authenticate(authorization);
  }

  std::string Challenge() const override { return ChallengeFor({}); }
  std::string ChallengeFor(const ChallengeRequest& request) const override {
    const std::string realm = options_.realm.empty()
                                  ? fmt::format("{}{}", request.origin, options_.path)
                                  : options_.realm;
    std::string challenge =
        fmt::format("Bearer realm={},service={}", Quoted(realm), Quoted(options_.service));
    if (!request.scope.empty()) challenge += ",scope=" + Quoted(request.scope);
    if (!request.error.empty()) challenge += ",error=" + Quoted(request.error);
    return challenge;
  }

 private:
  Authenticator& others_;
  TokenVerifier& verifier_;
  const BearerOptions options_;
};

}  // namespace

std::unique_ptr<Authenticator> NewBearerAuthenticator(Authenticator& others,
                                                      TokenVerifier& verifier,
                                                      BearerOptions options) {
  return std::make_unique<BearerAuthenticator>(others, verifier, std::move(options));
}

}  // namespace portolan::auth
