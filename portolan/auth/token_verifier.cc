#include "portolan/auth/token_verifier.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/jwt.h"
#include "portolan/auth/token_table.h"
#include "portolan/base/date.h"
#include "portolan/base/log.h"

namespace portolan::auth {
namespace {

constexpr std::size_t kMaxRemembered = 16'384;
constexpr std::size_t kMaxRememberedBytes = 32U << 20U;  // of tokens: about what their grants take
// Keys and certificates may be withdrawn meanwhile.
constexpr std::int64_t kMaxMemory = 300;  // s
constexpr std::size_t kMaxName = 255;

Error Refused(std::string why) {
  return Fail(ErrorCode::kUnauthorized, std::move(why), "get a new token, or log in again");
}

// The rule's user with what the claims say in place of `${claim}`. Empty if a claim is missing or
// gives what no name may be.
std::string NameBy(const TrustedIssuer::NameRule& rule, const Claims& claims) {
  std::string name;
  std::string_view rest = rule.user;
  for (std::size_t at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
    const std::size_t end = rest.find('}', at);
    if (end == std::string_view::npos) return {};  // else all would have this one name
    const auto claim = claims.others.find(std::string(rest.substr(at + 2, end - at - 2)));
    if (claim == claims.others.end() || claim->second.empty()) return {};
    name += rest.substr(0, at);
    name += claim->second;
    rest.remove_prefix(end + 1);
  }
  name += rest;
  const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
  // Rules give these a meaning of their own.
  if (!plain || name.size() > kMaxName || name == "*" || name == "anonymous") return {};
  return name;
}

bool HasClaims(const TrustedIssuer::NameRule& rule, const Claims& claims) {
  return std::ranges::all_of(rule.claims, [&](const auto& wanted) {
    const auto claim = claims.others.find(wanted.first);
    return claim != claims.others.end() && MatchesGlob(wanted.second, claim->second);
  });
}

// Without what the issuer may not speak of.
std::vector<wire::Scope> Within(const TrustedIssuer& issuer, std::vector<wire::Scope> scopes) {
  if (issuer.repositories.empty()) return scopes;
  std::erase_if(scopes, [&](const wire::Scope& scope) {
    return scope.type != "repository" ||
           std::ranges::none_of(issuer.repositories, [&](const std::string& glob) {
             return MatchesGlob(glob, scope.name);
           });
  });
  return scopes;
}

void AddDeletion(std::vector<wire::Scope>& scopes) {
  for (wire::Scope& scope : scopes) {
    const bool pushes = std::ranges::find(scope.actions, "push") != scope.actions.end();
    if (pushes) scope.actions.emplace_back(NameOf(Action::kDelete));
  }
}

class Verifier final : public TokenVerifier {
 public:
  Verifier(std::vector<TrustedIssuer> issuers, Accounts* accounts, const Clock& clock)
      : issuers_(std::move(issuers)), accounts_(accounts), clock_(clock) {}

  std::optional<Identity> Known(std::string_view token) override {
    std::optional<TokenTable::Entry> known = verified_.Find(token, clock_.WallNow());
    if (!known || known->generation != Generation()) return std::nullopt;
    return std::move(known->identity);
  }

  Result<Identity> Verify(std::string_view token) override {
    // Before all that the token is judged by: what changes meanwhile is seen the next time.
    const std::uint64_t generation = Generation();
    if (std::optional<Identity> known = Known(token)) return *std::move(known);
    PORTOLAN_TRY(Jwt jwt, ParseJwt(token));
    const TrustedIssuer* const issuer = IssuerOf(jwt.claims);
    if (issuer == nullptr) {
      return Refused(fmt::format("the token's issuer \"{}\" is not trusted",
                                 Printable(jwt.claims.issuer.substr(0, kMaxName))));
    }
    PORTOLAN_CHECK(CheckSignature(*issuer, jwt));
    PORTOLAN_CHECK(CheckClaims(*issuer, jwt.claims));
    const Clock::WallTime now = clock_.WallNow();
    const std::int64_t ends =
        std::min(*jwt.claims.expires + issuer->leeway.count(), UnixSeconds(now) + kMaxMemory);
    PORTOLAN_TRY(Identity identity, IdentityOf(*issuer, std::move(jwt.claims)));
    verified_.Keep(token,
                   {.identity = identity,
                    .end = Clock::WallTime(std::chrono::seconds(ends)),
                    .generation = generation},
                   now);
    return identity;
  }

 private:
  std::int64_t Now() const { return UnixSeconds(clock_.WallNow()); }
  std::uint64_t Generation() const { return accounts_ != nullptr ? accounts_->Generation() : 0; }

  const TrustedIssuer* IssuerOf(const Claims& claims) const {
    const auto it = std::ranges::find(issuers_, claims.issuer, &TrustedIssuer::issuer);
    return it != issuers_.end() ? &*it : nullptr;
  }

  Status CheckSignature(const TrustedIssuer& issuer, const Jwt& jwt) const {
    PORTOLAN_TRY(const PublicKey key, KeyOf(issuer, jwt));
    const bool accepted =
        issuer.algorithms.empty() ||
        std::ranges::find(issuer.algorithms, jwt.algorithm) != issuer.algorithms.end();
    if (!accepted || !key.Suits(jwt.algorithm)) {
      return Refused(fmt::format("the token is signed with {}, which its issuer does not use",
                                 NameOf(jwt.algorithm)));
    }
    if (!key.Verifies(jwt.algorithm, jwt.signed_part, jwt.signature)) {
      return Refused("the token's signature is wrong");
    }
    return {};
  }

