// portolan token create: makes an API key.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/account_command.h"
#include "portolan/admin/commands.h"
#include "portolan/auth/api_key.h"
#include "portolan/base/log.h"
#include "portolan/settings/value.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/token_create.md.inc"
    ;

class TokenCreateCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "token create"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("ACCOUNT", account_, "whose key it is")->required();
    app.add_option("--name", key_name_, "what the key is for")->type_name("NAME");
    app.add_option("--expires", expires_, "how long it counts; for ever if left out")
        ->type_name("90d");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const std::optional<store::Millis> end, End(world.clock.WallNow()));
    if (key_name_.size() > 128 || Printable(key_name_) != key_name_) {
      return Fail(ErrorCode::kUsage, "the key's name must be printable, of at most 128 bytes");
    }
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    const Secret key = auth::NewApiKeyText(world.random);
    PORTOLAN_TRY(const std::int64_t id, accounts.store->AddKey({.account = account_,
                                                                .name = key_name_,
                                                                .secret = oci::Sha256(key.Reveal()),
                                                                .expires = end}));
    PORTOLAN_CHECK(Audit(accounts, world, "key.create", fmt::format("{} of {}", id, account_)));
    world.terminal.WriteError(fmt::format("API key {} of {}, {}. It is shown only now:", id,
                                          account_,
                                          end ? "until " + MinuteOf(end) : "without an end"));
    PORTOLAN_CHECK(world.terminal.Write(key.Reveal() + "\n"));
    return world.terminal.Flush();
  }

 private:
  Result<std::optional<store::Millis>> End(Clock::WallTime now) const {
    if (!expires_) return std::optional<store::Millis>();
    std::chrono::seconds length{0};
    const settings::Expected expected =
        settings::SetDuration(length, *expires_, std::chrono::seconds(1));
    if (!expected.empty()) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("--expires is \"{}\": expected {}", Printable(*expires_), expected));
    }
    return std::optional(store::ToMillis(now + length));
  }

  StorageFlags flags_;
  std::string account_;
  std::string key_name_;
  std::optional<std::string> expires_;
};

}  // namespace

std::unique_ptr<cli::Command> NewTokenCreateCommand() {
  return std::make_unique<TokenCreateCommand>();
}

}  // namespace portolan::admin
