// Accounts in memory, of which a test says what is there.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/auth/accounts.h"

namespace portolan::auth {

/// Whoever changes `accounts` counts `generation` up, as a change in the store would.
class MemoryAccounts final : public Accounts {
 public:
  std::map<std::string, Account, std::less<>> accounts;
  std::map<oci::Sha256Bytes, RefreshToken> refresh_tokens;
  std::atomic<std::uint64_t> generation = 1;
  bool broken = false;
  bool busy = false;

  Result<std::optional<Account>> Find(std::string_view name) override {
    if (broken) return Fail(ErrorCode::kIo, "the secret path of accounts.db cannot be read");
    if (busy) return Fail(ErrorCode::kBusy, "the accounts are being changed");
    const auto it = accounts.find(name);
    return it == accounts.end() ? std::nullopt : std::optional(it->second);
  }
  Result<std::optional<ApiKey>> FindKey(const oci::Sha256Bytes&) override {
    return std::optional<ApiKey>();
  }
  Status SaveRefreshToken(const oci::Sha256Bytes& secret, const RefreshToken& token) override {
    PORTOLAN_TRY(const std::optional<std::int64_t> epoch, EpochOf(token.account));
    if (!epoch) return Fail(ErrorCode::kDenied, "there is no such account");
    refresh_tokens[secret] = token;
    return {};
  }
  Result<std::optional<RefreshToken>> FindRefreshToken(const oci::Sha256Bytes& secret) override {
    const auto it = refresh_tokens.find(secret);
    return it == refresh_tokens.end() ? std::nullopt : std::optional(it->second);
  }
  Result<bool> RevokeRefreshToken(const oci::Sha256Bytes& secret) override {
    return refresh_tokens.erase(secret) == 1;
  }
  Result<std::optional<std::int64_t>> EpochOf(std::string_view name) override {
    PORTOLAN_TRY(const std::optional<Account> account, Find(name));
    if (!account || account->disabled) return std::optional<std::int64_t>();
    return std::optional(account->epoch);
  }
  std::uint64_t Generation() override { return generation; }
};

}  // namespace portolan::auth
