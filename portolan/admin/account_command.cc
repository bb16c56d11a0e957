#include "portolan/admin/account_command.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/admin/process_parts.h"
#include "portolan/auth/api_key.h"
#include "portolan/auth/bcrypt.h"
#include "portolan/base/files.h"
#include "portolan/server/timestamp.h"
#include "portolan/store/storage_folder.h"

namespace portolan::admin {
namespace {

constexpr std::size_t kMaxInput = 4096;

bool HaveAccounts(const std::string& root, Files& files) {
  const Result<std::vector<std::string>> names = files.List(root);
  return names && std::ranges::find(*names, "accounts.db") != names->end();
}

Result<Secret> PasswordFromInput(cli::Terminal& terminal) {
  PORTOLAN_TRY(std::string text, terminal.ReadAllInput(kMaxInput));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return Secret(std::move(text));
}

Result<Secret> AskTwice(cli::Terminal& terminal) {
  if (!terminal.in_is_terminal()) {
    return Fail(ErrorCode::kUsage, "no password was given, and there is no terminal to ask on",
                "use --password-stdin");
  }
  PORTOLAN_TRY(Secret password, terminal.ReadSecret("Password: "));
  PORTOLAN_TRY(const Secret again, terminal.ReadSecret("The same again: "));
  if (!(password == again)) return Fail(ErrorCode::kUsage, "the two passwords differ");
  return password;
}

}  // namespace

Result<OpenAccounts> OpenAccountsOf(const StorageFlags& flags, const cli::World& world, bool make) {
  OpenAccounts opened;
  PORTOLAN_TRY(opened.settings, SettingsOf(flags, world));
  const std::string& root = opened.settings.root;
  const bool have = HaveAccounts(root, world.files);
  if (!have && !make) {
    return Fail(ErrorCode::kNameUnknown, fmt::format("there are no accounts in {}", root),
                "portolan user add makes the first one; --root names another folder");
  }
  PORTOLAN_CHECK(store::StorageFolder::Prepare(root));
  PORTOLAN_TRY(opened.store,
               store::AccountStore::Open(store::AccountStore::PathIn(root), world.clock));
  if (!have) {
    world.terminal.WriteError(fmt::format(
        "the first account in {}: a server that is running there asks for names when it is "
        "started again",
        root));
  }
  return opened;
}

Result<std::string> NewPasswordHash(const cli::World& world, bool from_input) {
  PORTOLAN_TRY(const Secret password,
               from_input ? PasswordFromInput(world.terminal) : AskTwice(world.terminal));
  if (auth::IsApiKeyText(password.Reveal())) {
    return Fail(ErrorCode::kUsage, "the password looks like an API key and would be taken for one",
                "portolan token create makes API keys");
  }
  return auth::BcryptHash(password, world.random);
}

Status Audit(const OpenAccounts& accounts, const cli::World& world, std::string_view event,
             std::string_view subject) {
  PORTOLAN_TRY(const auto log, AuditLogOf(accounts.settings, world.clock));
  if (!log) return {};
  const Environment& environment = world.environment;
  std::string who = fmt::format("uid {}", environment.uid);
  if (const auto user = environment.Get("USER")) who += fmt::format(" ({})", *user);
  if (const auto user = environment.Get("SUDO_USER")) who += fmt::format(", sudo by {}", *user);
  log->Write({.event = event,
              .outcome = "done",
              .who = who,
              .peer = {},
              .repository = {},
              .subject = subject,
              .reason = {}});
  return {};
}

std::string MinuteOf(std::optional<store::Millis> millis) {
  if (!millis) return "–";
  std::string text = server::Timestamp(*millis).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string JsonTime(std::optional<store::Millis> millis) {
  return millis ? fmt::format("\"{}\"", server::Timestamp(*millis)) : "null";
}

}  // namespace portolan::admin
