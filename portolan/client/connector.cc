#include "portolan/client/connector.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/client/probed_profile.h"
#include "portolan/config/certs.h"

namespace portolan::client {
namespace {

Sender::Policy PolicyOf(const Options& options) {
  Sender::Policy policy;
  policy.failures.max_retries = options.retry_times;
  if (options.retry_delay) {
    policy.failures.base = *options.retry_delay;
    policy.failures.ceiling = std::max(policy.failures.ceiling, *options.retry_delay);
  }
  policy.user_agent = options.user_agent;
  policy.max_parallel_per_host = options.max_parallel_per_host;
  return policy;
}

std::string_view OutcomeText(config::LookupStep::Outcome outcome) {
  switch (outcome) {
    case config::LookupStep::Outcome::kAbsent:
      return "absent";
    case config::LookupStep::Outcome::kNoMatch:
      return "no entry";
    case config::LookupStep::Outcome::kMatch:
      return "found";
    case config::LookupStep::Outcome::kShadowed:
      return "found, but another comes first";
    case config::LookupStep::Outcome::kError:
      return "error";
  }
  return "";
}

}  // namespace

Connector::Connector(const Surroundings& surroundings, Options options)
    : world_(surroundings),
      options_(std::move(options)),
      sender_(world_.http, world_.clock, world_.random, world_.log, world_.limits,
              PolicyOf(options_)),
      tokens_(sender_, world_.clock, world_.log, world_.limits),
      cache_(world_.files, world_.environment, world_.clock, world_.random, world_.log,
             options_.token_cache),
      no_cache_(world_.files, world_.environment, world_.clock, world_.random, world_.log, false) {}

async::Task<Result<config::CredentialLookup>> Connector::FindCredentials(
    const config::Endpoint& endpoint) {
  // What the command line gives is for the registry that it names, not for its mirrors.
  if (options_.credentials && !endpoint.mirror) {
    if (world_.log.debugging()) {
      world_.log.Debug(
          fmt::format("credentials for {}: those of the command line", endpoint.registry.text()));
    }
    co_return config::CredentialLookup{
        .credentials = *options_.credentials, .source = "the command line", .steps = {}};
  }
  if (options_.anonymous) co_return config::CredentialLookup{};
  const Target target{.registry = endpoint.registry, .repository = endpoint.repository};
  // Files are read at once; helpers are programs that may take their time, or ask the user.
  std::optional<Result<config::CredentialLookup>> in_files =
      world_.credentials.FindInFiles(target.registry, target.repository);
  Result<config::CredentialLookup> found =
      in_files ? *std::move(in_files) : co_await async::OnPool(world_.pool, [this, target] {
        return world_.credentials.Find(target.registry, target.repository);
      });
  if (found && found->source.empty()) {
    for (const config::LookupStep& step : found->steps) {
      if (step.outcome != config::LookupStep::Outcome::kError) continue;
      world_.log.Warn(fmt::format("no credentials from {}: {}", step.place, step.detail));
    }
  }
  if (found && world_.log.debugging()) {
    for (const config::LookupStep& step : found->steps) {
      world_.log.Debug(fmt::format("credentials for {}: {}: {}{}{}", target.Name(), step.place,
                                   OutcomeText(step.outcome), step.detail.empty() ? "" : ": ",
                                   step.detail));
    }
    if (found->source.empty())
      world_.log.Debug(fmt::format("credentials for {}: none, anonymous", target.Name()));
  }
  co_return found;
}

bool Connector::IsInsecure(const config::Endpoint& endpoint) const {
  return options_.tls_verify ? !*options_.tls_verify : endpoint.insecure;
}

Result<Session::Setup> Connector::SetupFor(const config::Endpoint& endpoint,
                                           const config::CredentialLookup& found) const {
  const oci::RegistryName& registry = endpoint.registry;
  PORTOLAN_TRY(
      const config::Certificates certificates,
      config::FindCertificates(world_.files, world_.environment, options_.cert_dir, registry));
  auto tls = std::make_shared<http::TlsSettings>();
  tls->verify = !IsInsecure(endpoint);
  tls->ca_files = certificates.ca_files;
  if (!certificates.client_pairs.empty()) {
    const auto& pair = certificates.client_pairs.front();
    tls->client_pair = {.certificate = pair.certificate, .key = pair.key};
  }
  if (!certificates.folder.empty() && world_.log.debugging()) {
    world_.log.Debug(
        fmt::format("certificates for {} from {}", registry.text(), certificates.folder));
  }
  // What the command line gives is for the registry that it names, not for its mirrors.
  PORTOLAN_TRY(std::shared_ptr<const dialect::Profile> profile,
               FindProfile(registry, endpoint.mirror ? std::nullopt : options_.profile_file,
                           world_.environment, world_.files));
  return Session::Setup{.registry = registry,
                        .insecure = IsInsecure(endpoint),
                        .tls = std::move(tls),
                        .credentials = found.credentials,
                        .profile = std::move(profile),
                        .credentials_source = found.source};
}

Session::Services Connector::ServicesWith(TokenCache& cache) {
  return {.sender = sender_,
          .tokens = tokens_,
          .cache = cache,
          .log = world_.log,
          .clock = world_.clock,
          .limits = world_.limits};
}

Result<std::shared_ptr<Session>> Connector::SessionFor(const config::Endpoint& endpoint,
                                                       const config::CredentialLookup& found) {
  const bool insecure = IsInsecure(endpoint);
  for (const Known& known : sessions_) {
    if (known.endpoint.registry == endpoint.registry && known.endpoint.insecure == insecure &&
        known.credentials == found.credentials) {
      return known.session;
    }
  }
  PORTOLAN_TRY(Session::Setup setup, SetupFor(endpoint, found));
  auto session = std::make_shared<Session>(ServicesWith(cache_), std::move(setup));
  config::Endpoint key = endpoint;
  key.insecure = insecure;
  sessions_.push_back(
      {.endpoint = std::move(key), .credentials = found.credentials, .session = session});
  return session;
}

Result<std::unique_ptr<Session>> Connector::NewSession(const config::Endpoint& endpoint,
                                                       const config::Credentials& credentials) {
  PORTOLAN_TRY(Session::Setup setup,
               SetupFor(endpoint, {.credentials = credentials, .source = "this login"}));
  return std::make_unique<Session>(ServicesWith(no_cache_), std::move(setup));
}

async::Task<Result<std::shared_ptr<Session>>> Connector::Connect(const config::Endpoint& endpoint) {
  PORTOLAN_CO_TRY(const config::CredentialLookup found, co_await FindCredentials(endpoint));
  co_return SessionFor(endpoint, found);
}

}  // namespace portolan::client
