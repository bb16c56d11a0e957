#include "portolan/http/chunk_decoder.h"

#include <algorithm>
#include <cstring>

#include "portolan/base/text.h"

namespace portolan::http {
namespace {

constexpr int kMaxDigits = 15;  // a size below 2^60
constexpr std::size_t kMaxLine = 256;
constexpr std::size_t kMaxOverhead = 16U << 10U;

int HexValue(char c) {
  if (IsAsciiDigit(c)) return c - '0';
  const char lower = AsciiLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::Decode(char* bytes, std::size_t size) {
  // What was decoded lies in [begin, end); the first run of data stays where it is, later ones move
  // up to it.
  char* begin = bytes;
  char* end = bytes;
  std::size_t at = 0;
  while (at < size && state_ != State::kDone && state_ != State::kBad) {
    if (state_ != State::kData) {
      state_ = Take(bytes[at++]);
      continue;
    }
    const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - at));
    if (begin == end) {
      begin = end = bytes + at;
    } else if (end != bytes + at) {
      std::memmove(end, bytes + at, run);
    }
    end += run;
    at += run;
    left_ -= run;
    if (left_ == 0) state_ = State::kDataReturn;
  }
  return {.data = {begin, static_cast<std::size_t>(end - begin)}, .consumed = at};
}

ChunkDecoder::State ChunkDecoder::Take(char c) {
  switch (state_) {
    case State::kSizeStart:
      left_ = 0;
      digits_ = 0;
      line_ = 0;
      return HexValue(c) < 0 ? State::kBad : TakeSize(c);
    case State::kSize:
      return TakeSize(c);
    case State::kExtension:
      return TakeText(c, State::kExtension, State::kSizeLineFeed);
    case State::kSizeLineFeed:
      if (c != '\n') return State::kBad;
      return left_ > 0 ? State::kData : State::kTrailerStart;
    case State::kDataReturn:
      return c == '\r' ? State::kDataLineFeed : State::kBad;
    case State::kDataLineFeed:
      return c == '\n' ? State::kSizeStart : State::kBad;
    case State::kTrailerStart:
      if (c == '\r') return State::kEndLineFeed;
      line_ = 0;
      return c == ' ' || c == '\t' ? State::kBad
                                   : TakeText(c, State::kTrailer, State::kTrailerLineFeed);
    case State::kTrailer:
      return TakeText(c, State::kTrailer, State::kTrailerLineFeed);
    case State::kTrailerLineFeed:
      return c == '\n' ? State::kTrailerStart : State::kBad;
    case State::kEndLineFeed:
      return c == '\n' ? State::kDone : State::kBad;
    case State::kData:
    case State::kDone:
    case State::kBad:
      break;
  }
  return State::kBad;
}

ChunkDecoder::State ChunkDecoder::TakeSize(char c) {
  if (c == '\r') return State::kSizeLineFeed;
  if (c == ';') return State::kExtension;
  const int value = HexValue(c);
  if (value < 0 || ++digits_ > kMaxDigits) return State::kBad;
  left_ = left_ * 16 + static_cast<std::uint64_t>(value);
  return State::kSize;
}

ChunkDecoder::State ChunkDecoder::TakeText(char c, State here, State after) {
  if (c == '\r') return after;
  const bool control = (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f';
  if (control || ++line_ > kMaxLine || ++overhead_ > kMaxOverhead) return State::kBad;
  return here;
}

}  // namespace portolan::http
