#include "portolan/config/auth_file.h"

#include <array>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/config/json_text.h"

namespace portolan::config {
namespace {

namespace json = boost::json;

constexpr std::string_view kHub = "docker.io";
constexpr std::string_view kHubIndex = "index.docker.io";
constexpr std::string_view kHubServer = "https://index.docker.io/v1/";

Error WrongType(std::string_view place, std::string_view member, std::string_view expected) {
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("{}: {} must be {}", place, Printable(member), expected));
}

// The member, or null if it is absent or JSON's null, which Go programs write for an empty map.
Result<const json::object*> ObjectMember(const json::object& object, std::string_view name,
                                         std::string_view place) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || member->is_null()) return nullptr;
  if (!member->is_object()) return WrongType(place, name, "an object");
  return &member->get_object();
}

Result<std::string> StringMember(const json::object& object, std::string_view name,
                                 std::string_view place) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || member->is_null()) return std::string();
  if (!member->is_string()) return WrongType(place, name, "a string");
  return std::string(member->get_string());
}

Result<AuthEntry> ParseEntry(std::string_view key, const json::value& value,
                             std::string_view place) {
  AuthEntry entry;
  entry.key = key;
  if (value.is_null()) return entry;
  const std::string where = fmt::format("auths[\"{}\"]", Printable(key));
  if (!value.is_object()) return WrongType(place, where, "an object");
  const json::object& object = value.get_object();
  const std::string inside = fmt::format("{}: {}", place, where);
  PORTOLAN_TRY(entry.username, StringMember(object, "username", inside));
  PORTOLAN_TRY(auto auth, StringMember(object, "auth", inside));
  PORTOLAN_TRY(auto password, StringMember(object, "password", inside));
  PORTOLAN_TRY(auto identity_token, StringMember(object, "identitytoken", inside));
  PORTOLAN_TRY(auto registry_token, StringMember(object, "registrytoken", inside));
  entry.auth = Secret(std::move(auth));
  entry.password = Secret(std::move(password));
  entry.identity_token = Secret(std::move(identity_token));
  entry.registry_token = Secret(std::move(registry_token));
  return entry;
}

Status ParseEntries(const json::object& auths, std::string_view place, AuthFile& file) {
  file.auths.reserve(auths.size());
  for (const auto& [key, value] : auths) {
    PORTOLAN_TRY(auto entry, ParseEntry(key, value, place));
    file.auths.push_back(std::move(entry));
  }
  return {};
}

// Docker wrote URLs of the version-1 protocol as keys; only those, and the keys of .dockercfg, lose
// their path: dropping it from `quay.io/team` would show one team's secret to every namespace.
std::string NormalKey(std::string_view key, AuthFile::Format format) {
  bool url = format == AuthFile::Format::kLegacy;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    url = true;
    break;
  }
  if (url) key = key.substr(0, key.find('/'));
  std::string normal = AsciiLower(key);
  if (normal == kHub || normal == "registry-1.docker.io") normal = kHubIndex;
  return normal;
}

std::string NormalRegistry(const oci::RegistryName& registry) {
  return NormalKey(registry.text(), AuthFile::Format::kCurrent);
}

json::object EntryJson(const Credentials& credentials) {
  json::object entry;
  if (!credentials.registry_token.empty()) {
    entry["registrytoken"] = credentials.registry_token.Reveal();
  } else if (!credentials.identity_token.empty()) {
    // An empty user name would make podman skip the entry; the zero UUID is what Azure's tools
    // write.
    const std::string user = credentials.username.empty() ? "00000000-0000-0000-0000-000000000000"
                                                          : credentials.username;
    entry["auth"] = Base64Encode(user + ":");
    entry["identitytoken"] = credentials.identity_token.Reveal();
  } else {
    entry["auth"] = Base64Encode(credentials.username + ":" + credentials.password.Reveal());
  }
  return entry;
}

}  // namespace

Result<AuthFile> AuthFile::Parse(std::string_view text, std::string_view place, Format format) {
  PORTOLAN_TRY(const json::object root, ParseJsonObject(text, place));
  AuthFile file;
  file.format = format;
  if (format == Format::kLegacy) {
    PORTOLAN_CHECK(ParseEntries(root, place, file));
    return file;
  }
  PORTOLAN_TRY(const json::object* auths, ObjectMember(root, "auths", place));
  if (auths != nullptr) PORTOLAN_CHECK(ParseEntries(*auths, place, file));
  PORTOLAN_TRY(file.creds_store, StringMember(root, "credsStore", place));
  PORTOLAN_TRY(const json::object* helpers, ObjectMember(root, "credHelpers", place));
  if (helpers == nullptr) return file;
  for (const auto& [key, value] : *helpers) {
    if (!value.is_string()) {
      return WrongType(place, fmt::format("credHelpers[\"{}\"]", std::string_view(key)),
                       "a string");
    }
    if (value.get_string().empty()) continue;
    file.cred_helpers.emplace_back(key, value.get_string());
  }
  return file;
}

