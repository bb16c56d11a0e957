// What a registry does with pushes, in a repository that its user gives for that.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/base/url.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/probe/checks.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

// Requests for taking away a tag, five manifests and two blobs, and for the tokens of that.
constexpr int kDeletions = 12;

const http::Headers& Octets() {
  static const http::Headers headers{{"Content-Type", "application/octet-stream"}};
  return headers;
}

bool IsGone(const Reply& deleted) { return deleted.status == 202 || deleted.status == 204; }

std::string Sha256(std::string_view content) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, content).text();
}

// Everything that is pushed has the probe's own mark in it: nothing that was there before can be
// overwritten, nor deleted.
class Pushes {
 public:
  Pushes(Context& context, std::string mark) : context_(context), mark_(std::move(mark)) {}

  async::Task<void> Run() {
    context_.Keep(kDeletions);
    const bool may_push = co_await Chunks();
    if (may_push) co_await Blobs();
    if (blobs_.size() == 2) {
      co_await Mounts();
      co_await Manifests();
    }
    context_.Keep(0);
    if (may_push) co_await Deletions();
  }

 private:
  std::string Path(const std::string& rest) const {
    return wire::RepositoryPath(*context_.target.repository, rest);
  }
  async::Task<Reply> Ask(std::string method, std::string path, std::string body = {},
                         http::Headers headers = {}) {
    co_return co_await context_.Ask({.method = std::move(method),
                                     .path = std::move(path),
                                     .headers = std::move(headers),
                                     .follow_redirects = false,
                                     .body = std::move(body)});
  }
  void Found(std::string_view question, const Reply& reply) {
    if (reply.status == 0) {
      context_.findings.Unknown(question, reply.failure, reply.exchanges);
    } else {
      context_.findings.Found(question, reply.Outcome(), reply.exchanges);
    }
  }
  // Begins an upload. Where it is, or empty.
  async::Task<std::string> Begin() {
    const Reply begun = co_await Ask("POST", Path("blobs/uploads/"));
    co_return begun.status == 202 ? std::string(begun.headers.Get("Location")) : std::string();
  }
  static std::string WithDigest(const std::string& location, const std::string& digest) {
    return fmt::format("{}{}digest={}", location, location.contains('?') ? '&' : '?',
                       PercentEncode(digest));
  }

  async::Task<bool> Chunks();
  async::Task<void> Blobs();
  async::Task<void> Mounts();
  async::Task<void> Manifests();
  async::Task<void> Deletions();
  async::Task<Reply> PutManifest(const std::string& reference, const std::string& body,
                                 std::string_view type, bool keeps = true);
  std::string Image(const std::string& layer, const std::string& more = {}) const;

  Context& context_;
  const std::string mark_;
  std::vector<std::string> blobs_;      // pushed, as their contents
  std::vector<std::string> manifests_;  // digests of those that were taken
};

// False if nothing may be pushed here.
async::Task<bool> Pushes::Chunks() {
  Findings& findings = context_.findings;
  const Reply begun = co_await Ask("POST", Path("blobs/uploads/"));
  Found("push.start", begun);
  if (begun.status != 202) co_return false;
  const std::string location(begun.headers.Get("Location"));
  findings.Found("push.location", IsWebAddress(location) ? "absolute" : "relative",
                 begun.exchanges);
  const std::string_view least = begun.headers.Get("OCI-Chunk-Min-Length");
  findings.Found("push.chunk-min", least.empty() ? "none" : Printable(least, 64), begun.exchanges);

  const std::string chunk = mark_.substr(0, 4);
  http::Headers first = Octets();
  first.Add("Content-Range", "0-3");
  const Reply taken = co_await Ask("PATCH", location, chunk, first);
  Found("push.chunk", taken);
  std::string next = location;
  const auto follow = [&next](const Reply& reply) {  // it may be elsewhere after each step
    const std::string_view moved = reply.headers.Get("Location");
    if (reply.status == 202 && !moved.empty()) next = moved;
  };
  follow(taken);
  const std::string_view range = taken.headers.Get("Range");
  findings.Found("push.chunk-range", range.empty() ? "none" : Printable(range, 64),
                 taken.exchanges);
  http::Headers gap = Octets();
  gap.Add("Content-Range", "100-103");
  const Reply behind = co_await Ask("PATCH", next, chunk, gap);
  Found("push.chunk-gap", behind);
  follow(behind);
  Found("push.status", co_await context_.Ask({.path = next, .follow_redirects = false}));
  Found("push.cancel", co_await Ask("DELETE", next));
  co_return true;
}

