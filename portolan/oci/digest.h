// Content addresses.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/base/result.h"

namespace portolan::oci {

/// `algorithm:encoded`. Spec: OCI image specification, "Digests".
class Digest {
 public:
  /// Algorithm components `[a-z0-9]+` joined by `+ . _ -`; the encoded part `[a-zA-Z0-9=_-]+`. For
  /// sha256, sha384 and sha512 it must be lower-case hexadecimal of exactly 64, 96 and 128 digits;
  /// for any other algorithm at least 32 characters. kReferenceInvalid otherwise.
  static Result<Digest> Parse(std::string_view text);
  /// Whether Parse would succeed, without building anything.
  static bool IsValid(std::string_view text);

  const std::string& text() const { return text_; }
  std::string_view algorithm() const { return std::string_view(text_).substr(0, text_.find(':')); }
  std::string_view encoded() const { return std::string_view(text_).substr(text_.find(':') + 1); }

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace portolan::oci
