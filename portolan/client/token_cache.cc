#include "portolan/client/token_cache.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/hex.h"
#include "portolan/base/random_text.h"
#include "portolan/base/text.h"
#include "portolan/oci/hash.h"

namespace portolan::client {
namespace json = boost::json;
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kMaxTokens = 64;
constexpr std::size_t kMaxFile = 1U << 20U;

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::int64_t Number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? 0 : *number;
}

std::optional<RegistryMemory::Token> ReadToken(const json::value& value, Clock::Instant now) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  RegistryMemory::Token token;
  token.realm = Text(*object, "realm");
  token.service = Text(*object, "service");
  token.text = Secret(Text(*object, "token"));
  token.use_until = Clock::Instant(std::chrono::nanoseconds(Number(*object, "use_until")));
  token.from_disk = true;
  if (const std::int64_t stated = Number(*object, "stated_lifetime"); stated > 0) {
    token.stated_lifetime = std::chrono::seconds(stated);
  }
  if (const json::value* scopes = object->if_contains("scopes");
      scopes != nullptr && scopes->is_array()) {
    for (const json::value& scope : scopes->get_array()) {
      if (const json::string* text = scope.if_string()) token.scopes.emplace_back(*text);
    }
  }
  // A day is the longest lifetime that wire::TokenReply allows; more is not ours.
  if (token.text.empty() || token.use_until <= now ||
      token.use_until > now + std::chrono::hours(24)) {
    return std::nullopt;
  }
  return token;
}

json::object WriteToken(const RegistryMemory::Token& token) {
  json::array scopes;
  for (const std::string& scope : token.scopes) scopes.emplace_back(scope);
  json::object object{{"realm", token.realm},
                      {"service", token.service},
                      {"scopes", std::move(scopes)},
                      {"token", token.text.Reveal()},
                      {"use_until", token.use_until.time_since_epoch().count()}};
  if (token.stated_lifetime) object["stated_lifetime"] = token.stated_lifetime->count();
  return object;
}

}  // namespace

TokenCache::TokenCache(Files& files, const Environment& environment, const Clock& clock,
                       Random& random, Log& log, bool enabled)
    : files_(files), clock_(clock), random_(random), log_(log), enabled_(enabled) {
  const auto cache = environment.Get("XDG_CACHE_HOME");
  folder_ = JoinPath(cache ? *cache : JoinPath(environment.home, ".cache"), "portolan");
}

// Lifetimes are on a clock that starts with the machine: a file of an earlier boot means nothing.
const std::string& TokenCache::BootId() {
  if (!boot_id_) {
    const Result<std::string> text = files_.Read("/proc/sys/kernel/random/boot_id", 128);
    boot_id_ = text ? std::string(TrimSpace(*text)) : std::string();
  }
  return *boot_id_;
}

std::optional<std::string> TokenCache::Key(bool create) {
  if (key_) return key_;
  const std::string path = JoinPath(folder_, "key");
  if (files_.IsPrivate(path)) {
    if (const Result<std::string> text = files_.Read(path, 256); text && text->size() >= 64)
      return key_ = *text;
  }
  if (!create) return std::nullopt;
  const std::string text = RandomHex(random_, 32);
  if (const Status written = files_.Replace(path, text, 0600); !written) {
    log_.Debug(fmt::format("token cache: {}", written.error().message));
    return std::nullopt;
  }
  return key_ = text;
}

std::optional<std::string> TokenCache::PathOf(std::string_view registry,
                                              const config::Credentials& credentials,
                                              bool create_key) {
  // The registry's name is no secret, and lets a user see what is kept; `:` is the one character of
  // it that some file systems refuse. Hashing is left to those who have something to hide: OpenSSL
  // takes a millisecond to start.
  std::string name(registry);
  std::ranges::replace(name, ':', '_');
  if (credentials.empty()) return JoinPath(folder_, fmt::format("tokens/{}.json", name));
  const std::optional<std::string> key = Key(create_key);
  if (!key) return std::nullopt;
  std::string identity(registry);
  for (const std::string* part :
       {&credentials.username, &credentials.password.Reveal(), &credentials.identity_token.Reveal(),
        &credentials.registry_token.Reveal()}) {
    identity += fmt::format("\n{}:", part->size());
    identity += *part;
  }
  const std::string hash = HexEncode(oci::HmacSha256(std::as_bytes(std::span(*key)), identity));
  return JoinPath(folder_, fmt::format("tokens/{}@{}.json", hash.substr(0, 32), name));
}

RegistryMemory TokenCache::Load(std::string_view registry, const config::Credentials& credentials) {
  RegistryMemory memory;
  if (!enabled_) return memory;
  const std::optional<std::string> path = PathOf(registry, credentials, false);
  if (!path) return memory;
  const Result<std::string> text = files_.Read(*path, kMaxFile);
  if (!text) return memory;
  if (!files_.IsPrivate(*path)) {
    log_.Debug(fmt::format("token cache: {} may be read by others: not used", *path));
    return memory;
  }
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr || Number(*object, "format") != kFormat ||
      Text(*object, "boot_id") != BootId() || Text(*object, "registry") != registry) {
    return memory;
  }
  memory.scheme = Text(*object, "scheme");
  memory.realm = Text(*object, "realm");
  memory.service = Text(*object, "service");
  memory.challenge_scope = Text(*object, "challenge_scope");
  memory.profile = Text(*object, "profile");
  const json::value* plain = object->if_contains("plain_http");
  memory.plain_http = plain != nullptr && plain->is_bool() && plain->get_bool();
  if (const json::value* tokens = object->if_contains("tokens");
      tokens != nullptr && tokens->is_array()) {
    for (const json::value& entry : tokens->get_array()) {
      if (auto token = ReadToken(entry, clock_.Now())) memory.tokens.push_back(std::move(*token));
    }
  }
  return memory;
}

void TokenCache::Store(std::string_view registry, const config::Credentials& credentials,
                       const RegistryMemory& memory) {
  if (!enabled_ || BootId().empty()) return;
  const std::optional<std::string> path = PathOf(registry, credentials, true);
  if (!path) return;
  std::vector<RegistryMemory::Token> tokens = memory.tokens;
  std::erase_if(tokens, [&](const auto& token) { return token.use_until <= clock_.Now(); });
  std::ranges::sort(tokens, std::greater(), &RegistryMemory::Token::use_until);
  if (tokens.size() > kMaxTokens) tokens.resize(kMaxTokens);
  json::array entries;
  for (const RegistryMemory::Token& token : tokens) entries.emplace_back(WriteToken(token));
  const json::object object{{"format", kFormat},
                            {"registry", registry},
                            {"boot_id", BootId()},
                            {"scheme", memory.scheme},
                            {"realm", memory.realm},
                            {"service", memory.service},
                            {"challenge_scope", memory.challenge_scope},
                            {"profile", memory.profile},
                            {"plain_http", memory.plain_http},
                            {"tokens", std::move(entries)}};
  if (const Status written = files_.Replace(*path, json::serialize(object), 0600); !written) {
    log_.Debug(fmt::format("token cache: {}", written.error().message));
  }
}

}  // namespace portolan::client
