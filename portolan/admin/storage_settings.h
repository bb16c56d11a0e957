// What the commands that open a storage folder share.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "portolan/cli/command.h"
#include "portolan/settings/settings.h"
#include "portolan/store/storage.h"

namespace portolan::admin {

/// The store's options as the settings say.
store::StorageOptions StorageOptionsOf(const settings::ServerSettings& settings);

/// `--config` and `--root`, as every command of this room has them.
struct StorageFlags {
  std::optional<std::string> config;
  std::map<std::string, std::string> given;  ///< setting → text, as LoadSettings takes them
};

/// Declares `--config`, `--root` and `--set KEY=VALUE`.
void DeclareStorageFlags(CLI::App& app, StorageFlags& flags);
/// The settings with these flags. Errors of LoadSettings; kUsage for a `--set` without `=`.
Result<settings::ServerSettings> SettingsOf(const StorageFlags& flags, const cli::World& world);

}  // namespace portolan::admin
