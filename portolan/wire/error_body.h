// Bodies of answers that are not a success. Spec: "Error Codes".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/error.h"

namespace portolan::wire {

/// What a registry said went wrong, whatever its shape was.
struct ErrorBody {
  struct Item {
    std::string code;
    std::string message;
    std::string detail;  ///< JSON text, empty if absent or null
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::vector<Item> errors;  ///< of the OCI envelope
  std::string json;          ///< the `errors` array as JSON text, or empty
  std::string summary;  ///< one printable line: messages of the envelope, else `details`, `error`,
                        ///< `message` of other shapes, else the start of a text; empty for HTML and
                        ///< for nothing

  /// Understands the OCI envelope (`detail` may be null, object, array or text), `{"details":…}`
  /// (Docker Hub's token endpoint), `{"error":…}` with or without `error_description` (Quay;
  /// OAuth2), `{"message":…}`, a bare `true` (Quay), HTML, text and nothing. Never fails; at most
  /// 16 items, printable and cut to 512 bytes each.
  static ErrorBody Parse(std::string_view body);

  bool Has(std::string_view code) const;
};

/// An Error from a status and a body: the code by the status first, refined by the envelope's first
/// code that fits it (a 404 with UNAUTHORIZED stays not found). `what` names what was asked for, as
/// in "tags of quay.io/a/b".
Error ToError(int status, const ErrorBody& body, std::string_view what);

}  // namespace portolan::wire
