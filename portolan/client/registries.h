// The client side of the V2 API: every registry, spoken to as it needs.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/client/options.h"
#include "portolan/client/tag_source.h"
#include "portolan/config/credentials.h"
#include "portolan/config/registries.h"
#include "portolan/http/message.h"
#include "portolan/oci/reference.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// One raw request for `portolan api`.
struct RawRequest {
  std::string method = "GET";
  /// `tags/list?n=2` belongs to the repository; a path that begins with `/` to the registry's host.
  /// A URL of the registry's own, such as a Location that it gave, counts by its path.
  std::string path;
  http::Headers headers;
  http::BodyFactory body;
  std::optional<std::uint64_t> content_length;
  /// Send it as it is, once: without credentials, and a 401 is the answer.
  bool bare = false;
  bool follow_redirects = true;  ///< of GET and HEAD
};

/// A token as a token endpoint gave it, or the registry token of the credentials.
struct TokenInfo {
  Secret token;
  std::string realm;  ///< the endpoint's URL; empty if none was asked
  std::string service;
  std::vector<std::string> scopes;                 ///< asked for
  std::optional<std::chrono::seconds> expires_in;  ///< as stated by the endpoint
  bool from_cache = false;
};

/// Where a listing or request really goes, and as whom, for `auth explain`.
struct Explanation {
  std::vector<config::Endpoint> endpoints;
  config::CredentialLookup lookup;
};

/// Where tags are to be learnt from.
enum class TagSourceChoice {
  kAuto,    ///< a vendor's own API where there is one that tells us, else the V2 API
  kV2,      ///< the V2 API
  kVendor,  ///< a vendor's own API
};

/// All registries, with what was learnt of them: challenges, tokens, rate limits. One per process;
/// for one loop; several calls may be under way at once and share it all.
class Registries {
 public:
  Registries(const Surroundings& surroundings, Options options);
  Registries(const Registries&) = delete;
  Registries& operator=(const Registries&) = delete;
  ~Registries();

  /// What a user's text may mean, in the order to try: one reference, or several for a short name.
  /// kReferenceInvalid.
  Result<std::vector<oci::Reference>> Resolve(std::string_view text) const;

  /// The repository of a reference; its tag and digest play no role. Nothing is sent yet.
  std::unique_ptr<repo::Repository> Open(const oci::Reference& reference);

  /// Where the tags of `repository`, which Open gave for `reference`, can be learnt; it must
  /// outlive the source. kUnsupported for kVendor where there is none; kUnauthorized for one that
  /// wants a token which nobody gave; kConfigInvalid, and all of Session's setup.
  async::Task<Result<std::unique_ptr<TagSource>>> OpenTags(const oci::Reference& reference,
                                                           repo::Repository& repository,
                                                           TagSourceChoice choice);

  /// Lists the registry's repositories (`_catalog`).
  async::Task<Result<repo::ListSummary>> ListRepositories(const oci::RegistryName& registry,
                                                          const repo::ListOptions& options,
                                                          repo::PageSink sink);

  /// Sends one authenticated request and gives whatever answer comes, also 4xx and 5xx (after
  /// authentication and retries). Redirects are followed for GET and HEAD.
  struct RawResponse {
    http::Response response;
    Url url;  ///< that gave the answer
  };
  async::Task<Result<RawResponse>> Send(const Target& target, const RawRequest& request);

  /// The path for the next page of a raw answer, to be given to Send as it is; absent on the last
  /// page.
  std::optional<std::string> NextPage(const RawResponse& response);

  /// Whether the registry takes these credentials: `GET /v2/`, and its token endpoint.
  /// kUnauthorized if it does not.
  async::Task<Status> CheckLogin(const oci::RegistryName& registry,
                                 const config::Credentials& credentials);

  /// A token for the target: of the scope that pulling needs, or of `scopes`. kUnsupported if the
  /// registry wants none or uses Basic.
  async::Task<Result<TokenInfo>> FetchToken(const Target& target, std::vector<std::string> scopes);

  Result<Explanation> Explain(const Target& target);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::client
