#include "portolan/wire/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_seconds;
using std::chrono::system_clock;

// Longer than anybody waits; keeps every sum far from overflow.
constexpr std::chrono::seconds kMax = std::chrono::days(366);

// Decimal digits and nothing else; what does not fit becomes the largest number that does.
std::optional<std::int64_t> ParseDigits(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, IsAsciiDigit)) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : INT64_MAX;
}

milliseconds Until(sys_seconds date, system_clock::time_point now) {
  const auto from = std::chrono::floor<milliseconds>(now);
  if (date <= from) return milliseconds(0);
  if (date - std::chrono::floor<std::chrono::seconds>(now) > kMax) return kMax;
  return date - from;
}

std::optional<unsigned> ParseMonth(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto it = std::ranges::find_if(
      kMonths, [&](std::string_view month) { return EqualsIgnoreCase(month, text); });
  if (it == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(it - kMonths.begin()) + 1;
}

// `08:49:37`.
std::optional<std::chrono::seconds> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = ParseDigits(text.substr(0, 2));
  const auto minute = ParseDigits(text.substr(3, 2));
  const auto second = ParseDigits(text.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;  // 60: a leap second
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

// Of the years that end in these digits, the last that is not more than 50 years away (RFC 9110
// §5.6.7).
std::int64_t FullYear(std::int64_t two_digits, system_clock::time_point now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const std::int64_t this_year = static_cast<int>(today.year());
  const std::int64_t last = this_year + 50;
  const std::int64_t year = last - last % 100 + two_digits;
  return year > last ? year - 100 : year;
}

struct DateFields {
  std::string_view day, month, year, time;
};

// The three forms have the same fields in two orders:
//   Sun, 06 Nov 1994 08:49:37 GMT    Sunday, 06-Nov-94 08:49:37 GMT    Sun Nov  6 08:49:37 1994
std::optional<DateFields> SplitDate(std::string_view text) {
  constexpr std::string_view kBetween = " \t,-";
  std::array<std::string_view, 6> fields;
  std::size_t count = 0;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) break;
    if (count == fields.size()) return std::nullopt;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
    fields[count++] = text.substr(0, end);
    text.remove_prefix(end);
  }
  if (count == 6 && (EqualsIgnoreCase(fields[5], "GMT") || EqualsIgnoreCase(fields[5], "UTC"))) {
    return DateFields{fields[1], fields[2], fields[3], fields[4]};
  }
  if (count == 5) return DateFields{fields[2], fields[1], fields[4], fields[3]};
  return std::nullopt;
}

std::optional<sys_seconds> ParseHttpDate(std::string_view text, system_clock::time_point now) {
  const std::optional<DateFields> fields = SplitDate(text);
  if (!fields || (fields->year.size() != 2 && fields->year.size() != 4)) return std::nullopt;
  const auto month = ParseMonth(fields->month);
  const auto day = ParseDigits(fields->day);
  auto year = ParseDigits(fields->year);
  const auto time = ParseTimeOfDay(fields->time);
  if (!month || !day || !year || !time || *day > 31) return std::nullopt;
  if (fields->year.size() == 2) year = FullYear(*year, now);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return sys_seconds(std::chrono::sys_days(date)) + *time;
}

// Nanoseconds of a Go duration's unit at the start of `text`, which loses it.
std::optional<std::int64_t> TakeUnit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
  };
  // `ms` before `m`. Go prints U+00B5 and reads U+03BC as well; inside JSON they may be escaped.
  constexpr std::array<Unit, 10> kUnits = {{{"ns", 1},
                                            {"us", 1'000},
                                            {"\u00b5s", 1'000},
                                            {"\u03bcs", 1'000},
                                            {"\\u00b5s", 1'000},
                                            {"\\u03bcs", 1'000},
                                            {"ms", 1'000'000},
                                            {"s", 1'000'000'000},
                                            {"m", 60'000'000'000},
                                            {"h", 3'600'000'000'000}}};
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.nanoseconds;
  }
  return std::nullopt;
}

std::string_view TakeDigits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, IsAsciiDigit);
  const std::string_view digits(text.begin(), end);
  text.remove_prefix(digits.size());
  return digits;
}

// One number with its unit, such as `1.5s`, in nanoseconds; at most kMax.
std::optional<std::int64_t> TakeDurationPart(std::string_view& text) {
  constexpr std::int64_t kBillion = 1'000'000'000;
  const std::string_view whole = TakeDigits(text);
  std::string fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = TakeDigits(text).substr(0, 9);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const std::optional<std::int64_t> unit = TakeUnit(text);
  if (!unit) return std::nullopt;
  fraction.resize(9, '0');
  constexpr std::int64_t kMaxNanoseconds = kMax.count() * kBillion;
  const std::int64_t number = ParseDigits(whole).value_or(0);
  if (number >= kMaxNanoseconds / *unit) return kMaxNanoseconds;
  // Billionths of an hour are thousands of nanoseconds, and smaller units divide first: nothing
  // overflows or is lost.
  const std::int64_t billionths = *ParseDigits(fraction);
  const std::int64_t rest =
      *unit >= kBillion ? billionths * (*unit / kBillion) : billionths * *unit / kBillion;
  return number * *unit + rest;
}

std::size_t FindIgnoreCase(std::string_view text, std::string_view word) {
  return AsciiLower(text).find(word);
}

}  // namespace

std::optional<milliseconds> ParseRetryAfter(std::string_view value, system_clock::time_point now) {
  value = TrimSpace(value);
  if (const auto seconds = ParseDigits(value)) {
    return std::chrono::seconds(std::min<std::int64_t>(*seconds, kMax.count()));
  }
  const std::optional<sys_seconds> date = ParseHttpDate(value, now);
  if (!date) return std::nullopt;
  return Until(*date, now);
}

std::optional<milliseconds> ParseUnixRetryAfter(std::string_view value,
                                                system_clock::time_point now) {
  const auto seconds = ParseDigits(TrimSpace(value));
  if (!seconds) return std::nullopt;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  return Until(sys_seconds(std::chrono::seconds(std::min(*seconds, kYear10000))), now);
}

std::optional<milliseconds> ParseRetryAfterText(std::string_view body) {
  constexpr std::string_view kName = "retry-after:";
  const std::size_t at = FindIgnoreCase(body, kName);
  if (at == std::string_view::npos) return std::nullopt;
  body = TrimSpace(body.substr(at + kName.size()));
  std::int64_t total = 0;
  constexpr std::int64_t kMaxNanoseconds = std::chrono::nanoseconds(kMax).count();
  bool any = false;
  while (const auto part = TakeDurationPart(body)) {
    total = std::min(total + *part, kMaxNanoseconds);
    any = true;
    if (body.empty() || !(IsAsciiDigit(body.front()) || body.front() == '.')) break;
  }
  if (!any) return std::nullopt;
  return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(total));
}

}  // namespace portolan::wire
