#include "portolan/cli/session.h"

#include <chrono>
#include <utility>

#include "portolan/cli/terminal_log.h"

namespace portolan::cli {

Session::Session(const World& world)
    : helpers_(world.new_helper_runner(loop_.cancel_descriptor(), limits_)),
      http_(world.new_http_client(loop_, limits_)) {}

Result<std::unique_ptr<Session>> Session::Open(const World& world, const GlobalFlags& global,
                                               const RegistryFlags& flags) {
  PORTOLAN_TRY(client::Options options, ClientOptions(flags, global, world.terminal));
  std::unique_ptr<Session> session(new Session(world));
  session->log_ = std::make_unique<TerminalLog>(world.terminal, world.clock, global.debug);
  PORTOLAN_TRY(session->registries_conf_,
               config::RegistriesConf::Load(world.files, world.environment, global.registries_conf,
                                            session->limits_, *session->log_));
  session->credentials_ = std::make_unique<config::CredentialStore>(
      world.files, world.environment, *session->helpers_,
      config::CredentialOptions{.authfile = flags.authfile,
                                .helpers = session->registries_conf_.credential_helpers()},
      session->limits_);
  session->registries_ = std::make_unique<client::Registries>(
      client::Surroundings{.http = *session->http_,
                           .files = world.files,
                           .environment = world.environment,
                           .clock = world.clock,
                           .random = world.random,
                           .log = *session->log_,
                           .pool = session->pool_,
                           .credentials = *session->credentials_,
                           .registries_conf = session->registries_conf_,
                           .limits = session->limits_},
      std::move(options));
  session->loop_.CancelOnInterrupt();
  if (global.command_timeout_seconds && *global.command_timeout_seconds > 0) {
    const std::chrono::duration<double> timeout(*global.command_timeout_seconds);
    session->loop_.CancelAfter(std::chrono::ceil<std::chrono::milliseconds>(timeout));
  }
  return session;
}

}  // namespace portolan::cli
