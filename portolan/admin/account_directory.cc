#include "portolan/admin/account_directory.h"

namespace portolan::admin {

Result<std::optional<auth::Account>> AccountDirectory::Find(std::string_view name) {
  PORTOLAN_TRY(const auto row, store_.FindAccount(name));
  if (!row) return std::optional<auth::Account>();
  return std::optional(auth::Account{.name = row->name,
                                     .robot = row->robot,
                                     .disabled = row->disabled.has_value(),
                                     .password_hash = row->password_hash,
                                     .epoch = row->epoch});
}

Result<std::optional<auth::ApiKey>> AccountDirectory::FindKey(const oci::Sha256Bytes& secret) {
  PORTOLAN_TRY(const auto row, store_.FindKey(secret));
  if (!row) return std::optional<auth::ApiKey>();
  auth::ApiKey key{.id = row->id, .account = row->account, .expires = std::nullopt};
  if (row->expires) key.expires = store::FromMillis(*row->expires);
  return std::optional(std::move(key));
}

Status AccountDirectory::SaveRefreshToken(const oci::Sha256Bytes& secret,
                                          const auth::RefreshToken& token) {
  return store_.AddRefreshToken(secret, {.account = token.account,
                                         .api_key = token.api_key,
                                         .service = token.service,
                                         .client_id = token.client_id,
                                         .expires = store::ToMillis(token.expires)});
}

Result<std::optional<auth::RefreshToken>> AccountDirectory::FindRefreshToken(
    const oci::Sha256Bytes& secret) {
  PORTOLAN_TRY(const auto row, store_.FindRefreshToken(secret));
  if (!row) return std::optional<auth::RefreshToken>();
  return std::optional(auth::RefreshToken{.account = row->account,
                                          .service = row->service,
                                          .client_id = row->client_id,
                                          .api_key = row->api_key,
                                          .expires = store::FromMillis(row->expires)});
}

Result<bool> AccountDirectory::RevokeRefreshToken(const oci::Sha256Bytes& secret) {
  return store_.RemoveRefreshToken(secret);
}

Result<std::optional<std::int64_t>> AccountDirectory::EpochOf(std::string_view name) {
  PORTOLAN_TRY(const auto row, store_.FindAccount(name));
  if (!row || row->disabled) return std::optional<std::int64_t>();
  return std::optional(row->epoch);
}

}  // namespace portolan::admin
