// Tokens without content: what they allow is remembered here, not written in them.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"
#include "portolan/base/guarded.h"
#include "portolan/oci/hash.h"

namespace portolan::auth {

/// Tokens that count in this process alone. Kept under their SHA-256. Thread-safe.
class OpaqueTokens final : public TokenVerifier {
 public:
  static constexpr std::size_t kMaxTokens = 65'536;

  /// The clock must outlive it.
  explicit OpaqueTokens(const Clock& clock) : clock_(clock) {}

  /// From now on `token` stands for `identity`, whose grants are the token's. The oldest token is
  /// forgotten if there are too many.
  void Keep(std::string_view token, Identity identity, std::chrono::seconds lifetime);

  std::optional<Identity> Known(std::string_view token) override;
  Result<Identity> Verify(std::string_view token) override;

 private:
  struct Entry {
    Identity identity;
    Clock::WallTime end;
  };
  struct Table {
    std::map<oci::Sha256Bytes, Entry> entries;
    std::deque<oci::Sha256Bytes> order;  // oldest first
  };
  const Clock& clock_;
  Guarded<Table> table_;
};

}  // namespace portolan::auth
