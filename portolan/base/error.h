// What can go wrong, in one table: each code's spelling on the wire, HTTP status, whether trying
// again can help, and the process exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portolan {

/// Every kind of failure of the program. The first group is the specification's error codes (Spec:
/// "Error Codes"); the second is what happens on this side of the wire. Choose the most specific
/// one; `kInternal` is only for our own bugs.
enum class ErrorCode : std::uint8_t {
  // Codes of the distribution specification.
  kBlobUnknown,
  kBlobUploadInvalid,
  kBlobUploadUnknown,
  kDigestInvalid,
  kManifestBlobUnknown,
  kManifestInvalid,
  kManifestUnknown,
  kNameInvalid,
  kNameUnknown,
  kPaginationNumberInvalid,
  kSizeInvalid,
  kTagInvalid,
  kUnauthorized,     ///< no or wrong credentials; also "not found or no access" where the registry
                     ///< does not tell
  kDenied,           ///< credentials understood, access refused
  kUnsupported,      ///< the registry does not offer the operation
  kTooManyRequests,  ///< rate limited, after our own retries
  // Codes of this side.
  kUsage,                ///< the command line is wrong
  kReferenceInvalid,     ///< text that is not an image reference, tag, digest or host
  kConfigInvalid,        ///< a configuration or credentials file cannot be understood
  kBlocked,              ///< registries.conf forbids the registry
  kHostUnknown,          ///< the name does not resolve
  kConnectFailed,        ///< refused, unreachable, or closed before an answer
  kTlsFailed,            ///< certificate or handshake
  kTimeout,              ///< a deadline passed
  kCancelled,            ///< interrupted by the user
  kUnsafeTarget,         ///< a peer pointed to an address or scheme that we must not follow
  kProtocol,             ///< the peer's answer breaks the protocol, or cannot be parsed
  kTooLarge,             ///< a cap in `Limits` was reached
  kServerError,          ///< 5xx after our own retries
  kBusy,                 ///< the thing is being changed at this moment: ask again
  kPartial,              ///< some of the work was done, and printed; the rest failed
  kIo,                   ///< a local file or pipe
  kInsufficientStorage,  ///< a disk or a quota is full
  kInternal,             ///< a defect of this program
};

/// One row of the table.
struct ErrorInfo {
  ErrorCode code;
  std::string_view wire;  ///< spelling in an error envelope, upper case with underscores
  int http_status;        ///< what our server answers; 0 where the code never leaves a client
  bool retryable;         ///< the same request may succeed later
  int exit_status;        ///< of a command that ends with this code
};

/// The row of `code`. Never fails: every enumerator has a row (tested).
const ErrorInfo& InfoOf(ErrorCode code);

/// The code with this wire spelling, if it is one of the specification's.
std::optional<ErrorCode> ErrorCodeFromWire(std::string_view wire);

/// Exit statuses of every command; `portolan help exit-status` prints them. 2 is also what skopeo
/// uses for "not found".
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitNotFound = 2;
inline constexpr int kExitDenied = 3;
inline constexpr int kExitRateLimited = 4;
inline constexpr int kExitNetwork = 5;
inline constexpr int kExitServer = 6;
inline constexpr int kExitPartial = 7;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitInterrupted = 130;

/// A failure as a value. `message` names the thing and what was wrong with it, in one line without
/// a final full stop and without secrets; `hint`, if not empty, says what the user can do next.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string hint;
  int http_status = 0;  ///< status of the peer's answer, 0 if there was none
  std::string
      registry_errors;  ///< the registry's own `errors` array as JSON text, empty if it sent none

  friend bool operator==(const Error&, const Error&) = default;
};

/// Puts `context` and ": " before the message: `Wrap(error, "reading /etc/x")`.
Error Wrap(Error error, std::string_view context);

}  // namespace portolan
