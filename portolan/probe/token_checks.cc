#include <array>
#include <cstddef>

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

// The exchange with the token endpoint, of those after the first `before`: nothing else is asked
// for outside the registry's own paths with a service or a scope.
const Exchange* TokenExchange(const Context& context, std::size_t before) {
  const std::string_view realm = context.findings.Value("challenge.realm-path");
  for (std::size_t i = before; i < context.recorder().exchanges().size(); ++i) {
    const auto& exchange = context.recorder().exchanges()[i];
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

// A list that nobody may see says nothing of a registry: the repository may not be there.
void FindList(Findings& findings, std::string_view question, const Page& page, bool seen) {
  if (page.reply.status == 0) {
    findings.Unknown(question, page.Why(), page.reply.exchanges);
  } else if (page.is_list || seen) {
    findings.Found(question, page.is_list ? "yes" : "no: " + page.reply.Outcome(),
                   page.reply.exchanges);
  } else {
    findings.Unknown(question,
                     "the repository is missing, or not to be seen: " + page.reply.Outcome(),
                     page.reply.exchanges);
  }
}

}  // namespace

async::Task<void> CheckTokens(Context& context) {
  Findings& findings = context.findings;
  const Page bare = co_await context.AskTags({}, true);
  if (bare.reply.status != 0) FindScope(context, bare.reply);
  const bool bearer = findings.Get("challenge.realm") != nullptr &&
                      findings.Get("challenge.realm")->value.has_value();
  if (!bearer) {
    FindList(findings, "list.without-token", bare, false);
    const std::string why = "the registry asks for no token";
    findings.Unknown("list.with-token", why);
    for (const char* name : kAboutTokens) findings.Unknown(name, why);
    co_return;
  }
  // Not among those before: the catalog's token is another one.
  const std::size_t before = context.recorder().exchanges().size();
  const std::string refused = co_await context.FetchToken();
  if (const Exchange* exchange = TokenExchange(context, before)) {
    FindToken(findings, *exchange);
  } else {
    for (const char* name : kAboutTokens) {
      findings.Unknown(name, refused.empty() ? "no token was fetched" : refused);
    }
  }
  if (!refused.empty()) {
    FindList(findings, "list.without-token", bare, false);
    findings.Unknown("list.with-token", refused);
    co_return;
  }
  const Page page = co_await context.AskTags({});
  const bool seen = bare.is_list || page.is_list;
  FindList(findings, "list.without-token", bare, seen);
  FindList(findings, "list.with-token", page, seen);
}

}  // namespace portolan::probe
