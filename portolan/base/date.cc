#include "portolan/base/date.h"

#include <chrono>
#include <cstdint>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes what it reads off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool Take(char c) {
    if (AsciiLower(next()) != AsciiLower(c) || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits; -1 if they are not there.
  int Number(std::size_t digits) {
    if (rest_.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!IsAsciiDigit(rest_[i])) return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> ReadDay(Reader& reader) {
  const int year = reader.Number(4);
  if (!reader.Take('-')) return std::nullopt;
  const int month = reader.Number(2);
  if (!reader.Take('-')) return std::nullopt;
  const int day = reader.Number(2);
  if (year < 1970 || year > 2261 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// `.456789`, as nanoseconds; what is finer is cut off.
std::optional<std::chrono::nanoseconds> ReadFraction(Reader& reader) {
  std::int64_t value = 0;
  std::int64_t unit = 100'000'000;
  if (!reader.Take('.')) return std::chrono::nanoseconds(0);
  if (!IsAsciiDigit(reader.next())) return std::nullopt;
  while (IsAsciiDigit(reader.next())) {
    value += unit * reader.Number(1);
    unit /= 10;
  }
  return std::chrono::nanoseconds(value);
}

std::optional<minutes> ReadOffset(Reader& reader) {
  if (reader.Take('Z')) return minutes(0);
  const bool west = reader.next() == '-';
  if (!reader.Take('+') && !reader.Take('-')) return std::nullopt;
  const int hour = reader.Number(2);
  if (!reader.Take(':')) return std::nullopt;
  const int minute = reader.Number(2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return west ? -offset : offset;
}

}  // namespace

std::optional<Clock::WallTime> ParseDate(std::string_view text) {
  Reader reader(text);
  const std::optional<std::chrono::sys_days> day = ReadDay(reader);
  if (!day) return std::nullopt;
  if (reader.done()) return Clock::WallTime(*day);
  if (!reader.Take('T') && !reader.Take(' ')) return std::nullopt;
  const int hour = reader.Number(2);
  if (!reader.Take(':')) return std::nullopt;
  const int minute = reader.Number(2);
  if (!reader.Take(':')) return std::nullopt;
  const int second = reader.Number(2);  // 60 is a leap second
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  const auto fraction = ReadFraction(reader);
  if (!fraction) return std::nullopt;
  const std::optional<minutes> offset = ReadOffset(reader);
  if (!offset || !reader.done()) return std::nullopt;
  const Clock::WallTime time =
      Clock::WallTime(*day) + hours(hour) + minutes(minute) + seconds(second) - *offset + *fraction;
  // The offset may lead out of the years that are understood.
  constexpr Clock::WallTime kFirst = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
  constexpr Clock::WallTime kEnd = std::chrono::sys_days(std::chrono::year(2262) / 1 / 1);
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return time;
}

std::string FormatDate(Clock::WallTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace portolan
