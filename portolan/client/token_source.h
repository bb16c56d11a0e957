// Fetches tokens: one request per scope, however many ask at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "portolan/async/event.h"
#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/client/sender.h"
#include "portolan/client/token_cache.h"
#include "portolan/config/credentials.h"
#include "portolan/wire/token.h"

namespace portolan::client {

/// Which token is wanted, and how to get it.
struct TokenWish {
  wire::TokenRequest request;
  config::Credentials credentials;
  std::string identity;  ///< Session::Identity, for messages
  std::shared_ptr<const http::TlsSettings> tls;
  Origin registry;                ///< whose challenge named the realm
  std::string registry_name;      ///< as users write it, for hints: `docker.io`
  bool registry_private = false;  ///< the registry answered from a private address

  friend bool operator==(const TokenWish&, const TokenWish&) = default;
};

/// Asks token endpoints. For one loop.
class TokenSource {
 public:
  TokenSource(Sender& sender, const Clock& clock, Log& log, const Limits& limits);

  /// A new token. Calls with the same wish that come while one is under way wait for its answer
  /// instead of sending another request; the same means the same registry and credentials too.
  /// Errors: kUnauthorized or kDenied if the endpoint refuses, with the hint that fits whether
  /// credentials were sent; kUnsafeTarget if the realm is plain http for an https registry, or a
  /// private address of another host than the registry's while the registry is public; kProtocol;
  /// and all of Sender::Send.
  async::Task<Result<RegistryMemory::Token>> Fetch(TokenWish wish);

 private:
  struct Flight {
    TokenWish wish;
    async::Event landed;
    std::optional<Result<RegistryMemory::Token>> result;
  };

  Status CheckRealm(const TokenWish& wish) const;
  async::Task<Result<RegistryMemory::Token>> FetchNow(const TokenWish& wish);
  async::Task<Result<Sender::Answer>> Ask(const TokenWish& wish);
  Error Refused(const TokenWish& wish, int status, std::string_view body) const;

  Sender& sender_;
  const Clock& clock_;
  Log& log_;
  const Limits& limits_;
  std::vector<std::shared_ptr<Flight>> flights_;
};

}  // namespace portolan::client
