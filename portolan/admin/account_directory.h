// The accounts of a storage folder, as auth asks for them.
#pragma once

#include "portolan/auth/accounts.h"
#include "portolan/store/account_store.h"

namespace portolan::admin {

/// `store` must outlive it.
class AccountDirectory final : public auth::Accounts {
 public:
  explicit AccountDirectory(store::AccountStore& store) : store_(store) {}

  Result<std::optional<auth::Account>> Find(std::string_view name) override;
  Result<std::optional<auth::ApiKey>> FindKey(const oci::Sha256Bytes& secret) override;
  Status SaveRefreshToken(const oci::Sha256Bytes& secret, const auth::RefreshToken& token) override;
  Result<std::optional<auth::RefreshToken>> FindRefreshToken(
      const oci::Sha256Bytes& secret) override;
  Result<bool> RevokeRefreshToken(const oci::Sha256Bytes& secret) override;
  Result<std::optional<std::int64_t>> EpochOf(std::string_view name) override;
  std::uint64_t Generation() override { return store_.Generation(); }

 private:
  store::AccountStore& store_;
};

}  // namespace portolan::admin
