// portolan user add: makes an account.
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/account_command.h"
#include "portolan/admin/commands.h"
#include "portolan/auth/user_name.h"
#include "portolan/base/log.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/user_add.md.inc"
    ;

class UserAddCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user add"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
    app.add_flag("--robot", robot_, "an account for programs: API keys only, no password");
    app.add_flag("--password-stdin", password_stdin_, "take the password from standard input");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    if (robot_ && password_stdin_) {
      return Fail(ErrorCode::kUsage, "a robot has no password",
                  "portolan token create gives it an API key");
    }
    if (const auto fault = auth::NewUserNameFault(name_); !fault.empty()) {
      return Fail(ErrorCode::kUsage, fmt::format("the name \"{}\" {}", Printable(name_), fault));
    }
    store::NewAccount account{.name = name_, .robot = robot_, .password_hash = {}};
    PORTOLAN_TRY(const bool taken, IsTaken(world));
    if (!robot_ && !taken) {  // asked for only if it is of use
      PORTOLAN_TRY(account.password_hash, NewPasswordHash(world, password_stdin_));
    }
    // Made when nothing more can go wrong: a server that finds accounts asks for names.
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, true));
    PORTOLAN_CHECK(accounts.store->AddAccount(account));
    PORTOLAN_CHECK(Audit(accounts, world, robot_ ? "robot.add" : "user.add", name_));
    world.terminal.WriteError(fmt::format("{} {} was made", robot_ ? "robot" : "user", name_));
    if (robot_) world.terminal.WriteError(fmt::format("next: portolan token create {}", name_));
    return {};
  }

 private:
  Result<bool> IsTaken(const cli::World& world) const {
    const Result<OpenAccounts> accounts = OpenAccountsOf(flags_, world, false);
    if (!accounts && accounts.error().code == ErrorCode::kNameUnknown) return false;
    if (!accounts) return accounts.error();
    PORTOLAN_TRY(const auto account, accounts->store->FindAccount(name_));
    return account.has_value();
  }

  StorageFlags flags_;
  std::string name_;
  bool robot_ = false;
  bool password_stdin_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserAddCommand() { return std::make_unique<UserAddCommand>(); }

}  // namespace portolan::admin
