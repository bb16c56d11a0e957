// portolan token list: lists API keys.
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/account_command.h"
#include "portolan/admin/commands.h"
#include "portolan/base/log.h"
#include "portolan/cli/pretty_json.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/token_list.md.inc"
    ;

std::string_view StateOf(const store::ApiKeyRow& row, store::Millis now) {
  if (row.revoked) return "revoked";
  return row.expires && *row.expires <= now ? "expired" : "active";
}

std::string Table(const std::vector<store::ApiKeyRow>& rows, store::Millis now) {
  std::string out = fmt::format("{:>5}  {:<24}  {:<7}  {:<16}  {:<16}  {:<16}  {}\n", "ID",
                                "ACCOUNT", "STATE", "MADE", "EXPIRES", "USED", "NAME");
  for (const store::ApiKeyRow& row : rows) {
    out += fmt::format("{:>5}  {:<24}  {:<7}  {:<16}  {:<16}  {:<16}  {}\n", row.id,
                       Printable(row.account), StateOf(row, now), MinuteOf(row.created),
                       MinuteOf(row.expires), MinuteOf(row.used), Printable(row.name));
  }
  return out;
}

std::string Json(const std::vector<store::ApiKeyRow>& rows, store::Millis now) {
  std::string out = "[";
  for (const store::ApiKeyRow& row : rows) {
    out += fmt::format(R"({}{{"id":{},"account":{},"name":{},"state":"{}","created":{},)"
                       R"("expires":{},"revoked":{},"used":{}}})",
                       out.size() == 1 ? "\n  " : ",\n  ", row.id, cli::JsonString(row.account),
                       cli::JsonString(row.name), StateOf(row, now), JsonTime(row.created),
                       JsonTime(row.expires), JsonTime(row.revoked), JsonTime(row.used));
  }
  return out + (rows.empty() ? "]\n" : "\n]\n");
}

class TokenListCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "token list"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("ACCOUNT", account_, "of this account only");
    app.add_option("-o,--output", output_, "how to print")
        ->check(CLI::IsMember({"table", "json"}))
        ->type_name("table|json");
  }
  bool json_errors() const override { return output_ == "json"; }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const auto rows, accounts.store->ListKeys(account_));
    const store::Millis now = store::ToMillis(world.clock.WallNow());
    PORTOLAN_CHECK(world.terminal.Write(output_ == "json" ? Json(rows, now) : Table(rows, now)));
    return world.terminal.Flush();
  }

 private:
  StorageFlags flags_;
  std::string account_;
  std::string output_ = "table";
};

}  // namespace

std::unique_ptr<cli::Command> NewTokenListCommand() { return std::make_unique<TokenListCommand>(); }

}  // namespace portolan::admin
