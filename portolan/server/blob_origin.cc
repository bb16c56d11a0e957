#include "portolan/server/blob_origin.h"

#include <optional>

#include <fmt/format.h>

#include "portolan/base/date.h"
#include "portolan/dialect/served.h"
#include "portolan/server/reply.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

class BlobOrigin final : public http::Service {
 public:
  BlobOrigin(store::Storage& storage, async::Pool& pool, const BlobSeals& seals, Log& log)
      : storage_(storage), pool_(pool), seals_(seals), log_(log) {}

  async::Task<http::Response> Handle(http::Request request) override {
    if (request.method != "GET" && request.method != "HEAD") {
      co_return JsonReply(405, "only GET and HEAD are offered here\n", kText);
    }
    if (request.headers.Has("Authorization")) {
      co_return JsonReply(400, "only one way to be authorized is taken: send no Authorization\n",
                          kText);
    }
    const auto sealed = Sealed(wire::Query(request.url.Query()));
    if (!sealed) co_return JsonReply(403, "the signature is wrong, or its time is over\n", kText);
    Result<http::Response> given = co_await GiveBlob({.storage = storage_,
                                                      .pool = pool_,
                                                      .repository = sealed->first,
                                                      .digest = sealed->second,
                                                      .request = request,
                                                      .cache_control = "private, max-age=300"});
    if (given) co_return *std::move(given);
    const Error& error = given.error();
    if (error.code == ErrorCode::kBlobUnknown || error.code == ErrorCode::kNameUnknown) {
      co_return JsonReply(404, "there is no such blob\n", kText);
    }
    log_.Warn(error.message);
    if (error.code == ErrorCode::kBusy) co_return ErrorReply(error);
    co_return JsonReply(500, "the blob could not be read\n", kText);
  }

 private:
  Result<std::pair<oci::RepositoryName, oci::Digest>> Sealed(const wire::Query& query) const {
    for (const dialect::Served* served : dialect::AllServed()) {
      if (!served->blobs) continue;
      if (const auto seal = query.Get(served->blobs->seal_parameter)) return seals_.Open(*seal);
    }
    return Fail(ErrorCode::kDenied, "there is no seal");
  }

  store::Storage& storage_;
  async::Pool& pool_;
  const BlobSeals& seals_;
  Log& log_;
};

}  // namespace

BlobSeals::BlobSeals(const Clock& clock, Random& random) : clock_(clock), random_(random) {
  random.Fill(key_);
}

std::string BlobSeals::Make(const oci::RepositoryName& repository, const oci::Digest& digest) {
  dialect::FernetIv iv{};
  random_.Fill(iv);
  return dialect::FernetSeal(key_, fmt::format("{} {}", repository.text(), digest.text()),
                             UnixSeconds(clock_.WallNow()), iv);
}

Result<std::pair<oci::RepositoryName, oci::Digest>> BlobSeals::Open(std::string_view seal) const {
  const std::optional<std::string> plain =
      dialect::FernetOpen(key_, seal, UnixSeconds(clock_.WallNow()), kLifetime);
  if (!plain) return Fail(ErrorCode::kDenied, "the seal is wrong, or its time is over");
  const std::size_t space = plain->find(' ');
  PORTOLAN_TRY(oci::RepositoryName repository,
               oci::RepositoryName::Parse(std::string_view(*plain).substr(0, space)));
  PORTOLAN_TRY(oci::Digest digest, oci::Digest::Parse(std::string_view(*plain).substr(space + 1)));
  return std::pair(std::move(repository), std::move(digest));
}

std::unique_ptr<http::Service> NewBlobOrigin(store::Storage& storage, async::Pool& pool,
                                             const BlobSeals& seals, Log& log) {
  return std::make_unique<BlobOrigin>(storage, pool, seals, log);
}

}  // namespace portolan::server