const AuthEntry* AuthFile::Match(const oci::RegistryName& registry,
                                 const std::optional<oci::RepositoryName>& repository) const {
  std::string name = registry.text();
  if (repository) name += "/" + repository->text();
  while (format == Format::kCurrent) {
    for (const AuthEntry& entry : auths) {
      if (entry.key == name && !entry.empty()) return &entry;
    }
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos) break;
    name.resize(slash);
  }
  const std::string wanted = NormalRegistry(registry);
  for (const AuthEntry& entry : auths) {
    if (!entry.empty() && NormalKey(entry.key, format) == wanted) return &entry;
  }
  return nullptr;
}

const std::pair<std::string, std::string>* AuthFile::HelperFor(
    const oci::RegistryName& registry) const {
  const bool hub = registry.text() == kHub;
  const std::array<std::string_view, 3> keys = {registry.text(), hub ? kHubIndex : "",
                                                hub ? kHubServer : ""};
  for (const std::string_view key : keys) {
    for (const auto& helper : cred_helpers) {
      if (!key.empty() && helper.first == key) return &helper;
    }
  }
  return nullptr;
}

Result<Credentials> DecodeEntry(const AuthEntry& entry, std::string_view place) {
  Credentials credentials;
  if (!entry.registry_token.empty()) {
    credentials.registry_token = entry.registry_token;
    return credentials;
  }
  if (!entry.identity_token.empty()) {
    credentials.identity_token = entry.identity_token;
    return credentials;
  }
  if (entry.auth.empty()) {
    credentials.username = entry.username;
    credentials.password = entry.password;
    return credentials;
  }
  auto decoded = Base64Decode(TrimSpace(entry.auth.Reveal()));
  const Secret plain(decoded ? *std::move(decoded) : std::string());
  const std::size_t colon = plain.Reveal().find(':');
  if (colon == std::string::npos) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("{}: auths[\"{}\"]: auth must be the base64 of user:password", place,
                            Printable(entry.key)),
                "log in again, or remove the entry");
  }
  credentials.username = plain.Reveal().substr(0, colon);
  std::string password = plain.Reveal().substr(colon + 1);
  // Old docker versions padded the password with NUL bytes.
  while (password.ends_with('\0')) password.pop_back();
  credentials.password = Secret(std::move(password));
  return credentials;
}

bool KeyMeansRegistry(std::string_view key, const oci::RegistryName& registry) {
  return NormalKey(key, AuthFile::Format::kCurrent) == NormalRegistry(registry);
}

std::optional<oci::RegistryName> RegistryOfKey(std::string_view key) {
  auto registry = oci::RegistryName::Parse(NormalKey(key, AuthFile::Format::kCurrent));
  if (!registry) return std::nullopt;
  return *std::move(registry);
}

std::string KeyToWrite(const oci::RegistryName& registry,
                       const std::optional<oci::RepositoryName>& repository, bool docker_format) {
  if (repository) return registry.text() + "/" + repository->text();
  if (docker_format && registry.text() == kHub) return std::string(kHubServer);
  return registry.text();
}

Result<std::string> WithEntry(std::string_view text, std::string_view place, const std::string& key,
                              const Credentials* credentials, const std::string& shadowing) {
  PORTOLAN_TRY(json::object root, ParseJsonObject(text, place));
  PORTOLAN_CHECK(ObjectMember(root, "auths", place));
  json::value& auths = root["auths"];
  if (!auths.is_object()) auths.emplace_object();
  if (shadowing != key) {
    json::object& entries = auths.get_object();
    if (const auto it = entries.find(shadowing); it != entries.end()) entries.stable_erase(it);
  }
  auths.get_object()[key] = credentials == nullptr ? json::object() : EntryJson(*credentials);
  return PrettyJson(root);
}

Result<std::string> WithoutEntries(std::string_view text, std::string_view place,
                                   const std::vector<std::string>& keys) {
  PORTOLAN_TRY(json::object root, ParseJsonObject(text, place));
  PORTOLAN_TRY(const json::object* present, ObjectMember(root, "auths", place));
  if (present == nullptr) return PrettyJson(root);
  // Built anew: erasing one by one moves all the others each time.
  const std::set<std::string_view> unwanted(keys.begin(), keys.end());
  json::object kept;
  for (const auto& [key, value] : *present) {
    if (!unwanted.contains(key)) kept[key] = value;
  }
  root["auths"] = std::move(kept);
  return PrettyJson(root);
}

}  // namespace portolan::config
