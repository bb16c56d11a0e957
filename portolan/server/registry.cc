#include "portolan/server/registry.h"

#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/basic.h"
#include "portolan/server/audit_request.h"
#include "portolan/server/call.h"
#include "portolan/server/dialect_reply.h"
#include "portolan/server/login.h"
#include "portolan/server/own_api.h"
#include "portolan/server/reply.h"
#include "portolan/server/routes.h"
#include "portolan/server/token_service.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {
namespace {

// What a client's body ends with: it went away, was too slow, or sent what is no body.
bool IsClients(ErrorCode code) {
  return code == ErrorCode::kConnectFailed || code == ErrorCode::kTimeout ||
         code == ErrorCode::kCancelled || code == ErrorCode::kProtocol;
}

class Registry final : public http::Service {
 public:
  Registry(const RegistryParts& parts, RegistryOptions options)
      : backend_{.parts = parts, .options = std::move(options)},
        door_(parts.authenticator, parts.login_pool, parts.login_limiter, parts.audit, parts.clock),
        api_(OwnApi::Make(backend_, door_)) {
    backend_.budget = parts.upload_budget;
    if (!backend_.budget) {
      backend_.budget = std::make_shared<UploadBudget>(backend_.options.upload_memory);
    }
    if (parts.served == nullptr) return;
    parts.random->Fill(backend_.cursor_key);
    if (parts.served->pulls && backend_.options.pull_limit.value_or(1) > 0) {
      backend_.pulls = std::make_unique<PullLimits>(parts.served->pulls->window, parts.clock);
    }
  }

  async::Task<http::Response> Handle(http::Request request) override {
    const bool beside = TakePath(request);
    const bool may_be_api = beside || backend_.parts.path.empty();
    if (api_ && may_be_api && api_->Takes(request)) return api_->Handle(std::move(request));
    return backend_.parts.served == nullptr ? Answer(std::move(request), beside)
                                            : Dressed(std::move(request), beside);
  }

 private:
  // A registry that is found by its path, `/hub`, has `/v2/hub/…`, and below `/hub/` what is beside
  // V2: tokens, the vendor's own API. That path is taken away.
  bool TakePath(http::Request& request) const {
    const std::string& path = backend_.parts.path;
    if (path.empty() || !request.url.Path().starts_with(path + "/")) return false;
    request.url.target.erase(0, path.size());
    return true;
  }

  async::Task<http::Response> Dressed(http::Request request, bool beside) {
    http::Response response = co_await Answer(std::move(request), beside);
    Dress(backend_.parts.served->fields, backend_.parts.clock, *backend_.parts.random, response);
    co_return response;
  }

  // A request's way: what is asked → who asks → may they → the handler → an answer.
  async::Task<http::Response> Answer(http::Request request, bool beside) {
    const std::string_view path = request.url.Path();
    if (beside || !path.starts_with("/v2") || IsForTokens(path)) {
      co_return co_await Outside(std::move(request));
    }
    Result<wire::Endpoint> endpoint = wire::ParseEndpoint(request.method, path);
    if (!endpoint) co_return NotAnEndpoint(endpoint.error(), request);
    const Route* const route = FindRoute(endpoint->resource, endpoint->method);
    if (route == nullptr) co_return NotAnEndpoint(NoSuchMethod(request.method), request);
    if (route->writes && backend_.options.read_only) co_return ReadOnly(request);

    Identified identified =
        co_await Identify(door_, request.headers.Get("Authorization"), request.peer_address);
    Result<auth::Identity>& identity = identified.identity;
    Call call{.request = request,
              .endpoint = *std::move(endpoint),
              .query = wire::Query(request.url.Query()),
              .identity = {},
              .rules = backend_.parts.rules.Get(),
              .allowed = {}};
    if (!identity && identity.error().code != ErrorCode::kUnauthorized) {
      http::Response response = Failure(identity.error(), call, {});
      if (identified.retry_after.count() > 0) {
        response.headers.Set("Retry-After", std::to_string(identified.retry_after.count()));
      }
      co_return response;
    }
    if (identity && BroughtNoToken(call)) {
      identity = Fail(ErrorCode::kUnauthorized, "this registry takes tokens alone");
    }
    if (!identity) co_return Unauthorized(backend_, *route, call, identity.error());
    call.identity = *std::move(identity);
    const oci::RepositoryName* const repository =
        call.endpoint.repository ? &*call.endpoint.repository : nullptr;
    call.allowed = call.rules->Allowed(call.identity, repository);
    http::Response response = co_await Answered(*route, call);
    AuditRequest(backend_.parts.audit, *route, call, response.status);
    response.principal = std::move(call.identity.name);
    co_return response;
  }

  async::Task<http::Response> Answered(const Route& route, Call& call) {
    if (!MayAsk(route, call) || NeedsToken(route, call)) {
      co_return Refused(backend_, route, call);
    }
    if (backend_.parts.served != nullptr) {
      if (const auto* missing = dialect::FindMissing(*backend_.parts.served, call.endpoint)) {
        co_return Failure(Fail(missing->code, "this is not offered here"), call, {});
      }
    }
    Result<http::Response> answer = co_await route.handler(backend_, call);
    if (answer) co_return *std::move(answer);
    if (HidesWhatIsMissing(call, answer.error())) co_return Refused(backend_, route, call);
    co_return Failure(answer.error(), call, DetailOf(call.endpoint));
  }

