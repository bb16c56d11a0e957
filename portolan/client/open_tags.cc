// Which source of tags a repository gets, and what it is shown.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/client/registries_state.h"
#include "portolan/client/tag_api.h"
#include "portolan/client/vendor_tags.h"

namespace portolan::client {
namespace {

using dialect::TagApi;

// What the environment says, unless nobody is to be told who asks.
std::optional<Secret> TokenOf(const Environment& environment, bool anonymous, const char* name) {
  const auto token = anonymous ? std::nullopt : environment.Get(name);
  if (!token) return std::nullopt;
  return Secret(*token);
}

// GitHub's own tools read these; the password of ghcr.io is such a token, too.
Secret GitHubToken(const Environment& environment, bool anonymous,
                   const config::Credentials& credentials) {
  for (const char* variable : {"GITHUB_TOKEN", "GH_TOKEN"}) {
    if (auto token = TokenOf(environment, anonymous, variable)) return *std::move(token);
  }
  return credentials.password;
}

// Robots' passwords mean nothing to Quay's API; who logs in as $oauthtoken has an OAuth token.
Secret QuayToken(const Environment& environment, bool anonymous,
                 const config::Credentials& credentials) {
  if (auto token = TokenOf(environment, anonymous, "QUAY_TOKEN")) return *std::move(token);
  return credentials.username == "$oauthtoken" ? credentials.password : Secret();
}

}  // namespace

async::Task<Result<std::unique_ptr<TagSource>>> Registries::OpenTags(
    const oci::Reference& reference, repo::Repository& repository, TagSourceChoice choice) {
  using Source = Result<std::unique_ptr<TagSource>>;
  if (choice == TagSourceChoice::kV2) co_return Source(NewV2TagSource(repository));
  const Surroundings& world = state_->world;
  PORTOLAN_CO_TRY(const std::vector<config::Endpoint> endpoints,
                  world.registries_conf.Resolve(reference.registry, reference.repository));
  const config::Endpoint& endpoint = endpoints.back();
  PORTOLAN_CO_TRY(TagApiPlace place, FindTagApi(endpoint.registry, world.environment));
  const bool either = choice == TagSourceChoice::kAuto;
  // Who has mirrors wants them to be asked.
  const bool mirrored = either && endpoints.size() > 1;
  if (place.kind == TagApi::kNone || mirrored) {
    if (either) co_return Source(NewV2TagSource(repository));
    co_return Fail(
        ErrorCode::kUnsupported,
        fmt::format("no API of a vendor's own is known for {}", endpoint.registry.text()),
        "PORTOLAN_TAG_APIS names one; --source v2 asks the registry itself");
  }
  PORTOLAN_CO_TRY(const std::shared_ptr<Session> session,
                  co_await state_->connector.Connect(endpoint));
  const Origin own = session->origin();
  const Url base = place.base.value_or(Url{.origin = own, .target = "/"});
  VendorApi api(state_->connector.sender(), world.limits, base,
                base.origin.HostPort() == own.HostPort() ? session->tls() : nullptr);
  const oci::RepositoryName& name = *endpoint.repository;
  const config::Credentials& credentials = session->credentials();
  const bool anonymous = state_->connector.anonymous();
  std::unique_ptr<TagSource> vendor;
  switch (place.kind) {
    case TagApi::kDockerHub:
      vendor = NewHubTagSource(std::move(api), name, credentials, world.log);
      break;
    case TagApi::kGitHub: {
      Secret token = GitHubToken(world.environment, anonymous, credentials);
      // Most people have none, and need not be told each time.
      if (token.empty() && either) {
        world.log.Debug("no token for GitHub's API, which would tell when tags were pushed");
        co_return Source(NewV2TagSource(repository));
      }
      vendor = NewGitHubTagSource(std::move(api), name, std::move(token));
      break;
    }
    case TagApi::kQuay:
      vendor = NewQuayTagSource(std::move(api), name,
                                QuayToken(world.environment, anonymous, credentials), world.clock);
      break;
    case TagApi::kNone:
      break;
  }
  if (!either) co_return Source(std::move(vendor));
  // Also of a Docker Hub under another name.
  const bool counted = session->profile().manifests_are_counted || place.kind == TagApi::kDockerHub;
  co_return Source(
      NewEitherTagSource(std::move(vendor), NewV2TagSource(repository), counted, world.log));
}

}  // namespace portolan::client
