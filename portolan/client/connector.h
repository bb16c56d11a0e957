// From an endpoint to a session: credentials, certificates, and one session per registry and
// identity.
#pragma once

#include <memory>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/client/options.h"
#include "portolan/client/sender.h"
#include "portolan/client/session.h"
#include "portolan/client/token_cache.h"
#include "portolan/client/token_source.h"

namespace portolan::client {

/// Owns what sessions share (sender, tokens, cache) and the sessions. For one loop.
class Connector {
 public:
  Connector(const Surroundings& surroundings, Options options);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// The session for an endpoint, with the credentials of the command line or those that are found
  /// for it. kConfigInvalid, and all of CredentialStore::Find and FindCertificates.
  async::Task<Result<std::shared_ptr<Session>>> Connect(const config::Endpoint& endpoint);

  /// For requests to what is no registry.
  Sender& sender() { return sender_; }
  /// Whether nobody is to be told who asks.
  bool anonymous() const { return options_.anonymous; }

  /// A session that is shared with nobody and neither reads nor writes the token cache. Must not
  /// outlive the connector.
  Result<std::unique_ptr<Session>> NewSession(const config::Endpoint& endpoint,
                                              const config::Credentials& credentials);

 private:
  struct Known {
    config::Endpoint endpoint;
    config::Credentials credentials;
    std::shared_ptr<Session> session;
  };

  async::Task<Result<config::CredentialLookup>> FindCredentials(const config::Endpoint& endpoint);
  Result<Session::Setup> SetupFor(const config::Endpoint& endpoint,
                                  const config::CredentialLookup& found) const;
  Result<std::shared_ptr<Session>> SessionFor(const config::Endpoint& endpoint,
                                              const config::CredentialLookup& found);
  Session::Services ServicesWith(TokenCache& cache);
  bool IsInsecure(const config::Endpoint& endpoint) const;

  Surroundings world_;
  Options options_;
  Sender sender_;
  TokenSource tokens_;
  TokenCache cache_;
  TokenCache no_cache_;
  std::vector<Known> sessions_;
};

}  // namespace portolan::client
