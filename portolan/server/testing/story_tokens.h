// The token service of a story, every token of which is known before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "portolan/async/pool.h"
#include "portolan/auth/access.h"
#include "portolan/auth/authenticator.h"
#include "portolan/auth/current_rules.h"
#include "portolan/auth/testing/memory_accounts.h"
#include "portolan/auth/token_issuer.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/http/client.h"

namespace portolan::server {

/// Tokens are signed with a key whose signatures are always the same, and their ids are
/// FixedRandom's: under a clock that stands still the same requests get the same
/// tokens.
class StoryTokens {
 public:
  struct Making {
    std::string key;                    ///< a file below tests/transcripts
    std::vector<std::string> services;  ///< of the token service, the registry's own first
    std::unique_ptr<auth::Authenticator> others;  ///< proves names
    auth::Accounts* accounts = nullptr;           ///< may be null
    auth::AccessRules rules;
  };
  /// The clock, the log and the accounts must outlive it.
  StoryTokens(Making making, const Clock& clock, Log& log);

  /// For the registry: takes tokens, and what Making::others takes. To be destroyed before this.
  std::unique_ptr<auth::Authenticator> NewAuthenticator();
  http::Service& service() { return *service_; }
  /// Before the loops go that serve it.
  void EndWork() { pool_.Join(); }

 private:
  const std::vector<std::string> services_;
  std::unique_ptr<auth::Authenticator> others_;
  auth::CurrentRules rules_;
  FixedRandom random_;
  async::Pool pool_{1};
  std::unique_ptr<auth::TokenIssuer> issuer_;
  std::unique_ptr<auth::TokenVerifier> verifier_;
  std::unique_ptr<http::Service> service_;
};

}  // namespace portolan::server
