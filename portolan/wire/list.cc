#include "portolan/wire/list.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Receives the events of Boost's push parser, so that a page of any size costs one reused buffer.
// The `bool` functions return false to stop the parser; `failure_` then says why.
class Handler {
 public:
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;

  Handler(std::string_view member, std::size_t max_text,
          std::function<void(std::string_view)> on_item)
      : member_(member), max_text_(max_text), on_item_(std::move(on_item)) {}

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code& ec) {
    if (depth_ > 0 && !BeginValue(ec)) return false;
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth_;
    return true;
  }

  bool on_array_begin(json::error_code& ec) {
    if (depth_ == 0) return Stop(ErrorCode::kProtocol, "is not a JSON object", ec);
    if (depth_ == 1 && slot_ == Slot::kMember) {
      in_list_ = true;
      has_list_ = true;
    } else if (!BeginValue(ec)) {
      return false;
    }
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    if (--depth_ == 1) in_list_ = false;
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    AppendKey(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    AppendKey(part);
    if (depth_ == 1) {
      slot_ = key_ == member_                    ? Slot::kMember
              : key_ == "name" || key_ == "Name" ? Slot::kName
                                                 : Slot::kOther;
    }
    key_.clear();
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t size, json::error_code& ec) {
    if (!WantsText()) return true;
    if (size > max_text_) return StopTooLong(ec);
    buffer_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t size, json::error_code& ec) {
    if (!WantsText()) return BeginValue(ec);
    if (size > max_text_) return StopTooLong(ec);
    if (buffer_.empty()) {
      TakeText({part.data(), part.size()});
      return true;
    }
    buffer_.append(part.data(), part.size());
    TakeText(buffer_);
    buffer_.clear();
    return true;
  }

  bool on_null(json::error_code& ec) {
    if (depth_ != 1 || slot_ != Slot::kMember) return BeginValue(ec);
    has_null_ = true;
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code& ec) { return BeginValue(ec); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return BeginValue(ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return BeginValue(ec); }
  bool on_bool(bool, json::error_code& ec) { return BeginValue(ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  const std::string& name() const { return name_; }
  std::size_t skipped() const { return skipped_; }
  bool was_null() const { return has_null_ && !has_list_; }
  bool found() const { return has_null_ || has_list_; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  // What the value after a key of the outer object is.
  enum class Slot : std::uint8_t { kOther, kName, kMember };

  bool InList() const { return in_list_ && depth_ == 2; }
  bool WantsText() const { return InList() || (depth_ == 1 && slot_ == Slot::kName); }

  // A value that is not what was hoped for in its place.
  bool BeginValue(json::error_code& ec) {
    if (depth_ == 0) return Stop(ErrorCode::kProtocol, "is not a JSON object", ec);
    if (depth_ == 1 && slot_ == Slot::kMember) {
      return Stop(ErrorCode::kProtocol, "has \"" + member_ + "\" that is not a list", ec);
    }
    if (InList()) ++skipped_;
    return true;
  }

  void TakeText(std::string_view text) {
    if (InList()) {
      on_item_(text);
    } else if (name_.empty()) {
      name_ = text;
    }
  }

  // Keys longer than any that matters are cut one byte beyond it, and match nothing.
  void AppendKey(json::string_view part) {
    constexpr std::size_t kEnough = 64;
    if (depth_ != 1 || key_.size() > kEnough) return;
    key_.append(part.data(), std::min(part.size(), kEnough + 1 - key_.size()));
  }

  bool StopTooLong(json::error_code& ec) {
    return Stop(ErrorCode::kTooLarge,
                "has a text of more than " + std::to_string(max_text_) + " bytes", ec);
  }

  bool Stop(ErrorCode code, const std::string& what, json::error_code& ec) {
    failure_ = Fail(code, "the registry's list " + what);
    ec = json::make_error_code(json::error::syntax);
    return false;
  }

  std::string member_;
  std::size_t max_text_;
  std::function<void(std::string_view)> on_item_;
  std::string name_;
  std::string key_;
  std::string buffer_;  // the beginning of a text that came in parts
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;
  Slot slot_ = Slot::kOther;
  bool in_list_ = false;
  bool has_list_ = false;
  bool has_null_ = false;
  std::optional<Error> failure_;
};

json::parse_options Options() {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  options.allow_invalid_utf8 =
      true;  // a bad tag is the caller's to judge, and no reason to lose the others
  return options;
}

}  // namespace

struct ListParser::State {
  json::basic_parser<Handler> parser;
  std::size_t max_size;
  std::size_t size = 0;       // bytes fed
  std::size_t mark_size = 0;  // bytes of a byte order mark seen
  bool at_start = true;       // nothing but (a part of) a byte order mark so far
  std::optional<Error> failure;

  Status Stop(Error error) {
    failure = std::move(error);
    return *failure;
  }

  // Drops what belongs to a byte order mark from the page's first bytes.
  Status SkipMark(std::string_view& piece) {
    while (at_start && !piece.empty()) {
      if (mark_size < kByteOrderMark.size() && piece.front() == kByteOrderMark[mark_size]) {
        ++mark_size;
        piece.remove_prefix(1);
        continue;
      }
      at_start = false;
      if (mark_size != 0 && mark_size != kByteOrderMark.size()) {
        return Stop(Fail(ErrorCode::kProtocol, "the registry's list is not JSON"));
      }
    }
    return {};
  }
};

ListParser::ListParser(std::string_view member, const Limits& limits,
                       std::function<void(std::string_view item)> on_item)
    : state_(new State{
          .parser =
              json::basic_parser<Handler>(Options(), member, limits.tag_size, std::move(on_item)),
          .max_size = limits.list_page,
          .failure = std::nullopt,
      }) {}

ListParser::~ListParser() = default;

Status ListParser::Feed(std::string_view piece) {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (piece.size() > state.max_size - state.size) {
    return state.Stop(Fail(ErrorCode::kTooLarge, "one page of the registry's list has more than " +
                                                     std::to_string(state.max_size) + " bytes"));
  }
  state.size += piece.size();
  PORTOLAN_CHECK(state.SkipMark(piece));
  if (!piece.empty() && !state.parser.done()) {
    json::error_code ec;
    piece.remove_prefix(state.parser.write_some(true, piece.data(), piece.size(), ec));
    if (ec) {
      const std::optional<Error>& reason = state.parser.handler().failure();
      return state.Stop(reason ? *reason
                               : Fail(ErrorCode::kProtocol,
                                      "the registry's list is not JSON (" + ec.message() + ")"));
    }
  }
  if (!TrimSpace(piece).empty()) {
    return state.Stop(Fail(ErrorCode::kProtocol, "the registry's list goes on after its end"));
  }
  return {};
}

Status ListParser::Finish() {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (!state.parser.done()) {
    return state.Stop(
        Fail(ErrorCode::kProtocol,
             "the registry's list ends too early, after " + std::to_string(state.size) + " bytes",
             "try again; the connection may have been cut"));
  }
  if (!state.parser.handler().found()) {
    return state.Stop(Fail(ErrorCode::kProtocol, "the registry's answer holds no list",
                           "check that this is the address of a container registry"));
  }
  return {};
}

const std::string& ListParser::name() const { return state_->parser.handler().name(); }
std::size_t ListParser::skipped() const { return state_->parser.handler().skipped(); }
bool ListParser::was_null() const { return state_->parser.handler().was_null(); }

}  // namespace portolan::wire
