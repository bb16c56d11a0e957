#include "portolan/http/response_head.h"

#include <algorithm>
#include <utility>

#include "portolan/base/text.h"

namespace portolan::http {
namespace {

constexpr std::size_t kMaxLines = 1000;

}  // namespace

Status ResponseHead::AddLine(std::string_view line) {
  if (complete_) return Status();
  if (line.size() > left_) return Fail(ErrorCode::kTooLarge, "the head of the answer is too large");
  left_ -= line.size();
  if (++lines_ > kMaxLines) {
    return Fail(ErrorCode::kTooLarge, "the head of the answer has too many lines");
  }
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);

  if (status_ == 0) return StartHead(line);
  if (!line.empty()) return AddField(line);
  if (open_) headers_.Add(open_->name, open_->value);
  open_.reset();
  if (status_ >= 200) {
    PORTOLAN_CHECK(CheckCodings());
    complete_ = true;
  } else {
    status_ = 0;
    headers_ = Headers();
  }
  return Status();
}

// We ask for no coding but chunked; libcurl would decode some others, with whatever they expand to.
Status ResponseHead::CheckCodings() const {
  for (const std::string_view coding : headers_.GetAll("Transfer-Encoding")) {
    if (EqualsIgnoreCase(coding, "chunked") || EqualsIgnoreCase(coding, "identity")) continue;
    return Fail(ErrorCode::kProtocol, "the answer has an unknown transfer coding");
  }
  return Status();
}

Status ResponseHead::StartHead(std::string_view line) {
  constexpr std::string_view kStart = "HTTP/";
  const std::size_t space = std::min(line.find(' '), line.size());
  if (!line.starts_with(kStart) || space < kStart.size()) {
    return Fail(ErrorCode::kProtocol, "the answer is not HTTP");
  }
  version_ = line.substr(kStart.size(), space - kStart.size());
  const std::string_view digits = TrimSpace(line.substr(space)).substr(0, 3);
  const bool valid = digits.size() == 3 && std::ranges::all_of(digits, IsAsciiDigit);
  if (valid) status_ = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (status_ < 100 || status_ > 599) {
    return Fail(ErrorCode::kProtocol, "the answer has no valid status");
  }
  return Status();
}

Status ResponseHead::AddField(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) {  // obsolete folding, RFC 9112 §5.2
    if (open_) open_->value.append(" ").append(TrimSpace(line));
    return Status();
  }
  if (open_) headers_.Add(open_->name, open_->value);
  open_.reset();
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  // A name with white space would mean one thing to us and another to a proxy before us: it is left
  // out.
  if (colon == std::string_view::npos || name.empty() || name.find_first_of(" \t") != name.npos) {
    return Status();
  }
  open_ = {.name = std::string(name), .value = std::string(TrimSpace(line.substr(colon + 1)))};
  return Status();
}

}  // namespace portolan::http
