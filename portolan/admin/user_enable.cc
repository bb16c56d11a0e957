// portolan user enable: lets a disabled account in again.
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
#include "portolan/admin/manual/user_enable.md.inc"
    ;

class UserEnableCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user enable"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("NAME", name_, "the account's name")->required();
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const bool changed, accounts.store->SetDisabled(name_, false));
    if (changed) {
      PORTOLAN_CHECK(Audit(accounts, world, "user.enable", name_));
    }
    world.terminal.WriteError(
        fmt::format("{} {}", Printable(name_), changed ? "was enabled" : "was enabled before"));
    return {};
  }

 private:
  StorageFlags flags_;
  std::string name_;
};

}  // namespace

std::unique_ptr<cli::Command> NewUserEnableCommand() {
  return std::make_unique<UserEnableCommand>();
}

}  // namespace portolan::admin
