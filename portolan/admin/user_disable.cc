// portolan user disable: keeps an account from doing anything.
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
#include "portolan/admin/manual/user_disable.md.inc"
    ;

class UserDisableCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user disable"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const bool changed, accounts.store->SetDisabled(name_, true));
    if (changed) {
      PORTOLAN_CHECK(Audit(accounts, world, "user.disable", name_));
    }
    world.terminal.WriteError(
        fmt::format("{} {}", Printable(name_), changed ? "was disabled" : "was disabled before"));
    return {};
  }

 private:
  StorageFlags flags_;
  std::string name_;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserDisableCommand() {
  return std::make_unique<UserDisableCommand>();
}

}  // namespace portolan::admin
