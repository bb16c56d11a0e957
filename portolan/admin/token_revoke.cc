// portolan token revoke: revokes an API key.
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
#include "portolan/admin/manual/token_revoke.md.inc"
    ;

class TokenRevokeCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "token revoke"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("ID", id_, "the key's number, as token list shows it")->required();
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const store::ApiKeyRow key, accounts.store->RevokeKey(id_));
    PORTOLAN_CHECK(
        Audit(accounts, world, "key.revoke", fmt::format("{} of {}", key.id, key.account)));
    world.terminal.WriteError(
        fmt::format("API key {} of {} was revoked", key.id, Printable(key.account)));
    return {};
  }

 private:
  StorageFlags flags_;
  std::int64_t id_ = 0;
};

}  // namespace

std::unique_ptr<cli::Command> NewTokenRevokeCommand() {
  return std::make_unique<TokenRevokeCommand>();
}

}  // namespace portolan::admin
