#include "portolan/server/testing/story_tokens.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include <gtest/gtest.h>

#include "portolan/server/token_service.h"

namespace portolan::server {
namespace {

auth::SigningKey KeyOf(const std::string& name) {
  std::ifstream file(std::string(PORTOLAN_SOURCE_DIR) + "/tests/transcripts/" + name);
  auto key =
      auth::SigningKey::FromPem(Secret(std::string(std::istreambuf_iterator<char>(file), {})));
  if (!key) {
    ADD_FAILURE() << name << " is no key of a story: " << key.error().message;
    std::abort();
  }
  return *std::move(key);
}

}  // namespace

StoryTokens::StoryTokens(Making making, const Clock& clock, Log& log)
    : services_(std::move(making.services)),
      others_(std::move(making.others)),
      rules_(std::move(making.rules)) {
  issuer_ = std::make_unique<auth::TokenIssuer>(
      std::vector{KeyOf(making.key)},
      auth::IssuerOptions{.issuer = "portolan", .services = services_}, clock, random_);
  auth::TrustedIssuer own;
  own.issuer = issuer_->options().issuer;
  own.audiences = {services_.front()};
  own.keys = issuer_->keys();
  own.own = true;
  verifier_ = auth::NewTokenVerifier({std::move(own)}, making.accounts, clock);
  service_ = NewTokenService({.authenticator = *others_,
                              .verifier = *verifier_,
                              .rules = rules_,
                              .issuer = *issuer_,
                              .accounts = making.accounts,
                              .login_pool = pool_,
                              .pool = pool_,
                              .clock = clock,
                              .random = random_,
                              .log = log});
}

std::unique_ptr<auth::Authenticator> StoryTokens::NewAuthenticator() {
  return auth::NewBearerAuthenticator(*others_, *verifier_,
                                      {.realm = {}, .service = services_.front()});
}

}  // namespace portolan::server
