// portolan auth token: the token that a registry's token endpoint gives, whole or taken apart.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/date.h"
#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/decoded_token.h"
#include "portolan/cli/pretty_json.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

namespace json = boost::json;
using Form = DecodedToken::Form;

constexpr std::string_view kManual =
#include "portolan/cli/manual/auth_token.md.inc"
    ;

constexpr std::size_t kShown = 1024;  // bytes of a peer's text in one line

std::string List(const std::vector<std::string>& items) {
  return items.empty() ? "nothing" : Printable(fmt::format("{}", fmt::join(items, " ")), kShown);
}

std::vector<std::string> Texts(const std::vector<wire::Scope>& scopes) {
  std::vector<std::string> texts;
  for (const wire::Scope& scope : scopes) {
    if (!scope.actions.empty()) texts.push_back(scope.ToString());
  }
  return texts;
}

// A token, and what it says.
struct Report {
  client::TokenInfo info;
  DecodedToken decoded;
  Clock::WallTime now;

  // What was asked for and not granted; empty also where the token does not say.
  std::vector<std::string> Missing() const {
    return decoded.granted ? NotGranted(info.scopes, *decoded.granted) : std::vector<std::string>();
  }
  std::optional<std::chrono::seconds> Lifetime() const {
    if (info.expires_in) return info.expires_in;
    if (!decoded.issued || !decoded.expires) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(*decoded.expires - *decoded.issued);
  }
};

// ---------------------------------------------------------------------------------------- text

std::string_view Title(Form form) {
  switch (form) {
    case Form::kJwt:
      return "JSON Web Token (signature not verified)";
    case Form::kGhcr:
      return "GHCR token (not signed, not verified)";
    case Form::kOpaque:
      return "opaque: only the registry can read it";
  }
  return "";
}

// For JSON text of our own making, or checked by DecodeToken.
std::string Prettier(const std::string& text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  return failed ? "{}" : PrettyJson(value);
}

std::string AccessLine(const Report& report) {
  const std::string asked = List(report.info.scopes);
  const DecodedToken& decoded = report.decoded;
  if (decoded.form == Form::kGhcr) {
    return fmt::format("access: asked {}; the token is for {} and does not say what it grants\n",
                       asked, decoded.repository);
  }
  if (!decoded.granted) {
    return fmt::format("access: asked {}; the token does not say what it grants\n", asked);
  }
  const std::vector<std::string> granted = Texts(*decoded.granted);
  std::string line = fmt::format("access: asked {}, granted {}", asked, List(granted));
  const std::vector<std::string> missing = report.Missing();
  if (!missing.empty() && granted.empty()) {
    line += ": the repository is hidden or missing";
  } else if (!missing.empty()) {
    line += fmt::format(": {} is refused", List(missing));
  }
  return line + "\n";
}

std::string LifetimeLine(const Report& report) {
  const DecodedToken& decoded = report.decoded;
  const auto lifetime = report.Lifetime();
  std::string line = lifetime ? fmt::format("lifetime: {} s", lifetime->count())
                              : std::string("lifetime: not stated");
  if (decoded.issued) line += fmt::format(", issued {}", FormatDate(*decoded.issued));
  if (decoded.expires) {
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(*decoded.expires - report.now);
    line += fmt::format(", expires {}", FormatDate(*decoded.expires));
    line += left.count() > 0 ? fmt::format(" ({} s left)", left.count()) : " (expired)";
  }
  return line + "\n";
}

std::string DecodedText(const Report& report) {
  std::string out = fmt::format("{}\n", Title(report.decoded.form));
  if (!report.decoded.header.empty()) out += "header: " + Prettier(report.decoded.header) + "\n";
  if (!report.decoded.payload.empty()) out += "payload: " + Prettier(report.decoded.payload) + "\n";
  return out + AccessLine(report) + LifetimeLine(report);
}

// ---------------------------------------------------------------------------------------- JSON

json::array Strings(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object InfoJson(const Report& report) {
  const client::TokenInfo& info = report.info;
  json::object out{{"realm", info.realm},
                   {"service", info.service},
                   {"asked", Strings(info.scopes)},
                   {"from_cache", info.from_cache}};
  if (const auto lifetime = report.Lifetime()) out["lifetime"] = lifetime->count();
  return out;
}

void AddDecoded(json::object& out, const Report& report) {
  const DecodedToken& decoded = report.decoded;
  boost::system::error_code ignored;
  out["form"] = decoded.form == Form::kJwt    ? "jwt"
                : decoded.form == Form::kGhcr ? "ghcr"
                                              : "opaque";
  out["verified"] = false;
  if (!decoded.header.empty()) out["header"] = json::parse(decoded.header, ignored);
  if (!decoded.payload.empty()) out["payload"] = json::parse(decoded.payload, ignored);
  if (decoded.granted) {
    out["granted"] = Strings(Texts(*decoded.granted));
    out["refused"] = Strings(report.Missing());
  }
  if (decoded.issued) out["issued"] = FormatDate(*decoded.issued);
  if (decoded.expires) out["expires"] = FormatDate(*decoded.expires);
}

// --------------------------------------------------------------------------------------------

class AuthTokenCommand final : public Command {
 public:
  std::string_view name() const override { return "auth token"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json"; }

 private:
  Status CheckScopes() const;
  std::string Show(const Report& report) const;

  RegistryFlags registry_flags_;
  std::string reference_;
  std::vector<std::string> scopes_;
  bool decode_ = false;
  std::string output_ = "text";
};

void AuthTokenCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "repository or registry")->required();
  app.add_option("--scope", scopes_, "scope to ask for instead of pull; repeatable")
      ->type_name("SCOPE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("--decode", decode_, "show what the token says instead of the token");
  app.add_option("-o,--output", output_, "how to print")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}).description(""));
  DeclareRegistryFlags(app, registry_flags_);
}

Status AuthTokenCommand::CheckScopes() const {
  for (const std::string& scope : scopes_) {
    const bool plain = std::ranges::all_of(scope, [](char c) { return c > ' ' && c < 0x7F; });
    if (scope.empty() || !plain) {
      return Fail(ErrorCode::kUsage, fmt::format("\"{}\" is not a scope", Printable(scope)),
                  "write repository:NAME:pull, and --scope once for each");
    }
  }
  return {};
}

std::string AuthTokenCommand::Show(const Report& report) const {
  if (output_ == "text") {
    return decode_ ? DecodedText(report) : report.info.token.Reveal() + "\n";
  }
  json::object out;
  if (!decode_) out["token"] = report.info.token.Reveal();
  for (auto& member : InfoJson(report)) out[member.key()] = std::move(member.value());
  if (decode_) AddDecoded(out, report);
  return PrettyJson(out) + "\n";
}

Status AuthTokenCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_CHECK(CheckScopes());
  PORTOLAN_TRY(const auto session, Session::Open(world, global, registry_flags_));
  PORTOLAN_TRY(const auto targets,
               ResolveTargets(session->registries(), reference_, RegistryRule::kDotted));
  PORTOLAN_TRY(client::TokenInfo info,
               session->Run(session->registries().FetchToken(targets.front(), scopes_)));
  Report report{.info = std::move(info), .decoded = {}, .now = world.clock.WallNow()};
  report.decoded = DecodeToken(report.info.token.Reveal());
  PORTOLAN_CHECK(world.terminal.Write(Show(report)));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewAuthTokenCommand() { return std::make_unique<AuthTokenCommand>(); }

}  // namespace portolan::cli
