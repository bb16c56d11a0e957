// The flags that skopeo's commands share, and what they mean.
#include <chrono>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/cli/duration.h"
#include "portolan/cli/session.h"
#include "portolan/cli/version.h"

namespace portolan::cli {
namespace {

Error Excludes(std::string_view a, std::string_view b) {
  return Fail(ErrorCode::kUsage, fmt::format("{} and {} exclude each other", a, b));
}

Status CheckConflicts(const RegistryFlags& flags) {
  const bool user = flags.username.has_value() || flags.password.has_value();
  const std::string_view user_flag = flags.username ? "--username" : "--password";
  if (flags.creds && flags.no_creds) return Excludes("--creds", "--no-creds");
  if (flags.creds && user) return Excludes("--creds", user_flag);
  if (flags.creds && flags.registry_token) return Excludes("--creds", "--registry-token");
  if (flags.no_creds && user) return Excludes("--no-creds", user_flag);
  if (flags.no_creds && flags.registry_token) return Excludes("--no-creds", "--registry-token");
  if (user && flags.registry_token) return Excludes(user_flag, "--registry-token");
  if (flags.password && !flags.username)
    return Fail(ErrorCode::kUsage, "--password needs --username");
  if (flags.username && flags.username->empty())
    return Fail(ErrorCode::kUsage, "--username is empty");
  if (flags.registry_token && flags.registry_token->empty()) {
    return Fail(ErrorCode::kUsage, "--registry-token is empty");
  }
  if (flags.retry_times < 0) return Fail(ErrorCode::kUsage, "--retry-times must not be negative");
  return {};
}

Result<std::optional<config::Credentials>> GivenCredentials(const RegistryFlags& flags,
                                                            Terminal& terminal) {
  config::Credentials credentials;
  if (flags.registry_token) {
    credentials.registry_token = Secret(*flags.registry_token);
    return credentials;
  }
  if (!flags.creds && !flags.username) return std::nullopt;
  std::optional<std::string> password = flags.password;
  if (flags.creds) {
    const std::size_t colon = flags.creds->find(':');
    credentials.username = flags.creds->substr(0, colon);
    if (colon != std::string::npos) password = flags.creds->substr(colon + 1);
    if (credentials.username.empty()) {
      return Fail(ErrorCode::kUsage, "--creds has no user name",
                  "write --creds USER or --creds USER:PASSWORD");
    }
  } else {
    credentials.username = *flags.username;
  }
  if (password) {
    credentials.password = Secret(*std::move(password));
  } else if (!terminal.in_is_terminal()) {
    return Fail(ErrorCode::kUsage, "no password was given, and there is no terminal to ask on",
                "give --creds USER:PASSWORD, or log in once with portolan login");
  } else {
    PORTOLAN_TRY(credentials.password,
                 terminal.ReadSecret(fmt::format("Password of {}: ", credentials.username)));
  }
  return credentials;
}

}  // namespace

void DeclareTlsVerify(CLI::App& app, std::optional<bool>& tls_verify) {
  app.add_flag(
         "--tls-verify", [&tls_verify](std::int64_t count) { tls_verify = count > 0; },
         "verify the registry's certificate; --tls-verify=false also allows plain HTTP")
      ->type_name("BOOL")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void DeclareRegistryFlags(CLI::App& app, RegistryFlags& flags) {
  app.add_option("--authfile", flags.authfile, "credentials file to read, and no other")
      ->type_name("FILE");
  app.add_option("--cert-dir", flags.cert_dir, "folder with certificates (*.crt, *.cert, *.key)")
      ->type_name("FOLDER");
  app.add_option("--creds", flags.creds, "user name and password")->type_name("USER[:PASSWORD]");
  app.add_option("--username", flags.username, "user name")->type_name("USER");
  app.add_option("--password", flags.password, "password; every process can see it there")
      ->type_name("PASSWORD");
  app.add_flag("--no-creds", flags.no_creds, "use no credentials");
  app.add_option("--registry-token", flags.registry_token, "send this as Bearer token")
      ->type_name("TOKEN");
  DeclareTlsVerify(app, flags.tls_verify);
  app.add_option("--retry-times", flags.retry_times, "more tries after a failure that may pass")
      ->type_name("N");
  app.add_option("--retry-delay", flags.retry_delay, "before the first of them; doubles")
      ->type_name("DURATION");
  app.add_flag("--no-token-cache", flags.no_token_cache, "keep no tokens on disk");
  app.add_option("--profile", flags.profile, "what portolan probe found of the registry")
      ->type_name("FILE");
}

Result<client::Options> ClientOptions(const RegistryFlags& flags, const GlobalFlags& global,
                                      Terminal& terminal) {
  PORTOLAN_CHECK(CheckConflicts(flags));
  client::Options options;
  if (flags.retry_delay) {
    Result<std::chrono::nanoseconds> delay = ParseDuration(*flags.retry_delay);
    if (!delay) return Wrap(std::move(delay).error(), "--retry-delay");
    options.retry_delay = std::chrono::ceil<std::chrono::milliseconds>(*delay);
  }
  PORTOLAN_TRY(options.credentials, GivenCredentials(flags, terminal));
  options.anonymous = flags.no_creds;
  options.tls_verify = flags.tls_verify;
  options.cert_dir = flags.cert_dir;
  options.retry_times = flags.retry_times;
  options.token_cache = !flags.no_token_cache;
  options.profile_file = flags.profile;
  options.max_parallel_per_host = flags.parallel;
  options.user_agent = fmt::format("portolan/{}", Version());
  if (!global.user_agent_prefix.empty()) {
    options.user_agent = fmt::format("{} {}", global.user_agent_prefix, options.user_agent);
  }
  return options;
}

}  // namespace portolan::cli
