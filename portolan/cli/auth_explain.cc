// portolan auth explain: which credentials would be used, and why. Never a secret.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/pretty_json.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"
#include "portolan/dialect/profile.h"

namespace portolan::cli {
namespace {

namespace json = boost::json;
using Outcome = config::LookupStep::Outcome;

constexpr std::string_view kManual =
#include "portolan/cli/manual/auth_explain.md.inc"
    ;

struct OutcomeWords {
  std::string_view mark;
  std::string_view text;
};

OutcomeWords WordsOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAbsent:
      return {"–", "absent"};
    case Outcome::kNoMatch:
      return {"–", "no entry"};
    case Outcome::kMatch:
      return {"✓", "used"};
    case Outcome::kShadowed:
      return {"–", "shadowed"};
    case Outcome::kError:
      return {"✗", "error"};
  }
  return {};
}

std::string_view KindOf(const config::Credentials& credentials) {
  if (!credentials.registry_token.empty()) return "registry token";
  if (!credentials.identity_token.empty()) return "identity token";
  return "user name and password";
}

// GitHub's tools once put the token where the user name belongs, beside a password that says so or
// none.
std::string ShownUsername(const config::Credentials& credentials) {
  const std::string& password = credentials.password.Reveal();
  const bool is_secret = credentials.identity_token.empty() && credentials.registry_token.empty() &&
                         (password.empty() || password == "x-oauth-basic");
  return is_secret ? "***" : credentials.username;
}

std::string EndpointName(const config::Endpoint& endpoint) {
  return client::Target{.registry = endpoint.registry, .repository = endpoint.repository}.Name();
}

// What is known of one candidate.
struct Story {
  client::Target target;
  client::Explanation explanation;
};

// ---------------------------------------------------------------------------------------- text

std::string EndpointNotes(const config::Endpoint& endpoint) {
  std::string notes;
  const auto add = [&](std::string_view note) {
    notes += notes.empty() ? "  (" : ", ";
    notes += note;
  };
  if (endpoint.mirror) add("mirror");
  if (endpoint.insecure) add("insecure");
  const std::string host = dialect::ApiHost(endpoint.registry);
  if (host != endpoint.registry.text()) add("served by " + host);
  return notes.empty() ? notes : notes + ")";
}

std::string StepLine(const config::LookupStep& step) {
  const OutcomeWords words = WordsOf(step.outcome);
  std::string line =
      fmt::format("  {} {}: {}", words.mark, Printable(step.place, 1024), words.text);
  if (!step.detail.empty()) line += fmt::format(" ({})", Printable(step.detail, 1024));
  return line + "\n";
}

std::string UsedLine(const config::CredentialLookup& lookup) {
  if (lookup.failure) {
    return fmt::format("used: nothing; requests end with: {}\n",
                       Printable(lookup.failure->message, 1024));
  }
  if (lookup.credentials.empty()) {
    return "used: nothing; no place has credentials for it, so requests are anonymous\n";
  }
  std::string line =
      fmt::format("used: {}: {}", Printable(lookup.source, 1024), KindOf(lookup.credentials));
  if (!lookup.credentials.username.empty()) {
    line += fmt::format(", as {}", Printable(ShownUsername(lookup.credentials)));
  }
  return line + "\n";
}

std::string Text(const Story& story) {
  const client::Explanation& explanation = story.explanation;
  std::string out = fmt::format("name: {}\nendpoints:\n", story.target.Name());
  int number = 0;
  for (const config::Endpoint& endpoint : explanation.endpoints) {
    out += fmt::format("  {}. {}{}\n", ++number, EndpointName(endpoint), EndpointNotes(endpoint));
  }
  if (!explanation.lookup.steps.empty()) {
    out += fmt::format("credentials for {}:\n", EndpointName(explanation.endpoints.back()));
  }
  for (const config::LookupStep& step : explanation.lookup.steps) out += StepLine(step);
  return out + UsedLine(explanation.lookup);
}

// ---------------------------------------------------------------------------------------- JSON

json::value ToJson(const config::Endpoint& endpoint) {
  return json::object{{"name", EndpointName(endpoint)},
                      {"host", dialect::ApiHost(endpoint.registry)},
                      {"mirror", endpoint.mirror},
                      {"insecure", endpoint.insecure}};
}

