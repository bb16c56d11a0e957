#include "portolan/client/content.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/wire/error_body.h"
#include "portolan/wire/route.h"
#include "portolan/wire/scope.h"

namespace portolan::client {
namespace {

constexpr std::size_t kMaxManifest = 16U << 20U;  // four times what registries take

using repo::ManifestContent;
using repo::ManifestInfo;
using repo::ManifestName;

// Everything: a registry answers with what is stored only if the client says that it knows it.
const std::string& AcceptedTypes() {
  static const std::string types =
      fmt::format("{}, {}, {}, {}, {}, {}, */*", oci::kImageIndexType, oci::kDockerManifestListType,
                  oci::kImageManifestType, oci::kDockerManifestType, oci::kDockerSignedSchema1Type,
                  oci::kDockerSchema1Type);
  return types;
}

std::string Described(const Place& place, const ManifestName& manifest) {
  const bool tag = std::holds_alternative<oci::Tag>(manifest);
  return fmt::format("{}{}{}", place.name, tag ? ':' : '@', repo::TextOf(manifest));
}

std::string MediaTypeOf(const http::Response& response) {
  const std::string_view value = response.headers.Get("Content-Type");
  return AsciiLower(TrimSpace(value.substr(0, value.find(';'))));
}

// Of an answer: absent, unless it is a digest.
std::optional<oci::Digest> DigestOf(const http::Response& response) {
  Result<oci::Digest> digest = oci::Digest::Parse(response.headers.Get("Docker-Content-Digest"));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

std::vector<std::string> ScopesFor(const Place& place, std::string_view method) {
  wire::Scope scope = wire::Scope::ForRepository(place.repository, method);
  const auto& delete_actions = place.session.profile().delete_actions;
  if (method == "DELETE" && !delete_actions.empty()) {
    scope.actions.assign(delete_actions.begin(), delete_actions.end());
  }
  return {scope.ToString()};
}

SessionRequest RequestFor(const Place& place, std::string method, std::string target) {
  SessionRequest request;
  request.scopes = ScopesFor(place, method);
  request.method = std::move(method);
  request.target = std::move(target);
  return request;
}

SessionRequest ManifestRequest(const Place& place, std::string method,
                               const ManifestName& manifest) {
  SessionRequest request = RequestFor(place, std::move(method),
                                      wire::ManifestPath(place.repository, repo::TextOf(manifest)));
  request.headers.Add("Accept", AcceptedTypes());
  return request;
}

async::Task<Error> Refusal(const Place& place, Sender::Answer& answer, std::string what,
                           ErrorCode if_missing) {
  const std::string body = co_await http::ReadStart(*answer.response.body, place.limits.error_body);
  const wire::ErrorBody said = wire::ErrorBody::Parse(body);
  Error error = wire::ToError(answer.response.status, said, what);
  if (answer.response.status == 404 && !said.Has("NAME_UNKNOWN")) error.code = if_missing;
  co_return error;
}

struct Got {
  Sender::Answer answer;
  std::string body;
};

// GET of something that is read whole; once more if it breaks off on the way.
async::Task<Result<Got>> Get(const Place& place, SessionRequest request, std::string what,
                             std::size_t max_size, ErrorCode if_missing) {
  for (int attempt = 0;; ++attempt) {
    PORTOLAN_CO_TRY(Sender::Answer answer, co_await place.session.Send(request));
    if (answer.response.status != 200) {
      co_return co_await Refusal(place, answer, std::move(what), if_missing);
    }
    Result<std::string> body = co_await http::ReadAll(*answer.response.body, max_size);
    if (body) co_return Got{.answer = std::move(answer), .body = *std::move(body)};
    answer.response.body = http::NewTextBody({});  // gives its place at the gate back
    if (!co_await place.session.WaitToRetry(attempt, body.error())) {
      co_return Wrap(std::move(body).error(), what);
    }
  }
}

// kDigestInvalid unless `content` is what `digest` says; kUnsupported if that cannot be known.
Status Verify(std::string_view content, const oci::Digest& digest, std::string_view what) {
  const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
  if (!algorithm) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} cannot be verified: {} digests are not supported", what,
                            digest.algorithm()));
  }
  if (oci::DigestOf(*algorithm, content) == digest) return {};
  return Fail(ErrorCode::kDigestInvalid,
              fmt::format("the content of {} does not match its digest", what),
              "the registry, or something between, has damaged it");
}

}  // namespace

