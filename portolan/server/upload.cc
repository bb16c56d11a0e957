// Going on with an upload, chunk by chunk or in one stream, and its end. Spec: "Pushing a blob in
// chunks".
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/server/handlers.h"
#include "portolan/server/reply.h"
#include "portolan/server/upload_pump.h"
#include "portolan/server/upload_reply.h"
#include "portolan/wire/range.h"

namespace portolan::server {
namespace {

// A chunk that says where it belongs must belong at the end of what is here.
Status CheckChunk(const Call& call, std::uint64_t offset) {
  const std::string_view field = call.request.headers.Get("Content-Range");
  if (field.empty()) return Status();
  PORTOLAN_TRY(const wire::ByteRange range, wire::ParseChunkRange(field));
  if (range.offset != offset) {
    return Fail(ErrorCode::kSizeInvalid,
                fmt::format("the chunk begins at byte {}, but the upload has {} bytes",
                            range.offset, offset));
  }
  if (call.request.content_length && *call.request.content_length != range.size) {
    return Fail(ErrorCode::kSizeInvalid,
                fmt::format("Content-Range {} says {} bytes, and Content-Length says {}", field,
                            range.size, *call.request.content_length));
  }
  return Status();
}

// What came of a body that was meant for an upload.
struct Received {
  std::shared_ptr<store::UploadWriter> writer;
  std::unique_ptr<UploadPump> pump;
  std::unique_ptr<UploadPermit> permit;

  // On the pool, and before the client is answered: it may go on with the upload at once.
  void Release() {
    pump.reset();
    writer.reset();
  }
};

async::Task<Status> Receive(Backend& backend, Call& call, Received& received) {
  if (!call.request.body) co_return Status();
  const std::unique_ptr<http::BodyReader> body = call.request.body();
  const std::uint64_t before = received.writer->offset();
  PORTOLAN_CO_CHECK(co_await received.pump->Run(*body, backend.options.blob_size));
  const std::string_view field = call.request.headers.Get("Content-Range");
  if (field.empty() || call.request.content_length) co_return Status();
  PORTOLAN_CO_TRY(const wire::ByteRange range, wire::ParseChunkRange(field));
  const std::uint64_t count = received.writer->offset() - before;
  if (count == range.size) co_return Status();
  co_return Fail(ErrorCode::kSizeInvalid, fmt::format("Content-Range {} says {} bytes, but {} came",
                                                      field, range.size, count));
}

Result<store::UploadState> Acknowledge(Received& received) {
  PORTOLAN_CHECK(received.writer->Append(received.pump->tail()));
  return received.writer->Acknowledge();
}

Status Finish(Received& received, const oci::Digest& digest, const store::Actor& actor) {
  PORTOLAN_CHECK(received.writer->Append(received.pump->tail()));
  return received.writer->Finish(digest, actor);
}

// Lets go of an upload that this request does not bring further. What came of a client that has
// gone in the middle, or was too slow, is kept, so that it can go on from there.
async::Task<void> LetGo(Backend& backend, Received& received, bool keep) {
  co_await async::OnPool(backend.pool(), [&] {
    if (keep && !received.pump->write_failed()) (void)Acknowledge(received);
    received.Release();
    return true;
  });
}

bool IsLostConnection(const Error& error) {
  return error.code == ErrorCode::kConnectFailed || error.code == ErrorCode::kTimeout ||
         error.code == ErrorCode::kCancelled;
}

}  // namespace

Answer GetUpload(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const store::UploadState upload,
                  backend.storage().FindUpload(call.repository(), call.endpoint.upload_id,
                                               ActorOf(backend, call)));
  co_return UploadReply(backend, call, 204, upload);
}

Answer DeleteUpload(Backend& backend, Call& call) {
  PORTOLAN_CO_CHECK(co_await async::OnPool(backend.pool(), [&] {
    return backend.storage().CancelUpload(call.repository(), call.endpoint.upload_id,
                                          ActorOf(backend, call));
  }));
  co_return Reply(204);
}

namespace {

// The common part of PATCH and PUT: takes the session and receives the body into it. Gives an
// answer where that already is the end of it.
async::Task<Result<std::optional<http::Response>>> TakeBody(Backend& backend, Call& call,
                                                            Received& received) {
  PORTOLAN_CO_TRY(UploadPermit permit, UploadPermit::Take(backend));
  received.permit = std::make_unique<UploadPermit>(std::move(permit));
  PORTOLAN_CO_TRY(received.writer, co_await async::OnPool(backend.pool(), [&] {
                    return backend.storage().ContinueUpload(
                        call.repository(), call.endpoint.upload_id, ActorOf(backend, call));
                  }));
  const std::uint64_t offset = received.writer->offset();
  const store::UploadState before{.id = call.endpoint.upload_id, .offset = offset};
  if (const Status chunk = CheckChunk(call, offset); !chunk) {
    co_await LetGo(backend, received, false);
    co_return UploadErrorReply(backend, call, 416, chunk.error(), before);
  }
  if (Status size =
          CheckBlobSize(offset, call.request.content_length.value_or(0), backend.options.blob_size);
      !size) {
    co_await LetGo(backend, received, false);
    co_return std::move(size).error();
  }
  received.pump =
      std::make_unique<UploadPump>(received.writer, backend.pool(), backend.budget->memory);
  if (Status status = co_await Receive(backend, call, received); !status) {
    co_await LetGo(backend, received, IsLostConnection(status.error()));
    if (status.error().code == ErrorCode::kSizeInvalid) {
      co_return UploadErrorReply(backend, call, 416, status.error(), before);
    }
    co_return std::move(status).error();
  }
  co_return std::optional<http::Response>();
}

}  // namespace

Answer PatchUpload(Backend& backend, Call& call) {
  Received received;
  PORTOLAN_CO_TRY(std::optional<http::Response> answer, co_await TakeBody(backend, call, received));
  if (answer) co_return *std::move(answer);
  PORTOLAN_CO_TRY(const store::UploadState upload, co_await async::OnPool(backend.pool(), [&] {
                    Result<store::UploadState> state = Acknowledge(received);
                    received.Release();
                    return state;
                  }));
  co_return UploadReply(backend, call, 202, upload);
}

Answer PutUpload(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const oci::Digest digest, DigestParameter(call, "digest"));
  PORTOLAN_CO_CHECK(AlgorithmOf(digest.algorithm()));
  Received received;
  PORTOLAN_CO_TRY(std::optional<http::Response> answer, co_await TakeBody(backend, call, received));
  if (answer) co_return *std::move(answer);
  PORTOLAN_CO_CHECK(co_await async::OnPool(backend.pool(), [&] {
    Status finished = Finish(received, digest, ActorOf(backend, call));
    received.Release();
    return finished;
  }));
  co_return BlobCreatedReply(backend, call, digest);
}

}  // namespace portolan::server
