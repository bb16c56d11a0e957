#include "portolan/auth/opaque_tokens.h"

#include <utility>

namespace portolan::auth {

Status OpaqueTokens::Keep(std::string_view token, Identity identity,
                          std::chrono::seconds lifetime) {
  const Clock::WallTime now = clock_.WallNow();
  PORTOLAN_TRY(TokenTable::Entry entry, Stamped(std::move(identity), now + lifetime));
  TokenTable& table = TableOf(entry.identity);
  table.Keep(token, std::move(entry), now);
  return {};
}

std::optional<Identity> OpaqueTokens::Known(std::string_view token) {
  std::optional<TokenTable::Entry> entry = Find(token);
  if (!entry) return std::nullopt;
  if (accounts_ != nullptr && entry->generation != accounts_->Generation()) return std::nullopt;
  return std::move(entry->identity);
}

Result<Identity> OpaqueTokens::Verify(std::string_view token) {
  if (const std::optional<TokenTable::Entry> entry = Find(token)) {
    PORTOLAN_TRY(TokenTable::Entry now, Stamped(entry->identity, entry->end));
    if (now.epoch == entry->epoch) {
      TableOf(now.identity).Keep(token, std::move(now), clock_.WallNow());
      return entry->identity;
    }
  }
  return Fail(ErrorCode::kUnauthorized, "the token is not (or no longer) one of this registry",
              "get a new token, or log in again");
}

std::optional<TokenTable::Entry> OpaqueTokens::Find(std::string_view token) {
  const Clock::WallTime now = clock_.WallNow();
  const TokenTable::Key key = TokenTable::KeyOf(token);
  std::optional<TokenTable::Entry> entry = named_.Find(key, token, now);
  return entry ? std::move(entry) : anonymous_.Find(key, token, now);
}

Result<TokenTable::Entry> OpaqueTokens::Stamped(Identity identity, Clock::WallTime end) {
  TokenTable::Entry entry{.identity = std::move(identity), .end = end};
  if (accounts_ == nullptr) return entry;
  entry.generation = accounts_->Generation();  // before the rest: a change is seen the next time
  if (entry.identity.anonymous()) return entry;
  PORTOLAN_TRY(const std::optional<Account> account, accounts_->Find(entry.identity.name));
  if (account && account->disabled) {
    return Fail(ErrorCode::kUnauthorized, "the token's account is disabled");
  }
  if (account) entry.epoch = account->epoch;  // a user of an htpasswd file has none
  return entry;
}

}  // namespace portolan::auth
