#include "portolan/server/dialect_reply.h"

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "portolan/base/date.h"
#include "portolan/server/login.h"
#include "portolan/server/reply.h"
#include "portolan/wire/challenge.h"

namespace portolan::server {
namespace {

// Of requests that concern no repository a registry may name a scope of its own.
std::string_view ScopeShown(const dialect::Served& served, const Concern& concern) {
  const bool has_repository = concern.endpoint != nullptr && concern.endpoint->repository;
  return has_repository || served.placeholder_scope.empty() ? concern.scope
                                                            : served.placeholder_scope;
}

std::string_view ErrorShown(const dialect::Served& served, const http::Request& request,
                            const Concern& concern) {
  const bool with_token = wire::BearerToken(request.headers.Get("Authorization")).has_value();
  if (!served.challenge_names_error || !with_token) return {};
  return concern.bad_credentials ? "invalid_token" : "insufficient_scope";
}

}  // namespace

bool BringsProof(const Backend& backend, const Call& call) {
  if (call.identity.grants != nullptr || !call.identity.anonymous()) return true;
  return !backend.parts.served->basic_challenge.empty() &&
         backend.parts.authenticator.Challenge().empty();
}

http::Response WordsReply(const dialect::Words& words) {
  http::Response response = JsonReply(words.status, words.body, words.content_type);
  if (words.body.empty()) response.headers.Remove("Content-Type");
  for (const dialect::Field& field : words.fields) response.headers.Add(field.name, field.value);
  return response;
}

http::Response InDialect(const Backend& backend, const http::Request& request, const Error& error,
                         const Concern& concern) {
  const dialect::Served& served = *backend.parts.served;
  const int status = concern.status != 0 ? concern.status : InfoOf(error.code).http_status;
  const dialect::Words words = served.error({.code = error.code,
                                             .status = status == 0 ? 500 : status,
                                             .message = error.message,
                                             .endpoint = concern.endpoint,
                                             .scope = concern.scope,
                                             .n = concern.n,
                                             .authorization = request.headers.Get("Authorization"),
                                             .bad_credentials = concern.bad_credentials});
  http::Response response = WordsReply(words);
  if (words.challenge && !served.basic_challenge.empty()) {
    response.headers.Add("WWW-Authenticate", served.basic_challenge);
  } else if (words.challenge) {
    const std::string origin = OriginOf(backend.options, request);
    response.headers.Add("WWW-Authenticate", backend.parts.authenticator.ChallengeFor(
                                                 {.origin = origin,
                                                  .scope = ScopeShown(served, concern),
                                                  .error = ErrorShown(served, request, concern)}));
  }
  return response;
}

void Dress(std::span<const dialect::FieldLine> lines, const Clock& clock, Random& random,
           http::Response& response) {
  const std::vector<http::Headers::Field>& fields = response.headers.fields();
  std::vector<dialect::FieldView> given;
  given.reserve(fields.size());
  for (const http::Headers::Field& field : fields) given.push_back({field.name, field.value});
  const auto moment = [&] {
    std::array<std::byte, sizeof(std::uint64_t)> chance{};
    random.Fill(chance);
    dialect::Moment now{.seconds = UnixSeconds(clock.WallNow())};
    std::memcpy(&now.chance, chance.data(), chance.size());
    return now;
  };
  http::Headers headers;
  headers.Reserve(fields.size() + lines.size());
  dialect::Arrange(lines, given, response.status, moment,
                   [&](const dialect::FieldView& field) { headers.Add(field.name, field.value); });
  response.headers = std::move(headers);
}

}  // namespace portolan::server