  // Other registries take names and passwords at their token endpoints alone…
  bool BroughtNoToken(const Call& call) const {
    const dialect::Served* const served = backend_.parts.served;
    return served != nullptr && served->basic_challenge.empty() && !served->takes_passwords &&
           auth::IsBasic(call.request.headers.Get("Authorization"));
  }
  // …and most of them let nobody in without a token, not even where everybody may pull…
  bool NeedsToken(const Route& route, const Call& call) const {
    return backend_.parts.served != nullptr && !backend_.parts.served->public_without_token &&
           !BringsProof(backend_, call) && route.needs[0].has_value();
  }
  // …and have a catalog for everybody, who see what is their own, or for nobody…
  bool MayAsk(const Route& route, const Call& call) const {
    const bool by_right = Admits(route, call.allowed);
    if (backend_.parts.served == nullptr || call.endpoint.resource != wire::Resource::kCatalog) {
      return by_right;
    }
    const dialect::Catalog catalog = backend_.parts.served->catalog;
    // Others' tokens say what they allow, and none of ours speaks for more than our rules do.
    const bool own = call.identity.grants == nullptr || call.identity.by_rules;
    return (own && catalog == dialect::Catalog::kOwn) ||
           (by_right && catalog != dialect::Catalog::kNobody);
  }
  // …and do not tell strangers whether a repository is missing or private.
  bool HidesWhatIsMissing(const Call& call, const Error& error) const {
    return backend_.parts.served != nullptr && call.identity.anonymous() &&
           error.code == ErrorCode::kNameUnknown && !call.allowed.Has(auth::Action::kCreate);
  }

  // An error in our own words, or in the dialect's.
  http::Response Told(const Error& error, const http::Request& request, const Call* call,
                      std::string_view detail) const {
    if (backend_.parts.served == nullptr) return ErrorReply(error, 0, detail);
    Concern concern;
    if (call != nullptr) {
      concern = {.endpoint = &call->endpoint,
                 .n = call->query.Get("n").value_or(std::string_view())};
    }
    return InDialect(backend_, request, error, concern);
  }

  http::Response NotAnEndpoint(const Error& error, const http::Request& request) const {
    const std::string_view path = request.url.Path();
    http::Response response = Told(error, request, nullptr, {});
    if (error.code == ErrorCode::kUnsupported) {
      response.headers.Add("Allow", wire::AllowedMethods(path));
    }
    return response;
  }
  static Error NoSuchMethod(std::string_view method) {
    return Fail(ErrorCode::kUnsupported, fmt::format("{} is not offered here", method));
  }

  http::Response ReadOnly(const http::Request& request) const {
    http::Response response =
        Told(Fail(ErrorCode::kUnsupported, "this registry is read-only at present"), request,
             nullptr, {});
    response.headers.Add("Allow", "GET, HEAD");
    return response;
  }

  // What went wrong on our side is for the operator; clients are told no paths.
  http::Response Failure(const Error& error, const Call& call, std::string_view detail) const {
    const int status = InfoOf(error.code).http_status;
    if (status != 0 && status < 500) return Told(error, call.request, &call, detail);
    if (IsClients(error.code)) {
      return Told(Fail(ErrorCode::kBlobUploadInvalid, "the request's body did not come whole"),
                  call.request, &call, {});
    }
    backend_.parts.log.Warn(error.message);
    if (error.code == ErrorCode::kBusy) return ErrorReply(error);
    if (error.code == ErrorCode::kInsufficientStorage) {
      return ErrorReply(Fail(error.code, "the registry's storage is full", "try again later"));
    }
    return ErrorReply(Fail(ErrorCode::kInternal, "the registry could not do it; its log says why"));
  }

  bool IsForTokens(std::string_view path) const {
    if (backend_.parts.token_service == nullptr) return false;
    // Empty where there are no tokens, which is no path.
    return backend_.parts.served != nullptr ? path == backend_.parts.served->tokens.path
                                            : IsTokenServicePath(path);
  }

  async::Task<http::Response> Outside(http::Request request) {
    const std::string_view path = request.url.Path();
    if (IsForTokens(path)) {
      co_return co_await backend_.parts.token_service->Handle(std::move(request));
    }
    co_return Others(path);
  }

  http::Response Others(std::string_view path) {
    if (path == "/healthz") return JsonReply(200, "{\"status\":\"ok\"}");
    if (path == "/readyz") return Ready();
    if (path == "/") {
      return JsonReply(200, "{\"service\":\"portolan\",\"api\":\"/v2/\"}");
    }
    return ErrorReply(Fail(ErrorCode::kNameUnknown, "there is nothing here; the API is below /v2/"),
                      404);
  }

  // Whether the database can be read: a query of the kind that every request makes.
  http::Response Ready() {
    const Status ready =
        backend_.storage().metadata().ListRepositories({}, 1, [](std::string_view) {});
    if (ready) return JsonReply(200, "{\"status\":\"ok\"}");
    return JsonReply(503, "{\"status\":\"storage cannot be read\"}");
  }

  Backend backend_;
  const Door door_;
  const std::unique_ptr<OwnApi> api_;  // the vendor's, beside V2; null: none
};

}  // namespace

std::unique_ptr<http::Service> NewRegistry(const RegistryParts& parts, RegistryOptions options) {
  return std::make_unique<Registry>(parts, std::move(options));
}

}  // namespace portolan::server
