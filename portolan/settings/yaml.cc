#include "portolan/settings/yaml.h"

#include <cstddef>
#include <exception>
#include <optional>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "portolan/base/log.h"

namespace portolan::settings {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxNodes = 100'000;

// yaml-cpp counts from 0, and gives -1 where it does not know.
int LineOf(const YAML::Mark& mark) { return mark.line < 0 ? 1 : mark.line + 1; }

class Converter {
 public:
  explicit Converter(std::string_view place) : place_(place) {}

  Result<YamlNode> Convert(const YAML::Node& node, int depth) {
    YamlNode out;
    out.line = LineOf(node.Mark());
    if (depth > kMaxDepth) return Wrong(out.line, "is nested too deep");
    if (++nodes_ > kMaxNodes) return Wrong(out.line, "is one value too many");
    if (node.IsScalar()) {
      out.kind = YamlNode::Kind::kText;
      out.text = node.Scalar();
    } else if (node.IsSequence()) {
      out.kind = YamlNode::Kind::kList;
      for (const YAML::Node& element : node) {
        PORTOLAN_TRY(YamlNode converted, Convert(element, depth + 1));
        out.elements.push_back(std::move(converted));
      }
    } else if (node.IsMap()) {
      out.kind = YamlNode::Kind::kMap;
      PORTOLAN_CHECK(ConvertMembers(node, depth, out));
    }
    return out;
  }

  Error Wrong(int line, std::string_view what) const {
    return Fail(ErrorCode::kConfigInvalid, fmt::format("{}:{}: {}", place_, line, what));
  }

 private:
  Status ConvertMembers(const YAML::Node& node, int depth, YamlNode& out) {
    for (const auto& member : node) {
      const int line = LineOf(member.first.Mark());
      if (!member.first.IsScalar()) return Wrong(line, "a setting's name must be a text");
      PORTOLAN_TRY(YamlNode value, Convert(member.second, depth + 1));
      out.members.push_back(
          {.name = member.first.Scalar(), .line = line, .value = std::move(value)});
    }
    return {};
  }

  std::string_view place_;
  std::size_t nodes_ = 0;
};

}  // namespace

// yaml-cpp throws; nothing of that leaves this function.
Result<YamlNode> ReadYaml(std::string_view text, std::string_view place) {
  Converter converter(place);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      return converter.Wrong(LineOf(documents[1].Mark()), "there must be one document only");
    }
    if (documents.empty() || documents[0].IsNull()) return YamlNode();
    PORTOLAN_TRY(YamlNode root, converter.Convert(documents[0], 0));
    if (root.kind != YamlNode::Kind::kMap) {
      return converter.Wrong(root.line, "settings are written as \"name: value\"");
    }
    return root;
  } catch (const YAML::Exception& error) {
    return converter.Wrong(LineOf(error.mark), "is not YAML: " + Printable(error.msg));
  } catch (const std::exception& error) {
    return converter.Wrong(1, "is not YAML: " + Printable(error.what()));
  }
}

}  // namespace portolan::settings
