// Hashing content piece by piece, with a state that can be stored and taken up again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"

namespace portolan::oci {

/// Algorithms that content can be verified with.
enum class HashAlgorithm : std::uint8_t {
  kSha256 = 1,
  kSha512 = 2,
};

/// "sha256", "sha512".
std::string_view NameOf(HashAlgorithm algorithm);
/// The algorithm of this name; empty for one that we cannot compute.
std::optional<HashAlgorithm> HashAlgorithmOf(std::string_view name);

/// Computes the digest of what it is fed. A value: a copy goes on by itself. For one thread.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);

  void Update(std::string_view piece);
  /// Of everything fed so far; the hasher can be fed further.
  Digest Finish() const;

  HashAlgorithm algorithm() const { return algorithm_; }
  /// Bytes fed so far.
  std::uint64_t size() const { return size_; }

  /// The state in a fixed layout of our own, integers big endian: version (1 byte, 1), algorithm
  /// (1 byte), bytes fed (8), eight chaining words (4 bytes each for SHA-256, 8 for SHA-512), the
  /// bytes of the unfinished block (bytes fed modulo the block size), the first 8 bytes of the
  /// SHA-256 of all that. Never more than 256 bytes.
  std::string Save() const;
  /// Takes a state up again. kInternal if it is not one that Save gave (damaged storage).
  static Result<Hasher> Load(std::string_view state);

 private:
  HashAlgorithm algorithm_;
  std::uint64_t size_ = 0;
  std::array<std::uint64_t, 8> words_{};    // the chaining value; SHA-256 uses the lower halves
  std::array<unsigned char, 128> block_{};  // its first size_ modulo block size bytes are in use
};

/// Digest of `content`.
Digest DigestOf(HashAlgorithm algorithm, std::string_view content);

}  // namespace portolan::oci
