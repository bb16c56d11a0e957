// Link headers (RFC 8288): where the next page is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::wire {

struct Link {
  std::string target;  ///< between `<` and `>`, byte for byte
  std::string rel;     ///< lower case; empty if there was no `rel`

  friend bool operator==(const Link&, const Link&) = default;
};

/// Every link of every header line; several in one line are divided at commas outside `<>` and
/// quotes. Text without angle brackets is taken as a target up to the first `;`. What cannot be
/// understood is skipped. At most 64.
std::vector<Link> ParseLinks(std::span<const std::string_view> header_values);

/// The target to follow: the first with `next` among its relations, else the first without any.
/// Empty if there is none.
std::optional<std::string> NextTarget(std::span<const std::string_view> header_values);

}  // namespace portolan::wire
