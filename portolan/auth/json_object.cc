#include "portolan/auth/json_object.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"

namespace portolan::auth {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;

// Sees every member's name of every object; Boost's own tree keeps the last of several.
class MemberNames {
 public:
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;

  const std::string& twice() const { return twice_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    seen_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    seen_.pop_back();
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    key_.append(part.data(), part.size());
    if (!seen_.back().insert(key_).second) {
      twice_ = key_;
      ec = json::make_error_code(json::error::syntax);
      return false;
    }
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::vector<std::set<std::string, std::less<>>> seen_;
  std::string key_;
  std::string twice_;
};

Error Invalid(std::string_view what, std::string_view why) {
  return Fail(ErrorCode::kUnauthorized, fmt::format("{} {}", what, why));
}

}  // namespace

Result<json::object> ParseJsonObject(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<MemberNames> names(options);
  json::error_code ec;
  const std::size_t read = names.write_some(false, text.data(), text.size(), ec);
  if (!names.handler().twice().empty()) {
    return Invalid(what,
                   fmt::format("has the member \"{}\" twice", Printable(names.handler().twice())));
  }
  if (ec || read != text.size()) return Invalid(what, "is not JSON");
  json::value value = json::parse({text.data(), text.size()}, ec, {}, options);
  if (ec || !value.is_object()) return Invalid(what, "is not a JSON object");
  return std::move(value.get_object());
}

Result<std::string> TextMember(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return std::string();
  const json::string* const text = value->if_string();
  if (text == nullptr) return Invalid(fmt::format("the member \"{}\"", name), "is not a text");
  return std::string(text->data(), text->size());
}

}  // namespace portolan::auth
