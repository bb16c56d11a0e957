#include <algorithm>
#include <set>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/base/url.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/list.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

// What an answer says of limits, in lower case.
std::set<std::string> LimitFields(const Recorder& recorder, std::vector<int>& evidence) {
  std::set<std::string> names;
  for (const auto& exchange : recorder.exchanges()) {
    bool has = false;
    for (const auto& field : exchange->headers.fields()) {
      const std::string name = AsciiLower(field.name);
      if (!name.contains("ratelimit") && !name.contains("rate-limit")) continue;
      names.insert(Printable(name, 64));
      has = true;
    }
    if (has) evidence.push_back(exchange->number);
  }
  return names;
}

}  // namespace

async::Task<void> CheckCatalog(Context& context) {
  const Reply reply = co_await context.Ask(
      {.path = wire::CatalogPath(20),
       .target = client::Target{.registry = context.target.registry, .repository = std::nullopt}});
  if (reply.status == 0 || reply.cut) {
    context.findings.Unknown("catalog", reply.failure, reply.exchanges);
    co_return;
  }
  if (!reply.ok()) {
    context.findings.Found("catalog", reply.Outcome(), reply.exchanges);
    co_return;
  }
  std::vector<std::string> names;
  const Limits limits;
  wire::ListParser parser("repositories", limits,
                          [&](std::string_view name) { names.emplace_back(name); });
  const Status fed = parser.Feed(reply.body);
  const bool is_list = fed && parser.Finish();
  context.findings.Found("catalog",
                         !is_list        ? "200, no list"
                         : names.empty() ? "200, empty"
                                         : "200, with repositories",
                         reply.exchanges);
  if (context.target.repository) co_return;
  for (const std::string& name : names) {
    auto parsed = oci::RepositoryName::Parse(name);
    if (!parsed) continue;
    context.target.repository = *std::move(parsed);
    co_return;
  }
}

async::Task<void> CheckExtras(Context& context) {
  if (context.target.repository) {
    const Reply reply = co_await context.Ask(
        {.path = wire::RepositoryPath(*context.target.repository, "_oci/ext/discover"),
         .follow_redirects = false});
    if (reply.status == 0) {
      context.findings.Unknown("discover", reply.failure, reply.exchanges);
    } else {
      context.findings.Found("discover", reply.Outcome(), reply.exchanges);
    }
  }
  std::vector<int> evidence;
  std::string limits;
  for (const std::string& name : LimitFields(context.recorder(), evidence)) {
    limits += (limits.empty() ? "" : ", ") + name;
  }
  context.findings.Found("rate-limit", limits.empty() ? "none" : limits, evidence);
}

}  // namespace portolan::probe
