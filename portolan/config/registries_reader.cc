#include "portolan/config/registries_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::config {

/// The parser met a state that it had ruled out.
struct BrokenParser {};

/// Stands in for the parser's assertions: in a release build they would tell the optimizer that
/// text which breaks them cannot come, and `[!]` alone breaks the first one. Behind that one the
/// parser has a proper error with a line.
constexpr void CheckParser(bool holds, const char* condition) {
  if (holds) return;
  if (std::string_view(condition) == "is_bare_key_character(*cp) || is_string_delimiter(*cp)")
    return;
  throw BrokenParser();
}

}  // namespace portolan::config

// No other file of the program includes it. With NDEBUG it would ignore TOML_ASSERT.
#undef NDEBUG
#define TOML_ASSERT(condition) \
  ::portolan::config::CheckParser(static_cast<bool>(condition), #condition)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace portolan::config {
namespace {

// Dotted keys become tables in tables, which are destroyed by recursion, and the parser does not
// limit them.
constexpr std::ptrdiff_t kMaxDotsOfLine = 256;

constexpr std::string_view kVersionOneAdvice =
    "write unqualified-search-registries = […] instead of [registries.search], and a [[registry]] "
    "table with insecure = true "
    "or blocked = true instead of [registries.insecure] and [registries.block]";

Error Invalid(const std::string& path, toml::source_index line, std::string_view what,
              std::string_view hint = {}) {
  return Fail(ErrorCode::kConfigInvalid, fmt::format("{}:{}: {}", path, line, what),
              std::string(hint));
}

// The parser's tables of Unicode white space run into undefined behaviour for letters outside of
// strings. All that is read of the file is ASCII, so nothing else is shown to it: it sees `?`, and
// lines stay lines.
std::string AsciiOf(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string ascii(text);
  std::ranges::replace_if(ascii, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return ascii;
}

Status CheckDots(std::string_view text, const std::string& path) {
  toml::source_index line = 1;
  while (!text.empty()) {
    const std::string_view content = text.substr(0, text.find('\n'));
    if (std::ranges::count(content, '.') > kMaxDotsOfLine) {
      return Invalid(path, line, fmt::format("a line may have at most {} dots", kMaxDotsOfLine),
                     "break a long array into lines");
    }
    text.remove_prefix(std::min(content.size() + 1, text.size()));
    ++line;
  }
  return {};
}

}  // namespace

// One file being read.
class RegistriesConfReader::Pass {
 public:
  Pass(const std::string& path, RegistriesConf& conf) : path_(path), conf_(conf) {}

  Status Read(const toml::table& root) {
    PORTOLAN_CHECK(RefuseVersionOne(root));
    PORTOLAN_CHECK(ReadSearchRegistries(root));
    PORTOLAN_CHECK(ReadShortNameMode(root));
    if (root.contains("credential-helpers")) {
      PORTOLAN_TRY(conf_.credential_helpers_, Strings(root, "credential-helpers"));
    }
    PORTOLAN_CHECK(ReadAliases(root));
    PORTOLAN_TRY(const auto registries, Tables(root, "registry"));
    for (const toml::table* registry : registries) PORTOLAN_CHECK(ReadRule(*registry));
    return {};
  }

 private:
  using Rule = RegistriesConf::Rule;
  using Mirror = RegistriesConf::Mirror;

  Error At(const toml::node& node, std::string_view what, std::string_view hint = {}) const {
    return Invalid(path_, node.source().begin.line, what, hint);
  }
  Error WrongType(const toml::node& node, std::string_view key, std::string_view expected) const {
    return At(node, fmt::format("{} must be {}", Printable(key), expected));
  }

  Result<std::string> String(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::string();
    if (!node->is_string()) return WrongType(*node, key, "a string");
    return node->as_string()->get();
  }

  Result<bool> Bool(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return false;
    if (!node->is_boolean()) return WrongType(*node, key, "true or false");
    return node->as_boolean()->get();
  }

  Result<std::vector<std::string>> Strings(const toml::table& table, std::string_view key) const {
    std::vector<std::string> strings;
    const toml::node* node = table.get(key);
    if (node == nullptr) return strings;
    if (!node->is_array()) return WrongType(*node, key, "an array of strings");
    for (const toml::node& element : *node->as_array()) {
      if (!element.is_string()) return WrongType(element, key, "an array of strings");
      strings.push_back(element.as_string()->get());
    }
    return strings;
  }

  Result<std::vector<const toml::table*>> Tables(const toml::table& table,
                                                 std::string_view key) const {
    std::vector<const toml::table*> tables;
    const toml::node* node = table.get(key);
    if (node == nullptr) return tables;
    const auto expected = fmt::format("an array of tables, [[{}]]", key);
    if (!node->is_array()) return WrongType(*node, key, expected);
    for (const toml::node& element : *node->as_array()) {
      if (!element.is_table()) return WrongType(element, key, expected);
      tables.push_back(element.as_table());
    }
    return tables;
  }

  // Old distributions ship the tables of version 1 with empty lists: those say nothing.
  Status RefuseVersionOne(const toml::table& root) const {
    const toml::table* registries = root["registries"].as_table();
    if (registries == nullptr) return {};
    for (const std::string_view name : {"search", "insecure", "block"}) {
      const toml::node* table = registries->get(name);
      if (table == nullptr || !table->is_table()) continue;
      const toml::array* list = (*table->as_table())["registries"].as_array();
      if (list == nullptr || list->empty()) continue;
      return At(*table,
                fmt::format("[registries.{}] is version 1 of the format, and not read", name),
                kVersionOneAdvice);
    }
    return {};
  }

  Status ReadSearchRegistries(const toml::table& root) {
    const toml::node* node = root.get("unqualified-search-registries");
    if (node == nullptr) return {};
    PORTOLAN_TRY(auto registries, Strings(root, "unqualified-search-registries"));
    for (const std::string& registry : registries) {
      if (const auto parsed = oci::RegistryName::Parse(registry); !parsed) {
        return At(*node, fmt::format("unqualified-search-registries must hold host[:port]: {}",
                                     parsed.error().message));
      }
    }
    conf_.search_registries_ = std::move(registries);
    return {};
  }

  Status ReadShortNameMode(const toml::table& root) {
    const toml::node* node = root.get("short-name-mode");
    if (node == nullptr) return {};
    PORTOLAN_TRY(auto mode, String(root, "short-name-mode"));
    constexpr std::array<std::string_view, 3> kModes = {"enforcing", "permissive", "disabled"};
    if (std::ranges::find(kModes, mode) == kModes.end()) {
      return WrongType(*node, "short-name-mode", "enforcing, permissive or disabled");
    }
    conf_.short_name_mode_ = std::move(mode);
    return {};
  }

  Status ReadAliases(const toml::table& root) {
    const toml::node* node = root.get("aliases");
    if (node == nullptr) return {};
    if (!node->is_table()) return WrongType(*node, "aliases", "a table");
    for (const auto& [key, value] : *node->as_table()) {
      const std::string_view name = key.str();
      if (!value.is_string()) return WrongType(value, name, "a string, the full name of an image");
      const std::string& target = value.as_string()->get();
      PORTOLAN_CHECK(CheckAlias(value, name, target));
      conf_.aliases_.push_back({.name = std::string(name), .target = target});
    }
    return {};
  }

  Status CheckAlias(const toml::node& node, std::string_view name,
                    const std::string& target) const {
    if (name.empty() || name.find_first_of(":@") != std::string_view::npos ||
        !oci::Reference::IsShortName(name)) {
      return At(node,
                fmt::format("an alias must be a name without registry, tag and digest, and not "
                            "\"{}\"",
                            Printable(name)));
    }
    if (target.empty()) return {};
    const auto reference = oci::Reference::Parse(target);
    if (!reference || reference->tag || reference->digest || oci::Reference::IsShortName(target)) {
      return At(node,
                fmt::format("alias {} must stand for REGISTRY/REPOSITORY without tag and digest, "
                            "and not for \"{}\"",
                            Printable(name), Printable(target)));
    }
    return {};
  }

  Status ReadRule(const toml::table& table) {
    Rule rule;
    PORTOLAN_TRY(rule.location, Location(table));
    PORTOLAN_TRY(rule.prefix, Prefix(table, rule.location));
    PORTOLAN_TRY(rule.insecure, Bool(table, "insecure"));
    PORTOLAN_TRY(rule.blocked, Bool(table, "blocked"));
    PORTOLAN_TRY(const bool by_digest_only, Bool(table, "mirror-by-digest-only"));
    PORTOLAN_TRY(const auto mirrors, Tables(table, "mirror"));
    for (const toml::table* mirror : mirrors) {
      PORTOLAN_TRY(auto parsed, ReadMirror(*mirror, by_digest_only));
      rule.mirrors.push_back(std::move(parsed));
    }
    conf_.rules_.push_back(std::move(rule));
    return {};
  }

  Result<Mirror> ReadMirror(const toml::table& table, bool by_digest_only) const {
    Mirror mirror;
    PORTOLAN_TRY(mirror.location, Location(table));
    if (mirror.location.empty()) return At(table, "[[registry.mirror]] needs a location");
    PORTOLAN_TRY(mirror.insecure, Bool(table, "insecure"));
    mirror.for_tags = !by_digest_only;
    const toml::node* node = table.get("pull-from-mirror");
    if (node == nullptr) return mirror;
    PORTOLAN_TRY(const auto use, String(table, "pull-from-mirror"));
    if (use.empty()) return mirror;
    if (by_digest_only) {
      return At(*node,
                "pull-from-mirror cannot be combined with the registry's mirror-by-digest-only",
                "keep the one that you mean");
    }
    if (use != "all" && use != "digest-only" && use != "tag-only") {
      return WrongType(*node, "pull-from-mirror", "all, digest-only or tag-only");
    }
    mirror.for_tags = use != "digest-only";
    return mirror;
  }

  // Checked here, where the line is known, and not when it is used.
  Result<std::string> Location(const toml::table& table) const {
    PORTOLAN_TRY(auto location, String(table, "location"));
    while (location.ends_with('/')) location.pop_back();
    if (location.empty()) return location;
    const std::size_t slash = std::min(location.find('/'), location.size());
    const auto registry = oci::RegistryName::Parse(std::string_view(location).substr(0, slash));
    const bool path_is_valid =
        slash == location.size() ||
        oci::RepositoryName::Parse(std::string_view(location).substr(slash + 1));
    if (registry && path_is_valid) return location;
    return At(*table.get("location"),
              fmt::format("location must be host[:port] or host[:port]/namespace, and not \"{}\"",
                          Printable(location)),
              location.contains("://") ? "write it without the scheme" : "");
  }

  Result<std::string> Prefix(const toml::table& table, const std::string& location) const {
    PORTOLAN_TRY(auto prefix, String(table, "prefix"));
    while (prefix.ends_with('/')) prefix.pop_back();
    if (prefix.empty()) prefix = location;
    if (prefix.empty()) return At(table, "[[registry]] needs a prefix or a location");
    const bool wildcard = prefix.starts_with("*.");
    const std::string_view rest = std::string_view(prefix).substr(wildcard ? 2 : 0);
    if (rest.empty() || rest.contains('*') || rest.contains("://") ||
        (wildcard && rest.contains('/'))) {
      return At(
          *table.get("prefix"),
          fmt::format("prefix must be host[:port], host[:port]/namespace or *.domain, and not "
                      "\"{}\"",
                      Printable(prefix)));
    }
    return AsciiLower(prefix);
  }

  const std::string& path_;
  RegistriesConf& conf_;
};

Status RegistriesConfReader::Merge(std::string_view text, const std::string& path,
                                   RegistriesConf& conf) {
  PORTOLAN_CHECK(CheckDots(text, path));
  try {
    const toml::parse_result parsed = toml::parse(AsciiOf(text));
    if (!parsed) {
      const toml::parse_error& error = parsed.error();
      return Invalid(path, error.source().begin.line,
                     fmt::format("not TOML: {}", Printable(error.description())));
    }
    return Pass(path, conf).Read(parsed.table());
  } catch (const BrokenParser&) {
    return Fail(ErrorCode::kConfigInvalid, fmt::format("{}: not TOML", path));
  }
}

}  // namespace portolan::config
