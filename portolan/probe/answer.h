// What kind of thing an answer is, in words that can be compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/http/headers.h"

namespace portolan::probe {

/// `json, with detail`, `json, detail null`, `json, no detail` (error envelopes), `json, own form`,
/// `true`, `{}`, `html`, `text`, `empty`.
std::string BodyKind(std::string_view body);
/// The first error's code; empty if there is none.
std::string ErrorCodeOf(std::string_view body);
/// Names of the members of a JSON object, with commas; empty if it is none.
std::string MemberNames(std::string_view body);
/// A text or number of a JSON object's member.
std::optional<std::string> MemberText(std::string_view body, std::string_view member);

/// `JWT RS256 x5c`, `base64 text`, `opaque`.
std::string TokenForm(std::string_view token);
/// What a JWT says: `exp` less `iat`. Absent for others.
std::optional<long> TokenSeconds(std::string_view token);

/// Parameters of a Link's target or a path, as written but decoded.
struct Parameter {
  std::string name;
  std::string value;
};
std::vector<Parameter> QueryOf(std::string_view target);
/// The target with `n` set, in its place or in front.
std::string WithN(std::string_view target, std::size_t n);

/// `lower case`, `capitals`, `mixed`: how an answer's field names are written.
std::string HeaderCase(const http::Headers& headers);

}  // namespace portolan::probe
