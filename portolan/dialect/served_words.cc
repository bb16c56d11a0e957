#include "portolan/dialect/served_words.h"

#include <charconv>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "portolan/base/url.h"
#include "portolan/oci/manifest.h"
#include "portolan/wire/preconditions.h"
#include "portolan/wire/reply.h"

namespace portolan::dialect {

std::string Quoted(std::string_view text) {
  std::string out;
  wire::AppendJsonString(out, text);
  return out;
}

// Spec: distribution registry/api/v2/errors.go, registry/api/errcode/register.go.
std::string_view StandardMessage(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBlobUnknown:
      return "blob unknown to registry";
    case ErrorCode::kBlobUploadInvalid:
      return "blob upload invalid";
    case ErrorCode::kBlobUploadUnknown:
      return "blob upload unknown to registry";
    case ErrorCode::kDigestInvalid:
      return "provided digest did not match uploaded content";
    case ErrorCode::kManifestBlobUnknown:
      return "blob unknown to registry";
    case ErrorCode::kManifestInvalid:
      return "manifest invalid";
    case ErrorCode::kManifestUnknown:
      return "manifest unknown";
    case ErrorCode::kNameInvalid:
      return "invalid repository name";
    case ErrorCode::kNameUnknown:
      return "repository name not known to registry";
    case ErrorCode::kPaginationNumberInvalid:
      return "invalid number of results requested";
    case ErrorCode::kSizeInvalid:
      return "provided length did not match content length";
    case ErrorCode::kTagInvalid:
      return "manifest tag did not match URI";
    case ErrorCode::kUnauthorized:
      return "authentication required";
    case ErrorCode::kDenied:
      return "requested access to the resource is denied";
    case ErrorCode::kUnsupported:
      return "The operation is unsupported.";
    case ErrorCode::kTooManyRequests:
      return "too many requests";
    default:
      return {};
  }
}

std::string_view WireCode(ErrorCode code) {
  const ErrorInfo& info = InfoOf(code);
  return info.http_status != 0 ? info.wire : InfoOf(ErrorCode::kInternal).wire;
}

std::optional<std::int64_t> NumberOf(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  using Limits = std::numeric_limits<std::int64_t>;
  if (error == std::errc::result_out_of_range) return negative ? Limits::min() : Limits::max();
  return number;
}

Words WithoutDetail(int status, std::string_view code, std::string_view message) {
  return {.status = status,
          .body = fmt::format("{{\"errors\":[{{\"code\":\"{}\",\"message\":{}}}]}}\n", code,
                              Quoted(message))};
}

std::optional<Words> OciTypeRefused(std::string_view media_type,
                                    std::span<const std::string_view> accept,
                                    std::string_view word) {
  const bool index = media_type == oci::kImageIndexType;
  if (!index && media_type != oci::kImageManifestType) return std::nullopt;
  if (wire::AcceptsByName(accept, media_type)) return std::nullopt;
  const std::string_view one = index ? "index" : "manifest";
  const std::string_view many = index ? "indexes" : "manifests";
  return WithoutDetail(
      404, "MANIFEST_UNKNOWN",
      fmt::format("OCI {} found, but {} header does not support OCI {}", one, word, many));
}

std::string LastThenN(const NextPage& page) {
  return fmt::format("?last={}&n={}", PercentEncode(page.last), page.n);
}
std::string NThenLast(const NextPage& page) {
  return fmt::format("?n={}&last={}", page.n, PercentEncode(page.last));
}

}  // namespace portolan::dialect
