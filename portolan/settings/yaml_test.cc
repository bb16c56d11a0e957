#include "portolan/settings/yaml.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace portolan::settings {
namespace {

// `{a@1: "x"@1, b@2: ["y"@3, ~@4]@3}`: the tree with its lines.
std::string Print(const YamlNode& node) {
  std::string out;
  if (node.kind == YamlNode::Kind::kNull) out = "~";
  if (node.kind == YamlNode::Kind::kText) out = fmt::format("\"{}\"", node.text);
  if (node.kind == YamlNode::Kind::kList) {
    for (const YamlNode& element : node.elements) {
      out += (out.empty() ? "[" : ", ") + Print(element);
    }
    out += out.empty() ? "[]" : "]";
  }
  if (node.kind == YamlNode::Kind::kMap) {
    for (const YamlMember& member : node.members) {
      out += fmt::format("{}{}@{}: {}", out.empty() ? "{" : ", ", member.name, member.line,
                         Print(member.value));
    }
    return out.empty() ? "{}" : out + "}";
  }
  return fmt::format("{}@{}", out, node.line);
}

TEST(YamlTest, BecomesATree) {
  struct Row {
    const char* name;
    const char* text;
    const char* want;
  };
  const Row rows[] = {
      {"empty", "", "~@1"},
      {"comment", "# nothing\n", "~@1"},
      {"null", "~", "~@1"},
      {"empty map", "{}", "{}"},
      {"flat", "a: x\nb: 5\n", R"({a@1: "x"@1, b@2: "5"@2})"},
      {"nested", "a:\n  b: [x, y]\n\n  c:\n", R"({a@1: {b@2: ["x"@2, "y"@2]@2, c@4: ~@5}})"},
      {"block list", "a:\n- x\n- ~\n", R"({a@1: ["x"@2, ~@3]@2})"},
      {"quoted", "a: \"x: ~\"\nb: 'null'", R"({a@1: "x: ~"@1, b@2: "null"@2})"},
      {"twice", "a: 1\na: 2\n", R"({a@1: "1"@1, a@2: "2"@2})"},
      {"alias", "a: &x [1]\nb: *x\n", R"({a@1: ["1"@1]@1, b@2: ["1"@1]@1})"},
      {"document marks", "---\na: 1\n...\n", R"({a@2: "1"@2})"},
      {"empty documents", "a: 1\n---\n---\n", R"({a@1: "1"@1})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<YamlNode> node = ReadYaml(row.text, "f");
    ASSERT_TRUE(node) << node.error().message;
    EXPECT_EQ(Print(*node), row.want);
  }
}

TEST(YamlTest, RefusesWhatIsNoSettings) {
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 8; ++i) {
    bomb += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 20; ++j) bomb += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    bomb += "]\n";
  }
  struct Row {
    const char* name;
    std::string text;
    const char* want;
  };
  const Row rows[] = {
      {"text", "hello", "f:1: settings are written as \"name: value\""},
      {"list", "\n- a\n", "f:2: settings are written as \"name: value\""},
      {"two documents", "a: 1\n---\nb: 2\n", "f:2: there must be one document only"},
      {"two documents, the third says something", "a: 1\n---\n---\nb: 2\n", "f:3: there must be"},
      {"a bracket too many", "a: 1\n]\n", "f:2: is not YAML"},
      {"a bracket too many in a list", "a:\n  - [b]\n}\n", "f:3: is not YAML"},
      {"nothing but a bracket", "]\n", "f:1: "},
      // Of these YAML::LoadAll makes empty documents until there is no memory left.
      {"a comma", ",\n", "f:1: is not YAML: a comma that belongs to nothing"},
      {"a comma behind", "a: 1\n---\n,\n", "f:3: is not YAML: a comma"},
      {"tab", "a:\n\tb: 1\n", "f:2: is not YAML: "},
      {"not closed", "a: [1\n", "f:2: is not YAML: "},
      {"bad indentation", "a: 1\n  b: 2\n", "f:2: is not YAML: "},
      {"unknown alias", "a: *x\n", "f:1: is not YAML: "},
      {"name is a list", "a: 1\n[b]: 2\n", "f:2: a setting's name must be a text"},
      {"deep", "a: [[[[[[[[[1]]]]]]]]]\n", "f:1: is nested too deep"},
      {"very deep", "a: " + std::string(20'000, '['), "f:1: is not YAML: "},
      {"aliases of aliases", bomb, "is one value too many"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<YamlNode> node = ReadYaml(row.text, "f");
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().code, ErrorCode::kConfigInvalid);
    EXPECT_NE(node.error().message.find(row.want), std::string::npos) << node.error().message;
  }
}

}  // namespace
}  // namespace portolan::settings
