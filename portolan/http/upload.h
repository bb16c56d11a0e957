// The body of a request, between the coroutine that pulls it and the callback that wants it now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "portolan/async/task.h"
#include "portolan/http/body.h"

namespace portolan::http {

/// One sending of a body, which can begin anew.
class Upload {
 public:
  Upload(BodyFactory factory, std::optional<std::uint64_t> length)
      : factory_(std::move(factory)), length_(length) {}

  /// Copies what is there, 0 at the end of the body. Nothing if the next piece must be pulled
  /// first: wants_piece is then true until it was.
  std::optional<std::size_t> Take(std::span<char> out);

  bool wants_piece() const { return wants_piece_; }

  /// Pulls the next piece. Errors: the body's own, and kInternal if its length is not the announced
  /// one.
  async::Task<Status> Pull();

  /// From the beginning again. May be called while Pull waits.
  void Restart();

 private:
  Status Accept(std::string_view piece);

  BodyFactory factory_;
  std::optional<std::uint64_t> length_;
  std::unique_ptr<BodyReader> body_;
  std::string_view piece_;  // of body_
  std::uint64_t pulled_ = 0;
  bool ended_ = false;
  bool wants_piece_ = false;
  bool restart_ = false;
};

}  // namespace portolan::http
