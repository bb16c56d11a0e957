// Which names a listing has already given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "portolan/repo/names.h"

namespace portolan::client {

/// A set of names for millions of short texts: one block for the texts, one table of eight bytes an
/// entry at most half full. Exact: equal hashes are settled by the texts. Hashing is seeded, so
/// that a registry cannot choose names that collide.
class SeenNames {
 public:
  SeenNames();
  explicit SeenNames(std::uint64_t seed) : seed_(seed) {}

  /// Adds the name. False if it was there before. Up to 2^32 - 1 names.
  bool Add(std::string_view name);
  std::size_t size() const { return names_.size(); }
  /// Every name, in the order in which they were added.
  const repo::Names& names() const { return names_; }
  /// Makes room for so many bytes of names.
  void ReserveText(std::size_t bytes) { names_.ReserveText(bytes); }

 private:
  // Half of the hash above, the name's number from 1 below; 0 is an empty place.
  using Slot = std::uint64_t;

  std::uint64_t Hash(std::string_view name) const;
  void Grow();

  std::uint64_t seed_;
  repo::Names names_;
  std::vector<Slot> slots_;
};

}  // namespace portolan::client
