#include "portolan/settings/given.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/suggestion.h"
#include "portolan/base/text.h"
#include "portolan/settings/schema.h"

namespace portolan::settings {
namespace {

constexpr std::string_view kPrefix = "PORTOLAN_";

std::vector<std::string> SplitCommas(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(TrimSpace(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// A text that came from a variable or a flag.
void TakeText(const Setting& setting, std::string_view text, std::string source, Given& given) {
  if (setting.info.file_only) {
    given.mistakes.push_back(
        fmt::format("{}: {} can be set in the file only", source, setting.info.key));
    return;
  }
  std::vector<std::string> values =
      setting.set_list != nullptr ? SplitCommas(text) : std::vector{std::string(text)};
  given.settings.insert_or_assign(
      std::string(setting.info.key),
      GivenSetting{.values = std::move(values), .source = std::move(source)});
}

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (const Setting& setting : Schema()) keys.emplace_back(setting.info.key);
  return keys;
}

// What may stand inside a section (`storage.`, or empty): `tag_history`, or `storage` for the
// outside.
std::vector<std::string> NamesWithin(std::string_view prefix) {
  std::vector<std::string> names;
  for (const Setting& setting : Schema()) {
    std::string_view key = setting.info.key;
    if (!key.starts_with(prefix)) continue;
    key.remove_prefix(prefix.size());
    const std::string_view name = key.substr(0, key.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  }
  return names;
}

bool IsSection(std::string_view path) {
  return std::ranges::any_of(Schema(), [&](const Setting& setting) {
    return setting.info.key.starts_with(path) && setting.info.key.substr(path.size())[0] == '.';
  });
}

// One walk through a file.
class FileWalk {
 public:
  FileWalk(std::string_view place, Given& given) : place_(place), given_(given) {}

  void Section(const YamlNode& node, const std::string& prefix) {
    std::set<std::string_view> seen;
    for (const YamlMember& member : node.members) {
      const std::string path = prefix + member.name;
      if (!seen.insert(member.name).second) {
        Mistake(member.line, fmt::format("{} is there twice", Printable(path)));
      } else if (FindSetting(path) != nullptr) {
        Value(path, member);
      } else if (IsSection(path)) {
        SectionMember(path, member);
      } else {
        Unknown(path, prefix, member);
      }
    }
  }

 private:
  void SectionMember(const std::string& path, const YamlMember& member) {
    if (member.value.kind == YamlNode::Kind::kMap) {
      Section(member.value, path + ".");
    } else if (member.value.kind != YamlNode::Kind::kNull) {
      Mistake(member.line, fmt::format("{} is a section: settings are expected in it", path));
    }
  }

  void Value(const std::string& key, const YamlMember& member) {
    const YamlNode& node = member.value;
    if (key == kRulesKey) {
      given_.rules_source = fmt::format("{}:{}", place_, member.line);
      return TakeRules(node, place_, given_);
    }
    if (key == kIssuersKey) return TakeIssuers(node, place_, given_);
    if (key == kHostsKey) return TakeHosts(node, place_, given_);
    GivenSetting setting{.values = {}, .source = fmt::format("{}:{}", place_, node.line)};
    if (node.kind == YamlNode::Kind::kText) {
      setting.values.push_back(node.text);
    } else if (node.kind == YamlNode::Kind::kList && FindSetting(key)->set_list != nullptr) {
      for (const YamlNode& element : node.elements) {
        if (element.kind != YamlNode::Kind::kText) {
          return Mistake(element.line, fmt::format("{} must be a list of texts", key));
        }
        setting.values.push_back(element.text);
      }
    }
    if (setting.values.empty()) {
      const bool shape = node.kind == YamlNode::Kind::kMap || !node.elements.empty();
      return Mistake(member.line,
                     fmt::format("{} {} ({})", key, shape ? "has the wrong form" : "has no value",
                                 FindSetting(key)->info.type));
    }
    given_.settings.insert_or_assign(key, std::move(setting));
  }

  void Unknown(const std::string& path, const std::string& prefix, const YamlMember& member) {
    std::string hint;
    if (const auto nearest = NearestWord(member.name, NamesWithin(prefix))) {
      hint = fmt::format(" (did you mean {}{}?)", prefix, *nearest);
    }
    if (hint.empty()) {  // perhaps it is right, but stands in the wrong section
      for (const Setting& setting : Schema()) {
        if (setting.info.key.ends_with("." + member.name)) {
          hint = fmt::format(" (did you mean {}?)", setting.info.key);
        }
      }
    }
    Mistake(member.line, fmt::format("{} is no setting{}", Printable(path), hint));
  }

  void Mistake(int line, std::string_view what) {
    given_.mistakes.push_back(fmt::format("{}:{}: {}", place_, line, what));
  }

  std::string_view place_;
  Given& given_;
};

}  // namespace

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::optional<std::string> nearest = NearestWord(word, candidates);
  return nearest ? fmt::format(" (did you mean {}?)", *nearest) : "";
}

void TakeFile(const YamlNode& root, std::string_view place, Given& given) {
  FileWalk(place, given).Section(root, "");
}

void TakeEnvironment(const Environment& environment, Given& given) {
  std::vector<std::string> names;
  for (const Setting& setting : Schema()) {
    const std::string variable = setting.info.Environment();
    names.push_back(variable.substr(kPrefix.size()));
    if (const auto text = environment.Get(variable)) TakeText(setting, *text, variable, given);
  }
  // Others may have variables of such names (Kubernetes gives a service's): only a near miss is a
  // mistake.
  for (const auto& [variable, text] : environment.variables) {
    if (!variable.starts_with(kPrefix) || text.empty()) continue;
    const std::string name = variable.substr(kPrefix.size());
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::optional<std::string> nearest = NearestWord(name, names);
    if (nearest) {
      given.mistakes.push_back(fmt::format("{} is no setting (did you mean {}{}?)",
                                           Printable(variable), kPrefix, *nearest));
    }
  }
}

void TakeFlags(const std::map<std::string, std::string>& flags, Given& given) {
  for (const auto& [key, text] : flags) {
    if (const Setting* setting = FindSetting(key)) {
      TakeText(*setting, text, "flag " + key, given);
    } else {
      given.mistakes.push_back(
          fmt::format("flag {} is no setting{}", Printable(key), DidYouMean(key, AllKeys())));
    }
  }
}

}  // namespace portolan::settings
