// YAML text as a small tree of ours that remembers its lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"

namespace portolan::settings {

struct YamlMember;

/// A value of a document. What is not a list or map is its text, as written.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 1;
  std::string text;                 ///< kText
  std::vector<YamlNode> elements;   ///< kList
  std::vector<YamlMember> members;  ///< kMap, in order; a name may be there twice
};

struct YamlMember {
  std::string name;
  int line = 1;
  YamlNode value;
};

/// Parses one document; nothing but comments is a null. kConfigInvalid naming `place` and the line:
/// not YAML, several documents, deeper than 8, more than 100,000 values (aliases counted where they
/// are used), a member's name that is not a text, anything but a map on the outside.
Result<YamlNode> ReadYaml(std::string_view text, std::string_view place);

}  // namespace portolan::settings
