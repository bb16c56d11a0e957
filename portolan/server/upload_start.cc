// The beginning of an upload: a session, a whole blob in one request, or a mount. Spec: "Pushing
// blobs", "Mounting a blob from another repository".
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/oci/hasher.h"
#include "portolan/server/handlers.h"
#include "portolan/server/reply.h"
#include "portolan/server/upload_pump.h"
#include "portolan/server/upload_reply.h"

namespace portolan::server {
namespace {

// How many repositories are looked at for one that the client may pull a blob from.
constexpr std::size_t kMountCandidates = 100;

bool MayPull(const Call& call, const oci::RepositoryName& repository) {
  return call.rules->Allowed(call.identity, &repository).Has(auth::Action::kPull);
}

// A repository that has the blob and that the client may pull from: the one that it names, else
// any, since the answer then tells nothing that it could not have pulled.
Result<std::optional<oci::RepositoryName>> FindSource(Backend& backend, const Call& call,
                                                      const oci::Digest& digest) {
  store::MetadataStore& metadata = backend.storage().metadata();
  if (const auto from = call.query.Get("from"); from && !from->empty()) {
    PORTOLAN_TRY(oci::RepositoryName source, oci::RepositoryName::Parse(*from));
    if (MayPull(call, source) && metadata.FindBlob(source, digest)) return source;
  }
  if (backend.parts.served != nullptr && !backend.parts.served->mounts_from_anywhere) {
    return std::optional<oci::RepositoryName>();
  }
  PORTOLAN_TRY(const std::vector<oci::RepositoryName> sources,
               metadata.RepositoriesWithBlob(digest, kMountCandidates));
  for (const oci::RepositoryName& source : sources) {
    if (MayPull(call, source)) return source;
  }
  return std::optional<oci::RepositoryName>();
}

// Whether the repository has the blob afterwards.
Result<bool> Mount(Backend& backend, const Call& call, const oci::Digest& digest) {
  Result<std::optional<oci::RepositoryName>> source = FindSource(backend, call, digest);
  if (!source && source.error().code == ErrorCode::kReferenceInvalid) {
    return Fail(ErrorCode::kNameInvalid, "the parameter from: " + source.error().message);
  }
  if (!source) return source.error();
  if (!*source) return false;
  const Status mounted =
      backend.storage().MountBlob(**source, call.repository(), digest, ActorOf(backend, call));
  if (mounted) return true;
  // Collected between the look and the deed: the client uploads it.
  if (mounted.error().code == ErrorCode::kBlobUnknown) return false;
  return mounted.error();
}

// Sessions rest until storage.upload_expiry; each is a row, and may have a file.
Status CheckSessions(Backend& backend) {
  PORTOLAN_TRY(const store::StoreCounts counts, backend.storage().metadata().Count());
  if (counts.uploads < backend.options.upload_sessions) return {};
  return Fail(ErrorCode::kTooManyRequests,
              fmt::format("{} uploads have been begun and not ended, which is the limit of this "
                          "registry",
                          counts.uploads),
              "end or cancel uploads; those that rest are removed after a time");
}

Answer StartSession(Backend& backend, Call& call) {
  oci::HashAlgorithm algorithm = oci::HashAlgorithm::kSha256;
  if (const auto name = call.query.Get("digest-algorithm")) {
    PORTOLAN_CO_TRY(algorithm, AlgorithmOf(*name));
  }
  const auto start = [&]() -> Result<store::UploadState> {
    PORTOLAN_CHECK(CheckSessions(backend));
    return backend.storage().StartUpload(call.repository(), algorithm, ActorOf(backend, call));
  };
  PORTOLAN_CO_TRY(const store::UploadState upload, co_await async::OnPool(backend.pool(), start));
  co_return UploadReply(backend, call, 202, upload);
}

Answer PostWhole(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const oci::Digest digest, DigestParameter(call, "digest"));
  PORTOLAN_CO_TRY(const oci::HashAlgorithm algorithm, AlgorithmOf(digest.algorithm()));
  // Before a byte is read: a client that waits to be told so sends none.
  PORTOLAN_CO_CHECK(
      CheckBlobSize(0, call.request.content_length.value_or(0), backend.options.blob_size));
  PORTOLAN_CO_TRY(const UploadPermit permit, UploadPermit::Take(backend));
  PORTOLAN_CO_TRY(std::shared_ptr<store::UploadWriter> writer,
                  backend.storage().WriteBlob(call.repository(), algorithm));
  auto pump = std::make_unique<UploadPump>(writer, backend.pool(), backend.budget->memory);
  Status received;
  if (call.request.body) {
    const std::unique_ptr<http::BodyReader> body = call.request.body();
    received = co_await pump->Run(*body, backend.options.blob_size);
  }
  const auto finish = [&]() -> Status {
    PORTOLAN_CHECK(writer->Append(pump->tail()));
    return writer->Finish(digest, ActorOf(backend, call));
  };
  PORTOLAN_CO_CHECK(co_await async::OnPool(backend.pool(), [&] {
    Status finished = received ? finish() : received;
    pump.reset();  // what is not finished is removed, which takes the disk
    writer.reset();
    return finished;
  }));
  co_return BlobCreatedReply(backend, call, digest);
}

}  // namespace

Answer StartUpload(Backend& backend, Call& call) {
  if (call.query.Get("mount")) {
    PORTOLAN_CO_TRY(const oci::Digest digest, DigestParameter(call, "mount"));
    PORTOLAN_CO_TRY(const bool mounted, co_await async::OnPool(backend.pool(), [&] {
                      return Mount(backend, call, digest);
                    }));
    if (mounted) co_return BlobCreatedReply(backend, call, digest);
  } else if (call.query.Get("digest")) {
    co_return co_await PostWhole(backend, call);
  }
  co_return co_await StartSession(backend, call);
}

}  // namespace portolan::server
