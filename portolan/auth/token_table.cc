#include "portolan/auth/token_table.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

namespace portolan::auth {
namespace {

// Of a token: with the padding that is one block of SHA-256, and more than any signature needs for
// being told from others.
constexpr std::size_t kEnd = 48;

bool IsSame(std::string_view kept, std::string_view token) {
  if (kept.size() != token.size()) return false;
  // npos + 1 is 0: without a dot all of it is secret.
  const std::size_t secret = kept.rfind('.') + 1;
  return kept.substr(0, secret) == token.substr(0, secret) &&
         CRYPTO_memcmp(kept.data() + secret, token.data() + secret, kept.size() - secret) == 0;
}

}  // namespace

TokenTable::Key TokenTable::KeyOf(std::string_view token) {
  return oci::Sha256(token.substr(token.size() - std::min(token.size(), kEnd)));
}

std::optional<TokenTable::Entry> TokenTable::Find(const Key& key, std::string_view token,
                                                  Clock::WallTime now) {
  const auto state = state_.Lock();
  const auto it = state->kept.find(key);
  if (it == state->kept.end() || !IsSame(it->second.token, token)) return std::nullopt;
  if (it->second.entry.end <= now) return std::nullopt;
  return it->second.entry;
}

void TokenTable::Keep(std::string_view token, Entry entry, Clock::WallTime now) {
  const Key key = KeyOf(token);
  const auto state = state_.Lock();
  const auto forget_oldest = [&] {
    const auto oldest = state->kept.find(state->order.front());
    state->bytes -= oldest->second.token.size();
    state->kept.erase(oldest);
    state->order.pop_front();
  };
  while (!state->order.empty() && state->kept.at(state->order.front()).entry.end <= now) {
    forget_oldest();
  }
  const auto [it, is_new] = state->kept.try_emplace(key);
  if (is_new) state->order.push_back(key);
  state->bytes += token.size() - it->second.token.size();
  it->second = {.token = std::string(token), .entry = std::move(entry)};
  while (state->order.size() > max_tokens_ || state->bytes > max_bytes_) forget_oldest();
}

}  // namespace portolan::auth
