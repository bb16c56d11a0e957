#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/authenticator.h"
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
  // Names, scopes and the validated Host hold neither quotes nor backslashes.
  std::string ChallengeFor(const ChallengeRequest& request) const override {
    std::string challenge = "Bearer realm=\"" + options_.realm;
    if (options_.realm.empty()) challenge += fmt::format("{}/token", request.origin);
    challenge += fmt::format("\",service=\"{}\"", options_.service);
    if (!request.scope.empty()) challenge += fmt::format(",scope=\"{}\"", request.scope);
    if (!request.error.empty()) challenge += fmt::format(",error=\"{}\"", request.error);
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
