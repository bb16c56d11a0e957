#include "portolan/admin/storage_settings.h"

#include <string_view>

#include <CLI/CLI.hpp>

namespace portolan::admin {

store::StorageOptions StorageOptionsOf(const settings::ServerSettings& settings) {
  store::StorageOptions options;
  options.inline_blob_size = settings.storage.inline_blob_size;
  options.manifest_cache = settings.storage.manifest_cache;
  options.lease = settings.gc.lease;
  options.tag_history = settings.storage.tag_history;
  options.upload_expiry = settings.storage.upload_expiry;
  options.untagged_after = settings.gc.untagged_after;
  return options;
}

void DeclareStorageFlags(CLI::App& app, StorageFlags& flags) {
  app.add_option("--config", flags.config, "settings file (YAML)")->type_name("FILE");
  app.add_option_function<std::string>(
         "--root", [&flags](const std::string& text) { flags.given["root"] = text; },
         "storage folder")
      ->type_name("FOLDER");
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [&flags](const std::vector<std::string>& pairs) {
           for (const std::string& pair : pairs) {
             const std::size_t equals = pair.find('=');
             if (equals == std::string::npos) {
               throw CLI::ValidationError("--set", pair + " is not KEY=VALUE");
             }
             flags.given[pair.substr(0, equals)] = pair.substr(equals + 1);
           }
         },
         "any setting; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Result<settings::ServerSettings> SettingsOf(const StorageFlags& flags, const cli::World& world) {
  return settings::LoadSettings(flags.config, world.environment, flags.given, world.files);
}

}  // namespace portolan::admin
