#include "portolan/http/request_body.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace portolan::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class Reader final : public BodyReader {
 public:
  explicit Reader(std::shared_ptr<RequestBody> body) : body_(std::move(body)) { body_->Join(); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() override { body_->Leave(); }
  async::Task<Result<std::string_view>> Next() override { return body_->Next(); }
  std::optional<std::uint64_t> size() const override { return body_->size(); }

 private:
  std::shared_ptr<RequestBody> body_;
};

}  // namespace

std::unique_ptr<BodyReader> NewRequestBodyReader(std::shared_ptr<RequestBody> body) {
  return std::make_unique<Reader>(std::move(body));
}

RequestBody::RequestBody(Channel& channel, const RequestHead& head)
    : channel_(&channel),
      left_(head.content_length.value_or(0)),
      continue_wanted_(head.expects_continue) {
  if (!head.chunked) size_ = left_;
}

RequestBody::~RequestBody() { Detach(); }

void RequestBody::Detach() {
  if (channel_ == nullptr) return;
  End();
  channel_ = nullptr;
}

void RequestBody::End() {
  if (buffer_) channel_->loop().buffers().Give(std::move(buffer_));
}

Error RequestBody::Failed(ErrorCode code, std::string_view message) {
  error_ = Fail(code, std::string(message));
  return *error_;
}

async::Task<Result<std::string_view>> RequestBody::Next() {
  if (error_) co_return *error_;
  if (channel_ == nullptr) co_return Fail(ErrorCode::kCancelled, "the request is over");
  if (done_) {
    End();
    co_return std::string_view();
  }
  if (std::exchange(continue_wanted_, false) && channel_->pending.empty() &&
      !(co_await channel_->WriteAll(kContinue) && co_await channel_->Flush())) {
    co_return Failed(ErrorCode::kConnectFailed, "the client has gone");
  }
  Result<std::string_view> piece = size_ ? co_await NextOfLength() : co_await NextOfChunks();
  if (piece) {
    received_ += piece->size();
    co_await channel_->Share(piece->size());
  }
  co_return piece;
}

std::string_view RequestBody::TakePending(std::uint64_t max_size) {
  std::string& pending = channel_->pending;
  if (pending.size() <= max_size) {
    first_ = std::exchange(pending, {});
  } else {
    first_ = pending.substr(0, static_cast<std::size_t>(max_size));
    pending.erase(0, first_.size());
  }
  return first_;
}

async::Task<Result<std::string_view>> RequestBody::NextOfLength() {
  std::string_view piece;
  if (!channel_->pending.empty()) {
    piece = TakePending(left_);
  } else {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, BufferPool::kSize));
    PORTOLAN_CO_TRY(const std::size_t count, co_await Fill(wanted));
    piece = {buffer_.get(), count};
  }
  left_ -= piece.size();
  done_ = left_ == 0;
  co_return piece;
}

std::size_t RequestBody::CopyPending() {
  if (!buffer_) buffer_ = channel_->loop().buffers().Take();
  const std::string_view pending = TakePending(BufferPool::kSize);
  return pending.copy(buffer_.get(), pending.size());
}

Result<std::string_view> RequestBody::Decode(std::size_t count) {
  const ChunkDecoder::Step step = chunks_.Decode(buffer_.get(), count);
  if (chunks_.failed()) {
    refusal_ = Refusal{400, "the request's chunks cannot be understood"};
    return Failed(ErrorCode::kProtocol, refusal_->message);
  }
  if (chunks_.done()) {
    done_ = true;
    // The next request began in the same read.
    channel_->pending.insert(0, buffer_.get() + step.consumed, count - step.consumed);
  }
  return step.data;
}

async::Task<Result<std::string_view>> RequestBody::NextOfChunks() {
  for (;;) {
    std::size_t count = 0;
    if (channel_->pending.empty()) {
      PORTOLAN_CO_TRY(count, co_await Fill(BufferPool::kSize));
    } else {
      count = CopyPending();
    }
    Result<std::string_view> data = Decode(count);
    if (!data || done_ || !data->empty()) co_return data;
  }
}

async::Task<Result<std::size_t>> RequestBody::Fill(std::size_t wanted) {
  const ServerLimits& limits = channel_->loop().shared().options.limits;
  for (;;) {
    if (!buffer_) buffer_ = channel_->loop().buffers().Take();
    const Io io = channel_->transport().Read(buffer_.get(), wanted);
    if (io.done() && io.count > 0) {
      rate_.Moved(io.count);
      co_return io.count;
    }
    if (io.done() || io.kind == Io::Kind::kFailed) {
      co_return Failed(ErrorCode::kConnectFailed,
                       "the client closed the connection before the request's end");
    }
    End();  // a client that is waited for holds no memory
    const Clock::Instant begin = channel_->loop().now();
    co_await channel_->Wait(io.kind, limits.rate_window - rate_.waited());
    rate_.Waited(channel_->loop().now() - begin);
    const Channel::Woken woken = channel_->woken();
    if (woken == Channel::Woken::kAborted) {
      co_return Failed(ErrorCode::kCancelled, "the connection was given up");
    }
    if (rate_.TooSlow(limits.rate_window, limits.min_body_rate)) {
      refusal_ = Refusal{408, "the request's body comes too slowly"};
      co_return Failed(ErrorCode::kTimeout, refusal_->message);
    }
  }
}

bool RequestBody::CanDiscard(std::uint64_t max_size) {
  if (done_) return true;
  if (error_ || (continue_wanted_ && channel_->pending.empty())) return false;
  if (!size_ && readers_ == 0) DropArrived(max_size);
  return done_ || (size_ && left_ <= max_size);
}

void RequestBody::DropArrived(std::uint64_t max_size) {
  const std::uint64_t begin = received_;
  while (!done_ && received_ - begin <= max_size) {
    std::size_t count = 0;
    if (channel_->pending.empty()) {
      if (!buffer_) buffer_ = channel_->loop().buffers().Take();
      const Io io = channel_->transport().Read(buffer_.get(), BufferPool::kSize);
      if (!io.done() || io.count == 0) return;
      count = io.count;
    } else {
      count = CopyPending();
    }
    const Result<std::string_view> data = Decode(count);
    if (!data) return;
    received_ += data->size();
  }
}

async::Task<bool> RequestBody::Discard() {
  continue_wanted_ = false;
  while (!done_) {
    if (!co_await Next()) co_return false;
  }
  End();
  co_return true;
}

}  // namespace portolan::http
