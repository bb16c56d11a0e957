#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/authenticator.h"
#include "portolan/auth/basic.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/text.h"

namespace portolan::auth {
namespace {

// The token of a Bearer field. Spec: RFC 6750 §2.1.
std::optional<std::string_view> BearerToken(std::string_view authorization) {
  const std::string_view field = TrimSpace(authorization);
  const std::size_t space = std::min(field.find(' '), field.size());
  if (!EqualsIgnoreCase(field.substr(0, space), "Bearer")) return std::nullopt;
  return TrimSpace(field.substr(space));
}

class BearerAuthenticator final : public Authenticator {
 public:
  BearerAuthenticator(Authenticator& others, TokenVerifier& verifier, BearerOptions options)
      : others_(others), verifier_(verifier), options_(std::move(options)) {}

  std::optional<Identity> Known(std::string_view authorization) override {
    const std::optional<std::string_view> token = BearerToken(authorization);
    return token ? verifier_.Known(*token) : others_.Known(authorization);
  }
  Result<Identity> Authenticate(std::string_view authorization) override {
    const std::optional<std::string_view> token = BearerToken(authorization);
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
