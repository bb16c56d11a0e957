// What paths of Quay's own API are about.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace portolan::server {

struct QuayTarget {
  enum class Kind : std::uint8_t { kNothing, kList, kRepository, kTags, kTag, kRestore };
  Kind kind = Kind::kNothing;
  std::string repository;
  std::string tag;

  /// Of the components behind `/api/v1/`: `repository`, and behind it `{ns}/{name}` with `/tag`,
  /// `/tag/{tag}` or `/tag/{tag}/restore`.
  static QuayTarget Of(std::span<const std::string> parts);

  /// The methods that the path has, as `Allow` says them; empty: none.
  std::string_view Methods() const;
  bool HasMethod(std::string_view method) const;
};

}  // namespace portolan::server
