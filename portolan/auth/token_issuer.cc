#include "portolan/auth/token_issuer.h"

#include <cstddef>
#include <utility>

#include "portolan/auth/token_verifier.h"
#include "portolan/base/date.h"
#include "portolan/base/random_text.h"

namespace portolan::auth {
namespace {

// A registry whose clock is behind must not take a new token for one of the future.
constexpr std::int64_t kBackdated = 10;
constexpr std::size_t kIdBytes = 16;

}  // namespace

TokenIssuer::TokenIssuer(std::vector<SigningKey> keys, IssuerOptions options, const Clock& clock,
                         Random& random)
    : keys_(std::move(keys)), options_(std::move(options)), clock_(clock), random_(random) {
  for (const SigningKey& key : keys_) key_set_.Add(key.public_key());
}

Result<IssuedToken> TokenIssuer::Issue(const Identity& bearer, std::string_view service,
                                       std::vector<wire::Scope> grants,
                                       std::optional<std::int64_t> epoch) const {
  IssuedToken issued{.token = {}, .lifetime = options_.lifetime, .issued = clock_.WallNow()};
  const std::int64_t now = UnixSeconds(issued.issued);
  Claims claims{.issuer = options_.issuer,
                .subject = bearer.name,
                .audiences = {std::string(service)},
                .expires = now + options_.lifetime.count(),
                .not_before = now - kBackdated,
                .issued_at = now,
                .id = RandomBase64Url(random_, kIdBytes),
                .access = std::move(grants),
                .others = {}};
  if (epoch) claims.others.emplace(kEpochClaim, std::to_string(*epoch));
  PORTOLAN_TRY(issued.token, SignJwt(keys_.front(), options_.kid, claims));
  return issued;
}

std::string TokenIssuer::CertificateBundle() const {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  std::string bundle;
  for (const SigningKey& key : keys_) {
    const std::string& all = key.certificates();
    if (const std::size_t end = all.find(kEnd); end != std::string::npos) {
      bundle += all.substr(0, end + kEnd.size());
    }
  }
  return bundle;
}

}  // namespace portolan::auth
