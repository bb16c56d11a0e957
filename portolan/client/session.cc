#include "portolan/client/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/base64.h"
#include "portolan/base/text.h"
#include "portolan/wire/route.h"

namespace portolan::client {
namespace {

// Enough for every way of §2d to be tried once, and an end where a registry asks for ever.
constexpr int kMaxAttempts = 8;

std::string BasicHeader(const config::Credentials& credentials) {
  return "Basic " + Base64Encode(credentials.username + ":" + credentials.password.Reveal());
}

std::string Describe(const wire::Challenge& challenge) {
  std::string text = challenge.scheme;
  for (const auto& parameter : challenge.parameters) {
    text += fmt::format(" {}=\"{}\"", parameter.name, parameter.value);
  }
  return Printable(text, 1024);
}

}  // namespace

Session::Session(const Services& services, Setup setup)
    : services_(services),
      setup_(std::move(setup)),
      api_host_(dialect::ApiHost(setup_.registry)),
      profile_(setup_.profile ? setup_.profile.get() : &dialect::ProfileFor(setup_.registry)),
      memory_(services_.cache.Load(api_host_, setup_.credentials)) {
  if (profile_ == &dialect::Generic()) profile_ = &dialect::ProfileById(memory_.profile);
  // Plain http is a fact about yesterday's server; it is used only while the user still allows it.
  memory_.plain_http = memory_.plain_http && setup_.insecure;
}

std::string Session::Identity() const {
  const config::Credentials& credentials = setup_.credentials;
  if (credentials.empty()) return {};
  const std::string who = credentials.username.empty() ? "a token" : "user " + credentials.username;
  return fmt::format("{}, from {}", Printable(who), setup_.credentials_source);
}

Origin Session::origin() const { return OriginWith(memory_.plain_http); }

Origin Session::OriginWith(bool plain_http) const {
  const std::string scheme = plain_http ? "http" : "https";
  const Result<Url> url = Url::Parse(fmt::format("{}://{}/", scheme, api_host_));
  return url ? url->origin : Origin{.scheme = scheme, .host = api_host_, .port = 0};
}

async::Task<Result<Sender::Answer>> Session::Send(const SessionRequest& request) {
  if (request.bare) {
    Result<Sender::Answer> answer = co_await SendAnyScheme(request, {});
    if (answer) Learn(*answer);
    co_return answer;
  }
  Attempt attempt{.request = &request};
  PORTOLAN_CO_TRY(Authorization authorization, co_await First(attempt));
  for (int i = 1;; ++i) {
    PORTOLAN_CO_TRY(Sender::Answer answer, co_await SendAnyScheme(request, authorization.header));
    Learn(answer);
    if (i == kMaxAttempts || !co_await NeedsAuthorization(answer, attempt)) {
      co_return Result<Sender::Answer>(std::move(answer));
    }
    const std::vector<std::string_view> lines = answer.response.headers.GetAll("WWW-Authenticate");
    std::vector<wire::Challenge> challenges = wire::ParseChallenges(lines);
    // The body is taken out of the connection, which the token endpoint may need.
    const int status = answer.response.status;
    std::string body = co_await http::ReadStart(*answer.response.body, services_.limits.error_body);
    answer.response.body = http::NewTextBody(std::move(body));
    PORTOLAN_CO_TRY(authorization, co_await Next(attempt, std::move(challenges)));
    if (authorization.give_up) {
      services_.log.Debug(
          fmt::format("status {} stands: every way to authenticate was tried", status));
      co_return Result<Sender::Answer>(std::move(answer));
    }
  }
}

async::Task<Result<Sender::Answer>> Session::SendTo(const Origin& origin,
                                                    const SessionRequest& request,
                                                    const std::string& authorization) {
  http::Request message;
  message.method = request.method;
  message.url = Url{.origin = origin, .target = request.target};
  message.headers = request.headers;
  if (!authorization.empty()) message.headers.Set("Authorization", authorization);
  message.body = request.body;
  message.content_length = request.content_length;
  message.tls = setup_.tls;
  co_return co_await services_.sender.Send(std::move(message), private_, request.follow_redirects);
}

// https first, always. Plain http only where the user allowed it, and only after https failed to
// speak at all.
async::Task<Result<Sender::Answer>> Session::SendAnyScheme(const SessionRequest& request,
                                                           const std::string& authorization) {
  const bool settled = answered_;
  const Origin first = origin();
  Result<Sender::Answer> answer = co_await SendTo(first, request, authorization);
  if (answer) Settle(first);
  if (answer || settled || !setup_.insecure) co_return answer;
  const ErrorCode code = answer.error().code;
  if (code != ErrorCode::kTlsFailed && code != ErrorCode::kConnectFailed &&
      code != ErrorCode::kProtocol) {
    co_return answer;
  }
  // A parallel request may have settled it meanwhile.
  const Origin second = answered_ ? origin() : OriginWith(first.scheme == "https");
  if (second == first) co_return answer;
  services_.log.Debug(fmt::format("{} does not answer ({}); trying {}", first.ToString(),
                                  answer.error().message, second.ToString()));
  Result<Sender::Answer> other = co_await SendTo(second, request, authorization);
  if (other) Settle(second);
  if (other || code == ErrorCode::kTlsFailed) co_return other;
  co_return answer;
}

// The scheme of the first answer is the registry's.
void Session::Settle(const Origin& answered) {
  if (std::exchange(answered_, true)) return;
  const bool plain_http = answered.scheme == "http";
  if (std::exchange(memory_.plain_http, plain_http) != plain_http) Save();
}

void Session::Learn(const Sender::Answer& answer) {
  const http::Response& response = answer.response;
  if (answer.from_elsewhere) return;
  if (!response.peer_address.empty()) private_ = IsPrivateAddress(response.peer_address);
  if (profile_ != &dialect::Generic()) return;
  std::vector<std::string_view> names;
  for (const auto& field : response.headers.fields()) names.emplace_back(field.name);
  const std::vector<std::string_view> lines = response.headers.GetAll("WWW-Authenticate");
  const std::vector<wire::Challenge> challenges = wire::ParseChallenges(lines);
  profile_ = &dialect::Refine(
      *profile_, {.server = response.headers.Get("Server"),
                  .header_names = std::move(names),
                  .challenges = challenges,
                  .raw_challenge = lines.empty() ? std::string_view() : lines.front()});
  if (profile_ != &dialect::Generic()) {
    services_.log.Debug(fmt::format("{} answers as {}", setup_.registry.text(), profile_->title));
  }
}

async::Task<bool> Session::NeedsAuthorization(Sender::Answer& answer, const Attempt& attempt) {
  http::Response& response = answer.response;
  // An answer from where a redirect led is not the registry's to ask with.
  if (answer.from_elsewhere) co_return false;
  if (response.status == 401) co_return true;
  const bool sent_token = attempt.cached_token || attempt.fetched_token;
  if (response.status != 400 || !profile_->expired_token_is_400 || !sent_token) co_return false;
  std::string body = co_await http::ReadStart(*response.body, services_.limits.error_body);
  const bool about_token = AsciiLower(body).find("token") != std::string::npos;
  response.body = http::NewTextBody(std::move(body));
  co_return about_token;
}

std::vector<std::string> Session::WantedScopes(const std::vector<std::string>& own) const {
  if (!profile_->challenge_scope_only || memory_.challenge_scope.empty()) return own;
  return {memory_.challenge_scope};
}

Session::AuthorizationResult Session::First(Attempt& attempt) {
  const config::Credentials& credentials = setup_.credentials;
  if (!credentials.registry_token.empty()) {
    co_return Authorization{.header = "Bearer " + credentials.registry_token.Reveal()};
  }
  if (attempt.request->eager && !credentials.empty() && memory_.scheme.empty())
    co_await AskAndRemember();
  if (memory_.scheme == "basic" && !credentials.username.empty()) {
    services_.log.Debug(fmt::format("{} is known to ask for Basic", setup_.registry.text()));
    attempt.tried_basic = true;
    co_return Authorization{.header = BasicHeader(credentials)};
  }
  const bool needs_no_scope = attempt.request->eager || attempt.request->target == wire::BasePath();
  if (memory_.scheme != "bearer" || (attempt.request->scopes.empty() && !needs_no_scope))
    co_return Authorization{};
  attempt.scopes = WantedScopes(attempt.request->scopes);
  attempt.realm = memory_.realm;
  attempt.service = memory_.service;
  if (const RegistryMemory::Token* token = FindToken(attempt.scopes)) {
    if (services_.log.debugging()) {
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(token->use_until -
                                                                         services_.clock.Now());
      services_.log.Debug(fmt::format("token for {} from {}: {} s left",
                                      Printable(fmt::format("{}", fmt::join(attempt.scopes, " "))),
                                      token->from_disk ? "the cache on disk" : "memory",
                                      left.count()));
    }
    co_return Use(*token, attempt);
  }
  if (profile_->anonymous_without_token && credentials.empty()) co_return Authorization{};
  Result<Authorization> fetched = co_await FetchFor(attempt);
  if (fetched) co_return fetched;
  const int status = fetched.error().http_status;
  const ErrorCode code = fetched.error().code;
  if (status == 401 || status == 403 || status == 429 || code == ErrorCode::kCancelled)
    co_return fetched;
  // The remembered realm or service may be out of date (404, 400, no answer): ask the registry
  // anew.
  memory_.scheme.clear();
  memory_.realm.clear();
  memory_.service.clear();
  attempt = Attempt{.request = attempt.request};
  co_return Authorization{};
}

Session::AuthorizationResult Session::Next(Attempt& attempt,
                                           std::vector<wire::Challenge> challenges) {
  if (!setup_.credentials.registry_token.empty()) co_return Authorization{.give_up = true};
  bool from_base = attempt.request->target == wire::BasePath();
  if (challenges.empty() && !attempt.asked_base && !from_base) {
    attempt.asked_base = true;
    challenges = co_await AskBase();
    from_base = true;
  }
  const wire::Challenge* chosen = wire::ChooseChallenge(challenges);
  wire::Challenge remembered;
  if (chosen == nullptr && attempt.cached_token && memory_.scheme == "bearer") {
    // A refusal without a challenge of a token that was kept (ECR Public's 400): the known
    // challenge still holds.
    remembered = {.scheme = "bearer",
                  .parameters = {{"realm", memory_.realm}, {"service", memory_.service}}};
    chosen = &remembered;
  }
  if (chosen == nullptr) co_return Authorization{.give_up = true};
  if (services_.log.debugging()) services_.log.Debug("challenge: " + Describe(*chosen));
  if (chosen->scheme == "basic") {
    const config::Credentials& credentials = setup_.credentials;
    if (attempt.tried_basic || credentials.username.empty())
      co_return Authorization{.give_up = true};
    attempt.tried_basic = true;
    // After a token this is a refusal in another form (Harbor), not a change of scheme.
    if (!attempt.fetched_token && !attempt.cached_token) Remember(*chosen, from_base);
    co_return Authorization{.header = BasicHeader(credentials)};
  }
  if (chosen != &remembered) Remember(*chosen, from_base);
  wire::Challenge challenge = *chosen;
  if (from_base)
    std::erase_if(challenge.parameters, [](const auto& p) { return p.name == "scope"; });
  co_return co_await NextBearer(attempt, challenge);
}

Session::AuthorizationResult Session::NextBearer(Attempt& attempt,
                                                 const wire::Challenge& challenge) {
  const std::string scope(challenge.Get("scope"));
  const bool realm_changed = attempt.realm != memory_.realm || attempt.service != memory_.service;
  if (attempt.cached_token) {
    // Ended early or revoked: once more, fresh. A newer one that a parallel request has fetched is
    // left alone.
    std::erase_if(memory_.tokens,
                  [&](const auto& token) { return token.text == attempt.used_token; });
    attempt.cached_token = false;
  } else if (!attempt.fetched_token) {
    attempt.scopes = WantedScopes(attempt.request->scopes);
    if (attempt.scopes.empty() && !scope.empty()) attempt.scopes.push_back(scope);
  } else if (!attempt.added_challenge_scope && !scope.empty() &&
             std::ranges::find(attempt.scopes, scope) == attempt.scopes.end()) {
    attempt.added_challenge_scope = true;
    attempt.scopes.insert(attempt.scopes.begin(), scope);  // some endpoints look at the first only
  } else if (!attempt.changed_realm && realm_changed) {
    attempt.changed_realm = true;
  } else {
    co_return Authorization{.give_up = true};
  }
  attempt.realm = memory_.realm;
  attempt.service = memory_.service;
  if (!attempt.fetched_token) {
    // Another request may have fetched it since this one was sent.
    if (const RegistryMemory::Token* token = FindToken(attempt.scopes))
      co_return Use(*token, attempt);
  }
  co_return co_await FetchFor(attempt);
}

TokenWish Session::WishFor(const Attempt& attempt) const {
  TokenWish wish;
  wish.request.service = attempt.service;
  wish.request.scopes = attempt.scopes;
  wish.request.account = setup_.credentials.username;
  wish.credentials = setup_.credentials;
  wish.identity = Identity();
  wish.tls = setup_.tls;
  wish.registry = origin();
  wish.registry_name = setup_.registry.text();
  wish.registry_private = private_;
  return wish;
}

Session::AuthorizationResult Session::FetchFor(Attempt& attempt) {
  TokenWish wish = WishFor(attempt);
  const Url base{.origin = origin(), .target = wire::BasePath()};
  Result<Url> realm = base.Resolve(attempt.realm);
  if (!realm) co_return Wrap(std::move(realm).error(), "token realm of " + setup_.registry.text());
  wish.request.realm = *std::move(realm);
  PORTOLAN_CO_TRY(RegistryMemory::Token token, co_await services_.tokens.Fetch(std::move(wish)));
  token.realm = attempt.realm;
  const Authorization authorization = Use(token, attempt);
  attempt.cached_token = false;
  attempt.fetched_token = true;
  DropEnded();
  // A flight that several requests shared lands in each of them.
  const bool known = std::ranges::any_of(memory_.tokens, [&](const RegistryMemory::Token& other) {
    return other.text == token.text && other.scopes == token.scopes && other.realm == token.realm &&
           other.service == token.service;
  });
  if (!known) {
    memory_.tokens.insert(memory_.tokens.begin(), std::move(token));
    Save();
  }
  co_return authorization;
}

Session::Authorization Session::Use(const RegistryMemory::Token& token, Attempt& attempt) {
  attempt.cached_token = true;
  attempt.used_token = token.text;
  return Authorization{.header = "Bearer " + token.text.Reveal()};
}

async::Task<std::vector<wire::Challenge>> Session::AskBase() {
  SessionRequest request;
  request.target = wire::BasePath();
  const Result<Sender::Answer> answer = co_await SendAnyScheme(request, {});
  if (!answer || answer->from_elsewhere) co_return std::vector<wire::Challenge>();
  Learn(*answer);
  co_return wire::ParseChallenges(answer->response.headers.GetAll("WWW-Authenticate"));
}

async::Task<void> Session::AskAndRemember() {
  const std::vector<wire::Challenge> challenges = co_await AskBase();
  const wire::Challenge* chosen = wire::ChooseChallenge(challenges);
  if (chosen == nullptr) co_return;
  if (services_.log.debugging()) services_.log.Debug("challenge: " + Describe(*chosen));
  Remember(*chosen, true);
}

async::Task<Result<RegistryMemory::Token>> Session::Token(std::vector<std::string> scopes) {
  SessionRequest request;
  request.target = wire::BasePath();
  Attempt attempt{.request = &request};
  attempt.scopes = WantedScopes(scopes);
  if (const RegistryMemory::Token* token = FindToken(attempt.scopes)) co_return *token;
  // The registry is asked again even if its challenge is remembered: it may have moved its realm.
  memory_.scheme.clear();
  PORTOLAN_CO_TRY(const Sender::Answer answer, co_await SendAnyScheme(request, {}));
  Learn(answer);
  const std::vector<wire::Challenge> challenges =
      wire::ParseChallenges(answer.response.headers.GetAll("WWW-Authenticate"));
  const wire::Challenge* chosen =
      answer.from_elsewhere ? nullptr : wire::ChooseChallenge(challenges);
  if (chosen != nullptr) {
    if (services_.log.debugging()) services_.log.Debug("challenge: " + Describe(*chosen));
    Remember(*chosen, true);
  }
  if (memory_.scheme != "bearer") {
    co_return Fail(
        ErrorCode::kUnsupported,
        fmt::format("{} uses no tokens: it {}", setup_.registry.text(),
                    memory_.scheme == "basic" ? "asks for user and password with each request"
                                              : "answers without authentication"));
  }
  attempt.scopes = WantedScopes(scopes);
  attempt.scopes = WantedScopes(scopes);
  attempt.realm = memory_.realm;
  attempt.service = memory_.service;
  PORTOLAN_CO_TRY(const Authorization unused, co_await FetchFor(attempt));
  (void)unused;
  if (const RegistryMemory::Token* token = FindToken(attempt.scopes)) co_return *token;
  co_return Fail(ErrorCode::kProtocol, "the token endpoint gave a token that has already ended");
}

}  // namespace portolan::client
