// portolan user remove: removes an account.
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
#include "portolan/admin/manual/user_remove.md.inc"
    ;

class UserRemoveCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user remove"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_CHECK(accounts.store->RemoveAccount(name_));
    PORTOLAN_CHECK(Audit(accounts, world, "user.remove", name_));
    world.terminal.WriteError(
        fmt::format("{} was removed, and all that was issued to it is void", Printable(name_)));
    return {};
  }

 private:
  StorageFlags flags_;
  std::string name_;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserRemoveCommand() {
  return std::make_unique<UserRemoveCommand>();
}

}  // namespace portolan::admin
