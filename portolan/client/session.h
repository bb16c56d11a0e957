// One registry as one identity: speaks to it, and does what its 401 asks for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/result.h"
#include "portolan/client/sender.h"
#include "portolan/client/token_cache.h"
#include "portolan/client/token_source.h"
#include "portolan/config/credentials.h"
#include "portolan/dialect/profile.h"
#include "portolan/wire/challenge.h"

namespace portolan::client {

/// A request to the registry of a session.
struct SessionRequest {
  std::string method = "GET";
  std::string target;               ///< path and query on the registry's host
  std::vector<std::string> scopes;  ///< that the request needs; empty for `/v2/`
  /// Authenticate before the first request, if there are credentials: where an anonymous answer
  /// would be another one (a catalog, a login).
  bool eager = false;
  /// Send it as it is, once: without Authorization of ours, and a 401 is the answer.
  bool bare = false;
  bool follow_redirects = true;  ///< of GET and HEAD
  http::Headers headers;
  http::BodyFactory body;
  std::optional<std::uint64_t> content_length;
};

/// The rules (client-landscape §2d, 1 to 4): nothing is asked before a real request; its 401 is
/// answered with Basic or with a token for the scope that we build; the challenge's scope is added
/// only if that is refused; each way is tried once. For one loop; several requests may be under way
/// and share what they learn.
class Session {
 public:
  /// What does not change.
  struct Setup {
    oci::RegistryName registry;
    bool insecure = false;  ///< plain http may be tried where https does not answer
    std::shared_ptr<const http::TlsSettings> tls;
    config::Credentials credentials;
    /// What a probe found of it; null: its ways are known by its name and its answers.
    std::shared_ptr<const dialect::Profile> profile = nullptr;
    std::string
        credentials_source;  ///< where they come from, for hints: a file, "the command line"
  };
  /// What sessions share. All of it must outlive the session.
  struct Services {
    Sender& sender;
    TokenSource& tokens;
    TokenCache& cache;
    Log& log;
    const Clock& clock;
    const Limits& limits;
  };

  Session(const Services& services, Setup setup);

  /// The registry's answer, whatever its status: a 401 or 403 is what remains after every way was
  /// tried. An Error if there was no answer, or if the token endpoint refused.
  async::Task<Result<Sender::Answer>> Send(const SessionRequest& request);

  /// Sender::WaitToRetry.
  async::Task<bool> WaitToRetry(int attempt, const Error& error) {
    return services_.sender.WaitToRetry(attempt, error);
  }

  /// A token for `scopes`, cached or new; kUnsupported if the registry does not use tokens.
  async::Task<Result<RegistryMemory::Token>> Token(std::vector<std::string> scopes);

  const dialect::Profile& profile() const { return *profile_; }
  const oci::RegistryName& registry() const { return setup_.registry; }
  const config::Credentials& credentials() const { return setup_.credentials; }
  const std::shared_ptr<const http::TlsSettings>& tls() const { return setup_.tls; }
  /// "user ann, from /run/user/1/containers/auth.json": for messages. Empty for the anonymous.
  std::string Identity() const;
  /// Whether the registry was last asked with user and password themselves.
  bool uses_basic() const { return memory_.scheme == "basic"; }
  /// Whether the registry is known to challenge its clients.
  bool asks_for_credentials() const { return !memory_.scheme.empty(); }
  /// Where requests go: https, unless plain http was allowed and found.
  Origin origin() const;

 private:
  // One request's way through the 401s.
  struct Attempt {
    const SessionRequest* request;
    std::vector<std::string> scopes;  // of the token in use
    std::string realm;
    std::string service;
    Secret used_token;          // that the last request carried
    bool cached_token = false;  // it was there before this request
    bool fetched_token = false;
    bool added_challenge_scope = false;
    bool changed_realm = false;
    bool tried_basic = false;
    bool asked_base = false;
  };
  struct Authorization {
    std::string header;  // empty: send none
    bool give_up = false;
  };
  using AuthorizationResult = async::Task<Result<Authorization>>;

  AuthorizationResult First(Attempt& attempt);
  AuthorizationResult Next(Attempt& attempt, std::vector<wire::Challenge> challenges);
  AuthorizationResult NextBearer(Attempt& attempt, const wire::Challenge& challenge);
  AuthorizationResult FetchFor(Attempt& attempt);
  static Authorization Use(const RegistryMemory::Token& token, Attempt& attempt);
  async::Task<Result<Sender::Answer>> SendAnyScheme(const SessionRequest& request,
                                                    const std::string& authorization);
  async::Task<Result<Sender::Answer>> SendTo(const Origin& origin, const SessionRequest& request,
                                             const std::string& authorization);
  async::Task<std::vector<wire::Challenge>> AskBase();
  async::Task<void> AskAndRemember();
  void Settle(const Origin& answered);
  Origin OriginWith(bool plain_http) const;
  async::Task<bool> NeedsAuthorization(Sender::Answer& answer, const Attempt& attempt);

  void Learn(const Sender::Answer& answer);
  void Remember(const wire::Challenge& challenge, bool from_base);
  void Save();
  const RegistryMemory::Token* FindToken(const std::vector<std::string>& scopes) const;
  void DropEnded();
  std::vector<std::string> WantedScopes(const std::vector<std::string>& own) const;
  TokenWish WishFor(const Attempt& attempt) const;

  Services services_;
  Setup setup_;
  std::string api_host_;
  const dialect::Profile* profile_;
  RegistryMemory memory_;
  bool answered_ = false;  // the scheme is settled
  bool private_ = false;   // the registry answered from a private address
};

}  // namespace portolan::client
