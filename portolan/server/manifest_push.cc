// Manifests, pushed. Spec: "Pushing Manifests", "Pushing Manifests with Subject".
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/log.h"
#include "portolan/http/body.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/handlers.h"
#include "portolan/server/reply.h"
#include "portolan/wire/route.h"

namespace portolan::server {
namespace {

Error TooLarge(std::size_t max_size) {
  return Fail(ErrorCode::kTooLarge,
              fmt::format("the manifest is larger than the {} bytes allowed here", max_size));
}

// Room for the content, which is held until it is committed.
Result<UploadMemory::Share> TakeMemory(Backend& backend, const http::Request& request) {
  const std::uint64_t size = request.content_length.value_or(backend.options.manifest_size);
  if (size <= UploadMemory::kFree || size > backend.options.manifest_size) {
    return UploadMemory::Share();
  }
  UploadMemory::Share share = backend.budget->memory.Take(size);
  if (share) return share;
  return Fail(ErrorCode::kTooManyRequests,
              "the memory for manifests is used up by other pushes under way",
              "try again in a moment");
}

async::Task<Result<std::string>> ReadManifest(const Backend& backend, http::Request& request) {
  const std::size_t max_size = backend.options.manifest_size;
  if (request.content_length.value_or(0) > max_size) co_return TooLarge(max_size);
  if (!request.body) co_return std::string();
  const std::unique_ptr<http::BodyReader> body = request.body();
  Result<std::string> content = co_await http::ReadAll(*body, max_size);
  if (!content && content.error().code == ErrorCode::kTooLarge) co_return TooLarge(max_size);
  co_return content;
}

// The digest by which it is to be known: the one it was sent to, which must be right, else its
// SHA-256.
Result<oci::Digest> DigestFor(const Call& call, std::string_view content) {
  if (!call.endpoint.digest) return oci::DigestOf(oci::HashAlgorithm::kSha256, content);
  const oci::Digest& wanted = *call.endpoint.digest;
  const auto algorithm = oci::HashAlgorithmOf(wanted.algorithm());
  if (!algorithm) {
    return Fail(
        ErrorCode::kDigestInvalid,
        fmt::format(
            "digests of the algorithm {} cannot be verified here; expected sha256 or sha512",
            wanted.algorithm()));
  }
  oci::Digest actual = oci::DigestOf(*algorithm, content);
  if (actual == wanted) return actual;
  return Fail(ErrorCode::kDigestInvalid,
              fmt::format("the manifest was sent as {}, but its content has the digest {}",
                          wanted.text(), actual.text()));
}

// Tags that it is to get: the one it was sent to, or those of the query (`?tag=a&tag=b`, with a
// digest only).
Result<std::vector<oci::Tag>> TagsFor(const Call& call) {
  std::vector<oci::Tag> tags;
  if (call.endpoint.tag) tags.push_back(*call.endpoint.tag);
  for (const std::string_view text : call.query.GetAll("tag")) {
    if (call.endpoint.tag) {
      return Fail(ErrorCode::kTagInvalid,
                  "the parameter tag goes with a push by digest, not by tag");
    }
    Result<oci::Tag> tag = oci::Tag::Parse(text);
    if (!tag) {
      return Fail(ErrorCode::kTagInvalid, "the parameter tag: " + tag.error().message);
    }
    tags.push_back(*std::move(tag));
  }
  return tags;
}

std::string TextOf(const std::vector<oci::Tag>& tags,
                   const std::vector<store::TagOutcome>& outcomes) {
  constexpr std::array kWords{"unchanged", "created", "overwritten"};
  std::string text;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", tags[i].text(),
                        kWords.at(static_cast<std::size_t>(outcomes[i])));
  }
  return text;
}

}  // namespace

Answer PutManifest(Backend& backend, Call& call) {
  if (call.query.GetAll("tag").size() > static_cast<std::size_t>(backend.options.tags_per_push)) {
    co_return ErrorReply(Fail(ErrorCode::kTagInvalid, fmt::format("more than {} tags in one push",
                                                                  backend.options.tags_per_push)),
                         414);
  }
  PORTOLAN_CO_TRY(const UploadPermit permit, UploadPermit::Take(backend));
  PORTOLAN_CO_TRY(std::vector<oci::Tag> tags, TagsFor(call));
  PORTOLAN_CO_TRY(const UploadMemory::Share memory, TakeMemory(backend, call.request));
  PORTOLAN_CO_TRY(const std::string content, co_await ReadManifest(backend, call.request));
  PORTOLAN_CO_TRY(const oci::Manifest manifest,
                  oci::Manifest::Parse(content, call.request.headers.Get("Content-Type")));
  PORTOLAN_CO_TRY(const oci::Digest digest, DigestFor(call, content));

  const store::NewManifest fresh{.repository = call.repository(),
                                 .digest = digest,
                                 .manifest = manifest,
                                 .content = content,
                                 .tags = tags,
                                 .may_create = call.allowed.Has(auth::Action::kCreate),
                                 .may_overwrite = call.allowed.Has(auth::Action::kOverwrite),
                                 .allow_missing = backend.options.sparse_indexes};
  PORTOLAN_CO_TRY(const std::vector<store::TagOutcome> outcomes,
                  co_await async::OnPool(backend.pool(), [&] {
                    return backend.storage().metadata().PutManifest(fresh, ActorOf(backend, call));
                  }));
  call.tags_set = TextOf(tags, outcomes);

  http::Response response = Reply(201);
  SetLocation(response, backend,
              wire::RepositoryPath(call.repository(), "manifests/" + digest.text()));
  SetDigest(response, digest);
  const dialect::Served* const served = backend.parts.served;
  if (served != nullptr && !served->pushed_body.empty()) {
    response.headers.Add("Content-Type", "text/html; charset=utf-8");
    response.body = http::NewTextBody(std::string(served->pushed_body));
  }
  if (served != nullptr && !served->tells_subject) co_return response;
  if (manifest.subject) response.headers.Add("OCI-Subject", manifest.subject->digest.text());
  if (!call.endpoint.tag) {
    for (const oci::Tag& tag : tags) response.headers.Add("OCI-Tag", tag.text());
  }
  co_return response;
}

}  // namespace portolan::server
