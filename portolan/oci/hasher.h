// Hashing content piece by piece, with a state that can be stored and taken up again.
#pragma once

#include <cstdint>
#include <memory>
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
  std::uint64_t size() const;

  /// The state in a fixed layout of our own: version, algorithm, chaining words (big endian),
  /// length, and the bytes of the unfinished block. Never more than 256 bytes. The layout is
  /// described in docs/storage-format.md.
  std::string Save() const;
  /// Takes a state up again. kInternal if it is not one that Save gave (damaged storage).
  static Result<Hasher> Load(std::string_view state);

 private:
  struct Words;  // chaining words and the unfinished block
  HashAlgorithm algorithm_;
  alignas(8) unsigned char state_[232];  // holds OpenSSL's context; see hasher.cc
};

/// Digest of `content`.
Digest DigestOf(HashAlgorithm algorithm, std::string_view content);

}  // namespace portolan::oci
