// What the commands about accounts and API keys share.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "portolan/admin/storage_settings.h"
#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/cli/command.h"
#include "portolan/store/account_store.h"

namespace portolan::admin {

/// A folder's accounts, opened by a command. A server may be running.
struct OpenAccounts {
  settings::ServerSettings settings;
  std::unique_ptr<store::AccountStore> store;
};

/// Notes in the audit log, if there is one, what this machine's user has done.
Status Audit(const OpenAccounts& accounts, const cli::World& world, std::string_view event,
             std::string_view subject);

/// `make`: where there are none, the file is made, with the folder, and a server is said to need a
/// start to notice; else that is kNameUnknown.
Result<OpenAccounts> OpenAccountsOf(const StorageFlags& flags, const cli::World& world, bool make);

/// A new password, as a bcrypt hash: from standard input (one line end is not part of it), else
/// asked for twice. kUsage where nobody can be asked, for one that bcrypt cannot take, and for one
/// that looks like an API key.
Result<std::string> NewPasswordHash(const cli::World& world, bool from_input);

/// `2026-11-25 08:00`, UTC; `–` for nothing.
std::string MinuteOf(std::optional<store::Millis> millis);
/// `"2026-11-25T08:00:00.000Z"` or `null`, as JSON.
std::string JsonTime(std::optional<store::Millis> millis);

}  // namespace portolan::admin
