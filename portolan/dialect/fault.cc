#include "portolan/dialect/fault.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::dialect {
namespace {

constexpr std::string_view kExpected =
    "expected like: GET /v2/**/tags/list every=3 status=429 retry-after=5";

Error Wrong(std::string_view word, std::string_view expected) {
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("\"{}\" of a fault: {}", Printable(word.substr(0, 80)), expected),
              std::string(kExpected));
}

std::optional<std::uint64_t> NumberIn(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < min || number > max) return std::nullopt;
  return number;
}

bool IsMethod(std::string_view word) {
  return !word.empty() && word.size() <= 16 &&
         std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};
constexpr Named<Fault::Link> kLinks[] = {{"none", Fault::Link::kNone},
                                         {"loop", Fault::Link::kLoop},
                                         {"other-host", Fault::Link::kOtherHost},
                                         {"http", Fault::Link::kHttp},
                                         {"absolute", Fault::Link::kAbsolute}};
constexpr Named<Fault::Tags> kTags[] = {{"twice", Fault::Tags::kTwice},
                                        {"invalid", Fault::Tags::kInvalid},
                                        {"null", Fault::Tags::kNull}};

template <typename Value, std::size_t kSize>
bool SetNamed(Value& value, const Named<Value> (&names)[kSize], std::string_view name) {
  for (const Named<Value>& named : names) {
    if (named.name != name) continue;
    value = named.value;
    return true;
  }
  return false;
}

// Numbers, by their keys. What was expected; empty if it is that.
std::string_view SetNumber(Fault& fault, std::string_view key, std::string_view text) {
  constexpr std::uint64_t kMany = 1'000'000'000;
  const auto number = [&](std::uint64_t min, std::uint64_t max) {
    return NumberIn(text, min, max);
  };
  if (key == "status") {
    fault.status = static_cast<int>(number(400, 599).value_or(0));
    return fault.status != 0 ? "" : "a status from 400 to 599";
  }
  if (key == "every" || key == "times") {
    const auto value = number(1, kMany);
    (key == "every" ? fault.every : fault.times) = static_cast<int>(value.value_or(1));
    return value ? "" : "a number from 1 up";
  }
  if (key == "drip") {
    fault.bytes_per_second = number(1, kMany).value_or(0);
    return fault.bytes_per_second != 0 ? "" : "bytes a second, from 1 up";
  }
  if (key == "delay") {
    const auto value = number(0, 600'000);
    fault.delay = std::chrono::milliseconds(value.value_or(0));
    return value ? "" : "milliseconds, 600000 at most";
  }
  std::optional<std::uint64_t>& bytes = key == "cut" ? fault.cut : fault.stall;
  bytes = number(0, std::numeric_limits<std::uint64_t>::max());
  return bytes ? "" : "a number of bytes";
}

std::string_view SetRetryAfter(Fault& fault, std::string_view text) {
  fault.retry_after = Fault::RetryAfter::kSeconds;
  if (text.starts_with("date:")) {
    fault.retry_after = Fault::RetryAfter::kDate;
    text.remove_prefix(5);
  } else if (text.starts_with("unix:")) {
    fault.retry_after = Fault::RetryAfter::kUnixTime;
    text.remove_prefix(5);
  }
  const auto seconds = NumberIn(text, 0, 1'000'000);
  fault.retry_in = std::chrono::seconds(seconds.value_or(0));
  return seconds ? "" : "seconds: 5, date:5 (as a date) or unix:5 (as X-Retry-After)";
}

std::string_view SetWord(Fault& fault, std::string_view word) {
  if (word == "expired-token") {
    fault.expired_token = true;
    return "";
  }
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return "a method, a path, expired-token or key=value";
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = word.substr(equals + 1);
  if (key == "retry-after") return SetRetryAfter(fault, value);
  if (key == "link") {
    return SetNamed(fault.link, kLinks, value) ? "" : "none, loop, other-host, http or absolute";
  }
  if (key == "tags") {
    return SetNamed(fault.tags, kTags, value) ? "" : "twice, invalid or null";
  }
  for (const std::string_view known :
       {"status", "every", "times", "drip", "delay", "cut", "stall"}) {
    if (key == known) return SetNumber(fault, key, value);
  }
  return "one of every, times, status, retry-after, delay, cut, stall, drip, link, tags";
}

// Whether it changes what the registry answers; there is nothing of that where it is not asked.
bool ChangesAnswer(const Fault& fault) {
  return fault.expired_token || fault.link != Fault::Link::kAsItIs ||
         fault.tags != Fault::Tags::kAsTheyAre;
}

bool DoesNothing(const Fault& fault) {
  return fault.status == 0 && !fault.cut && !fault.stall && fault.bytes_per_second == 0 &&
         fault.delay.count() == 0 && !ChangesAnswer(fault);
}

}  // namespace

Result<Fault> Fault::Parse(std::string_view text) {
  Fault fault;
  fault.text = TrimSpace(text);
  bool first = true;
  for (std::string_view rest = fault.text; !rest.empty();) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, space);
    rest = TrimSpace(rest.substr(space));
    const bool is_method = std::exchange(first, false) && IsMethod(word);
    if (is_method) {
      fault.method = word;
    } else if (word.starts_with('/') && fault.path.empty()) {
      fault.path = word;
    } else if (const std::string_view expected = SetWord(fault, word); !expected.empty()) {
      return Wrong(word, fmt::format("expected {}", expected));
    }
  }
  if (fault.status != 0 && ChangesAnswer(fault)) {
    return Wrong(fault.text, "with a status there is no answer for link, tags, expired-token");
  }
  if (fault.status == 0 && fault.retry_after != RetryAfter::kNone) {
    return Wrong(fault.text, "retry-after needs a status: status=429");
  }
  if (DoesNothing(fault)) {
    return Wrong(fault.text, "it says nothing to do: status=503, cut=100, link=loop …");
  }
  return fault;
}

}  // namespace portolan::dialect
