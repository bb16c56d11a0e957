// portolan user password: gives an account another password.
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/account_command.h"
#include "portolan/admin/commands.h"
#include "portolan/base/log.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/user_password.md.inc"
    ;

class UserPasswordCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user password"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
    app.add_flag("--password-stdin", password_stdin_, "take the password from standard input");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const auto account, accounts.store->FindAccount(name_));
    if (account && account->robot) {
      return Fail(ErrorCode::kUsage, fmt::format("{} is a robot, which has no password", name_),
                  "portolan token create gives it an API key");
    }
    std::string hash;
    if (account) {
      PORTOLAN_TRY(hash, NewPasswordHash(world, password_stdin_));
    }
    PORTOLAN_CHECK(accounts.store->SetPassword(name_, hash));
    PORTOLAN_CHECK(Audit(accounts, world, "user.password", name_));
    world.terminal.WriteError(fmt::format(
        "{} has a new password; tokens issued before are void, API keys stay", Printable(name_)));
    return {};
  }

 private:
  StorageFlags flags_;
  std::string name_;
  bool password_stdin_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserPasswordCommand() {
  return std::make_unique<UserPasswordCommand>();
}

}  // namespace portolan::admin
