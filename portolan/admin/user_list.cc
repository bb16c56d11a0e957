// portolan user list: lists the accounts.
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
#include "portolan/admin/manual/user_list.md.inc"
    ;

std::string Table(const std::vector<store::AccountRow>& rows) {
  std::string out = fmt::format("{:<24}  {:<5}  {:<8}  {:>4}  {:<16}  {}\n", "NAME", "KIND",
                                "STATE", "KEYS", "MADE", "PASSWORD");
  for (const store::AccountRow& row : rows) {
    out += fmt::format("{:<24}  {:<5}  {:<8}  {:>4}  {:<16}  {}\n", Printable(row.name),
                       row.robot ? "robot" : "user", row.disabled ? "disabled" : "active", row.keys,
                       MinuteOf(row.created), row.password_hash.empty() ? "no" : "yes");
  }
  return out;
}

std::string Json(const std::vector<store::AccountRow>& rows) {
  std::string out = "[";
  for (const store::AccountRow& row : rows) {
    out += fmt::format(R"({}{{"name":{},"kind":"{}","created":{},"disabled":{},"password":{},)"
                       R"("keys":{}}})",
                       out.size() == 1 ? "\n  " : ",\n  ", cli::JsonString(row.name),
                       row.robot ? "robot" : "user", JsonTime(row.created), JsonTime(row.disabled),
                       !row.password_hash.empty(), row.keys);
  }
  return out + (rows.empty() ? "]\n" : "\n]\n");
}

class UserListCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "user list"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_option("-o,--output", output_, "how to print")
        ->check(CLI::IsMember({"table", "json"}))
        ->type_name("table|json");
  }
  bool json_errors() const override { return output_ == "json"; }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const OpenAccounts accounts, OpenAccountsOf(flags_, world, false));
    PORTOLAN_TRY(const auto rows, accounts.store->ListAccounts());
    PORTOLAN_CHECK(world.terminal.Write(output_ == "json" ? Json(rows) : Table(rows)));
    return world.terminal.Flush();
  }

 private:
  StorageFlags flags_;
  std::string output_ = "table";
};

}  // namespace

std::unique_ptr<cli::Command> NewUserListCommand() { return std::make_unique<UserListCommand>(); }

}  // namespace portolan::admin
