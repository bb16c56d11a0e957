// `auth.issuers`: others' tokens.
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/settings/given.h"
#include "portolan/settings/part_reader.h"

namespace portolan::settings {
namespace {

const std::vector<std::string> kParts = {"issuer",     "audiences",    "jwks", "certificates",
                                         "algorithms", "repositories", "names"};

// Reads one issuer; its mistakes go to the others'.
class IssuerReader : PartReader {
 public:
  IssuerReader(std::string_view place, Given& given) : PartReader("an issuer", place, given) {}

  std::optional<Issuer> Read(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) {
      Mistake(node.line, "an issuer must have issuer, and jwks or certificates");
      return std::nullopt;
    }
    Issuer issuer;
    std::set<std::string_view> seen;
    for (const YamlMember& member : node.members) {
      if (!seen.insert(member.name).second) {
        Mistake(member.line, fmt::format("{} is there twice in an issuer", Printable(member.name)));
      } else {
        Take(member, issuer);
      }
    }
    if (issuer.issuer.empty())
      Mistake(node.line, "an issuer needs issuer: what its tokens call it");
    if (issuer.jwks.empty() && issuer.certificates.empty()) {
      Mistake(node.line, "an issuer needs jwks or certificates: how to know its keys");
    }
    if (wrong()) return std::nullopt;
    return issuer;
  }

 private:
  void Take(const YamlMember& member, Issuer& issuer) {
    if (member.name == "issuer") {
      issuer.issuer = Text(member);
    } else if (member.name == "audiences") {
      issuer.audiences = Texts(member);
    } else if (member.name == "jwks") {
      issuer.jwks = Text(member);
    } else if (member.name == "certificates") {
      issuer.certificates = Text(member);
    } else if (member.name == "algorithms") {
      for (const std::string& text : Texts(member)) TakeAlgorithm(text, member.line, issuer);
    } else if (member.name == "repositories") {
      issuer.repositories = Texts(member);
      CheckGlobs(issuer.repositories, member.line);
    } else if (member.name == "names") {
      TakeNames(member, issuer);
    } else {
      Mistake(member.line, fmt::format("{} is no part of an issuer{}", Printable(member.name),
                                       DidYouMean(member.name, kParts)));
    }
  }

  void TakeAlgorithm(const std::string& text, int line, Issuer& issuer) {
    if (const auto algorithm = auth::AlgorithmOf(text)) {
      issuer.algorithms.push_back(*algorithm);
    } else {
      Mistake(line,
              fmt::format("algorithms of an issuer has \"{}\": expected some of RS256, RS384, "
                          "RS512, ES256, ES384, EdDSA",
                          Printable(text)));
    }
  }

  // The same patterns as of a rule, but for its `${user}`.
  void CheckGlobs(const std::vector<std::string>& globs, int line) {
    for (const std::string& glob : globs) {
      if (!glob.contains("${user}")) continue;
      Mistake(line,
              fmt::format("repositories of an issuer has \"{}\": ${{user}} is for auth.rules; "
                          "what an issuer may speak of is the same for all its users",
                          Printable(glob)));
    }
    const auto made = auth::AccessRules::Make(
        {{.users = {"anonymous"}, .repositories = globs, .allow = auth::ActionSet()}});
    if (!made) Mistake(line, made.error().message);
  }

  void TakeNames(const YamlMember& member, Issuer& issuer) {
    if (member.value.kind != YamlNode::Kind::kList || member.value.elements.empty()) {
      return Mistake(member.line, "names of an issuer must be a list, each with user and claims");
    }
    for (const YamlNode& element : member.value.elements) {
      auth::TrustedIssuer::NameRule rule;
      for (const YamlMember& part : element.members) {
        if (part.name == "user") {
          rule.user = Text(part);
          CheckUser(rule.user, part.line);
        } else if (part.name == "claims") {
          TakeClaims(part, rule);
        } else {
          Mistake(part.line, fmt::format("{} is no part of a name{}", Printable(part.name),
                                         DidYouMean(part.name, {"user", "claims"})));
        }
      }
      // Without claims, everybody whom the provider knows would be that user.
      if (rule.user.empty() || rule.claims.empty()) {
        Mistake(element.line, "a name of an issuer needs user and claims");
      }
      issuer.names.push_back(std::move(rule));
    }
  }

  // Else no token would ever have the name.
  void CheckUser(std::string_view user, int line) {
    for (std::string_view rest = user; rest.contains("${");) {
      rest.remove_prefix(rest.find("${") + 2);
      const std::size_t end = rest.find('}');
      if (end != 0 && end != std::string_view::npos) continue;
      return Mistake(line, fmt::format("user of a name is \"{}\": expected ${{claim}}, closed and "
                                       "with the claim's name",
                                       Printable(user)));
    }
  }

  void TakeClaims(const YamlMember& member, auth::TrustedIssuer::NameRule& rule) {
    for (const YamlMember& claim : member.value.members) {
      if (!rule.claims.emplace(claim.name, Text(claim)).second) {
        Mistake(claim.line, fmt::format("the claim {} is there twice", Printable(claim.name)));
      }
    }
  }
};

}  // namespace

void TakeIssuers(const YamlNode& node, std::string_view place, Given& given) {
  if (node.kind != YamlNode::Kind::kList) {
    given.mistakes.push_back(
        fmt::format("{}:{}: auth.issuers must be a list of issuers", place, node.line));
    return;
  }
  for (const YamlNode& element : node.elements) {
    if (auto issuer = IssuerReader(place, given).Read(element)) {
      given.issuers.push_back(*std::move(issuer));
    }
  }
}

}  // namespace portolan::settings
