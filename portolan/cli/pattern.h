// Globs and regular expressions, both matched in linear time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "portolan/base/result.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace portolan::cli {

/// The regular expression (RE2 syntax) that matches what a glob does: `*` any text, `?` one
/// character, `[a-z]`, `[!a-z]` or
/// `[^a-z]` one of a set, `{a,b}` either (may be nested, 10 deep), `\` takes the next character as
/// it is. kUsage says what is wrong.
Result<std::string> GlobToRegex(std::string_view glob);

/// A compiled pattern. Cheap to copy.
class Pattern {
 public:
  /// Matches whole texts. kUsage.
  static Result<Pattern> FromGlob(std::string_view glob);
  /// Matches texts that contain a match, as grep does. kUsage.
  static Result<Pattern> FromRegex(std::string_view regex);

  bool Matches(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> regex) : regex_(std::move(regex)) {}
  static Result<std::shared_ptr<const re2::RE2>> Compile(std::string_view regex,
                                                         std::string_view shown);

  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace portolan::cli
