// quay.io, before and after June 2024, when its lists of tags changed. Facts: docs/dialects.md,
// "quay.io".
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/base/url.h"
#include "portolan/dialect/fault.h"
#include "portolan/dialect/served_words.h"
#include "portolan/oci/reference.h"
#include "portolan/wire/challenge.h"

namespace portolan::dialect {
namespace {

using From = FieldLine::From;
using When = FieldLine::When;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kNoAccess = "access to the requested resource is not authorized";

constexpr std::array kFields{
    FieldLine{.name = "date", .from = From::kServer},
    FieldLine{.name = "content-type"},
    FieldLine{.name = "content-length", .from = From::kServer},
    FieldLine{.name = "server", .from = From::kFixed, .value = "nginx/1.20.1"},
    FieldLine{.name = "link"},
    FieldLine{.name = "www-authenticate"},
    FieldLine{.name = "docker-distribution-api-version",
              .from = From::kFixed,
              .when = When::kChallenge,
              .value = "registry/2.0"},
    FieldLine{.name = "etag", .from = From::kNowhere},
    FieldLine{.name = "", .from = From::kOthers},
    FieldLine{
        .name = "x-frame-options", .from = From::kFixed, .when = When::kGood, .value = "DENY"},
    FieldLine{.name = "strict-transport-security",
              .from = From::kFixed,
              .when = When::kGood,
              .value = "max-age=63072000; preload"},
};

// Of the API. Behind the same nginx, but open to scripts of every origin.
constexpr std::array kApiFields{
    FieldLine{.name = "date", .from = From::kServer},
    FieldLine{.name = "content-type"},
    FieldLine{.name = "content-length", .from = From::kServer},
    FieldLine{.name = "server", .from = From::kFixed, .value = "nginx/1.20.1"},
    FieldLine{.name = "", .from = From::kOthers},
    FieldLine{.name = "access-control-allow-origin", .from = From::kFixed, .value = "*"},
    FieldLine{.name = "access-control-allow-methods"},
    FieldLine{.name = "access-control-max-age", .from = From::kFixed, .value = "21600"},
    FieldLine{.name = "access-control-allow-headers",
              .from = From::kFixed,
              .value = "AUTHORIZATION, CONTENT-TYPE, X-REQUESTED-WITH"},
    FieldLine{
        .name = "x-frame-options", .from = From::kFixed, .when = When::kGood, .value = "DENY"},
    FieldLine{.name = "strict-transport-security",
              .from = From::kFixed,
              .when = When::kGood,
              .value = "max-age=63072000; preload"},
};

// Flask's jsonify: keys sorted.
Words Worded(int status, std::string_view code, std::string_view message) {
  return {
      .status = status,
      .body = fmt::format("{{\"errors\":[{{\"code\":\"{}\",\"detail\":{{}},\"message\":{}}}]}}\n",
                          code, Quoted(message))};
}

std::string_view MessageOf(const Wrong& wrong) {
  if (wrong.code == ErrorCode::kNameUnknown) return "repository not found";
  if (wrong.code == ErrorCode::kManifestBlobUnknown) return "manifest blob unknown";
  const std::string_view message = StandardMessage(wrong.code);
  return message.empty() ? wrong.message : message;
}

// Werkzeug's own pages, for what no view answers.
Words Page(int status, std::string_view title, std::string_view text) {
  return {.status = status,
          .body = fmt::format("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n"
                              "<title>{0} {1}</title>\n<h1>{1}</h1>\n<p>{2}</p>\n",
                              status, title, text),
          .content_type = kHtml};
}
Words NoSuchMethod() {
  return Page(405, "Method Not Allowed", "The method is not allowed for the requested URL.");
}

// A token has dots; whatever has none is refused before it is looked at.
bool IsBearer(std::string_view authorization) {
  const std::string_view token = wire::BearerToken(authorization).value_or(std::string_view());
  const bool plain = std::ranges::all_of(token, [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("+-_/.").contains(c);
  });
  return plain && token.contains('.') && !token.starts_with('.') && !token.ends_with('.') &&
         !token.contains("..");
}

// Python's json.dumps, and a header of the cross-origin kind.
Words BadBearer(const Wrong& wrong) {
  std::string_view message = "Signature verification failed";
  if (!IsBearer(wrong.authorization)) {
    message = "Invalid bearer token format";
  } else if (wrong.message.contains("expired") ||
             wire::BearerToken(wrong.authorization) == kLateToken) {
    message = "Signature has expired";
  } else if (wrong.message.contains("another service")) {
    message = "Invalid audience";
  }
  std::string methods = "GET, HEAD";
  if (wrong.endpoint != nullptr) {
    methods = wire::Endpoints()[static_cast<std::size_t>(wrong.endpoint->resource)].methods;
  }
  return {.status = 401,
          .body = fmt::format("{{\"error\": {}}}", Quoted(message)),
          .content_type = kHtml,
          .challenge = true,
          .fields = {{"access-control-allow-origin", "*"},
                     {"access-control-allow-methods", methods},
                     {"access-control-max-age", "21600"},
                     {"access-control-allow-headers", "Authorization"},
                     {"access-control-allow-headers", "Content-Type"}}};
}

Words Error(const Wrong& wrong) {
  if (wrong.bad_credentials) return BadBearer(wrong);
  if (wrong.status == 416) return {.status = 416};
  const bool is_base =
      wrong.endpoint != nullptr && wrong.endpoint->resource == wire::Resource::kBase;
  if (wrong.code == ErrorCode::kUnauthorized || wrong.code == ErrorCode::kDenied) {
    Words words = is_base ? Words{.status = 401, .body = "true", .content_type = kHtml}
                          : Worded(401, "UNAUTHORIZED", kNoAccess);
    words.challenge = true;
    return words;
  }
  if (wrong.endpoint == nullptr && wrong.status == 404) {
    return Page(404, "Not Found",
                "The requested URL was not found on the server. If you entered the URL manually "
                "please check your spelling and try again.");
  }
  if (wrong.endpoint == nullptr && wrong.status == 405) return NoSuchMethod();
  return Worded(wrong.status, WireCode(wrong.code), MessageOf(wrong));
}

Words TokenError(const Wrong& wrong) {
  if (wrong.code == ErrorCode::kUnauthorized) {
    Words words = Worded(401, "UNAUTHORIZED", "Invalid Username or Password");
    words.challenge = true;
    return words;
  }
  if (wrong.code == ErrorCode::kUnsupported) return NoSuchMethod();
  return Worded(wrong.status, WireCode(wrong.code), MessageOf(wrong));
}

constexpr std::string_view kOwnPrefix = "quay.io/";

// ^repository:((?:quay\.io\/)?((?:[\.a-zA-Z0-9_\-]+\/)*[\.a-zA-Z0-9_\-]+)):
//  ((?:push|pull|\*)(?:,(?:push|pull|\*))*)$
bool IsScope(std::string_view scope) {
  constexpr std::string_view kType = "repository:";
  if (!scope.starts_with(kType)) return false;
  scope.remove_prefix(kType.size());
  const std::size_t colon = scope.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = scope.substr(0, colon);
  const bool plain = std::ranges::all_of(name, [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._-/").contains(c);
  });
  if (!plain || name.starts_with('/') || name.ends_with('/') || name.contains("//")) return false;
  for (std::string_view rest = scope.substr(colon + 1);;) {
    const std::size_t comma = rest.find(',');
    const std::string_view action = rest.substr(0, comma);
    if (action != "push" && action != "pull" && action != "*") return false;
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<Words> RefuseScopes(std::span<const std::string_view> scopes) {
  for (const std::string_view scope : scopes) {
    if (scope.empty()) continue;
    if (!IsScope(scope)) {
      return Worded(400, "INVALID_REQUEST",
                    fmt::format("Unable to decode repository and actions: {}", scope));
    }
    std::string_view name = scope.substr(scope.find(':') + 1);
    name = name.substr(0, name.find(':'));
    if (name.starts_with(kOwnPrefix)) name.remove_prefix(kOwnPrefix.size());
    if (oci::RepositoryName::Parse(name)) continue;
    return Worded(400, "NAME_INVALID", fmt::format("Invalid repository name: {}", name));
  }
  return std::nullopt;
}

std::optional<Words> RefuseGrant(const TokenFacts& facts) {
  if (!facts.asked.empty() || !facts.name.empty()) return std::nullopt;
  Words words = Worded(401, "UNAUTHORIZED", kNoAccess);
  words.challenge = true;
  return words;
}

// Everything asked for is there, with what is granted of it: maybe nothing. Always in this order.
std::string Actions(const wire::Scope& asked, std::span<const wire::Scope> granted) {
  const auto grant = std::ranges::find_if(granted, [&](const wire::Scope& scope) {
    return scope.type == asked.type && scope.name == asked.name;
  });
  std::string out;
  if (grant == granted.end()) return out;
  // Behind quay's own, rights that it does not have.
  for (const std::string_view action : {"push", "pull", "*", "create", "overwrite"}) {
    if (std::ranges::find(grant->actions, action) == grant->actions.end()) continue;
    if (!out.empty()) out += ',';
    out += Quoted(action);
  }
  return out;
}

JwtParts Jwt(const TokenFacts& facts) {
  std::string access;
  std::string roots;
  for (const wire::Scope& scope : facts.asked) {
    if (!access.empty()) access += ',';
    access += fmt::format(R"({{"type":"repository","name":{},"actions":[{}]}})", Quoted(scope.name),
                          Actions(scope, facts.granted));
    if (!roots.empty()) roots += ',';
    roots += fmt::format(R"({}:"$disabled")", Quoted(scope.name));
  }
  std::string user;
  if (!facts.name.empty()) {
    user = fmt::format(
        R"("version":2,"entity_kind":"user","entity_reference":{0},"kind":"user","user":{0},)",
        Quoted(facts.name));
  }
  const std::int64_t now = std::chrono::floor<std::chrono::seconds>(facts.now).count();
  return {
      .header = fmt::format(R"({{"typ":"JWT","alg":"{}","kid":"{}"}})", facts.algorithm, facts.kid),
      .claims = fmt::format(
          R"({{"iss":"quay","aud":{},"nbf":{},"iat":{},"exp":{},"sub":{},"access":[{}],"context":{{{}"com.apostille.roots":{{{}}},"com.apostille.root":"$disabled"}}{}}})",
          Quoted(facts.service), now, now, now + facts.lifetime.count(),
          Quoted(facts.name.empty() ? "(anonymous)" : facts.name), access, user, roots,
          facts.more_claims)};
}

std::string Reply(const TokenFacts&, std::string_view token) {
  return fmt::format("{{\"token\":\"{}\"}}\n", token);
}

// max(min(n, 50), 1), where what is no number counts as nothing.
std::optional<PageSize> SizeOf2023(std::optional<std::string_view> n) {
  const std::int64_t number = n ? NumberOf(TrimSpace(*n)).value_or(0) : 50;
  const std::int64_t size = std::max<std::int64_t>(std::min<std::int64_t>(number, 50), 1);
  return PageSize{.limit = static_cast<std::size_t>(size), .shown = size};
}

std::optional<PageSize> SizeOf2024(std::optional<std::string_view> n) {
  const std::int64_t number = n ? NumberOf(TrimSpace(*n)).value_or(100) : 100;
  const std::int64_t size = std::clamp<std::int64_t>(number, 0, 100);
  return PageSize{.limit = static_cast<std::size_t>(size), .shown = size};
}

// Ids of a registry with hundreds of millions of tags.
constexpr std::int64_t kFirstId = 100'000'000;
constexpr std::string_view kStart = "{\"start_id\": ";

std::string WriteCursor(std::int64_t place) {
  return fmt::format("{}{}}}", kStart, place + kFirstId);
}

std::optional<std::int64_t> ReadCursor(std::string_view plain) {
  if (!plain.starts_with(kStart) || !plain.ends_with('}')) return std::nullopt;
  plain.remove_prefix(kStart.size());
  plain.remove_suffix(1);
  const std::optional<std::int64_t> id = NumberOf(plain);
  if (!id) return std::nullopt;
  return *id - kFirstId;
}

std::string NThenCursor(const NextPage& page) {
  return fmt::format("?n={}&next_page={}", page.n, PercentEncode(page.cursor));
}

// One that says more than the bytes: the first is counted as if there were one before it.
std::string UploadRange(wire::Method method, std::uint64_t bytes) {
  if (method == wire::Method::kPost) return "bytes=0--1";
  if (method == wire::Method::kGet) return fmt::format("bytes=0-{}", bytes);
  return fmt::format("0-{}", bytes == 0 ? 0 : bytes - 1);
}

std::string BlobTarget(std::string_view hex, std::string_view seal) {
  return fmt::format(
      "/quayio-production-s3/sha256/{}/{}?Expires=60&Signature={}&Key-Pair-Id=portolan",
      hex.substr(0, 2), hex, seal);
}

constexpr std::array kMissing2023{Missing{.resource = wire::Resource::kManifest,
                                          .method = wire::Method::kDelete,
                                          .names = Missing::Names::kTags},
                                  Missing{.resource = wire::Resource::kReferrers,
                                          .method = wire::Method::kGet,
                                          .code = ErrorCode::kNameUnknown},
                                  kNoBlobDeletion,
                                  kNoDiscovery,
                                  kNoHistory,
                                  kNoRestoring};
constexpr std::array kMissing2024{kNoBlobDeletion, kNoDiscovery, kNoHistory, kNoRestoring};

Served Quay(std::string_view name, std::span<const Missing> missing, const TagPages& tags) {
  return {
      .name = name,
      .fields = kFields,
      .challenge_names_error = false,
      .public_without_token = true,
      .challenge_with_base = true,
      .base_body = "true",
      .base_content_type = kHtml,
      .line_end = "\n",
      .missing = missing,
      .catalog = Catalog::kOwn,
      .index_becomes_image = true,
      .gives_schema1 = true,
      .pushed_body = "OK",
      .tells_subject = false,
      .upload_range = UploadRange,
      .absolute_uploads = true,
      .blob_cache_control = "max-age=31536000",
      .blob_head_cache_control = "max-age=31436000",  // thus
      .blobs = BlobsElsewhere{.status = 302, .target = BlobTarget, .seal_parameter = "Signature"},
      .error = Error,
      .tokens = {.path = "/v2/auth",
                 .service = "quay.io",
                 .issuer = "quay",
                 .nobody = "(anonymous)",
                 .lifetime = std::chrono::hours(1),
                 .leeway = std::chrono::seconds(30),
                 .push_deletes = true,
                 .own_prefix = kOwnPrefix,
                 .jwt = Jwt,
                 .reply = Reply,
                 .cache_control = "no-cache, no-store, must-revalidate",
                 .refuse_scopes = RefuseScopes,
                 .refuse_grant = RefuseGrant,
                 .error = TokenError},
      .tags = tags,
      .api = VendorApi::kQuay,
      .api_fields = kApiFields};
}

}  // namespace

const Served& ServedQuay2023() {
  static const Served served = Quay("quay@2023-03", kMissing2023,
                                    {.size = SizeOf2023,
                                     .order = TagPages::Order::kPlace,
                                     .next = NThenCursor,
                                     .write_cursor = WriteCursor,
                                     .read_cursor = ReadCursor,
                                     .cursor_lifetime = std::chrono::days(2)});
  return served;
}

const Served& ServedQuay2024() {
  static const Served served = [] {
    Served quay = Quay("quay@2024-06", kMissing2024, {.size = SizeOf2024, .next = NThenLast});
    quay.api_filters_tags = true;
    quay.unknown_subject = ErrorCode::kManifestInvalid;
    return quay;
  }();
  return served;
}

}  // namespace portolan::dialect
