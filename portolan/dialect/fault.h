// A fault that is made on purpose, to test clients: a wrong status, a broken body, a Link that
// leads astray.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace portolan::dialect {

/// What `expired-token` puts in the place of a client's token; dialects find the words for a token
/// that has come too late.
inline constexpr std::string_view kLateToken = "late.on.purpose";

/// What is done to some of the requests, as its text says (docs/dialects.md, "Faults"):
/// `GET /v2/**/tags/list every=3 status=429 retry-after=5`.
struct Fault {
  enum class RetryAfter : std::uint8_t { kNone, kSeconds, kDate, kUnixTime };
  enum class Link : std::uint8_t { kAsItIs, kNone, kLoop, kOtherHost, kHttp, kAbsolute };
  enum class Tags : std::uint8_t { kAsTheyAre, kTwice, kInvalid, kNull };

  // Which requests.
  std::string method;  ///< empty: every one
  std::string path;    ///< pattern as in access rules, without the query; empty: every one
  int every = 1;       ///< each of so many that match
  int times = 0;       ///< no more often than that; 0: for ever

  // What becomes of them.
  std::chrono::milliseconds delay{};
  int status = 0;  ///< instead of the answer; 0: none
  RetryAfter retry_after = RetryAfter::kNone;
  std::chrono::seconds retry_in{};
  bool expired_token = false;          ///< as if the token had come too late
  std::optional<std::uint64_t> cut;    ///< the connection breaks after so many bytes of the body
  std::optional<std::uint64_t> stall;  ///< nothing comes after so many
  std::uint64_t bytes_per_second = 0;  ///< 0: as fast as it can
  Link link = Link::kAsItIs;
  Tags tags = Tags::kAsTheyAre;

  std::string text;  ///< as it was given

  /// kConfigInvalid, with what was expected.
  static Result<Fault> Parse(std::string_view text);
};

}  // namespace portolan::dialect
