#include <algorithm>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/secret.h"
#include "portolan/probe/answer.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/challenge.h"

namespace portolan::probe {
namespace {

constexpr std::array kAboutTokens{"token.anonymous", "token.fields", "token.form",
                                  "token.lifetime"};

// The exchange with the token endpoint: nothing else is asked for outside the registry's own paths
// with a service or a scope.
const Exchange* TokenExchange(const Context& context) {
  const std::string_view realm = context.findings.Value("challenge.realm-path");
  for (const auto& exchange : context.recorder().exchanges()) {
    if (exchange->status != 0 && exchange->url.Path() == realm &&
        (exchange->url.Query().contains("service=") || exchange->url.Query().contains("scope=") ||
         exchange->method == "POST")) {
      return exchange.get();
    }
  }
  return nullptr;
}

void FindToken(Findings& findings, const Exchange& exchange) {
  const std::vector<int> evidence{exchange.number};
  const bool given = exchange.status == 200;
  if (exchange.authorized || exchange.method == "POST") {
    findings.Unknown("token.anonymous", "credentials were used; --no-creds tests it", evidence);
  } else {
    findings.Found("token.anonymous", given ? "yes" : fmt::format("no: {}", exchange.status),
                   evidence);
  }
  if (!given) {
    for (const char* name : kAboutTokens) {
      findings.Unknown(name, fmt::format("the token endpoint said {}", exchange.status), evidence);
    }
    return;
  }
  findings.Found("token.fields", Printable(MemberNames(exchange.body)), evidence);
  auto token = MemberText(exchange.body, "token");
  if (!token) token = MemberText(exchange.body, "access_token");
  if (!token) return;
  findings.Found("token.form", Printable(TokenForm(*token)), evidence);
  const auto stated = MemberText(exchange.body, "expires_in");
  const auto seconds = TokenSeconds(*token);
  if (stated) {
    findings.Found("token.lifetime", fmt::format("{} s", Printable(*stated, 40)), evidence,
                   "as the answer says");
  } else if (seconds) {
    findings.Found("token.lifetime", fmt::format("{} s", *seconds), evidence,
                   "as the token says, not the answer");
  } else {
    findings.Found("token.lifetime", "not said", evidence);
  }
}

// The scope of a repository's challenge, with its name taken out.
void FindScope(Context& context, const Reply& reply) {
  const auto challenges = wire::ParseChallenges(reply.headers.GetAll("WWW-Authenticate"));
  const wire::Challenge* chosen = wire::ChooseChallenge(challenges);
  if (reply.status != 401 || chosen == nullptr || chosen->scheme != "bearer") {
    context.findings.Unknown("challenge.list-scope", "listing was not answered with a challenge",
                             reply.exchanges);
    return;
  }
  std::string scope(chosen->Get("scope"));
  const std::string& name = context.target.repository->text();
  if (const std::size_t at = scope.find(name); at != std::string::npos) {
    scope.replace(at, name.size(), "NAME");
  }
  context.findings.Found("challenge.list-scope", scope.empty() ? "none" : Printable(scope),
                         reply.exchanges);
}

}  // namespace

async::Task<void> CheckTokens(Context& context) {
  Findings& findings = context.findings;
  const Page bare = co_await context.AskTags({}, true);
  if (bare.reply.status == 0) {
    findings.Unknown("list.without-token", bare.Why(), bare.reply.exchanges);
  } else {
    findings.Found("list.without-token", bare.is_list ? "yes" : "no: " + bare.reply.Outcome(),
                   bare.reply.exchanges);
  }
  if (bare.reply.status != 0) FindScope(context, bare.reply);
  const bool bearer = findings.Get("challenge.realm") != nullptr &&
                      findings.Get("challenge.realm")->value.has_value();
  if (!bearer) {
    const std::string why = "the registry asks for no token";
    findings.Unknown("list.with-token", why);
    for (const char* name : kAboutTokens) findings.Unknown(name, why);
    co_return;
  }
  const std::string refused = co_await context.FetchToken();
  if (const Exchange* exchange = TokenExchange(context)) {
    FindToken(findings, *exchange);
  } else {
    for (const char* name : kAboutTokens) {
      findings.Unknown(name, refused.empty() ? "no token was fetched" : refused);
    }
  }
  if (!refused.empty()) {
    findings.Unknown("list.with-token", refused);
    co_return;
  }
  const Page page = co_await context.AskTags({});
  if (page.reply.status == 0) {
    findings.Unknown("list.with-token", page.Why(), page.reply.exchanges);
    co_return;
  }
  findings.Found("list.with-token", page.is_list ? "yes" : "no: " + page.reply.Outcome(),
                 page.reply.exchanges);
}

}  // namespace portolan::probe
