#include "portolan/server/own_api.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/auth/api_key.h"
#include "portolan/auth/basic.h"
#include "portolan/base/base64.h"
#include "portolan/base/date.h"
#include "portolan/base/text.h"
#include "portolan/http/body.h"
#include "portolan/server/audit_log.h"
#include "portolan/server/dialect_reply.h"

namespace portolan::server {
namespace {

// Bytes of a request's body; objects of a few members.
constexpr std::size_t kMaxBody = 64U << 10U;
// Manifests of a repository that is being deleted, read at a time.
constexpr std::size_t kBatch = 500;

// What an `Authorization` field brings.
struct Brought {
  std::string_view token;  // of Bearer, and of what older clients call it
  bool basic = false;
};

Brought Read(std::string_view field) {
  field = TrimSpace(field);
  const std::size_t space = std::min(field.find(' '), field.size());
  const std::string_view scheme = field.substr(0, space);
  if (EqualsIgnoreCase(scheme, "Basic")) return {.token = {}, .basic = true};
  // Harbor has an empty token where it has none.
  return {.token = TrimSpace(field.substr(space))};
}

std::string BasicField(std::string_view user, std::string_view secret) {
  return "Basic " + Base64Encode(fmt::format("{}:{}", user, secret));
}

int HexDigit(char c) {
  if (IsAsciiDigit(c)) return c - '0';
  const char lower = AsciiLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> Decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>((high * 16) + low);
      i += 2;
    }
    if (c < ' ' || c == 0x7f) return std::nullopt;  // and all that is not ASCII
    out += c;
  }
  return out;
}

}  // namespace

store::Actor ApiCall::actor() const {
  return {.principal = identity.name, .now = backend.parts.clock.WallNow()};
}

std::string ApiCall::Base() const {
  return OriginOf(backend.options, request) + backend.parts.path;
}

