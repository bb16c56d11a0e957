#include "portolan/server/registry.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/server/call.h"
#include "portolan/server/reply.h"
#include "portolan/server/routes.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {
namespace {

bool IsAllowed(const Route& route, auth::ActionSet allowed) {
  bool needs_something = false;
  for (const std::optional<auth::Action>& action : route.needs) {
    if (!action) continue;
    if (allowed.Has(*action)) return true;
    needs_something = true;
  }
  return !needs_something;
}

Error Refusal(const Route& route, const Call& call) {
  const std::string_view action = NameOf(*route.needs[0]);
  if (!call.endpoint.repository) {
    return Fail(ErrorCode::kDenied, fmt::format("{} is not allowed", action));
  }
  return Fail(ErrorCode::kDenied, fmt::format("{} of the repository {} is not allowed", action,
                                              call.repository().text()));
}

// What a client's body ends with: it went away, was too slow, or sent what is no body.
bool IsClients(ErrorCode code) {
  return code == ErrorCode::kConnectFailed || code == ErrorCode::kTimeout ||
         code == ErrorCode::kCancelled || code == ErrorCode::kProtocol;
}

class Registry final : public http::Service {
 public:
  Registry(const RegistryParts& parts, RegistryOptions options)
      : backend_{.parts = parts, .options = std::move(options)} {}

  // A request's way: what is asked → who asks → may they → the handler → an answer.
  async::Task<http::Response> Handle(http::Request request) override {
    const std::string_view path = request.url.Path();
    if (!path.starts_with("/v2")) co_return Outside(path);

    Result<wire::Endpoint> endpoint = wire::ParseEndpoint(request.method, path);
    if (!endpoint) co_return NotAnEndpoint(endpoint.error(), path);
    const Route* const route = FindRoute(endpoint->resource, endpoint->method);
    if (route == nullptr) co_return NotAnEndpoint(NoSuchMethod(request.method), path);
    if (route->writes && backend_.options.read_only) co_return ReadOnly();

    Result<auth::Identity> identity = co_await Identify(request);
    if (!identity) co_return Unauthorized(identity.error());
    Call call{.request = request,
              .endpoint = *std::move(endpoint),
              .query = wire::Query(request.url.Query()),
              .identity = *std::move(identity),
              .allowed = {}};
    const oci::RepositoryName* const repository =
        call.endpoint.repository ? &*call.endpoint.repository : nullptr;
    call.allowed = backend_.parts.rules.Allowed(call.identity, repository);
    http::Response response = co_await Answered(*route, call);
    response.principal = std::move(call.identity.name);
    co_return response;
  }

 private:
  async::Task<http::Response> Answered(const Route& route, Call& call) {
    if (!IsAllowed(route, call.allowed)) {
      const Error refusal = Refusal(route, call);
      co_return call.identity.anonymous() ? Unauthorized(refusal)
                                          : ErrorReply(refusal, 0, DetailOf(call.endpoint));
    }
    Result<http::Response> answer = co_await route.handler(backend_, call);
    co_return answer ? *std::move(answer) : Failure(answer.error(), DetailOf(call.endpoint));
  }

  // Passwords are hashed on the pool, unless the same were right lately.
  async::Task<Result<auth::Identity>> Identify(const http::Request& request) {
    const std::string_view authorization = request.headers.Get("Authorization");
    auth::Authenticator& authenticator = backend_.parts.authenticator;
    if (std::optional<auth::Identity> known = authenticator.Known(authorization)) {
      co_return *std::move(known);
    }
    co_return co_await async::OnPool(backend_.parts.login_pool,
                                     [&authenticator, text = std::string(authorization)] {
                                       return authenticator.Authenticate(text);
                                     });
  }

  // Clients take their scheme from the 401 of a request without credentials.
  http::Response Unauthorized(Error error) const {
    const std::string challenge = backend_.parts.authenticator.Challenge();
    if (challenge.empty()) return ErrorReply(error, 403);
    error.code = ErrorCode::kUnauthorized;
    http::Response response = ErrorReply(error);
    response.headers.Add("WWW-Authenticate", challenge);
    return response;
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
    if (error.code == ErrorCode::kBusy) {
      http::Response response = ErrorReply(error);
      response.headers.Add("Retry-After", "1");
      return response;
    }
    if (error.code == ErrorCode::kInsufficientStorage) {
      return ErrorReply(Fail(error.code, "the registry's storage is full", "try again later"));
    }
    return ErrorReply(Fail(ErrorCode::kInternal, "the registry could not do it; its log says why"));
  }

  http::Response Outside(std::string_view path) {
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
};

}  // namespace

std::unique_ptr<http::Service> NewRegistry(const RegistryParts& parts, RegistryOptions options) {
  return std::make_unique<Registry>(parts, std::move(options));
}

}  // namespace portolan::server
