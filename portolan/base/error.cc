#include "portolan/base/error.h"

#include <array>
#include <cstddef>
#include <utility>

namespace portolan {
namespace {

// In the order of the enumeration, so that a code is its own index.
constexpr std::array kTable = {
    ErrorInfo{ErrorCode::kBlobUnknown, "BLOB_UNKNOWN", 404, false, kExitNotFound},
    ErrorInfo{ErrorCode::kBlobUploadInvalid, "BLOB_UPLOAD_INVALID", 400, false, kExitServer},
    ErrorInfo{ErrorCode::kBlobUploadUnknown, "BLOB_UPLOAD_UNKNOWN", 404, false, kExitServer},
    ErrorInfo{ErrorCode::kDigestInvalid, "DIGEST_INVALID", 400, false, kExitServer},
    ErrorInfo{ErrorCode::kManifestBlobUnknown, "MANIFEST_BLOB_UNKNOWN", 404, false, kExitServer},
    ErrorInfo{ErrorCode::kManifestInvalid, "MANIFEST_INVALID", 400, false, kExitServer},
    ErrorInfo{ErrorCode::kManifestUnknown, "MANIFEST_UNKNOWN", 404, false, kExitNotFound},
    ErrorInfo{ErrorCode::kNameInvalid, "NAME_INVALID", 400, false, kExitNotFound},
    ErrorInfo{ErrorCode::kNameUnknown, "NAME_UNKNOWN", 404, false, kExitNotFound},
    ErrorInfo{ErrorCode::kPaginationNumberInvalid, "PAGINATION_NUMBER_INVALID", 400, false,
              kExitServer},
    ErrorInfo{ErrorCode::kSizeInvalid, "SIZE_INVALID", 400, false, kExitServer},
    ErrorInfo{ErrorCode::kTagInvalid, "TAG_INVALID", 400, false, kExitServer},
    ErrorInfo{ErrorCode::kUnauthorized, "UNAUTHORIZED", 401, false, kExitDenied},
    ErrorInfo{ErrorCode::kDenied, "DENIED", 403, false, kExitDenied},
    ErrorInfo{ErrorCode::kUnsupported, "UNSUPPORTED", 405, false, kExitFailure},
    ErrorInfo{ErrorCode::kTooManyRequests, "TOOMANYREQUESTS", 429, true, kExitRateLimited},
    ErrorInfo{ErrorCode::kUsage, "USAGE", 0, false, kExitUsage},
    ErrorInfo{ErrorCode::kReferenceInvalid, "REFERENCE_INVALID", 0, false, kExitUsage},
    ErrorInfo{ErrorCode::kConfigInvalid, "CONFIG_INVALID", 0, false, kExitFailure},
    ErrorInfo{ErrorCode::kBlocked, "BLOCKED", 0, false, kExitDenied},
    ErrorInfo{ErrorCode::kHostUnknown, "HOST_UNKNOWN", 0, true, kExitNetwork},
    ErrorInfo{ErrorCode::kConnectFailed, "CONNECT_FAILED", 0, true, kExitNetwork},
    ErrorInfo{ErrorCode::kTlsFailed, "TLS_FAILED", 0, false, kExitNetwork},
    ErrorInfo{ErrorCode::kTimeout, "TIMEOUT", 0, true, kExitNetwork},
    ErrorInfo{ErrorCode::kCancelled, "CANCELLED", 0, false, kExitInterrupted},
    ErrorInfo{ErrorCode::kUnsafeTarget, "UNSAFE_TARGET", 0, false, kExitServer},
    ErrorInfo{ErrorCode::kProtocol, "PROTOCOL", 0, false, kExitServer},
    ErrorInfo{ErrorCode::kTooLarge, "TOO_LARGE", 413, false, kExitServer},
    ErrorInfo{ErrorCode::kServerError, "SERVER_ERROR", 500, true, kExitServer},
    ErrorInfo{ErrorCode::kBusy, "UNAVAILABLE", 503, true, kExitServer},
    ErrorInfo{ErrorCode::kPartial, "PARTIAL", 0, false, kExitPartial},
    ErrorInfo{ErrorCode::kIo, "IO", 0, false, kExitFailure},
    ErrorInfo{ErrorCode::kInsufficientStorage, "INSUFFICIENT_STORAGE", 507, true, kExitServer},
    ErrorInfo{ErrorCode::kInternal, "UNKNOWN", 500, false, kExitFailure},
};

constexpr bool TableIsInOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (std::to_underlying(kTable[i].code) != i) return false;
  }
  return kTable.size() == std::to_underlying(ErrorCode::kInternal) + 1U;
}
static_assert(TableIsInOrder(), "one row per ErrorCode, in the order of the enumeration");

}  // namespace

const ErrorInfo& InfoOf(ErrorCode code) { return kTable[std::to_underlying(code)]; }

std::optional<ErrorCode> ErrorCodeFromWire(std::string_view wire) {
  for (const ErrorInfo& info : kTable) {
    if (info.code == ErrorCode::kUsage) break;  // what follows never travels
    if (info.wire == wire) return info.code;
  }
  return std::nullopt;
}

Error Wrap(Error error, std::string_view context) {
  error.message.insert(0, ": ");
  error.message.insert(0, context);
  return error;
}

}  // namespace portolan
