// Errors are values: a function that can fail returns Result<T>, and the compiler refuses to drop
// it.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "portolan/base/error.h"

namespace portolan {

/// A `T`, or the Error that says why there is none. Converts from either.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(const Error& error)
      : std::expected<T, Error>(std::unexpect, error) {}  // NOLINT(google-explicit-constructor)
  Result(Error&& error)                                   // NOLINT(google-explicit-constructor)
      : std::expected<T, Error>(std::unexpect, std::move(error)) {}
};

using Status = Result<void>;

/// `return Fail(ErrorCode::kIo, "…", "try …")`.
inline Error Fail(ErrorCode code, std::string message, std::string hint = {}) {
  return Error{.code = code,
               .message = std::move(message),
               .hint = std::move(hint),
               .http_status = 0,
               .registry_errors = {}};
}

}  // namespace portolan

#define PORTOLAN_JOIN_INNER(a, b) a##b
#define PORTOLAN_JOIN(a, b) PORTOLAN_JOIN_INNER(a, b)
#define PORTOLAN_TRY_INNER(result, return_keyword, declaration, ...) \
  auto result = (__VA_ARGS__);                                       \
  if (!result) return_keyword std::move(result).error();             \
  declaration = *std::move(result)

/// `PORTOLAN_TRY(auto digest, Digest::Parse(text));` returns the error to the caller, or declares
/// `digest`.
#define PORTOLAN_TRY(declaration, ...) \
  PORTOLAN_TRY_INNER(PORTOLAN_JOIN(try_result_, __LINE__), return, declaration, __VA_ARGS__)
/// The same in a coroutine: `PORTOLAN_CO_TRY(auto response, co_await
/// client.Send(std::move(request)));`.
#define PORTOLAN_CO_TRY(declaration, ...) \
  PORTOLAN_TRY_INNER(PORTOLAN_JOIN(try_result_, __LINE__), co_return, declaration, __VA_ARGS__)
/// For a Status, where there is nothing to declare.
#define PORTOLAN_CHECK(...) \
  if (auto check_result = (__VA_ARGS__); !check_result) return std::move(check_result).error()
#define PORTOLAN_CO_CHECK(...) \
  if (auto check_result = (__VA_ARGS__); !check_result) co_return std::move(check_result).error()
