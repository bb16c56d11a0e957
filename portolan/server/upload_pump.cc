#include "portolan/server/upload_pump.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

namespace portolan::server {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;

}  // namespace

UploadPump::UploadPump(std::shared_ptr<store::UploadWriter> writer, async::Pool& pool)
    : writer_(std::move(writer)),
      pool_(pool),
      filling_(std::make_shared<std::string>()),
      spare_(std::make_shared<std::string>()) {}

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
      const std::size_t count = std::min(left.size(), kBuffer - filling_->size());
      // Small bodies stay small; a body that outgrows this is given the whole buffer at once.
      if (filling_->size() + count > kBuffer / 16) filling_->reserve(kBuffer);
      filling_->append(left.substr(0, count));
      left.remove_prefix(count);
      if (filling_->size() < kBuffer) continue;
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
  filling_->clear();
  const async::Executor executor = co_await boost::asio::this_coro::executor;
  write_ = async::StartOnPool(pool_, executor,
                              [writer = writer_, full = spare_] { return writer->Append(*full); });
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
