#include "portolan/client/registries.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/url.h"
#include "portolan/client/connector.h"
#include "portolan/client/http_repository.h"
#include "portolan/client/link_follower.h"
#include "portolan/client/lister.h"
#include "portolan/client/registries_state.h"
#include "portolan/client/session.h"
#include "portolan/wire/error_body.h"
#include "portolan/wire/route.h"
#include "portolan/wire/scope.h"

namespace portolan::client {
namespace {

// A refused login has one likely reason, and it is not a missing repository.
Error LoginError(Error error) {
  if (error.http_status == 401 || error.http_status == 403) {
    error.hint = "the user name, or the password or token, is wrong or has expired";
  }
  return error;
}

bool IsRepositoryName(std::string_view text) {
  return oci::RepositoryName::Parse(text).has_value();
}

// Where a raw request goes on the registry's host.
Result<std::string> RawTarget(const std::string& path, const config::Endpoint& endpoint,
                              const Origin& origin) {
  if (IsWebAddress(path)) {
    PORTOLAN_TRY(Url url, Url::Parse(path));
    // Without the scheme: behind a proxy that ends TLS, registries give out http.
    if (url.origin.HostPort() == origin.HostPort()) return std::move(url.target);
    return Fail(ErrorCode::kUsage,
                fmt::format("{} is not on {}, to which the credentials belong",
                            url.origin.ToString(), origin.HostPort()),
                "curl can fetch what another host gives to everybody");
  }
  if (path.starts_with('/')) return path;
  if (endpoint.repository) return wire::RepositoryPath(*endpoint.repository, path);
  return Fail(ErrorCode::kUsage,
              fmt::format("the path {} belongs to a repository, but {} is a registry", path,
                          endpoint.registry.text()),
              "begin the path with /v2/, or name a repository");
}

}  // namespace

async::Task<Result<repo::ListSummary>> Registries::State::ListAt(
    const config::Endpoint& endpoint, const Listing& listing, const repo::ListOptions& list_options,
    const repo::PageSink& sink) {
  PORTOLAN_CO_TRY(const std::shared_ptr<Session> session, co_await connector.Connect(endpoint));
  Listing hinted = listing;
  const dialect::Profile& profile = session->profile();
  hinted.access_hint = endpoint.repository ? profile.access_hint : profile.catalog_hint;
  // An anonymous catalog is not refused by some registries, but empty.
  hinted.eager = !endpoint.repository;
  if (!endpoint.repository && profile.catalog_without_scope) hinted.scopes.clear();
  co_return co_await List(*session, world.log, world.limits, hinted, list_options, sink);
}

async::Task<Result<repo::ListSummary>> Registries::State::ListTarget(
    Target target, std::function<Listing(const config::Endpoint&)> listing_at,
    repo::ListOptions list_options, repo::PageSink sink) {
  PORTOLAN_CO_TRY(const std::vector<config::Endpoint> endpoints,
                  world.registries_conf.Resolve(target.registry, target.repository));
  bool delivered = false;
  const repo::PageSink counting = [&](const repo::ListPage& page) {
    delivered = true;
    return sink(page);
  };
  for (std::size_t i = 0;; ++i) {
    const config::Endpoint& endpoint = endpoints[i];
    if (endpoint.mirror && world.log.debugging()) {
      world.log.Debug(
          fmt::format("asking the mirror {} for {}", endpoint.registry.text(), target.Name()));
    }
    const Listing listing = listing_at(endpoint);
    Result<repo::ListSummary> summary = co_await ListAt(endpoint, listing, list_options, counting);
    if (summary || delivered || i + 1 == endpoints.size() ||
        summary.error().code == ErrorCode::kCancelled) {
      co_return summary;
    }
    world.log.Warn(fmt::format("mirror {}: {}: asking {} instead", endpoint.registry.text(),
                               summary.error().message, endpoints[i + 1].registry.text()));
  }
}

std::string Target::Name() const {
  return repository ? registry.text() + "/" + repository->text() : registry.text();
}

Registries::Registries(const Surroundings& surroundings, Options options)
    : state_(std::make_unique<State>(surroundings, std::move(options))) {}
Registries::~Registries() = default;

Result<std::vector<oci::Reference>> Registries::Resolve(std::string_view text) const {
  if (oci::Reference::IsShortName(text)) return state_->world.registries_conf.ExpandShortName(text);
  PORTOLAN_TRY(oci::Reference reference, oci::Reference::Parse(text));
  return std::vector<oci::Reference>{std::move(reference)};
}

std::unique_ptr<repo::Repository> Registries::Open(const oci::Reference& reference) {
  Target target{.registry = reference.registry, .repository = reference.repository};
  std::string name = target.Name();
  auto listing_at = [name](const config::Endpoint& endpoint) {
    const oci::RepositoryName repository = *endpoint.repository;
    return Listing{
        .name = name,
        .what = "tags of " + name,
        .member = "tags",
        .scopes = {wire::Scope::ForRepository(repository, "GET").ToString()},
        .path = [repository](std::optional<int> n) { return wire::TagListPath(repository, n); },
        .is_valid = oci::Tag::IsValid,
        .drop_digests = true};
  };
  State* state = state_.get();
  return std::make_unique<HttpRepository>(
      state->world, state->connector, target,
      [state, target, listing_at](const repo::ListOptions& options, repo::PageSink sink) {
        return state->ListTarget(target, listing_at, options, std::move(sink));
      });
}

async::Task<Result<repo::ListSummary>> Registries::ListRepositories(
    const oci::RegistryName& registry, const repo::ListOptions& options, repo::PageSink sink) {
  auto listing_at = [&](const config::Endpoint&) {
    return Listing{.name = registry.text(),
                   .what = "repositories of " + registry.text(),
                   .member = "repositories",
                   .scopes = {wire::Scope::ForCatalog().ToString()},
                   .path = wire::CatalogPath,
                   .is_valid = IsRepositoryName};
  };
  co_return co_await state_->ListTarget({.registry = registry, .repository = std::nullopt},
                                        listing_at, options, std::move(sink));
}

async::Task<Result<Registries::RawResponse>> Registries::Send(const Target& target,
                                                              const RawRequest& request) {
  PORTOLAN_CO_TRY(const std::vector<config::Endpoint> endpoints,
                  state_->world.registries_conf.Resolve(target.registry, target.repository));
  // Mirrors are for listings and pulls; a raw request goes to the registry itself.
  const config::Endpoint& endpoint = endpoints.back();
  PORTOLAN_CO_TRY(const std::shared_ptr<Session> session,
                  co_await state_->connector.Connect(endpoint));
  SessionRequest message;
  message.method = request.method;
  message.headers = request.headers;
  message.body = request.body;
  message.content_length = request.content_length;
  message.bare = request.bare;
  message.follow_redirects = request.follow_redirects;
  PORTOLAN_CO_TRY(message.target, RawTarget(request.path, endpoint, session->origin()));
  if (message.target.starts_with("/v2/_catalog")) {
    message.scopes = {wire::Scope::ForCatalog().ToString()};
  } else if (endpoint.repository && message.target != wire::BasePath()) {
    // Whatever is done with an upload is part of a push.
    const bool of_upload = message.target.contains("/blobs/uploads/");
    wire::Scope scope =
        wire::Scope::ForRepository(*endpoint.repository, of_upload ? "PUT" : request.method);
    const auto& delete_actions = session->profile().delete_actions;
    if (request.method == "DELETE" && !of_upload && !delete_actions.empty()) {
      scope.actions.assign(delete_actions.begin(), delete_actions.end());
    }
    message.scopes = {scope.ToString()};
  }
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await session->Send(message));
  co_return Result<RawResponse>(
      RawResponse{.response = std::move(answer.response), .url = std::move(answer.url)});
}

