#include <span>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/probe/answer.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/challenge.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

std::string OrNone(std::string_view text) { return text.empty() ? "none" : Printable(text, 512); }

std::string_view PathOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  if (path == std::string_view::npos) return "/";
  url.remove_prefix(path);
  return url.substr(0, url.find('?'));
}

void FindChallenge(Findings& findings, const Reply& reply) {
  const auto lines = reply.headers.GetAll("WWW-Authenticate");
  const std::vector<wire::Challenge> challenges = wire::ParseChallenges(lines);
  std::string schemes;
  for (const wire::Challenge& challenge : challenges) {
    schemes += (schemes.empty() ? "" : ", ") + challenge.scheme;
  }
  findings.Found("challenge.scheme", OrNone(schemes), reply.exchanges);
  const wire::Challenge* chosen = wire::ChooseChallenge(challenges);
  if (chosen == nullptr || chosen->scheme != "bearer") {
    for (const char* name : {"realm", "realm-path", "service", "scope"}) {
      findings.Unknown(std::string("challenge.") + name, "there is no challenge for a token",
                       reply.exchanges);
    }
    return;
  }
  findings.Found("challenge.realm", OrNone(chosen->Get("realm")), reply.exchanges);
  findings.Found("challenge.realm-path", OrNone(PathOf(chosen->Get("realm"))), reply.exchanges);
  findings.Found("challenge.service", OrNone(chosen->Get("service")), reply.exchanges);
  findings.Found("challenge.scope", OrNone(chosen->Get("scope")), reply.exchanges);
}

void FindConnection(Context& context, const Reply& reply) {
  const Exchange& last = *context.recorder().exchanges().back();
  context.findings.Found("http.version", last.version, reply.exchanges);
  const bool tls = last.url.origin.scheme == "https";
  if (!tls) {
    context.findings.Found("tls.version", "none", reply.exchanges, "plain http");
    context.findings.Unknown("tls.issuer", "plain http");
  } else if (last.tls_version.empty()) {
    context.findings.Unknown("tls.version", "the connection does not tell");
    context.findings.Unknown("tls.issuer", "the connection does not tell");
  } else {
    context.findings.Found("tls.version", last.tls_version, reply.exchanges);
    context.findings.Found("tls.issuer", OrNone(last.tls_issuer), reply.exchanges);
  }
  const bool case_shows = last.version.starts_with('1');
  if (case_shows) {
    context.findings.Found("header.case", HeaderCase(reply.headers), reply.exchanges);
  } else {
    context.findings.Unknown("header.case", "HTTP/2 has lower case only");
  }
  context.findings.Found("header.server", OrNone(reply.headers.Get("Server")), reply.exchanges);
}

}  // namespace

async::Task<Reply> CheckBase(Context& context) {
  Reply reply = co_await context.Ask({.path = wire::BasePath(), .bare = true});
  if (reply.status == 0) co_return reply;
  FindConnection(context, reply);
  Findings& findings = context.findings;
  findings.Found("base.status", std::to_string(reply.status), reply.exchanges);
  findings.Found("base.body", BodyKind(reply.body), reply.exchanges);
  const std::string_view type = reply.headers.Get("Content-Type");
  findings.Found("base.type", OrNone(TrimSpace(type.substr(0, type.find(';')))), reply.exchanges);
  findings.Found("base.api-version", OrNone(reply.headers.Get("Docker-Distribution-Api-Version")),
                 reply.exchanges);
  FindChallenge(findings, reply);
  co_return reply;
}

}  // namespace portolan::probe