  // By certificates, if there are roots for them; else by a trusted key's name. A key that comes in
  // the token says only which trusted key is meant (CVE-2025-24976).
  Result<PublicKey> KeyOf(const TrustedIssuer& issuer, const Jwt& jwt) const {
    if (!jwt.chain.empty() && issuer.roots) {
      return issuer.roots->Verify(jwt.chain, clock_.WallNow());
    }
    const std::string& name = jwt.own_key ? jwt.own_key->thumbprint() : jwt.kid;
    if (name.empty()) return Refused("the token does not say which key it is signed with");
    if (const PublicKey* const key = issuer.keys.Find(name)) return *key;
    if (issuer.source) {
      for (const bool renew : {false, true}) {
        const auto keys = renew ? issuer.source->Renewed() : issuer.source->Current();
        const PublicKey* const key = keys ? keys->Find(name) : nullptr;
        if (key != nullptr) return *key;
      }
    }
    return Refused("the token is signed with a key that is not trusted");
  }

  Status CheckClaims(const TrustedIssuer& issuer, const Claims& claims) const {
    if (std::ranges::find_first_of(claims.audiences, issuer.audiences) == claims.audiences.end()) {
      return Refused("the token is for another service");
    }
    const std::int64_t now = Now();
    const std::int64_t leeway = issuer.leeway.count();
    if (!claims.expires) return Refused("the token does not say when it expires");
    if (*claims.expires + leeway <= now) return Refused("the token has expired");
    if (claims.not_before && *claims.not_before - leeway > now) {
      return Refused("the token does not count yet");
    }
    if (claims.issued_at && *claims.issued_at - leeway > now) {
      return Refused("the token is of the future");
    }
    const std::int64_t start = claims.issued_at.value_or(claims.not_before.value_or(now));
    if (*claims.expires - start > kMaxLifetime.count() + leeway) {
      return Refused("the token lives longer than a day");
    }
    return {};
  }

  Result<Identity> IdentityOf(const TrustedIssuer& issuer, Claims claims) {
    if (!issuer.names.empty()) return NamedBy(issuer, claims);
    Identity identity;
    if (!issuer.nobody.empty() && claims.subject == issuer.nobody) claims.subject.clear();
    identity.name = claims.subject;
    if (!claims.access) return Refused("the token has no \"access\"");
    std::vector<wire::Scope> scopes = Within(issuer, *std::move(claims.access));
    if (issuer.push_deletes) AddDeletion(scopes);
    if (!issuer.own_prefix.empty()) {
      for (wire::Scope& scope : scopes) {
        if (scope.name.starts_with(issuer.own_prefix))
          scope.name.erase(0, issuer.own_prefix.size());
      }
    }
    identity.grants = std::make_shared<const Grants>(std::move(scopes));
    identity.by_rules = issuer.own;
    if (issuer.own) PORTOLAN_CHECK(CheckEpoch(claims));
    return identity;
  }

  // Anything that a rule of names gives, and no claim beyond.
  Result<Identity> NamedBy(const TrustedIssuer& issuer, const Claims& claims) {
    for (const TrustedIssuer::NameRule& rule : issuer.names) {
      if (!HasClaims(rule, claims)) continue;
      std::string name = NameBy(rule, claims);
      if (name.empty()) return Refused("the token's claims give no name");
      PORTOLAN_TRY(const std::optional<Account> account, AccountOf(name));
      if (account && account->disabled) return Refused("the token's account is disabled");
      return Identity{.name = std::move(name), .grants = nullptr};
    }
    return Refused("the token's claims match no rule");
  }

  Status CheckEpoch(const Claims& claims) {
    if (accounts_ == nullptr || claims.subject.empty()) return {};
    const auto stated = claims.others.find(std::string(kEpochClaim));
    if (stated == claims.others.end()) {  // as a user of an htpasswd file has it
      PORTOLAN_TRY(const std::optional<Account> account, AccountOf(claims.subject));
      if (!account) return {};
    } else {
      PORTOLAN_TRY(const std::optional<std::int64_t> epoch, accounts_->EpochOf(claims.subject));
      if (epoch && stated->second == std::to_string(*epoch)) return {};
    }
    return Refused("the token was withdrawn");
  }

  Result<std::optional<Account>> AccountOf(std::string_view name) {
    if (accounts_ == nullptr) return std::optional<Account>();
    return accounts_->Find(name);
  }

  const std::vector<TrustedIssuer> issuers_;
  Accounts* const accounts_;
  const Clock& clock_;
  TokenTable verified_{kMaxRemembered, kMaxRememberedBytes};
};

class EitherVerifier final : public TokenVerifier {
 public:
  EitherVerifier(TokenVerifier& first, TokenVerifier& second) : first_(first), second_(second) {}

  std::optional<Identity> Known(std::string_view token) override {
    std::optional<Identity> known = first_.Known(token);
    return known ? std::move(known) : second_.Known(token);
  }
  Result<Identity> Verify(std::string_view token) override {
    Result<Identity> identity = first_.Verify(token);
    if (identity || identity.error().code != ErrorCode::kUnauthorized) return identity;
    Result<Identity> other = second_.Verify(token);
    return other ? std::move(other) : std::move(identity);
  }

 private:
  TokenVerifier& first_;
  TokenVerifier& second_;
};

}  // namespace

std::unique_ptr<TokenVerifier> NewEitherVerifier(TokenVerifier& first, TokenVerifier& second) {
  return std::make_unique<EitherVerifier>(first, second);
}

std::unique_ptr<TokenVerifier> NewTokenVerifier(std::vector<TrustedIssuer> issuers,
                                                Accounts* accounts, const Clock& clock) {
  return std::make_unique<Verifier>(std::move(issuers), accounts, clock);
}

}  // namespace portolan::auth