std::optional<std::string> Registries::NextPage(const RawResponse& response) {
  // Pages of one listing share path and origin; a page without a follower of its own is a first
  // page.
  const std::string key = response.url.origin.ToString() + std::string(response.url.Path());
  std::unique_ptr<LinkFollower>& follower = state_->followers[key];
  if (!follower) follower = std::make_unique<LinkFollower>(response.url, state_->world.log);
  std::optional<std::string> next = follower->Next(response.url, response.response.headers);
  // The same pages may be asked for again by a later listing, for which they are no loop.
  if (!next) state_->followers.erase(key);
  return next;
}

async::Task<Status> Registries::CheckLogin(const oci::RegistryName& registry,
                                           const config::Credentials& credentials) {
  PORTOLAN_CO_TRY(const std::vector<config::Endpoint> endpoints,
                  state_->world.registries_conf.Resolve(registry, std::nullopt));
  // A session of its own without the cache: a token that an old password got would prove nothing.
  PORTOLAN_CO_TRY(const std::unique_ptr<Session> session,
                  state_->connector.NewSession(endpoints.back(), credentials));
  SessionRequest request;
  request.target = wire::BasePath();
  request.eager = true;
  Result<Sender::Answer> answer = co_await session->Send(request);
  const std::string what = "login to " + registry.text();
  if (!answer) {
    Error error = Wrap(std::move(answer).error(), what);
    co_return LoginError(std::move(error));
  }
  const int status = answer->response.status;
  if (status == 200 && !session->asks_for_credentials()) {
    state_->world.log.Warn(fmt::format(
        "{} answers without credentials: user and password were not checked", registry.text()));
  }
  if (status == 200) co_return Status();
  const std::string body =
      co_await http::ReadStart(*answer->response.body, state_->world.limits.error_body);
  const wire::ErrorBody said = wire::ErrorBody::Parse(body);
  Error error = wire::ToError(status, said, what);
  if (status == 401 || status == 403) {
    error.message =
        fmt::format("{} was refused{}{}", what, said.summary.empty() ? "" : ": ", said.summary);
  }
  if (status == 404) {
    error.hint = fmt::format("{} does not look like a registry: it has no /v2/", registry.text());
  }
  co_return LoginError(std::move(error));
}