std::optional<std::vector<std::string>> PathParts(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) {
      std::optional<std::string> part = Decoded(path.substr(0, slash));
      if (!part || *part == "." || *part == "..") return std::nullopt;
      parts.push_back(*std::move(part));
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

std::optional<std::int64_t> WholeNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> NumberIn(const wire::Query& query, std::string_view name) {
  return WholeNumber(query.Get(name).value_or(std::string_view()));
}

std::optional<ApiVendor::Login> ApiVendor::LoginIn(const ApiCall&) const { return std::nullopt; }

std::unique_ptr<OwnApi> OwnApi::Make(Backend& backend, const Door& door) {
  if (backend.parts.served == nullptr) return nullptr;
  switch (backend.parts.served->api) {
    case dialect::VendorApi::kNone:
      return nullptr;
    case dialect::VendorApi::kDockerHub:
      return std::make_unique<OwnApi>(backend, door, NewHubApi());
    case dialect::VendorApi::kQuay:
      return std::make_unique<OwnApi>(backend, door, NewQuayApi());
    case dialect::VendorApi::kGitHubPackages:
      return std::make_unique<OwnApi>(backend, door, NewPackagesApi());
  }
  return nullptr;
}

OwnApi::OwnApi(Backend& backend, const Door& door, std::unique_ptr<ApiVendor> vendor)
    : backend_(backend),
      door_(door),
      vendor_(std::move(vendor)),
      tokens_(backend.parts.accounts, backend.parts.clock) {}

async::Task<http::Response> OwnApi::Handle(http::Request request) {
  ApiCall call{.backend = backend_,
               .tokens = tokens_,
               .request = request,
               .method = request.method == "HEAD" ? "GET" : std::string_view(request.method),
               .path = PathParts(request.url.Path()).value_or(std::vector<std::string>()),
               .query = wire::Query(request.url.Query()),
               .body = {},
               .refused = {},
               .identity = {},
               .rules = backend_.parts.rules.Get()};
  const dialect::Words words = co_await Answer(call);
  http::Response response = WordsReply(words);
  Dress(backend_.parts.served->api_fields, backend_.parts.clock, *backend_.parts.random, response);
  response.principal = std::move(call.identity.name);
  co_return response;
}

async::Task<dialect::Words> OwnApi::Answer(ApiCall& call) {
  if (call.method != "GET" && call.request.body) {
    const std::unique_ptr<http::BodyReader> body = call.request.body();
    Result<std::string> text = co_await http::ReadAll(*body, kMaxBody);
    if (!text) co_return Worded(text.error());
    call.body = *std::move(text);
  }
  if (call.method != "GET" && backend_.options.read_only && !vendor_->LoginIn(call)) {
    co_return Worded(Fail(ErrorCode::kUnsupported, "this registry is read-only at present"));
  }
  std::chrono::seconds wait{0};
  const Status proved = co_await Prove(call, wait);
  if (!proved && proved.error().code == ErrorCode::kTooManyRequests) {
    co_return vendor_->Limited(wait, UnixSeconds(backend_.parts.clock.WallNow()));
  }
  if (!proved) co_return Worded(proved.error());
  Result<dialect::Words> words =
      co_await async::OnPool(backend_.pool(), [&] { return vendor_->Answer(call); });
  if (words) co_return *std::move(words);
  co_return Worded(words.error());
}

// Who asks. Credentials that do not count are for the vendor to judge.
async::Task<Status> OwnApi::Prove(ApiCall& call, std::chrono::seconds& wait) {
  const Error wrong = Fail(ErrorCode::kUnauthorized, "wrong name, password or token");
  std::string field(call.request.headers.Get("Authorization"));
  if (const std::optional<ApiVendor::Login> login = vendor_->LoginIn(call)) {
    call.brought_credentials = true;
    if (login->user.empty() || login->user.contains(':')) {
      call.refused = wrong;
      co_return Status();
    }
    field = BasicField(login->user, login->secret.Reveal());
  } else if (const Brought brought = Read(field); !brought.basic) {
    if (brought.token.empty()) co_return Status();
    call.brought_credentials = true;
    std::optional<auth::Identity> known = tokens_.Known(brought.token);
    if (!known) {
      Result<auth::Identity> verified =
          co_await async::OnPool(backend_.pool(), [&] { return tokens_.Verify(brought.token); });
      if (verified) known = *std::move(verified);
    }
    if (known) {
      call.identity = *std::move(known);
      co_return Status();
    }
    // An API key, or a name and a password: so users of an htpasswd file have tokens, too.
    const bool has_name = brought.token.contains(':');
    const bool is_key = auth::IsApiKeyText(brought.token);
    field = has_name ? "Basic " + Base64Encode(brought.token) : BasicField({}, brought.token);
    if (!has_name && !is_key && !door_.authenticator.Known(field)) {
      call.refused = wrong;
      co_return Status();
    }
  } else {
    call.brought_credentials = !auth::IsAnonymous(field);
  }
  Identified who = co_await Identify(door_, field, call.request.peer_address);
  if (who.identity) {
    call.identity = *std::move(who.identity);
    co_return Status();
  }
  wait = who.retry_after;
  if (who.identity.error().code != ErrorCode::kUnauthorized) {
    co_return std::move(who.identity).error();
  }
  call.refused = std::move(who.identity).error();
  co_return Status();
}

// What went wrong on our side is for the operator.
dialect::Words OwnApi::Worded(const Error& error) const {
  const int status = InfoOf(error.code).http_status;
  if (status == 0 || status >= 500) {
    if (error.code != ErrorCode::kProtocol) backend_.parts.log.Warn(error.message);
  }
  return vendor_->Failed(error);
}

void Audit(const ApiCall& call, std::string_view event, const oci::RepositoryName& repository,
           std::string_view subject) {
  if (call.backend.parts.audit == nullptr) return;
  call.backend.parts.audit->Write({.event = event,
                                   .outcome = "done",
                                   .who = call.identity.name,
                                   .peer = call.request.peer_address,
                                   .repository = repository.text(),
                                   .subject = subject,
                                   .scope = {},
                                   .tags = {},
                                   .reason = {}});
}

Status DeleteTagIn(ApiCall& call, const oci::RepositoryName& repository, const oci::Tag& tag) {
  PORTOLAN_CHECK(call.backend.storage().metadata().DeleteTag(repository, tag, call.actor()));
  Audit(call, "tag.delete", repository, tag.text());
  return {};
}

Status DeleteRepository(ApiCall& call, const oci::RepositoryName& repository) {
  store::MetadataStore& metadata = call.backend.storage().metadata();
  const store::Actor actor = call.actor();  // and one time, by which all of it can be restored
  for (;;) {
    PORTOLAN_TRY(const std::vector<store::VersionRow> versions,
                 metadata.ListVersions(repository, {.limit = kBatch}));
    if (versions.empty()) return {};
    for (const store::VersionRow& version : versions) {
      const Status deleted = metadata.DeleteManifest(repository, version.manifest.digest, actor);
      if (!deleted && deleted.error().code != ErrorCode::kManifestUnknown) return deleted;
      Audit(call, "manifest.delete", repository, version.manifest.digest.text());
    }
  }
}

}  // namespace portolan::server
