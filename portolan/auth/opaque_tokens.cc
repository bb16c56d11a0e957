#include "portolan/auth/opaque_tokens.h"

#include <utility>

namespace portolan::auth {

void OpaqueTokens::Keep(std::string_view token, Identity identity, std::chrono::seconds lifetime) {
  const oci::Sha256Bytes key = oci::Sha256(token);
  const auto table = table_.Lock();
  // All live equally long, so that the oldest are the first to end.
  while (!table->order.empty()) {
    const auto oldest = table->entries.find(table->order.front());
    if (oldest != table->entries.end() && oldest->second.end > clock_.WallNow()) break;
    if (oldest != table->entries.end()) table->entries.erase(oldest);
    table->order.pop_front();
  }
  const bool is_new = table->entries
                          .insert_or_assign(key, Entry{.identity = std::move(identity),
                                                       .end = clock_.WallNow() + lifetime})
                          .second;
  if (!is_new) return;
  table->order.push_back(key);
  if (table->order.size() <= kMaxTokens) return;
  table->entries.erase(table->order.front());
  table->order.pop_front();
}

std::optional<Identity> OpaqueTokens::Known(std::string_view token) {
  const oci::Sha256Bytes key = oci::Sha256(token);
  const auto table = table_.Lock();
  const auto it = table->entries.find(key);
  if (it == table->entries.end() || it->second.end <= clock_.WallNow()) return std::nullopt;
  return it->second.identity;
}

Result<Identity> OpaqueTokens::Verify(std::string_view token) {
  if (std::optional<Identity> known = Known(token)) return *std::move(known);
  return Fail(ErrorCode::kUnauthorized, "the token is not (or no longer) one of this registry",
              "get a new token, or log in again");
}

}  // namespace portolan::auth
