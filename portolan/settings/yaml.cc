#include "portolan/settings/yaml.h"

#include <cstddef>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
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

// Hears where a document begins, and whether it says anything.
class Listener final : public YAML::EventHandler {
 public:
  YAML::Mark begin;
  bool says_something = false;

  void OnDocumentStart(const YAML::Mark& mark) override { begin = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { says_something = true; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {
    says_something = true;
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    says_something = true;
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    says_something = true;
  }
  void OnMapEnd() override {}
};

// What is wrong behind the first document, and where; nothing if all is well. YAML::LoadAll would
// tell of documents, too, but of a comma that belongs to nothing it makes empty ones without end.
std::optional<std::pair<YAML::Mark, std::string_view>> WrongBehind(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Listener first;
  if (!parser.HandleNextDocument(first)) return std::nullopt;
  for (int last = -1;;) {
    Listener next;
    if (!parser.HandleNextDocument(next)) return std::nullopt;
    if (next.says_something) return std::pair(next.begin, "there must be one document only");
    // What nobody takes stays where it is.
    if (next.begin.pos == last) {
      return std::pair(next.begin, "is not YAML: a comma that belongs to nothing");
    }
    last = next.begin.pos;
  }
}

}  // namespace

// yaml-cpp throws; nothing of that leaves this function.
Result<YamlNode> ReadYaml(std::string_view text, std::string_view place) {
  Converter converter(place);
  try {
    const std::string copy(text);
    if (const auto wrong = WrongBehind(copy)) {
      return converter.Wrong(LineOf(wrong->first), std::string(wrong->second));
    }
    const YAML::Node document = YAML::Load(copy);
    if (document.IsNull()) return YamlNode();
    PORTOLAN_TRY(YamlNode root, converter.Convert(document, 0));
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
