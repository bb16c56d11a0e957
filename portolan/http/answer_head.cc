#include "portolan/http/answer_head.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/http/request_head.h"

namespace portolan::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr std::array kReasons = {
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{451, "Unavailable For Legal Reasons"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{507, "Insufficient Storage"},
};

// The server's own business, whatever a service says.
bool IsConnectionField(std::string_view name) {
  switch (name.size()) {
    case 7:
      return EqualsIgnoreCase(name, "Upgrade") || EqualsIgnoreCase(name, "Trailer");
    case 10:
      return EqualsIgnoreCase(name, "Connection") || EqualsIgnoreCase(name, "Keep-Alive");
    case 14:
      return EqualsIgnoreCase(name, "Content-Length");
    case 17:
      return EqualsIgnoreCase(name, "Transfer-Encoding");
    default:
      return false;
  }
}

void AppendNumber(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void AppendLength(std::string_view name, std::uint64_t length, std::string& out) {
  out += name;
  out += ": ";
  AppendNumber(length, out);
  out += "\r\n";
}

void AppendFraming(const AnswerFraming& framing, bool has_length, std::string& out) {
  if (framing.framing == Framing::kLength) {
    if (!has_length) AppendLength("Content-Length", framing.length, out);
  } else if (framing.framing == Framing::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (framing.close) {
    out += "Connection: close\r\n";
  } else if (framing.keep_alive) {
    out += "Connection: keep-alive\r\n";
  }
}

}  // namespace

std::string_view HttpDate::At(Clock::WallTime now) {
  const std::int64_t second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second == second_) return text_;
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t time = second;
  tm parts{};
  gmtime_r(&time, &parts);
  text_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                      kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                      kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                      parts.tm_hour, parts.tm_min, parts.tm_sec);
  second_ = second;
  return text_;
}

std::string_view ReasonPhrase(int status) {
  const auto* const found = std::ranges::lower_bound(kReasons, status, {}, &Reason::status);
  return found != kReasons.end() && found->status == status ? found->phrase : "Status";
}

void AppendAnswerHead(int status, const Headers& headers, const AnswerFraming& framing,
                      std::string_view date, Log& log, std::string& out) {
  out += "HTTP/1.1 ";
  AppendNumber(static_cast<std::uint64_t>(status), out);
  out += ' ';
  out += ReasonPhrase(status);
  out += "\r\n";
  bool has_date = false;
  bool has_length = false;
  for (const Headers::Field& field : headers.fields()) {
    if (IsConnectionField(field.name)) {
      const bool is_place = field.value.empty() && !has_length &&
                            framing.framing == Framing::kLength &&
                            EqualsIgnoreCase(field.name, "Content-Length");
      if (is_place) AppendLength(field.name, framing.length, out);
      has_length = has_length || is_place;
      continue;
    }
    if (!IsToken(field.name) || !IsFieldValue(field.value)) {
      log.Warn(
          fmt::format("the answer's header field {} is left out: its name or value has a "
                      "character that no field may have",
                      Printable(field.name, 64)));
      continue;
    }
    if (field.name.size() == 4 && EqualsIgnoreCase(field.name, "Date")) {
      has_date = true;
      if (field.value.empty()) {
        AppendField(field.name, date, out);
        continue;
      }
    }
    AppendField(field.name, field.value, out);
  }
  if (!has_date) AppendField("Date", date, out);
  AppendFraming(framing, has_length, out);
  out += "\r\n";
}

std::optional<std::uint64_t> ClaimedLength(const Headers& headers) {
  std::optional<std::uint64_t> claimed;
  for (const Headers::Field& field : headers.fields()) {
    if (field.name.size() != 14 || !EqualsIgnoreCase(field.name, "Content-Length")) continue;
    if (field.value.empty()) continue;  // a place
    std::uint64_t length = 0;
    const char* const end = field.value.data() + field.value.size();
    const auto [stop, error] = std::from_chars(field.value.data(), end, length);
    if (claimed || error != std::errc() || stop != end) return std::nullopt;
    claimed = length;
  }
  return claimed;
}

std::string ErrorDocument(int status, std::string_view message) {
  std::string_view code = "UNSUPPORTED";
  if (status == 503 || status == 429) code = "TOOMANYREQUESTS";
  if (status == 500 || status == 408) code = "UNKNOWN";
  return fmt::format(R"({{"errors":[{{"code":"{}","message":"{}"}}]}})", code, message);
}

}  // namespace portolan::http
