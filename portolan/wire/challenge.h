// WWW-Authenticate: what a registry asks for, and Authorization: what a client brings (RFC 9110
// §11.6, RFC 6750 §2.1; distribution "Token Authentication").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::wire {

/// One challenge: the scheme in lower case, parameters with lower-case names in the order received.
/// Of a name that comes twice the first counts.
struct Challenge {
  struct Parameter {
    std::string name;
    std::string value;
    friend bool operator==(const Parameter&, const Parameter&) = default;
  };
  std::string scheme;
  std::vector<Parameter> parameters;

  /// The parameter's value, or an empty text.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  friend bool operator==(const Challenge&, const Challenge&) = default;
};

/// Parses every challenge of every header line: several in one line (Codeberg), unquoted values
/// (zot), any case (Nexus), quoted pairs, token68, empty lines (Harbor). Hostile text gives fewer
/// challenges, never an error: what cannot be understood is skipped up to the next comma, a quote
/// that is never closed is ignored, and a lone word that is no registered scheme is a parameter
/// without a value. At most 32 challenges of at most 64 parameters are returned.
std::vector<Challenge> ParseChallenges(std::span<const std::string_view> header_values);

/// The challenge that a client with our abilities answers: the first Bearer with a realm, else the
/// first Basic. Null if there is neither. Points into `challenges`.
const Challenge* ChooseChallenge(std::span<const Challenge> challenges);

/// The token of an Authorization field of the scheme Bearer, which may be empty; nothing for any
/// other field. Points into it.
std::optional<std::string_view> BearerToken(std::string_view authorization);

}  // namespace portolan::wire