json::value ToJson(const config::LookupStep& step) {
  json::object out{{"place", step.place}, {"outcome", WordsOf(step.outcome).text}};
  if (!step.detail.empty()) out["detail"] = step.detail;
  return out;
}

json::value UsedToJson(const config::CredentialLookup& lookup) {
  if (lookup.credentials.empty()) return nullptr;
  json::object used{{"source", lookup.source}, {"kind", KindOf(lookup.credentials)}};
  if (!lookup.credentials.username.empty()) used["username"] = ShownUsername(lookup.credentials);
  return used;
}

json::value ToJson(const Story& story) {
  json::array endpoints;
  for (const auto& endpoint : story.explanation.endpoints) endpoints.push_back(ToJson(endpoint));
  json::array steps;
  for (const auto& step : story.explanation.lookup.steps) steps.push_back(ToJson(step));
  const config::CredentialLookup& lookup = story.explanation.lookup;
  json::object out{{"name", story.target.Name()},
                   {"endpoints", std::move(endpoints)},
                   {"looked_at", std::move(steps)},
                   {"used", UsedToJson(lookup)}};
  if (lookup.failure) {
    out["error"] = json::object{{"code", InfoOf(lookup.failure->code).wire},
                                {"message", lookup.failure->message}};
  }
  return out;
}

// --------------------------------------------------------------------------------------------

class AuthExplainCommand final : public Command {
 public:
  std::string_view name() const override { return "auth explain"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json"; }

 private:
  Result<Story> Explain(Session& session, client::Target target) const;
  std::optional<config::CredentialLookup> FromFlags() const;

  RegistryFlags registry_flags_;
  std::string reference_;
  std::string output_ = "text";
};

void AuthExplainCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "repository or registry")->required();
  app.add_option("-o,--output", output_, "how to print")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}).description(""));
  DeclareRegistryFlags(app, registry_flags_);
}

// Flags end the search before it begins.
std::optional<config::CredentialLookup> AuthExplainCommand::FromFlags() const {
  const auto from = [](std::string_view flag, config::Credentials credentials) {
    config::CredentialLookup lookup;
    lookup.credentials = std::move(credentials);
    lookup.source = fmt::format("{} of the command line", flag);
    lookup.steps.push_back({.place = std::string(flag),
                            .outcome = Outcome::kMatch,
                            .detail = "nothing else is looked at"});
    return lookup;
  };
  config::Credentials credentials;
  if (registry_flags_.registry_token) {
    credentials.registry_token = Secret(*registry_flags_.registry_token);
    return from("--registry-token", std::move(credentials));
  }
  // The user wrote the name, and it is not shown: it would have to be told from the password here.
  credentials.password = Secret("given");
  if (registry_flags_.creds) return from("--creds", std::move(credentials));
  if (registry_flags_.username || registry_flags_.password) {
    return from("--username", std::move(credentials));
  }
  if (!registry_flags_.no_creds) return std::nullopt;
  config::CredentialLookup lookup;
  lookup.steps.push_back(
      {.place = "--no-creds", .outcome = Outcome::kNoMatch, .detail = "nothing is looked at"});
  return lookup;
}

Result<Story> AuthExplainCommand::Explain(Session& session, client::Target target) const {
  PORTOLAN_TRY(auto explanation,
               session.RunBlocking([&] { return session.registries().Explain(target); }));
  if (auto given = FromFlags()) explanation.lookup = *std::move(given);
  return Story{.target = std::move(target), .explanation = std::move(explanation)};
}

Status AuthExplainCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(const auto session, Session::Open(world, global, registry_flags_));
  PORTOLAN_TRY(auto targets,
               ResolveTargets(session->registries(), reference_, RegistryRule::kDotted));
  std::string text = fmt::format("reference: {}\n", Printable(reference_, 1024));
  json::array candidates;
  for (client::Target& target : targets) {
    PORTOLAN_TRY(const Story story, Explain(*session, std::move(target)));
    text += "\n" + Text(story);
    candidates.push_back(ToJson(story));
  }
  if (output_ == "json") {
    text =
        PrettyJson(json::object{{"reference", reference_}, {"candidates", std::move(candidates)}});
    text += '\n';
  }
  PORTOLAN_CHECK(world.terminal.Write(text));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewAuthExplainCommand() { return std::make_unique<AuthExplainCommand>(); }

}  // namespace portolan::cli