async::Task<Result<ManifestInfo>> FindManifest(Place place, ManifestName manifest) {
  PORTOLAN_CO_TRY(Sender::Answer answer,
                  co_await place.session.Send(ManifestRequest(place, "HEAD", manifest)));
  const int status = answer.response.status;
  const auto* const asked = std::get_if<oci::Digest>(&manifest);
  if (status == 200) {
    std::optional<oci::Digest> digest = DigestOf(answer.response);
    if (asked != nullptr) digest = *asked;
    if (digest) {
      co_return ManifestInfo{.digest = *std::move(digest),
                             .media_type = MediaTypeOf(answer.response)};
    }
  } else if (status == 404 || status == 401 || status == 429 || status >= 500) {
    co_return co_await Refusal(place, answer, Described(place, manifest),
                               ErrorCode::kManifestUnknown);
  }
  answer.response.body = http::NewTextBody({});
  PORTOLAN_CO_TRY(ManifestContent content, co_await ReadManifest(place, std::move(manifest)));
  co_return std::move(content.info);
}

async::Task<Result<ManifestContent>> ReadManifest(Place place, ManifestName manifest) {
  const std::string what = Described(place, manifest);
  PORTOLAN_CO_TRY(Got got, co_await Get(place, ManifestRequest(place, "GET", manifest), what,
                                        kMaxManifest, ErrorCode::kManifestUnknown));
  std::optional<oci::Digest> digest = DigestOf(got.answer.response);
  if (const auto* const asked = std::get_if<oci::Digest>(&manifest)) digest = *asked;
  if (digest) {
    PORTOLAN_CO_CHECK(Verify(got.body, *digest, what));
  } else {
    digest = oci::DigestOf(oci::HashAlgorithm::kSha256, got.body);
  }
  co_return ManifestContent{
      .info = {.digest = *std::move(digest), .media_type = MediaTypeOf(got.answer.response)},
      .text = std::move(got.body)};
}

async::Task<Result<std::string>> ReadBlob(Place place, oci::Digest digest, std::size_t max_size) {
  const std::string what = fmt::format("blob {} of {}", digest.text(), place.name);
  PORTOLAN_CO_TRY(
      Got got,
      co_await Get(place, RequestFor(place, "GET", wire::BlobPath(place.repository, digest)), what,
                   max_size, ErrorCode::kBlobUnknown));
  PORTOLAN_CO_CHECK(Verify(got.body, digest, what));
  co_return std::move(got.body);
}

async::Task<Status> DeleteManifest(Place place, ManifestName manifest) {
  const std::string what = "deleting " + Described(place, manifest);
  PORTOLAN_CO_TRY(
      Sender::Answer answer,
      co_await place.session.Send(RequestFor(
          place, "DELETE", wire::ManifestPath(place.repository, repo::TextOf(manifest)))));
  const int status = answer.response.status;
  if (status == 202 || status == 200 || status == 204) co_return Status();
  Error error = co_await Refusal(place, answer, what, ErrorCode::kManifestUnknown);
  // Registries that delete by digest alone say so in several ways (docker-registry 2: 400
  // DIGEST_INVALID or 405 UNSUPPORTED).
  const bool by_tag = std::holds_alternative<oci::Tag>(manifest);
  if (status == 405 || status == 501 || (by_tag && status == 400)) {
    error.code = ErrorCode::kUnsupported;
  }
  co_return error;
}

async::Task<Status> PutManifest(Place place, oci::Tag tag, const ManifestContent& content) {
  SessionRequest request =
      RequestFor(place, "PUT", wire::ManifestPath(place.repository, tag.text()));
  request.headers.Add("Content-Type", content.info.media_type);
  request.content_length = content.text.size();
  request.body = [text = content.text] { return http::NewTextBody(text); };
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await place.session.Send(request));
  if (answer.response.status == 201 || answer.response.status == 202) co_return Status();
  co_return co_await Refusal(place, answer, "pushing " + Described(place, tag),
                             ErrorCode::kNameUnknown);
}

}  // namespace portolan::client
