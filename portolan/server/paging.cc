#include "portolan/server/paging.h"

#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "portolan/base/log.h"

namespace portolan::server {

Result<std::optional<std::size_t>> PageSizeOf(const Call& call) {
  const std::optional<std::string_view> text = call.query.Get("n");
  if (!text) return std::optional<std::size_t>();
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
  const bool all = end == text->data() + text->size();
  if (all && error == std::errc()) return std::optional(n);
  if (all && error == std::errc::result_out_of_range) {
    return std::optional(std::numeric_limits<std::size_t>::max());
  }
  return PageNumberInvalid(call);
}

Error PageNumberInvalid(const Call& call) {
  const std::string_view text = call.query.Get("n").value_or(std::string_view());
  return Fail(
      ErrorCode::kPaginationNumberInvalid,
      fmt::format("the parameter n is \"{}\"; expected a number from 0 up", Printable(text, 40)));
}

Result<std::int64_t> CursorOf(const Call& call, std::string_view name, std::int64_t min) {
  std::int64_t cursor = 0;
  const std::optional<std::string_view> text = call.query.Get(name);
  if (!text) return cursor;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), cursor);
  if (error == std::errc() && end == text->data() + text->size() && cursor >= min) return cursor;
  return Fail(ErrorCode::kPaginationNumberInvalid,
              fmt::format("the parameter {} is not one that this registry gave", name));
}

}  // namespace portolan::server
