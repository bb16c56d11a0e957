// What the readers of rules and issuers share: texts out of a file's tree, and mistakes with their
// place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/settings/given.h"

namespace portolan::settings {

/// A reader of one element of a list in the file. Its mistakes go to the others'.
class PartReader {
 protected:
  /// `what`: "a rule", for messages.
  PartReader(std::string_view what, std::string_view place, Given& given)
      : what_(what), place_(place), given_(given) {}

  /// One text, not empty.
  std::string Text(const YamlMember& member) {
    if (member.value.kind == YamlNode::Kind::kText && !member.value.text.empty()) {
      return member.value.text;
    }
    Mistake(member.line, fmt::format("{} of {} must be a text", Printable(member.name), what_));
    return {};
  }
  /// A list of texts, or one; at least one.
  std::vector<std::string> Texts(const YamlMember& member) {
    const YamlNode& node = member.value;
    if (node.kind == YamlNode::Kind::kText) return {node.text};
    std::vector<std::string> texts;
    for (const YamlNode& element : node.elements) {
      if (element.kind == YamlNode::Kind::kText) texts.push_back(element.text);
    }
    if (texts.empty() || texts.size() != node.elements.size()) {
      Mistake(member.line,
              fmt::format("{} of {} must be a list of texts", Printable(member.name), what_));
    }
    return texts;
  }

  void Mistake(int line, std::string_view what) {
    wrong_ = true;
    given_.mistakes.push_back(fmt::format("{}:{}: {}", place_, line, what));
  }
  bool wrong() const { return wrong_; }

 private:
  std::string_view what_;
  std::string_view place_;
  Given& given_;
  bool wrong_ = false;
};

}  // namespace portolan::settings