async::Task<Result<TokenInfo>> Registries::FetchToken(const Target& target,
                                                      std::vector<std::string> scopes) {
  PORTOLAN_CO_TRY(const std::vector<config::Endpoint> endpoints,
                  state_->world.registries_conf.Resolve(target.registry, target.repository));
  const config::Endpoint& endpoint = endpoints.back();
  PORTOLAN_CO_TRY(const std::shared_ptr<Session> session,
                  co_await state_->connector.Connect(endpoint));
  if (const Secret& own = session->credentials().registry_token; !own.empty())
    co_return TokenInfo{.token = own};
  if (scopes.empty() && endpoint.repository) {
    scopes = {wire::Scope::ForRepository(*endpoint.repository, "GET").ToString()};
  }
  PORTOLAN_CO_TRY(const RegistryMemory::Token token, co_await session->Token(std::move(scopes)));
  co_return TokenInfo{.token = token.text,
                      .realm = token.realm,
                      .service = token.service,
                      .scopes = token.scopes,
                      .expires_in = token.stated_lifetime,
                      .from_cache = token.from_disk};
}

Result<Explanation> Registries::Explain(const Target& target) {
  Explanation explanation;
  PORTOLAN_TRY(explanation.endpoints,
               state_->world.registries_conf.Resolve(target.registry, target.repository));
  const config::Endpoint& endpoint = explanation.endpoints.back();
  PORTOLAN_TRY(explanation.lookup,
               state_->world.credentials.Find(endpoint.registry, endpoint.repository, true));
  return explanation;
}

}  // namespace portolan::client
