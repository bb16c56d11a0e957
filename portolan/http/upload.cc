#include "portolan/http/upload.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace portolan::http {

std::optional<std::size_t> Upload::Take(std::span<char> out) {
  if (piece_.empty() && !ended_) {
    wants_piece_ = true;
    return std::nullopt;
  }
  const std::size_t size = std::min(out.size(), piece_.size());
  std::copy_n(piece_.data(), size, out.data());
  piece_.remove_prefix(size);
  return size;
}

async::Task<Status> Upload::Pull() {
  for (;;) {
    if (std::exchange(restart_, false) || !body_) {
      body_ = factory_();
      pulled_ = 0;
    }
    PORTOLAN_CO_TRY(const std::string_view piece, co_await body_->Next());
    if (restart_) continue;
    wants_piece_ = false;
    co_return Accept(piece);
  }
}

Status Upload::Accept(std::string_view piece) {
  pulled_ += piece.size();
  const bool ended = piece.empty();
  if (length_ && (pulled_ > *length_ || (ended && pulled_ < *length_))) {
    return Fail(ErrorCode::kInternal,
                fmt::format("the body of a request has {} {} bytes, and {} were announced",
                            ended ? "only" : "more than", ended ? pulled_ : *length_, *length_));
  }
  piece_ = piece;
  ended_ = ended;
  return Status();
}

void Upload::Restart() {
  restart_ = true;
  piece_ = {};
  ended_ = false;
}

}  // namespace portolan::http
