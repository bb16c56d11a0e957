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
constexpr std::size_t kSmall = 64U << 10U;

}  // namespace

std::size_t PumpBuffer::Append(std::string_view bytes) {
  const std::size_t count = std::min(bytes.size(), kCapacity - size_);
  if (size_ + count > capacity_) {
    capacity_ = size_ + count <= kSmall ? kSmall : kCapacity;
    std::unique_ptr<char, Free> grown(
        static_cast<char*>(std::aligned_alloc(kAlignment, capacity_)));
    if (!grown) std::abort();  // a megabyte: nothing can go on then
    if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
    data_ = std::move(grown);
  }
  if (count > 0) std::memcpy(data_.get() + size_, bytes.data(), count);
  size_ += count;
  return count;
}

UploadPump::UploadPump(std::shared_ptr<store::UploadWriter> writer, async::Pool& pool)
    : writer_(std::move(writer)),
      pool_(pool),
      filling_(std::make_shared<PumpBuffer>()),
      spare_(std::make_shared<PumpBuffer>()) {}

async::Task<Status> UploadPump::Run(http::BodyReader& body, std::uint64_t max_size) {
  Status status;
  for (;;) {
    const Result<std::string_view> piece = co_await body.Next();
    if (!piece) {
      status = piece.error();
      break;
    }
    if (piece->empty()) break;
    if (max_size != 0 && piece->size() > max_size - std::min(max_size, writer_->offset())) {
      status = Fail(ErrorCode::kTooLarge,
                    fmt::format("the blob is larger than the {} bytes allowed here", max_size));
      break;
    }
    writer_->Hash(*piece);
    std::string_view left = *piece;
    while (!left.empty()) {
      left.remove_prefix(filling_->Append(left));
      if (!filling_->full()) continue;
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