async::Task<void> Pushes::Blobs() {
  const std::string whole = fmt::format("{{\"probe\":\"{}\"}}", mark_);
  const Reply one =
      co_await Ask("POST", WithDigest(Path("blobs/uploads/"), Sha256(whole)), whole, Octets());
  Found("push.one-post", one);
  if (one.status == 201) blobs_.push_back(whole);
  // As the first, where POST alone does not do it; then another by PUT.
  while (blobs_.size() < 2) {
    const std::string content = blobs_.empty() ? whole : mark_ + " layer";
    const std::string location = co_await Begin();
    if (location.empty()) co_return;
    const Reply put = co_await Ask("PUT", WithDigest(location, Sha256(content)), content, Octets());
    Found("push.one-put", put);
    if (put.status != 201) co_return;
    blobs_.push_back(content);
  }
  const std::string location = co_await Begin();
  if (location.empty()) co_return;
  Found("push.wrong-digest",
        co_await Ask("PUT", WithDigest(location, Sha256(mark_ + " other")), mark_, Octets()));
  (void)co_await Ask("DELETE", location);
}

async::Task<void> Pushes::Mounts() {
  const std::string mount =
      Path("blobs/uploads/") + "?mount=" + PercentEncode(Sha256(blobs_.front()));
  for (const bool with_source : {true, false}) {
    const std::string from = "&from=" + PercentEncode(context_.target.repository->text());
    const Reply reply = co_await Ask("POST", with_source ? mount + from : mount);
    Found(with_source ? "push.mount" : "push.mount-anywhere", reply);
    // An upload was begun instead.
    if (reply.status == 202) {
      (void)co_await Ask("DELETE", std::string(reply.headers.Get("Location")));
    }
  }
}

std::string Pushes::Image(const std::string& layer, const std::string& more) const {
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}],"annotations":{{"probe":"{}"}}{}}})",
      oci::kImageManifestType, Sha256(blobs_[0]), blobs_[0].size(), Sha256(layer), layer.size(),
      mark_, more);
}

async::Task<Reply> Pushes::PutManifest(const std::string& reference, const std::string& body,
                                       std::string_view type, bool keeps) {
  const Reply reply = co_await Ask("PUT", Path("manifests/" + reference), body,
                                   {{"Content-Type", std::string(type)}});
  if (keeps && reply.status == 201) manifests_.push_back(Sha256(body));
  co_return reply;
}

async::Task<void> Pushes::Manifests() {
  const std::string image = Image(blobs_[1]);
  Found("push.manifest", co_await PutManifest(mark_, image, oci::kImageManifestType));
  const std::string of_image =
      Image(blobs_[1], fmt::format(R"(,"subject":{{"mediaType":"{}","digest":"{}","size":{}}})",
                                   oci::kImageManifestType, Sha256(image), image.size()));
  const Reply told = co_await PutManifest(Sha256(of_image), of_image, oci::kImageManifestType);
  if (told.status == 201) {
    context_.findings.Found("push.subject",
                            told.headers.Get("OCI-Subject").empty() ? "not told" : "told",
                            told.exchanges);
  } else {
    Found("push.subject", told);
  }
  const std::string orphan = Image(mark_ + " a layer that is not there");
  Found("push.missing-blob", co_await PutManifest(Sha256(orphan), orphan, oci::kImageManifestType));
  const std::string index = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{0}","manifests":[{{"mediaType":"{1}","digest":"{2}","size":7}}],"annotations":{{"probe":"{3}"}}}})",
      oci::kImageIndexType, oci::kImageManifestType, Sha256(mark_ + " no manifest"), mark_);
  Found("push.missing-child", co_await PutManifest(Sha256(index), index, oci::kImageIndexType));
  const Reply other = co_await PutManifest(Sha256(image), image, oci::kDockerManifestType, false);
  Found("push.other-type", other);
}

// Each as often as it takes: what the registry does not delete is named.
async::Task<void> Pushes::Deletions() {
  std::vector<std::string> left;
  bool by_tag = false;
  if (!manifests_.empty()) {
    const Reply tag = co_await Ask("DELETE", Path("manifests/" + mark_));
    Found("delete.tag", tag);
    by_tag = IsGone(tag);
  }
  for (auto it = manifests_.rbegin(); it != manifests_.rend(); ++it) {
    const Reply manifest = co_await Ask("DELETE", Path("manifests/" + *it));
    // The image went with its tag in some registries.
    if (manifest.status == 404 && by_tag) continue;
    Found("delete.manifest", manifest);
    if (!IsGone(manifest)) left.push_back(*it);
  }
  for (const std::string& content : blobs_) {
    const Reply blob = co_await Ask("DELETE", Path("blobs/" + Sha256(content)));
    Found("delete.blob", blob);
    if (!IsGone(blob) && blob.status != 404) left.push_back(Sha256(content));
  }
  context_.findings.Found(
      "push.left", left.empty() ? "nothing" : fmt::format("{} things", left.size()), {},
      left.empty() ? "" : fmt::format("of the tag {}: {}", mark_, fmt::join(left, ", ")));
}

}  // namespace

async::Task<void> CheckPushes(Context& context, std::string mark) {
  Pushes pushes(context, std::move(mark));
  co_await pushes.Run();
}

}  // namespace portolan::probe
