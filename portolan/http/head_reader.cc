#include "portolan/http/head_reader.h"

#include <utility>

namespace portolan::http {
namespace {

constexpr std::size_t kKeptPending = 1024;  // bytes of memory that an idle connection keeps
constexpr Refusal kTooSlow{408, "the request's head comes too slowly"};

}  // namespace

async::Task<std::expected<HeadReader::Bytes, HeadReader::Nothing>> HeadReader::Read() {
  const ServerLimits& limits = channel_.loop().shared().options.limits;
  std::string& pending = channel_.pending;
  if (pending.empty() && pending.capacity() > kKeptPending) pending = {};
  scanner_.Reset();
  std::string_view bytes = pending;
  Clock::Instant end{};
  for (;;) {
    if (!bytes.empty()) {
      const auto size = scanner_.Scan(bytes, limits);
      if (!size) co_return std::unexpected(Nothing{size.error()});
      if (*size) co_return Bytes{bytes.substr(0, **size), bytes.substr(**size)};
      if (pending.empty()) pending = bytes;
      if (end == Clock::Instant{}) end = channel_.loop().now() + limits.head_timeout;
    }
    idle_ = pending.empty();
    if (idle_ && channel_.loop().stopping()) co_return std::unexpected(Nothing{});
    const auto more = co_await Receive(idle_ ? channel_.loop().now() + limits.idle_timeout : end);
    if (!more) {
      std::optional<Refusal> refusal = idle_ ? std::nullopt : more.error().refusal;
      idle_ = false;
      co_return std::unexpected(Nothing{refusal});
    }
    if (std::exchange(idle_, false)) {
      bytes = *more;  // most heads come whole, and are never copied
    } else {
      pending += *more;
      bytes = pending;
    }
  }
}

async::Task<std::expected<std::string_view, HeadReader::Nothing>> HeadReader::Receive(
    Clock::Instant end) {
  constexpr std::size_t kSize = ServerLoop::Scratch::kInputSize;
  char* const input = channel_.loop().scratch().input.get();
  Transport& transport = channel_.transport();
  // A client that has just been answered has seldom sent more yet: the first try would be in vain.
  Io io{.kind = Io::Kind::kWantRead};
  if (transport.has_buffered()) io = transport.Read(input, kSize);
  while (!io.done()) {
    if (io.kind == Io::Kind::kFailed) co_return std::unexpected(Nothing{});
    co_await channel_.Wait(io.kind, end - channel_.loop().now());
    const Channel::Woken woken = channel_.woken();
    if (woken == Channel::Woken::kTimeout) co_return std::unexpected(Nothing{kTooSlow});
    if (woken == Channel::Woken::kAborted) co_return std::unexpected(Nothing{});
    io = transport.Read(input, kSize);
  }
  if (io.count == 0) co_return std::unexpected(Nothing{});
  co_return std::string_view(input, io.count);
}

void HeadReader::Consume(const Bytes& bytes) {
  std::string& pending = channel_.pending;
  if (pending.empty()) {
    pending = bytes.rest;
  } else {
    pending.erase(0, bytes.head.size());
  }
}

}  // namespace portolan::http
