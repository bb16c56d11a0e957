// portolan login: checks credentials against a registry, and keeps them where podman does.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/cli/command.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/login.md.inc"
    ;

// Far more than any password or token, far less than what a wrong pipe could give.
constexpr std::size_t kMaxSecret = 1U << 20U;

Error NoPassword() {
  return Fail(ErrorCode::kUsage, "no password was given, and there is no terminal to ask on",
              "use --username NAME --password-stdin");
}

class LoginCommand final : public Command {
 public:
  std::string_view name() const override { return "login"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;

 private:
  Status CheckFlags() const;
  Status PrintLogin(Session& session, const client::Target& target, Terminal& terminal) const;
  Result<config::Credentials> ReadInput(Terminal& terminal) const;
  Result<config::Credentials> Ask(const std::string& stored_name, Terminal& terminal) const;
  Result<config::Credentials> Gather(const std::string& stored_name, Terminal& terminal) const;
  Status Store(Session& session, const client::Target& target,
               const config::Credentials& credentials, Terminal& terminal) const;
  Status LogIn(Session& session, const client::Target& target, Terminal& terminal) const;

  std::string host_ = "docker.io";
  std::string username_;
  std::optional<std::string> password_;
  bool password_stdin_ = false;
  bool identity_token_stdin_ = false;
  bool get_login_ = false;
  bool verbose_ = false;
  std::optional<std::string> authfile_;
  std::optional<std::string> compat_auth_file_;
  std::optional<std::string> cert_dir_;
  std::optional<bool> tls_verify_;
};

void LoginCommand::Declare(CLI::App& app) {
  app.add_option("HOST", host_, "registry, or a namespace or repository of it (docker.io)");
  app.add_option("-u,--username", username_, "user name")->type_name("USER");
  app.add_option("-p,--password", password_, "password; every process can see it there")
      ->type_name("PASSWORD");
  app.add_flag("--password-stdin", password_stdin_, "take the password from standard input");
  app.add_flag("--identity-token-stdin", identity_token_stdin_,
               "take an identity (refresh) token from standard input");
  app.add_flag("--get-login", get_login_,
               "print the user name that is logged in, and nothing else");
  app.add_flag("-v,--verbose", verbose_, "say where the credentials were stored");
  app.add_option("--authfile", authfile_, "credentials file to write")->type_name("FILE");
  app.add_option("--compat-auth-file", compat_auth_file_, "docker-format file to write instead")
      ->type_name("FILE");
  app.add_option("--cert-dir", cert_dir_, "folder with certificates (*.crt, *.cert, *.key)")
      ->type_name("FOLDER");
  DeclareTlsVerify(app, tls_verify_);
}

// What would be used for the target now. A broken file is as good as none: it will be reported by
// Save if it is the one to be written.
Result<config::Credentials> Stored(Session& session, const client::Target& target) {
  const auto found = session.RunBlocking(
      [&] { return session.credentials().Find(target.registry, target.repository); });
  if (found) return found->credentials;
  if (found.error().code == ErrorCode::kConfigInvalid) return config::Credentials{};
  return found.error();
}

// skopeo's words, of which scripts may make something. Whether the credentials are good; an Error
// if that cannot be told.
Result<bool> AreStillGood(Session& session, const client::Target& target,
                          const config::Credentials& stored, Terminal& terminal) {
  PORTOLAN_CHECK(terminal.Write(
      fmt::format("Authenticating with existing credentials for {}\n", target.Name())));
  Status checked = session.Run(session.registries().CheckLogin(target.registry, stored));
  if (checked) {
    PORTOLAN_CHECK(terminal.Write(fmt::format(
        "Existing credentials are valid. Already logged in to {}\n", target.registry.text())));
    return true;
  }
  const ErrorCode code = checked.error().code;
  const bool refused = code == ErrorCode::kUnauthorized || code == ErrorCode::kDenied;
  if (!refused) return std::move(checked).error();
  if (!terminal.in_is_terminal()) {
    Error error = std::move(checked).error();
    error.message = fmt::format("the stored credentials are no longer good: {}", error.message);
    error.hint = "use --username NAME --password-stdin";
    return error;
  }
  PORTOLAN_CHECK(terminal.Write(
      "Existing credentials are invalid, please enter valid username and password\n"));
  return false;
}

Status LoginCommand::CheckFlags() const {
  if (authfile_ && compat_auth_file_) {
    return Fail(ErrorCode::kUsage, "--authfile and --compat-auth-file exclude each other");
  }
  if ((password_ ? 1 : 0) + (password_stdin_ ? 1 : 0) + (identity_token_stdin_ ? 1 : 0) > 1) {
    return Fail(ErrorCode::kUsage,
                "only one of --password, --password-stdin and --identity-token-stdin can be given");
  }
  const bool gives = password_ || password_stdin_ || identity_token_stdin_ || !username_.empty();
  if (get_login_ && gives) {
    return Fail(ErrorCode::kUsage, "--get-login takes no user name, password or token");
  }
  if (password_stdin_ && username_.empty()) {
    return Fail(ErrorCode::kUsage, "--password-stdin needs --username");
  }
  if (password_ && password_->empty()) return Fail(ErrorCode::kUsage, "the password is empty");
  return {};
}

Status LoginCommand::PrintLogin(Session& session, const client::Target& target,
                                Terminal& terminal) const {
  PORTOLAN_TRY(const config::CredentialLookup found, session.RunBlocking([&] {
    return session.credentials().Find(target.registry, target.repository);
  }));
  if (found.credentials.empty()) {
    return Fail(ErrorCode::kUnauthorized, fmt::format("not logged in to {}", target.Name()),
                fmt::format("portolan login {}", target.Name()));
  }
  // Docker's helpers have this name for accounts that are only a token.
  const std::string& username = found.credentials.username;
  PORTOLAN_CHECK(terminal.Write((username.empty() ? "<token>" : username) + "\n"));
  return terminal.Flush();
}

Result<config::Credentials> LoginCommand::ReadInput(Terminal& terminal) const {
  PORTOLAN_TRY(std::string text, terminal.ReadAllInput(kMaxSecret));
  config::Credentials credentials;
  credentials.username = username_;
  if (identity_token_stdin_) {
    credentials.identity_token = Secret(std::string(TrimSpace(text)));
    if (credentials.identity_token.empty()) {
      return Fail(ErrorCode::kUsage, "the identity token on standard input is empty");
    }
    return credentials;
  }
  // One line end belongs to the echo that wrote it; all else may be the password's.
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  credentials.password = Secret(std::move(text));
  if (credentials.password.empty()) {
    return Fail(ErrorCode::kUsage, "the password on standard input is empty");
  }
  return credentials;
}

Result<config::Credentials> LoginCommand::Ask(const std::string& stored_name,
                                              Terminal& terminal) const {
  config::Credentials credentials;
  credentials.username = username_;
  if (credentials.username.empty()) {
    const std::string prompt =
        stored_name.empty() ? "Username: " : fmt::format("Username [{}]: ", Printable(stored_name));
    PORTOLAN_TRY(const std::string line, terminal.ReadLine(prompt));
    credentials.username = TrimSpace(line);
    if (credentials.username.empty()) credentials.username = stored_name;
    if (credentials.username.empty()) return Fail(ErrorCode::kUsage, "the user name is empty");
  }
  if (password_) {
    credentials.password = Secret(*password_);
    return credentials;
  }
  PORTOLAN_TRY(credentials.password, terminal.ReadSecret("Password: "));
  if (credentials.password.empty()) return Fail(ErrorCode::kUsage, "the password is empty");
  return credentials;
}

Result<config::Credentials> LoginCommand::Gather(const std::string& stored_name,
                                                 Terminal& terminal) const {
  if (password_stdin_ || identity_token_stdin_) return ReadInput(terminal);
  const bool complete = password_ && !username_.empty();
  if (!complete && !terminal.in_is_terminal()) {
    if (password_) return Fail(ErrorCode::kUsage, "--password needs --username");
    return NoPassword();
  }
  return Ask(stored_name, terminal);
}

Status LoginCommand::Store(Session& session, const client::Target& target,
                           const config::Credentials& credentials, Terminal& terminal) const {
  PORTOLAN_TRY(const auto written, session.RunBlocking([&] {
    return session.credentials().Save(target.registry, target.repository, credentials,
                                      compat_auth_file_);
  }));
  PORTOLAN_CHECK(terminal.Write("Login Succeeded!\n"));
  if (verbose_) PORTOLAN_CHECK(terminal.Write(fmt::format("Used: {}\n", written.place)));
  return terminal.Flush();
}

Status LoginCommand::LogIn(Session& session, const client::Target& target,
                           Terminal& terminal) const {
  if (password_) {
    session.log().Warn(
        "every process of this machine can see a password on the command line; "
        "--password-stdin keeps it to yourself");
  }
  config::Credentials stored;
  if (username_.empty() && !identity_token_stdin_) {
    PORTOLAN_TRY(stored, Stored(session, target));
  }
  if (!stored.empty() && !password_) {
    PORTOLAN_TRY(const bool good, AreStillGood(session, target, stored, terminal));
    if (good) return terminal.Flush();
  }
  PORTOLAN_TRY(const config::Credentials credentials, Gather(stored.username, terminal));
  PORTOLAN_CHECK(session.Run(session.registries().CheckLogin(target.registry, credentials)));
  return Store(session, target, credentials, terminal);
}

Status LoginCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_CHECK(CheckFlags());
  PORTOLAN_TRY(const client::Target target, ParseHostTarget(host_));
  RegistryFlags flags;
  // What is in the docker-format file is what counts there: also for the user name that is offered.
  flags.authfile = compat_auth_file_ ? compat_auth_file_ : authfile_;
  flags.cert_dir = cert_dir_;
  flags.tls_verify = tls_verify_;
  // A token from yesterday's password would say nothing about today's.
  flags.no_token_cache = true;
  PORTOLAN_TRY(const auto session, Session::Open(world, global, flags));
  if (get_login_) return PrintLogin(*session, target, world.terminal);
  return LogIn(*session, target, world.terminal);
}

}  // namespace

std::unique_ptr<Command> NewLoginCommand() { return std::make_unique<LoginCommand>(); }

}  // namespace portolan::cli
