// portolan logout: forgets credentials.
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/cli/command.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/logout.md.inc"
    ;

class LogoutCommand final : public Command {
 public:
  std::string_view name() const override { return "logout"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;

 private:
  Status LogOut(Session& session, Terminal& terminal) const;
  Status LogOutEverywhere(Session& session, Terminal& terminal) const;

  std::optional<std::string> host_;
  bool all_ = false;
  std::optional<std::string> authfile_;
  std::optional<std::string> compat_auth_file_;
  std::optional<bool> tls_verify_;  // without effect: nothing is sent
};

void LogoutCommand::Declare(CLI::App& app) {
  app.add_option("HOST", host_, "registry, or a namespace or repository of it (docker.io)");
  app.add_flag("-a,--all", all_, "remove every entry of the file");
  app.add_option("--authfile", authfile_, "credentials file to change")->type_name("FILE");
  app.add_option("--compat-auth-file", compat_auth_file_, "docker-format file to change instead")
      ->type_name("FILE");
  DeclareTlsVerify(app, tls_verify_);
}

Status LogoutCommand::LogOut(Session& session, Terminal& terminal) const {
  PORTOLAN_TRY(const client::Target target, ParseHostTarget(host_.value_or("docker.io")));
  const auto written = session.RunBlocking([&] {
    return session.credentials().Erase(target.registry, target.repository, compat_auth_file_);
  });
  if (!written) {
    Error error = written.error();
    if (error.code == ErrorCode::kNameUnknown && error.hint.empty()) {
      error.hint = fmt::format("portolan auth explain {} shows where credentials are looked for",
                               target.Name());
    }
    return error;
  }
  return terminal.Write(fmt::format("Removed login credentials for {}\n", target.Name()));
}

Status LogoutCommand::LogOutEverywhere(Session& session, Terminal& terminal) const {
  PORTOLAN_CHECK(
      session.RunBlocking([&] { return session.credentials().EraseAll(compat_auth_file_); }));
  return terminal.Write("Remove login credentials for all registries\n");
}

Status LogoutCommand::Run(const World& world, const GlobalFlags& global) {
  if (authfile_ && compat_auth_file_) {
    return Fail(ErrorCode::kUsage, "--authfile and --compat-auth-file exclude each other");
  }
  if (all_ && host_) return Fail(ErrorCode::kUsage, "--all takes no registry");
  RegistryFlags flags;
  flags.authfile = compat_auth_file_ ? compat_auth_file_ : authfile_;
  PORTOLAN_TRY(const auto session, Session::Open(world, global, flags));
  PORTOLAN_CHECK(all_ ? LogOutEverywhere(*session, world.terminal)
                      : LogOut(*session, world.terminal));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewLogoutCommand() { return std::make_unique<LogoutCommand>(); }

}  // namespace portolan::cli
