#include <array>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/url.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

constexpr std::string_view kDigest = "Docker-Content-Digest";

constexpr std::array kQuestions{"manifest.get",       "manifest.head", "manifest.digest",
                                "manifest.no-accept", "manifest.etag", "blob.get",
                                "blob.range",         "referrers"};

http::Headers AcceptAll() {
  return {{"Accept",
           fmt::format("{}, {}, {}, {}, {}, {}", oci::kImageManifestType, oci::kImageIndexType,
                       oci::kDockerManifestType, oci::kDockerManifestListType,
                       oci::kDockerSignedSchema1Type, oci::kDockerSchema1Type)}};
}

std::string_view TypeOf(const Reply& reply) {
  const std::string_view type = reply.headers.Get("Content-Type");
  return type.substr(0, type.find(';'));
}

async::Task<Reply> AskManifest(Context& context, std::string_view method, std::string reference,
                               http::Headers headers) {
  co_return co_await context.Ask(
      {.method = std::string(method),
       .path = wire::RepositoryPath(*context.target.repository, "manifests/" + reference),
       .headers = std::move(headers)});
}

void FindManifest(Findings& findings, const Reply& get) {
  const std::string digest = oci::DigestOf(oci::HashAlgorithm::kSha256, get.body).text();
  const std::string_view said = get.headers.Get(kDigest);
  findings.Found("manifest.digest",
                 said.empty()     ? "no"
                 : said == digest ? "yes"
                                  : "of something else",
                 get.exchanges);
  findings.Found("manifest.etag", get.headers.Get("ETag").empty() ? "no" : "yes", get.exchanges);
}

async::Task<void> CheckVariants(Context& context, const std::string& tag, const Reply& get) {
  Findings& findings = context.findings;
  const Reply head = co_await AskManifest(context, "HEAD", tag, AcceptAll());
  if (head.status == 0) {
    findings.Unknown("manifest.head", head.failure, head.exchanges);
  } else {
    const bool same = head.ok() && head.headers.Get(kDigest) == get.headers.Get(kDigest) &&
                      TypeOf(head) == TypeOf(get);
    findings.Found("manifest.head", same ? "as GET" : head.Outcome(), head.exchanges);
  }
  const Reply plain = co_await AskManifest(context, "GET", tag, {});
  if (plain.status == 0) {
    findings.Unknown("manifest.no-accept", plain.failure, plain.exchanges);
  } else if (!plain.ok()) {
    findings.Found("manifest.no-accept", plain.Outcome(), plain.exchanges);
  } else {
    const bool same = plain.body == get.body;
    findings.Found("manifest.no-accept", same ? "as stored" : "as " + Printable(TypeOf(plain), 128),
                   plain.exchanges);
  }
}

// A manifest with a config: the first of an index.
async::Task<std::optional<oci::Descriptor>> FindBlob(Context& context, const Reply& get) {
  Result<oci::Manifest> manifest = oci::Manifest::Parse(get.body, TypeOf(get));
  if (manifest && manifest->kind == oci::Manifest::Kind::kIndex && !manifest->manifests.empty()) {
    const Reply child = co_await AskManifest(
        context, "GET", manifest->manifests.front().digest.text(), AcceptAll());
    if (!child.ok()) co_return std::nullopt;
    manifest = oci::Manifest::Parse(child.body, TypeOf(child));
  }
  if (!manifest || !manifest->config) co_return std::nullopt;
  co_return manifest->config;
}

async::Task<void> CheckBlob(Context& context, const Reply& get) {
  Findings& findings = context.findings;
  const std::optional<oci::Descriptor> blob = co_await FindBlob(context, get);
  if (!blob) {
    findings.Unknown("blob.get", "no blob was found", get.exchanges);
    findings.Unknown("blob.range", "no blob was found", get.exchanges);
    co_return;
  }
  // A byte is enough to see all that there is to see.
  const Reply reply = co_await context.Ask(
      {.path = wire::RepositoryPath(*context.target.repository, "blobs/" + blob->digest.text()),
       .headers = {{"Range", "bytes=0-0"}},
       .follow_redirects = false});
  if (reply.status == 0) {
    findings.Unknown("blob.get", reply.failure, reply.exchanges);
    findings.Unknown("blob.range", reply.failure, reply.exchanges);
  } else if (reply.status >= 300 && reply.status < 400) {
    const Url& asked = context.recorder().exchanges().back()->url;
    const Result<Url> where = asked.Resolve(reply.headers.Get("Location"));
    findings.Found("blob.get", fmt::format("redirect {}", reply.status), reply.exchanges,
                   where ? "to " + where->origin.ToString() : "to nowhere");
    findings.Unknown("blob.range", "blobs come from elsewhere", reply.exchanges);
  } else if (reply.ok() || reply.status == 206) {
    findings.Found("blob.get", "sent", reply.exchanges);
    findings.Found("blob.range", reply.ok() ? "ignored" : "honoured", reply.exchanges);
  } else {
    findings.Found("blob.get", reply.Outcome(), reply.exchanges);
    findings.Unknown("blob.range", "the blob was refused", reply.exchanges);
  }
}

}  // namespace

async::Task<void> CheckContent(Context& context) {
  Findings& findings = context.findings;
  const auto give_up = [&](const std::string& why, const std::vector<int>& exchanges) {
    for (const char* question : kQuestions) findings.Unknown(question, why, exchanges);
  };
  if (context.tags.empty()) {
    give_up("no tag is known", {});
    co_return;
  }
  const std::string tag = context.tags.front();
  if (!oci::Tag::IsValid(tag)) {
    give_up("the first tag is none", {});
    co_return;
  }
  const Reply get = co_await AskManifest(context, "GET", tag, AcceptAll());
  if (get.status != 0) findings.Found("manifest.get", get.Outcome(), get.exchanges);
  if (!get.ok() || get.cut) {
    give_up(get.status == 0 || get.cut ? get.failure : "the manifest was refused", get.exchanges);
    co_return;
  }
  FindManifest(findings, get);
  co_await CheckVariants(context, tag, get);
  co_await CheckBlob(context, get);
  const std::string digest = oci::DigestOf(oci::HashAlgorithm::kSha256, get.body).text();
  const Reply referrers = co_await context.Ask(
      {.path = wire::RepositoryPath(*context.target.repository, "referrers/" + digest),
       .follow_redirects = false});
  if (referrers.status == 0) {
    findings.Unknown("referrers", referrers.failure, referrers.exchanges);
  } else {
    findings.Found("referrers", referrers.Outcome(), referrers.exchanges);
  }
}

}  // namespace portolan::probe
