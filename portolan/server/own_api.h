// The vendors' own APIs, beside V2: what all of them have in common. Facts: docs/dialects.md,
// "Their own APIs".
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/auth/opaque_tokens.h"
#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/dialect/served.h"
#include "portolan/http/client.h"
#include "portolan/server/call.h"
#include "portolan/server/login.h"
#include "portolan/server/repository_facts.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {

/// One request to a vendor's API, on a pool. Lives as long as it is answered.
struct ApiCall {
  Backend& backend;
  auth::OpaqueTokens& tokens;  ///< that the API itself has issued
  const http::Request& request;
  std::string_view method;        ///< GET also for HEAD
  std::vector<std::string> path;  ///< components, decoded, none of them empty
  wire::Query query;
  std::string body;
  bool brought_credentials = false;
  std::optional<Error> refused;  ///< they do not count; `identity` is nobody then
  auth::Identity identity;
  std::shared_ptr<const auth::AccessRules> rules;

  /// Whether the asker has proved something, be it only that there is nothing to be proved here.
  bool proved() const { return brought_credentials && !refused; }
  FactReader Facts() { return {backend.storage(), *rules, identity}; }
  store::Actor actor() const;
  /// Where the caller reaches this registry: `https://hub.example/hub`.
  std::string Base() const;
};

/// A path in components, percent-decoded once; nothing where one of them is no text (control
/// characters, dots alone). Empty components are left out.
std::optional<std::vector<std::string>> PathParts(std::string_view path);
/// A whole number; empty for any other text.
std::optional<std::int64_t> WholeNumber(std::string_view text);
/// One of the query; empty where it is missing or something else.
std::optional<std::int64_t> NumberIn(const wire::Query& query, std::string_view name);

/// How one vendor's API answers.
class ApiVendor {
 public:
  struct Login {
    std::string user;
    Secret secret;
  };
  virtual ~ApiVendor() = default;
  virtual bool Takes(const http::Request& request) const = 0;
  /// The name and password in the request's body, where it is a login.
  virtual std::optional<Login> LoginIn(const ApiCall& call) const;
  /// On the pool. An Error is worded by Failed.
  virtual Result<dialect::Words> Answer(ApiCall& call) = 0;
  /// kNameUnknown, kManifestUnknown: what was asked for is not there, or hidden; kDenied,
  /// kUnauthorized; kProtocol, kTooLarge: the body; everything that is a server's fault.
  virtual dialect::Words Failed(const Error& error) const = 0;
  virtual dialect::Words Limited(std::chrono::seconds wait, std::int64_t now) const = 0;
};

/// The vendor's API in front of a registry.
class OwnApi {
 public:
  /// Null where the dialect has none. The references must outlive it.
  static std::unique_ptr<OwnApi> Make(Backend& backend, const Door& door);
  OwnApi(Backend& backend, const Door& door, std::unique_ptr<ApiVendor> vendor);

  /// Whether the request is for the API, not for V2.
  bool Takes(const http::Request& request) const { return vendor_->Takes(request); }
  async::Task<http::Response> Handle(http::Request request);

 private:
  async::Task<Status> Prove(ApiCall& call, std::chrono::seconds& wait);
  async::Task<dialect::Words> Answer(ApiCall& call);
  dialect::Words Worded(const Error& error) const;

  Backend& backend_;
  const Door& door_;
  std::unique_ptr<ApiVendor> vendor_;
  auth::OpaqueTokens tokens_;
};

// What APIs do to repositories, with the line of the audit log. The caller has looked at rights.
Status DeleteTagIn(ApiCall& call, const oci::RepositoryName& repository, const oci::Tag& tag);
/// All of its manifests, one after the other.
Status DeleteRepository(ApiCall& call, const oci::RepositoryName& repository);
void Audit(const ApiCall& call, std::string_view event, const oci::RepositoryName& repository,
           std::string_view subject);

// One file per vendor: hub_api.cc, quay_api.cc, packages_api.cc.
std::unique_ptr<ApiVendor> NewHubApi();
std::unique_ptr<ApiVendor> NewQuayApi();
std::unique_ptr<ApiVendor> NewPackagesApi();

}  // namespace portolan::server
