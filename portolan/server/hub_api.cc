// Docker Hub's own API. Facts: docs/dialects.md, "Their own APIs".
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/date.h"
#include "portolan/base/text.h"
#include "portolan/base/url.h"
#include "portolan/dialect/hub_format.h"
#include "portolan/server/own_api.h"
#include "portolan/wire/reply.h"
#include "portolan/wire/text_members.h"

namespace portolan::server {
namespace {

namespace hub = dialect::hub;
using dialect::Words;
using Parts = std::span<const std::string>;

constexpr std::int64_t kDefaultPage = 10;
constexpr std::int64_t kMostOnPage = 100;
constexpr std::int64_t kLastPage = 1'000'000;
constexpr std::chrono::minutes kTokenLifetime{10};
constexpr std::string_view kBadCredentials = "Incorrect authentication credentials";

bool IsPath(Parts parts, std::initializer_list<std::string_view> words) {
  return std::ranges::equal(parts, words);
}

// What a path below repositories/ is about.
struct Target {
  std::string ns;
  std::string repository;          // empty: the list of the namespace
  bool tags = false;               // the list of tags, or
  std::optional<std::string> tag;  // one of them
};

std::string Joined(Parts parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

// `{ns}`, `{ns}/{repository}`, `{ns}/{repository}/tags`, `{ns}/{repository}/tags/{tag}`.
// A repository's name may have more than one component, as those of ours may.
Target TargetOf(std::string_view ns, Parts rest) {
  Target target{.ns = std::string(ns), .repository = {}, .tag = {}};
  if (rest.size() >= 2 && rest.back() == "tags") {
    target.tags = true;
    rest = rest.first(rest.size() - 1);
  } else if (rest.size() >= 3 && rest[rest.size() - 2] == "tags") {
    target.tag = rest.back();
    rest = rest.first(rest.size() - 2);
  }
  target.repository = Joined(rest);
  return target;
}

std::optional<Target> TargetOf(Parts parts) {
  if (parts.size() >= 3 && parts[0] == "namespaces" && parts[2] == "repositories") {
    return TargetOf(parts[1], parts.subspan(3));
  }
  if (parts.size() >= 2 && parts[0] == "repositories") return TargetOf(parts[1], parts.subspan(2));
  return std::nullopt;
}

Error Missing() { return Fail(ErrorCode::kNameUnknown, "there is nothing of this name"); }

// Which part of a list is wanted.
struct Window {
  std::int64_t page = 1;
  std::int64_t size = kDefaultPage;
  std::size_t offset() const { return static_cast<std::size_t>((page - 1) * size); }
  std::size_t limit() const { return static_cast<std::size_t>(size); }
};

Result<Window> WindowOf(const wire::Query& query) {
  Window window;
  if (query.Get("page")) {
    const std::optional<std::int64_t> page = NumberIn(query, "page");
    if (!page || *page < 1 || *page > kLastPage) return Missing();
    window.page = *page;
  }
  window.size = NumberIn(query, "page_size").value_or(kDefaultPage);
  if (window.size < 1) window.size = kDefaultPage;
  window.size = std::min(window.size, kMostOnPage);
  return window;
}

// The address of another page: the same path, parameters by name.
std::string PageUrl(const ApiCall& call, std::int64_t page) {
  std::string query;
  for (const std::string_view name : {"name", "ordering", "page", "page_size"}) {
    std::optional<std::string> value;
    if (const auto text = call.query.Get(name)) value = std::string(*text);
    if (name == "page") value = std::to_string(page);
    if (!value) continue;
    query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, PercentEncode(*value));
  }
  return call.Base() + std::string(call.request.url.Path()) + query;
}

// Strangers see the start of long lists only, where Hub says so.
std::optional<Words> TooDeep(const ApiCall& call, const Window& window) {
  const std::optional<std::size_t> most = call.backend.parts.served->api_for_strangers;
  if (!most || window.offset() < *most || !call.identity.anonymous()) return std::nullopt;
  return hub::Message(
      403, "pagination offset too large for anonymous requests; sign in to page further");
}

// A page that lies behind the list is not there, but for the first.
Result<Words> PageOf(const ApiCall& call, const Window& window, std::uint64_t count,
                     std::vector<std::string> results) {
  if (window.page > 1 && window.offset() >= count) return Missing();
  hub::Page page{.count = count, .next = {}, .previous = {}, .results = std::move(results)};
  if (window.offset() + window.limit() < count) page.next = PageUrl(call, window.page + 1);
  if (window.page > 1) page.previous = PageUrl(call, window.page - 1);
  return Words{.status = 200, .body = hub::PageText(page)};
}

Result<oci::RepositoryName> NameOf(const Target& target) {
  Result<oci::RepositoryName> name =
      oci::RepositoryName::Parse(target.ns + "/" + target.repository);
  if (!name) return Missing();
  return name;
}

Result<Words> ListTags(ApiCall& call, const oci::RepositoryName& name) {
  using Order = store::TagQuery::Order;
  PORTOLAN_TRY(const Window window, WindowOf(call.query));
  if (std::optional<Words> refusal = TooDeep(call, window)) return *std::move(refusal);
  store::TagQuery query{
      .order = Order::kNewest, .offset = window.offset(), .limit = window.limit()};
  const std::string_view ordering = call.query.Get("ordering").value_or("last_updated");
  // Without the minus the newest comes first, as in Hub's own pages.
  if (ordering == "-last_updated") {
    query.order = Order::kOldest;
  } else if (ordering == "name") {
    query.order = Order::kName;
  } else if (ordering == "-name") {
    query.order = Order::kNameDown;
  } else if (ordering != "last_updated") {
    return hub::InvalidOrdering();
  }
  const std::string contains = AsciiLower(call.query.Get("name").value_or(std::string_view()));
  query.contains = contains;

  FactReader facts = call.Facts();
  PORTOLAN_TRY(const dialect::RepositoryFacts repository, facts.Repository(name, false));
  store::MetadataStore& metadata = call.backend.storage().metadata();
  PORTOLAN_TRY(const std::uint64_t count, metadata.CountTags(name, contains));
  std::vector<std::string> results;
  PORTOLAN_TRY(const std::vector<store::TagRow> rows, metadata.DescribeTags(name, query));
  for (const store::TagRow& row : rows) {
    results.push_back(
        hub::TagObject(facts.Tag(name, row, FactReader::Depth::kImages), repository.id));
  }
  return PageOf(call, window, count, std::move(results));
}

Result<Words> GetTag(ApiCall& call, const oci::RepositoryName& name, const std::string& tag) {
  FactReader facts = call.Facts();
  PORTOLAN_TRY(const dialect::RepositoryFacts repository, facts.Repository(name, false));
  PORTOLAN_TRY(const store::TagRow row, call.backend.storage().metadata().DescribeTag(name, tag));
  return Words{
      .status = 200,
      .body = hub::TagObject(facts.Tag(name, row, FactReader::Depth::kImages), repository.id)};
}

// The names of a list, in its order.
Status Arrange(FactReader& facts, std::string_view ordering,
               std::vector<oci::RepositoryName>& names) {
  if (ordering.ends_with("last_updated")) {
    std::vector<std::pair<std::int64_t, oci::RepositoryName>> dated;
    for (oci::RepositoryName& name : names) {
      const Result<dialect::RepositoryFacts> repository = facts.Repository(name, false);
      if (!repository) continue;  // it went this very moment
      dated.emplace_back(repository->last, std::move(name));
    }
    std::ranges::sort(dated, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    names.clear();
    for (auto& [date, name] : dated) names.push_back(std::move(name));
  }
  // Newest first without the minus; names the other way round.
  if (ordering.starts_with('-')) std::ranges::reverse(names);
  return {};
}

Result<Words> ListRepositories(ApiCall& call, const std::string& ns) {
  constexpr std::array<std::string_view, 6> kOrders{"name",          "-name",      "last_updated",
                                                    "-last_updated", "pull_count", "-pull_count"};
  PORTOLAN_TRY(const Window window, WindowOf(call.query));
  if (std::optional<Words> refusal = TooDeep(call, window)) return *std::move(refusal);
  const std::string_view ordering = call.query.Get("ordering").value_or("name");
  if (std::ranges::find(kOrders, ordering) == kOrders.end()) return hub::InvalidOrdering();
  FactReader facts = call.Facts();
  PORTOLAN_TRY(std::vector<oci::RepositoryName> names,
               facts.Repositories(ns, {}, FactReader::kMostRepositories));
  const std::string contains = AsciiLower(call.query.Get("name").value_or(std::string_view()));
  std::erase_if(
      names, [&](const oci::RepositoryName& name) { return !Split(name).name.contains(contains); });
  PORTOLAN_CHECK(Arrange(facts, ordering, names));
  std::vector<std::string> results;
  for (std::size_t i = window.offset();
       i < std::min(names.size(), window.offset() + window.limit()); ++i) {
    const Result<dialect::RepositoryFacts> repository = facts.Repository(names[i], true);
    if (repository) results.push_back(hub::RepositoryItem(*repository));
  }
  return PageOf(call, window, names.size(), std::move(results));
}

Result<Words> ListNamespaces(ApiCall& call) {
  if (!call.proved()) return Fail(ErrorCode::kUnauthorized, "a login is needed");
  PORTOLAN_TRY(const std::vector<oci::RepositoryName> names,
               call.Facts().Repositories({}, {}, FactReader::kMostRepositories));
  std::vector<std::string> all;
  for (const oci::RepositoryName& name : names) {
    const SplitName split = Split(name);
    if (split.name.empty()) continue;
    if (all.empty() || all.back() != split.ns) all.emplace_back(split.ns);
  }
  return Words{.status = 200, .body = hub::Namespaces(all)};
}

Result<Words> Delete(ApiCall& call, const Target& target, const oci::RepositoryName& name) {
  FactReader facts = call.Facts();
  PORTOLAN_TRY(const dialect::RepositoryFacts repository, facts.Repository(name, false));
  if (!repository.rights.admin) {
    return Fail(call.identity.anonymous() ? ErrorCode::kUnauthorized : ErrorCode::kDenied,
                "deleting is not allowed");
  }
  if (!target.tag) {
    PORTOLAN_CHECK(DeleteRepository(call, name));
    return Words{.status = 202, .body = {}};
  }
  const Result<oci::Tag> tag = oci::Tag::Parse(*target.tag);
  if (!tag) return Missing();
  PORTOLAN_CHECK(DeleteTagIn(call, name, *tag));
  return Words{.status = 204, .body = {}};
}

// A JSON Web Token by its looks, since clients look for its end; what it stands for is remembered.
std::string NewToken(const ApiCall& call) {
  const auto now = UnixSeconds(call.backend.parts.clock.WallNow());
  std::array<std::byte, 256> bytes{};
  call.backend.parts.random->Fill(bytes);
  std::string user;
  wire::AppendJsonString(user, call.identity.name);
  return fmt::format(
      "{}.{}.{}", Base64UrlEncode(R"({"alg":"RS256","typ":"JWT"})"),
      Base64UrlEncode(fmt::format(R"({{"username":{},"iat":{},"exp":{}}})", user, now,
                                  now + std::chrono::seconds(kTokenLifetime).count())),
      Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

class HubApi final : public ApiVendor {
 public:
  // Where V2 has something of this path that is V2's, unless the host is the API's alone.
  bool Takes(const http::Request& request) const override {
    const std::string_view path = request.url.Path();
    const std::optional<std::vector<std::string>> parts = PathParts(path);
    if (!parts || parts->size() < 2 || parts->front() != "v2") return false;
    const Parts rest = Parts(*parts).subspan(1);
    const bool ours = rest[0] == "repositories" || rest[0] == "namespaces" || IsLogin(rest) ||
                      IsPath(rest, {"user"});
    if (!ours) return false;
    const std::string& host = request.url.origin.host;
    if (host == "hub.docker.com" || host == "registry.hub.docker.com") return true;
    return wire::AllowedMethods(path).empty();
  }

  std::optional<Login> LoginIn(const ApiCall& call) const override {
    const Parts parts = Parts(call.path).subspan(1);
    if (!IsLogin(parts) || call.method != "POST") return std::nullopt;
    const Result<wire::TextMembers> members = wire::ReadTextMembers(call.body);
    if (!members) return std::nullopt;
    const bool by_token = parts[0] == "auth";
    return Login{.user = wire::TextOf(*members, by_token ? "identifier" : "username"),
                 .secret = Secret(wire::TextOf(*members, by_token ? "secret" : "password"))};
  }

  Result<Words> Answer(ApiCall& call) override {
    const Parts parts = Parts(call.path).subspan(1);
    if (IsLogin(parts)) return LogIn(call, parts[0] == "auth" ? "access_token" : "token");
    if (call.refused) return hub::Detail(401, kBadCredentials);
    if (IsPath(parts, {"user"}) && call.method == "GET") {
      if (!call.proved()) return Fail(ErrorCode::kUnauthorized, "a login is needed");
      return Words{.status = 200, .body = hub::UserObject(call.identity.name)};
    }
    if (IsPath(parts, {"repositories", "namespaces"}) && call.method == "GET") {
      return ListNamespaces(call);
    }
    const std::optional<Target> target = TargetOf(parts);
    if (!target) return Missing();
    if (target->repository.empty()) {
      if (call.method == "GET") return ListRepositories(call, target->ns);
      return NoSuchMethod();
    }
    PORTOLAN_TRY(const oci::RepositoryName name, NameOf(*target));
    if (call.method == "DELETE" && !target->tags) return Delete(call, *target, name);
    if (call.method != "GET") return NoSuchMethod();
    if (target->tags) return ListTags(call, name);
    if (target->tag) return GetTag(call, name, *target->tag);
    PORTOLAN_TRY(const dialect::RepositoryFacts repository, call.Facts().Repository(name, true));
    return Words{.status = 200, .body = hub::RepositoryObject(repository)};
  }

  Words Failed(const Error& error) const override {
    switch (error.code) {
      case ErrorCode::kNameUnknown:
      case ErrorCode::kManifestUnknown:
        return hub::Message(404, "object not found");
      case ErrorCode::kUnauthorized:
        return hub::Detail(401, "Authentication credentials were not provided.");
      case ErrorCode::kDenied:
        return hub::Message(403, "access to the resource is denied");
      case ErrorCode::kProtocol:
      case ErrorCode::kTooLarge:
        return hub::Message(400, error.message);
      case ErrorCode::kUnsupported:
        return hub::Message(405, error.message);
      default:
        return hub::Message(500, "internal error");
    }
  }

  Words Limited(std::chrono::seconds wait, std::int64_t now) const override {
    return {.status = 429,
            .body = R"({"detail":"Rate limit exceeded","error":false})",
            .fields = {{"X-Retry-After", std::to_string(now + wait.count())},
                       {"Retry-After", std::to_string(wait.count())}}};
  }

 private:
  static bool IsLogin(Parts parts) {
    return IsPath(parts, {"users", "login"}) || IsPath(parts, {"auth", "token"});
  }
  static Words NoSuchMethod() { return hub::Detail(405, "Method not allowed."); }

  static Result<Words> LogIn(ApiCall& call, std::string_view member) {
    if (call.method != "POST") return NoSuchMethod();
    if (!wire::ReadTextMembers(call.body)) return hub::Detail(400, "JSON parse error");
    if (call.refused) return hub::Detail(401, kBadCredentials);
    const std::string token = NewToken(call);
    PORTOLAN_CHECK(call.tokens.Keep(token, call.identity, kTokenLifetime));
    return Words{.status = 200, .body = fmt::format(R"({{"{}":"{}"}})", member, token)};
  }
};

}  // namespace

std::unique_ptr<ApiVendor> NewHubApi() { return std::make_unique<HubApi>(); }

}  // namespace portolan::server
