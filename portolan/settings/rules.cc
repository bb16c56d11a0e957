#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/settings/given.h"
#include "portolan/settings/part_reader.h"

namespace portolan::settings {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kPush = "push";

// Reads one rule; its mistakes go to the others'.
class RuleReader : PartReader {
 public:
  RuleReader(std::string_view place, Given& given) : PartReader("a rule", place, given) {}

  std::optional<auth::Rule> Read(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) {
      Mistake(node.line, "a rule must have users, repositories and allow");
      return std::nullopt;
    }
    auth::Rule rule;
    std::set<std::string_view> seen;
    for (const YamlMember& member : node.members) {
      if (!seen.insert(member.name).second) {
        Mistake(member.line, fmt::format("{} is there twice in a rule", Printable(member.name)));
      } else if (member.name == "users") {
        rule.users = Texts(member);
      } else if (member.name == "repositories") {
        rule.repositories = Texts(member);
      } else if (member.name == "allow") {
        for (const std::string& text : Texts(member)) Allow(text, member.line, rule.allow);
      } else {
        Mistake(member.line,
                fmt::format("{} is no part of a rule{}", Printable(member.name),
                            DidYouMean(member.name, {"users", "repositories", "allow"})));
      }
    }
    for (const char* name : {"users", "allow"}) {
      if (!seen.contains(name)) Mistake(node.line, fmt::format("a rule needs {}", name));
    }
    if (wrong()) return std::nullopt;
    // Each by itself, so that a mistake has its line.
    if (const auto made = auth::AccessRules::Make({rule}); !made) {
      Mistake(node.line, made.error().message);
      return std::nullopt;
    }
    return rule;
  }

 private:
  void Allow(const std::string& text, int line, auth::ActionSet& allow) {
    if (const auto action = auth::ActionOf(text)) return allow.Add(*action);
    if (text == kAll) return allow.Add(auth::ActionSet::All());
    std::string names(kAll);
    std::vector<std::string> candidates = {names};
    for (int i = 0; i < auth::kActions; ++i) {
      candidates.emplace_back(auth::NameOf(static_cast<auth::Action>(i)));
      names += fmt::format(", {}", candidates.back());
    }
    Mistake(line,
            fmt::format("allow of a rule has \"{}\": expected some of {}{}", Printable(text), names,
                        text == kPush ? " (pushing is create, and overwrite to move tags)"
                                      : DidYouMean(text, candidates)));
  }
};

}  // namespace

void TakeRules(const YamlNode& node, std::string_view place, Given& given) {
  if (node.kind != YamlNode::Kind::kList) {
    given.mistakes.push_back(
        fmt::format("{}: auth.rules must be a list of rules", given.rules_source));
    return;
  }
  std::vector<auth::Rule> rules;
  for (const YamlNode& element : node.elements) {
    if (auto rule = RuleReader(place, given).Read(element)) rules.push_back(*std::move(rule));
  }
  given.rules = std::move(rules);
}

}  // namespace portolan::settings
