// From a request's body into an upload: received and hashed on the loop, written on the pool, both
// at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

#include "portolan/async/pool.h"
#include "portolan/async/started.h"
#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/http/body.h"
#include "portolan/server/upload_memory.h"
#include "portolan/store/storage.h"

namespace portolan::server {

/// Bytes in memory that the disk takes without copying: aligned, and of a size that suits it, a
/// megabyte where `memory` has room for it and 64 KiB otherwise. For one thread.
class PumpBuffer {
 public:
  static constexpr std::size_t kCapacity = 1U << 20U;

  explicit PumpBuffer(UploadMemory& memory) : memory_(memory) {}

  std::string_view text() const { return {data_.get(), size_}; }
  bool full() const { return size_ == kCapacity; }
  /// Takes what there is room for; gives its size, 0 where it is full.
  std::size_t Append(std::string_view bytes);
  void Clear() { size_ = 0; }

 private:
  struct Free {
    void operator()(char* data) const { std::free(data); }
  };
  void Grow(std::size_t wanted);

  UploadMemory& memory_;
  UploadMemory::Share share_;  // of a large buffer
  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0;  // grows to kCapacity: small bodies stay small
  std::size_t size_ = 0;
};

/// kTooLarge where `more` bytes after `offset` make a blob larger than `max_size` (0: no limit).
Status CheckBlobSize(std::uint64_t offset, std::uint64_t more, std::uint64_t max_size);

/// Feeds one request's body to `writer`. While a full buffer is written the next one is filled: two
/// buffers a request, whatever the size of the blob, small ones while `memory` is used up: no push
/// waits for another one's memory. For one coroutine; the writer is kept alive until the last write
/// has ended, also if the coroutine is dropped. `memory` must outlive both.
class UploadPump {
 public:
  UploadPump(std::shared_ptr<store::UploadWriter> writer, async::Pool& pool, UploadMemory& memory);

  /// Reads the body to its end. All of it has been hashed then; all but `tail` has been written.
  /// After an Error, whether of the body or of a write, what was received before it is in the
  /// writer and in `tail` all the same, but for a failed write. kTooLarge beyond `max_size` bytes
  /// of the whole blob (0: no limit).
  async::Task<Status> Run(http::BodyReader& body, std::uint64_t max_size);

  /// What is still to be appended, by whoever acknowledges or finishes the upload on the pool.
  std::string_view tail() const { return filling_->text(); }
  bool write_failed() const { return write_failed_; }

 private:
  async::Task<Status> Flush();
  async::Task<Status> AwaitWrite();

  std::shared_ptr<store::UploadWriter> writer_;
  async::Pool& pool_;
  std::shared_ptr<PumpBuffer> filling_;
  std::shared_ptr<PumpBuffer> spare_;
  std::optional<async::Started<Status>> write_;  // under way
  bool write_failed_ = false;
};

}  // namespace portolan::server
