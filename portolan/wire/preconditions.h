// Content negotiation and conditional requests. RFC 9110 §12.5.1, §13.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace portolan::wire {

/// Whether `If-None-Match` values match this entity tag (given without quotes): `*`, a list, weak
/// tags, and unquoted texts as old clients send are understood. For GET and HEAD: weak comparison.
bool MatchesEntityTag(std::span<const std::string_view> if_none_match, std::string_view tag);

/// Whether `Accept` values allow a media type: `*/*`, `application/*`, parameters ignored but
/// `q=0`. No `Accept` at all allows every type.
bool Accepts(std::span<const std::string_view> accept, std::string_view media_type);
/// Whether the type is named itself, not by a wildcard.
bool AcceptsByName(std::span<const std::string_view> accept, std::string_view media_type);

}  // namespace portolan::wire
