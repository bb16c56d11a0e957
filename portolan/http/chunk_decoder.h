// The chunked coding of a request's body, read strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portolan::http {

/// Takes a body out of its chunks. Extensions and trailers are dropped; bare CR or LF, a size with
/// anything but hexadecimal digits, lines over 256 bytes and more than 16 KiB of extensions or of
/// trailers are errors. Spec: RFC 9112 §7.1.
class ChunkDecoder {
 public:
  struct Step {
    std::string_view data;     ///< of the body, inside the bytes given; may be empty
    std::size_t consumed = 0;  ///< of the bytes given; all of them but at the end of the body
  };

  /// Decodes in place: `bytes` is overwritten. Not to be called once done or failed.
  Step Decode(char* bytes, std::size_t size);

  bool done() const { return state_ == State::kDone; }   ///< the end mark was read
  bool failed() const { return state_ == State::kBad; }  ///< the rest cannot be understood

 private:
  enum class State : std::uint8_t {
    kSizeStart,
    kSize,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailer,
    kTrailerLineFeed,
    kEndLineFeed,
    kDone,
    kBad,
  };

  State Take(char c);
  State TakeSize(char c);
  State TakeText(char c, State here, State after);

  State state_ = State::kSizeStart;
  std::uint64_t left_ = 0;  // of the chunk
  int digits_ = 0;
  std::size_t line_ = 0;      // bytes of the line so far
  std::size_t overhead_ = 0;  // bytes of extensions and trailers so far
};

}  // namespace portolan::http
