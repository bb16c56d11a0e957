#include <unistd.h>

#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/files.h"
#include "portolan/http/client.h"
#include "portolan/http/easy_options.h"
#include "portolan/http/multi.h"
#include "portolan/http/proxy.h"
#include "portolan/http/tls_authorities.h"
#include "portolan/http/transfer.h"

namespace portolan::http {
namespace {

class NetworkBody final : public BodyReader {
 public:
  explicit NetworkBody(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}

  async::Task<Result<std::string_view>> Next() override { return transfer_->NextPiece(); }

 private:
  std::unique_ptr<Transfer> transfer_;
};

Status CheckClientPair(const TlsSettings& tls) {
  if (!tls.client_pair) return Status();
  for (const std::string& path : {tls.client_pair->certificate, tls.client_pair->key}) {
    if (access(path.c_str(), R_OK) != 0) {
      return Fail(ErrorCode::kTlsFailed,
                  fmt::format("the client certificate or key {} cannot be read", path));
    }
  }
  return Status();
}

class NetworkClient final : public Client {
 public:
  NetworkClient(async::Loop& loop, Environment environment, const Limits& limits)
      : loop_(loop), environment_(std::move(environment)), limits_(limits) {}

  async::Task<Result<Response>> Send(Request request) override {
    PORTOLAN_CO_CHECK(CheckRequest(request));
    PORTOLAN_CO_TRY(Route route, FindRoute(request));
    if (!multi_) {
      PORTOLAN_CO_TRY(multi_, Multi::New(loop_.executor(), Transfer::TickFor(limits_)));
    }
    auto transfer =
        std::make_unique<Transfer>(loop_, multi_, std::move(request), std::move(route), limits_);
    PORTOLAN_CO_CHECK(transfer->Start());
    PORTOLAN_CO_CHECK(co_await transfer->AwaitHead());

    Response response;
    response.status = transfer->head().status();
    response.version = transfer->head().version();
    response.headers = std::move(transfer->head().headers());
    response.peer_address = transfer->peer_address();
    response.tls_version = transfer->tls_version();
    response.tls_issuer = transfer->tls_issuer();
    response.body = std::make_unique<NetworkBody>(std::move(transfer));
    co_return Result<Response>(std::move(response));
  }

 private:
  Result<Route> FindRoute(const Request& request) {
    Route route;
    PORTOLAN_TRY(route.proxy, ProxyFor(environment_, request.url));
    if (request.url.origin.scheme != "https" && route.proxy.direct()) return route;
    if (!authorities_) authorities_ = FindTlsAuthorities(environment_, SystemFiles());
    route.authorities = *authorities_;
    if (!request.tls) return route;
    PORTOLAN_CHECK(CheckClientPair(*request.tls));
    if (request.tls->ca_files.empty() || !request.tls->verify) return route;
    auto known = extra_authorities_.find(request.tls->ca_files);
    if (known == extra_authorities_.end()) {
      PORTOLAN_TRY(std::string pem,
                   ReadAuthorities(*authorities_, request.tls->ca_files, SystemFiles()));
      known = extra_authorities_.emplace(request.tls->ca_files, std::move(pem)).first;
    }
    route.authorities_pem = known->second;
    return route;
  }

  async::Loop& loop_;
  const Environment environment_;
  const Limits limits_;
  std::optional<TlsAuthorities> authorities_;                          // found at the first need
  std::map<std::vector<std::string>, std::string> extra_authorities_;  // by ca_files
  std::shared_ptr<Multi> multi_;
};

}  // namespace

std::unique_ptr<Client> NewNetworkClient(async::Loop& loop, const Environment& environment,
                                         const Limits& limits) {
  return std::make_unique<NetworkClient>(loop, environment, limits);
}

}  // namespace portolan::http
