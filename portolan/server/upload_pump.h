// From a request's body into an upload: received and hashed on the loop, written on the pool, both
// at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "portolan/async/pool.h"
#include "portolan/async/started.h"
#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/http/body.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// Feeds one request's body to `writer`. While a full buffer is written the next one is filled: two
/// buffers a request, whatever the size of the blob. For one coroutine; the writer is kept alive
/// until the last write has ended, also if the coroutine is dropped.
class UploadPump {
 public:
  UploadPump(std::shared_ptr<store::UploadWriter> writer, async::Pool& pool);

  /// Reads the body to its end. All of it has been hashed then; all but `tail` has been written.
  /// After an Error, whether of the body or of a write, what was received before it is in the
  /// writer and in `tail` all the same, but for a failed write. kTooLarge beyond `max_size` bytes
  /// of the whole blob (0: no limit).
  async::Task<Status> Run(http::BodyReader& body, std::uint64_t max_size);

  /// What is still to be appended, by whoever acknowledges or finishes the upload on the pool.
  const std::string& tail() const { return *filling_; }
  bool write_failed() const { return write_failed_; }

 private:
  async::Task<Status> Flush();
  async::Task<Status> AwaitWrite();

  std::shared_ptr<store::UploadWriter> writer_;
  async::Pool& pool_;
  std::shared_ptr<std::string> filling_;
  std::shared_ptr<std::string> spare_;
  std::optional<async::Started<Status>> write_;  // under way
  bool write_failed_ = false;
};

}  // namespace portolan::server
