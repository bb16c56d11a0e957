#include "portolan/server/upload_pump.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace portolan::server {
namespace {

constexpr std::size_t kAlignment = 4096;
constexpr std::size_t kSmall = UploadMemory::kFree;

}  // namespace

Status CheckBlobSize(std::uint64_t offset, std::uint64_t more, std::uint64_t max_size) {
  if (max_size == 0 || (offset <= max_size && more <= max_size - offset)) return {};
  return Fail(
      ErrorCode::kTooLarge,
      fmt::format("the blob has more than the {} bytes that a blob may have here", max_size),
      "divide the content into more layers, or ask the registry's operator for more");
}

std::size_t PumpBuffer::Append(std::string_view bytes) {
  if (bytes.size() > capacity_ - size_) Grow(size_ + bytes.size());
  const std::size_t count = std::min(bytes.size(), capacity_ - size_);
  if (count > 0) std::memcpy(data_.get() + size_, bytes.data(), count);
  size_ += count;
  return count;
}

void PumpBuffer::Grow(std::size_t wanted) {
  std::size_t capacity = wanted <= kSmall ? kSmall : kCapacity;
  if (capacity == kCapacity && !share_) {
    share_ = memory_.TakeSpare(kCapacity);
    if (!share_) capacity = kSmall;
  }
  if (capacity <= capacity_) return;
  std::unique_ptr<char, Free> grown(static_cast<char*>(std::aligned_alloc(kAlignment, capacity)));
  if (!grown) std::abort();  // a megabyte: nothing can go on then
  if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
  data_ = std::move(grown);
  capacity_ = capacity;
}

UploadPump::UploadPump(std::shared_ptr<store::UploadWriter> writer, async::Pool& pool,
                       UploadMemory& memory)
    : writer_(std::move(writer)),
      pool_(pool),
      filling_(std::make_shared<PumpBuffer>(memory)),
      spare_(std::make_shared<PumpBuffer>(memory)) {}

async::Task<Status> UploadPump::Run(http::BodyReader& body, std::uint64_t max_size) {
  Status status;
  for (;;) {
    const Result<std::string_view> piece = co_await body.Next();
    if (!piece) {
      status = piece.error();
      break;
    }
    if (piece->empty()) break;
    status = CheckBlobSize(writer_->offset(), piece->size(), max_size);
    if (!status) break;
    writer_->Hash(*piece);
    std::string_view left = *piece;
    while (!left.empty()) {
      left.remove_prefix(filling_->Append(left));
      if (left.empty() && !filling_->full()) continue;
      status = co_await Flush();
      if (!status) co_return status;
    }
  }
  Status written = co_await AwaitWrite();
  co_return written ? std::move(status) : std::move(written);
}

async::Task<Status> UploadPump::Flush() {
  PORTOLAN_CO_CHECK(co_await AwaitWrite());
  std::swap(filling_, spare_);
  filling_->Clear();
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  write_ = async::StartOnPool(
      pool_, executor, [writer = writer_, full = spare_] { return writer->Append(full->text()); });
  co_return Status();
}

async::Task<Status> UploadPump::AwaitWrite() {
  if (!write_) co_return Status();
  Status status = co_await write_->Wait();
  write_.reset();
  if (!status) write_failed_ = true;
  co_return status;
}

}  // namespace portolan::server
