// The writing half of CredentialStore: login and logout.
#include <cstdint>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/config/auth_file.h"
#include "portolan/config/auth_places.h"
#include "portolan/config/credentials.h"
#include "portolan/config/helper.h"

namespace portolan::config {
namespace {

constexpr std::uint32_t kSecretMode = 0600;

// A file that is to be changed: its text and what it says.
struct OpenFile {
  std::string path;
  bool docker_format = false;
  std::string text;
  AuthFile content;

  static Result<OpenFile> Read(Files& files, std::string path, bool docker_format,
                               const Limits& limits) {
    auto text = files.Read(path, limits.config_file);
    if (!text && text.error().code != ErrorCode::kNameUnknown) return std::move(text).error();
    OpenFile file{
        .path = std::move(path), .docker_format = docker_format, .text = {}, .content = {}};
    if (text) file.text = *std::move(text);
    PORTOLAN_TRY(file.content, AuthFile::Parse(file.text, file.path));
    return file;
  }

  // The helper that holds the registry's secret for this file, and how the file names it. Helpers
  // know no namespaces.
  struct NamedHelper {
    std::string name;
    std::string named_by;
  };
  std::optional<NamedHelper> Helper(const oci::RegistryName& registry,
                                    const std::optional<oci::RepositoryName>& repository) const {
    if (repository) return std::nullopt;
    if (const auto* helper = content.HelperFor(registry)) {
      return NamedHelper{helper->second,
                         fmt::format("credHelpers[\"{}\"] of {}", Printable(helper->first), path)};
    }
    if (content.creds_store.empty()) return std::nullopt;
    return NamedHelper{content.creds_store, fmt::format("credsStore of {}", path)};
  }
};

struct Target {
  const oci::RegistryName& registry;
  const std::optional<oci::RepositoryName>& repository;

  // As users write it.
  std::string Name() const { return KeyToWrite(registry, repository, /*docker_format=*/false); }
};

constexpr std::string_view kRegistriesConf = "credential-helpers of registries.conf";

std::string HelperPlace(const CredentialHelper& helper, std::string_view named_by) {
  return fmt::format("helper {} ({})", Printable(helper.Program()), named_by);
}

Status CheckSavable(const Credentials& credentials) {
  if (credentials.empty()) return Fail(ErrorCode::kUsage, "there are no credentials to store");
  if (credentials.username.contains(':')) {
    return Fail(ErrorCode::kUsage, "a user name cannot contain a colon");
  }
  return {};
}

Result<std::string> SaveInHelper(HelperRunner& runner, const OpenFile::NamedHelper& named,
                                 const Target& target, const Credentials& credentials) {
  CredentialHelper helper(runner, named.name);
  if (target.repository) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} cannot hold credentials of one repository", helper.Program()),
                "log in to the registry, or put containers-auth.json into credential-helpers");
  }
  PORTOLAN_CHECK(helper.Store(target.registry, credentials));
  return HelperPlace(helper, named.named_by);
}

// In the file, or in the helper that the file names; then the file is left with docker's mark.
Result<std::string> SaveInFile(Files& files, HelperRunner& runner, const OpenFile& file,
                               const Target& target, const Credentials& credentials) {
  std::string place = file.path;
  const auto named = file.Helper(target.registry, target.repository);
  if (named) {
    PORTOLAN_TRY(place, SaveInHelper(runner, *named, target, credentials));
  }
  const std::string key = KeyToWrite(target.registry, target.repository, file.docker_format);
  // An entry under the registry's plain name would be found before docker's key for it.
  const std::string shadowing = target.repository ? key : target.registry.text();
  PORTOLAN_TRY(const std::string text,
               WithEntry(file.text, file.path, key, named ? nullptr : &credentials, shadowing));
  PORTOLAN_CHECK(files.Replace(file.path, text, kSecretMode));
  return place;
}

// Removes the entry from the file and from the helper that it names. Adds to `places` where there
// was one.
Status EraseFromFile(Files& files, HelperRunner& runner, const OpenFile& file, const Target& target,
                     std::vector<std::string>& places) {
  if (const auto named = file.Helper(target.registry, target.repository)) {
    CredentialHelper helper(runner, named->name);
    PORTOLAN_TRY(const bool erased, helper.Erase(target.registry));
    if (erased) places.push_back(HelperPlace(helper, named->named_by));
  }
  const std::string own_key = KeyToWrite(target.registry, target.repository, file.docker_format);
  std::vector<std::string> keys;
  bool held = false;
  for (const AuthEntry& entry : file.content.auths) {
    const bool same = !target.repository && KeyMeansRegistry(entry.key, target.registry);
    if (entry.key != own_key && !same) continue;
    keys.push_back(entry.key);
    held = held || !entry.empty();
  }
  if (held) places.push_back(file.path);
  if (keys.empty()) return {};
  PORTOLAN_TRY(const std::string text, WithoutEntries(file.text, file.path, keys));
  return files.Replace(file.path, text, kSecretMode);
}

