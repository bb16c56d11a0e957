// Tokens without content: what they allow is remembered here, not written in them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "portolan/auth/accounts.h"
#include "portolan/auth/token_table.h"
#include "portolan/auth/token_verifier.h"
#include "portolan/base/clock.h"

namespace portolan::auth {

/// Tokens that count in this process alone. Thread-safe.
class OpaqueTokens final : public TokenVerifier {
 public:
  /// Of nobody's tokens, and of all others': whoever asks for tokens without a name takes no place
  /// from those who have one.
  static constexpr std::size_t kMaxTokens = 32'768;
  static constexpr std::size_t kMaxBytes = 16U << 20U;

  /// `accounts` may be null. Both must outlive it.
  OpaqueTokens(Accounts* accounts, const Clock& clock) : accounts_(accounts), clock_(clock) {}

  /// From now on `token` stands for `identity`, whose grants are the token's, until its account's
  /// epoch changes. May wait for the accounts: call it on a pool. Errors of Accounts.
  Status Keep(std::string_view token, Identity identity, std::chrono::seconds lifetime);

  std::optional<Identity> Known(std::string_view token) override;
  Result<Identity> Verify(std::string_view token) override;

 private:
  std::optional<TokenTable::Entry> Find(std::string_view token);
  TokenTable& TableOf(const Identity& identity) {
    return identity.anonymous() ? anonymous_ : named_;
  }
  // With the account's state at present.
  Result<TokenTable::Entry> Stamped(Identity identity, Clock::WallTime end);

  Accounts* const accounts_;
  const Clock& clock_;
  TokenTable anonymous_{kMaxTokens, kMaxBytes};
  TokenTable named_{kMaxTokens, kMaxBytes};
};

}  // namespace portolan::auth
