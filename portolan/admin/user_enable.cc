// portolan user enable and disable: lets an account in, or keeps it from doing anything.
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/account_command.h"
#include "portolan/admin/commands.h"
#include "portolan/base/log.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kEnableManual =
#include "portolan/admin/manual/user_enable.md.inc"
    ;
constexpr std::string_view kDisableManual =
#include "portolan/admin/manual/user_disable.md.inc"
    ;

class UserSwitchCommand final : public cli::Command {
 public:
  explicit UserSwitchCommand(bool enables) : enables_(enables) {}
  std::string_view name() const override { return enables_ ? "user enable" : "user disable"; }
  std::string_view manual() const override { return enables_ ? kEnableManual : kDisableManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const bool changed, accounts.store->SetDisabled(name_, !enables_));
    if (changed) {
      PORTOLAN_CHECK(Audit(accounts, world, enables_ ? "user.enable" : "user.disable", name_));
    }
    world.terminal.WriteError(fmt::format("{} was {}{}", Printable(name_),
                                          enables_ ? "enabled" : "disabled",
                                          changed ? "" : " before"));
    return {};
  }

 private:
  const bool enables_;
  StorageFlags flags_;
  std::string name_;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserEnableCommand() {
  return std::make_unique<UserSwitchCommand>(true);
}
std::unique_ptr<cli::Command> NewUserDisableCommand() {
  return std::make_unique<UserSwitchCommand>(false);
}

}  // namespace portolan::admin