// Empties the helpers that the file names of the registries that it names. The number of entries
// that were there.
Result<int> EraseHelpersOf(HelperRunner& runner, const OpenFile& file) {
  std::set<oci::RegistryName> registries;
  const auto add = [&](std::string_view key) {
    if (auto registry = RegistryOfKey(key)) registries.insert(*std::move(registry));
  };
  for (const auto& [key, helper] : file.content.cred_helpers) add(key);
  if (!file.content.creds_store.empty()) {
    for (const AuthEntry& entry : file.content.auths) add(entry.key);
  }
  int erased = 0;
  for (const oci::RegistryName& registry : registries) {
    const auto named = file.Helper(registry, std::nullopt);
    if (!named) continue;
    PORTOLAN_TRY(const bool held, CredentialHelper(runner, named->name).Erase(registry));
    if (held) ++erased;
  }
  return erased;
}

// The file that the command line or the environment names; nothing if neither does.
struct WriteTarget {
  std::string path;
  bool docker_format = false;
};
std::optional<WriteTarget> NamedTarget(const Environment& environment,
                                       const CredentialOptions& options,
                                       const std::optional<std::string>& compat_file) {
  if (compat_file) return WriteTarget{.path = *compat_file, .docker_format = true};
  if (auto file = ExclusiveAuthFile(environment, options)) {
    return WriteTarget{.path = *std::move(file)};
  }
  return std::nullopt;
}

Error NothingToErase(const Target& target, const Result<CredentialLookup>& left) {
  std::string hint;
  if (left && !left->source.empty()) {
    hint = fmt::format("credentials that apply to it are still in {}", left->source);
  }
  return Fail(ErrorCode::kNameUnknown, fmt::format("not logged in to {}", target.Name()),
              std::move(hint));
}

}  // namespace

Result<CredentialStore::Written> CredentialStore::Save(
    const oci::RegistryName& registry, const std::optional<oci::RepositoryName>& repository,
    const Credentials& credentials, const std::optional<std::string>& compat_file) {
  PORTOLAN_CHECK(CheckSavable(credentials));
  const Target target{.registry = registry, .repository = repository};
  const auto save_in_file = [&](std::string path, bool docker_format) -> Result<Written> {
    PORTOLAN_TRY(const auto file, OpenFile::Read(files_, std::move(path), docker_format, limits_));
    PORTOLAN_TRY(auto place, SaveInFile(files_, runner_, file, target, credentials));
    return Written{.place = std::move(place)};
  };
  if (const auto named = NamedTarget(environment_, options_, compat_file)) {
    return save_in_file(named->path, named->docker_format);
  }
  Result<Written> last = Fail(ErrorCode::kInternal, "there are no credential helpers");
  for (const std::string& helper : HelpersOf(options_)) {
    if (helper == kAuthFilesHelper) {
      last = save_in_file(DefaultAuthTarget(files_, environment_), /*docker_format=*/false);
    } else {
      auto place =
          SaveInHelper(runner_, {helper, std::string(kRegistriesConf)}, target, credentials);
      last = place ? Result<Written>(Written{.place = *std::move(place)})
                   : Result<Written>(std::move(place).error());
    }
    if (last || last.error().code == ErrorCode::kCancelled) return last;
  }
  return last;
}

Result<CredentialStore::Written> CredentialStore::Erase(
    const oci::RegistryName& registry, const std::optional<oci::RepositoryName>& repository,
    const std::optional<std::string>& compat_file) {
  const Target target{.registry = registry, .repository = repository};
  std::vector<std::string> places;
  const auto erase_from_file = [&](std::string path, bool docker_format) -> Status {
    PORTOLAN_TRY(const auto file, OpenFile::Read(files_, std::move(path), docker_format, limits_));
    return EraseFromFile(files_, runner_, file, target, places);
  };
  if (const auto named = NamedTarget(environment_, options_, compat_file)) {
    PORTOLAN_CHECK(erase_from_file(named->path, named->docker_format));
  } else {
    for (const std::string& name : HelpersOf(options_)) {
      if (name == kAuthFilesHelper) {
        PORTOLAN_CHECK(erase_from_file(DefaultAuthTarget(files_, environment_), false));
      } else if (!repository) {
        CredentialHelper helper(runner_, name);
        PORTOLAN_TRY(const bool erased, helper.Erase(registry));
        if (erased) places.push_back(HelperPlace(helper, kRegistriesConf));
      }
    }
  }
  if (places.empty()) return NothingToErase(target, Find(registry, repository));
  return Written{.place = fmt::format("{}", fmt::join(places, ", "))};
}

Result<int> CredentialStore::EraseAll(const std::optional<std::string>& compat_file) {
  auto named = NamedTarget(environment_, options_, compat_file);
  if (!named) named = WriteTarget{.path = DefaultAuthTarget(files_, environment_)};
  PORTOLAN_TRY(const auto file, OpenFile::Read(files_, named->path, named->docker_format, limits_));
  PORTOLAN_TRY(int removed, EraseHelpersOf(runner_, file));
  std::vector<std::string> keys;
  for (const AuthEntry& entry : file.content.auths) {
    keys.push_back(entry.key);
    if (!entry.empty()) ++removed;
  }
  if (keys.empty()) return removed;
  PORTOLAN_TRY(const std::string text, WithoutEntries(file.text, file.path, keys));
  PORTOLAN_CHECK(files_.Replace(file.path, text, kSecretMode));
  return removed;
}

}  // namespace portolan::config
