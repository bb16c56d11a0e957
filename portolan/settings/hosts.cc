// `hosts`: several registries before one storage.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/reference.h"
#include "portolan/settings/given.h"
#include "portolan/settings/part_reader.h"
#include "portolan/settings/value.h"

namespace portolan::settings {
namespace {

// Reads one host; its mistakes go to the others'.
class HostReader : PartReader {
 public:
  HostReader(std::string_view place, Given& given) : PartReader("a host", place, given) {}

  std::optional<Host> Read(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) {
      Mistake(node.line, "a host must have names or a path, and a dialect");
      return std::nullopt;
    }
    Host host;
    std::set<std::string_view> seen;
    for (const YamlMember& member : node.members) {
      if (!seen.insert(member.name).second) {
        Mistake(member.line, fmt::format("{} is there twice in a host", Printable(member.name)));
      } else {
        Take(member, host);
      }
    }
    if (!wrong() && host.names.empty() == host.path.empty()) {
      Mistake(node.line, "a host needs either names or a path: how clients reach it");
    }
    if (wrong()) return std::nullopt;
    return host;
  }

 private:
  void Take(const YamlMember& member, Host& host) {
    if (member.name == "names") {
      for (const std::string& name : Texts(member)) TakeName(name, member.line, host);
    } else if (member.name == "path") {
      host.path = Text(member);
      if (!wrong() && !oci::RepositoryName::Parse(host.path)) {
        Mistake(member.line, fmt::format("path of a host is \"{}\": expected how names of "
                                         "repositories begin, like hub or mirrors/hub",
                                         Printable(host.path)));
      }
    } else if (member.name == "dialect") {
      Explained(member, SetDialect(host.dialect, Text(member)));
    } else if (member.name == "token_realm") {
      Explained(member, SetUrl(host.token_realm, Text(member)));
    } else {
      Mistake(member.line,
              fmt::format("{} is no part of a host{}", Printable(member.name),
                          DidYouMean(member.name, {"names", "path", "dialect", "token_realm"})));
    }
  }

  void TakeName(const std::string& name, int line, Host& host) {
    const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view(".-[:]").contains(c);
    });
    if (!plain || (name.contains(':') && !name.starts_with('['))) {
      return Mistake(line, fmt::format("names of a host has \"{}\": expected a host without a port",
                                       Printable(name)));
    }
    host.names.push_back(AsciiLower(name));
  }

  void Explained(const YamlMember& member, const Expected& expected) {
    if (expected.empty() || wrong()) return;
    Mistake(member.line, fmt::format("{} of a host is \"{}\": expected {}", member.name,
                                     Printable(member.value.text), expected));
  }
};

}  // namespace

void TakeHosts(const YamlNode& node, std::string_view place, Given& given) {
  if (node.kind != YamlNode::Kind::kList) {
    given.mistakes.push_back(fmt::format("{}:{}: hosts must be a list of hosts", place, node.line));
    return;
  }
  for (const YamlNode& element : node.elements) {
    if (auto host = HostReader(place, given).Read(element)) given.hosts.push_back(*std::move(host));
  }
}

}  // namespace portolan::settings
