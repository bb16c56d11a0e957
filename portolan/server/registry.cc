#include "portolan/server/registry.h"

#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/server/audit_request.h"
#include "portolan/server/call.h"
#include "portolan/server/login.h"
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
        door_(parts.authenticator, parts.login_pool, parts.login_limiter, parts.clock) {}

  // A request's way: what is asked → who asks → may they → the handler → an answer.
  async::Task<http::Response> Handle(http::Request request) override {
    const std::string_view path = request.url.Path();
    if (!path.starts_with("/v2")) co_return co_await Outside(std::move(request));

    Result<wire::Endpoint> endpoint = wire::ParseEndpoint(request.method, path);
    if (!endpoint) co_return NotAnEndpoint(endpoint.error(), path);
    const Route* const route = FindRoute(endpoint->resource, endpoint->method);
    if (route == nullptr) co_return NotAnEndpoint(NoSuchMethod(request.method), path);
    if (route->writes && backend_.options.read_only) co_return ReadOnly();

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
      http::Response response = Failure(identity.error(), {});
      if (identified.retry_after.count() > 0) {
        AuditLimit(backend_.parts.audit, request);
        response.headers.Set("Retry-After", std::to_string(identified.retry_after.count()));
      }
      co_return response;
    }
    if (!identity) {
      co_return Unauthorized(backend_, request, identity.error(), ScopeOf(*route, call));
    }
    call.identity = *std::move(identity);
    const oci::RepositoryName* const repository =
        call.endpoint.repository ? &*call.endpoint.repository : nullptr;
    call.allowed = call.rules->Allowed(call.identity, repository);
    http::Response response = co_await Answered(*route, call);
    AuditRequest(backend_.parts.audit, *route, call, response.status);
    response.principal = std::move(call.identity.name);
    co_return response;
  }

 private:
  async::Task<http::Response> Answered(const Route& route, Call& call) {
    if (!Admits(route, call.allowed)) co_return Refused(backend_, route, call);
    Result<http::Response> answer = co_await route.handler(backend_, call);
    co_return answer ? *std::move(answer) : Failure(answer.error(), DetailOf(call.endpoint));
  }

  static http::Response NotAnEndpoint(const Error& error, std::string_view path) {
    http::Response response = ErrorReply(error);
    if (error.code == ErrorCode::kUnsupported) {
      response.headers.Add("Allow", wire::AllowedMethods(path));
    }
    return response;
  }
  static Error NoSuchMethod(std::string_view method) {
    return Fail(ErrorCode::kUnsupported, fmt::format("{} is not offered here", method));
  }

  static http::Response ReadOnly() {
    http::Response response =
        ErrorReply(Fail(ErrorCode::kUnsupported, "this registry is read-only at present"));
    response.headers.Add("Allow", "GET, HEAD");
    return response;
  }

  // What went wrong on our side is for the operator; clients are told no paths.
  http::Response Failure(const Error& error, std::string_view detail) const {
    const int status = InfoOf(error.code).http_status;
    if (status != 0 && status < 500) return ErrorReply(error, 0, detail);
    if (IsClients(error.code)) {
      return ErrorReply(
          Fail(ErrorCode::kBlobUploadInvalid, "the request's body did not come whole"));
    }
    backend_.parts.log.Warn(error.message);
    if (error.code == ErrorCode::kBusy) return ErrorReply(error);
    if (error.code == ErrorCode::kInsufficientStorage) {
      return ErrorReply(Fail(error.code, "the registry's storage is full", "try again later"));
    }
    return ErrorReply(Fail(ErrorCode::kInternal, "the registry could not do it; its log says why"));
  }

  async::Task<http::Response> Outside(http::Request request) {
    const std::string_view path = request.url.Path();
    http::Service* const tokens = backend_.parts.token_service;
    if (tokens != nullptr && IsTokenServicePath(path)) {
      co_return co_await tokens->Handle(std::move(request));
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
};

}  // namespace

std::unique_ptr<http::Service> NewRegistry(const RegistryParts& parts, RegistryOptions options) {
  return std::make_unique<Registry>(parts, std::move(options));
}

}  // namespace portolan::server
