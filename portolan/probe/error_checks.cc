#include "portolan/probe/answer.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

void FindError(Findings& findings, const std::string& question, const Reply& reply) {
  if (reply.status == 0) {
    findings.Unknown(question, reply.failure, reply.exchanges);
    findings.Unknown(question + "-body", reply.failure, reply.exchanges);
    return;
  }
  findings.Found(question, reply.Outcome(), reply.exchanges);
  if (reply.status < 400) {
    findings.Unknown(question + "-body", "it was no error", reply.exchanges);
  } else {
    findings.Found(question + "-body", BodyKind(reply.body), reply.exchanges);
  }
}

}  // namespace

async::Task<void> CheckErrors(Context& context) {
  const oci::RepositoryName repository = *context.target.repository;
  const std::string list = wire::RepositoryPath(repository, "tags/list");
  FindError(
      context.findings, "error.token",
      co_await context.Ask(
          {.path = list, .headers = {{"Authorization", "Bearer portolan-probe"}}, .bare = true}));
  FindError(context.findings, "error.tag",
            co_await context.Ask(
                {.path = wire::RepositoryPath(repository, "manifests/portolan-probe-no-such-tag"),
                 .headers = {{"Accept", "*/*"}}}));
  const Result<oci::RepositoryName> other =
      oci::RepositoryName::Parse(repository.text() + "-portolan-probe");
  if (!other) {
    context.findings.Unknown("error.repository", "the repository's name is too long");
    context.findings.Unknown("error.repository-body", "the repository's name is too long");
    co_return;
  }
  FindError(context.findings, "error.repository",
            co_await context.Ask({.path = wire::RepositoryPath(*other, "tags/list"),
                                  .target = client::Target{.registry = context.target.registry,
                                                           .repository = *other}}));
}

}  // namespace portolan::probe
