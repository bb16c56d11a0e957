// Quay's own API. Facts: docs/dialects.md, "Their own APIs".
#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/date.h"
#include "portolan/base/text.h"
#include "portolan/dialect/fernet.h"
#include "portolan/dialect/quay_format.h"
#include "portolan/server/own_api.h"
#include "portolan/server/quay_target.h"
#include "portolan/wire/text_members.h"

namespace portolan::server {
namespace {

namespace quay = dialect::quay;
using dialect::Words;
using Target = QuayTarget;

constexpr std::int64_t kDefaultLimit = 50;
constexpr std::int64_t kMostOnPage = 100;
constexpr std::int64_t kLastPage = 1'000'000;
constexpr std::size_t kRepositoriesOnPage = 100;
constexpr std::size_t kTagsOfRepository = 500;
constexpr std::chrono::hours kCursorLifetime{48};

bool IsSet(const ApiCall& call, std::string_view name) {
  const auto text = call.query.Get(name);
  return text && quay::IsTrue(*text);
}

std::int64_t Seconds(const ApiCall& call) {
  return UnixSeconds(call.backend.parts.clock.WallNow());
}

quay::TagEntry EntryOf(FactReader& facts, const oci::RepositoryName& name,
                       const store::TagLife& life) {
  quay::TagEntry entry{.name = life.tag,
                       .start = life.start,
                       .end = life.end,
                       .digest = life.digest,
                       .is_list = life.media_type == oci::kImageIndexType ||
                                  life.media_type == oci::kDockerManifestListType,
                       .size = {}};
  if (!entry.is_list && !life.media_type.empty()) {
    entry.size = facts.Manifest(name, life.digest, FactReader::Depth::kSize).size;
  }
  return entry;
}

store::TagLife LifeOf(const store::TagRow& row) {
  return {.tag = row.name,
          .digest = row.manifest.digest,
          .media_type = row.manifest.media_type,
          .start = row.set,
          .end = {}};
}

// What a list of tags is asked for.
struct TagsAsked {
  std::int64_t page = 1;
  std::size_t limit = 0;
  std::string tag;       // alone
  std::string contains;  // lower case
  bool active = false;
  bool nothing = false;  // no tag can match

  std::size_t offset() const { return static_cast<std::size_t>(page - 1) * limit; }
};

// Or the answer to what cannot be understood.
std::optional<Words> ReadFilter(const ApiCall& call, TagsAsked& asked) {
  const std::string_view filter = call.query.Get("filter_tag_name").value_or(std::string_view());
  if (!call.backend.parts.served->api_filters_tags || filter.empty()) return std::nullopt;
  const std::size_t colon = std::min(filter.find(':'), filter.size());
  const std::string_view operation = filter.substr(0, colon);
  const std::string_view text = filter.substr(std::min(colon + 1, filter.size()));
  if (operation == "like") {
    asked.contains = AsciiLower(text);
  } else if (operation == "eq") {
    asked.tag = text;
    asked.nothing = asked.nothing || !oci::Tag::IsValid(text);
  } else {
    return quay::Problem(400, "invalid_request",
                         "Unsupported filter operator; like and eq are supported");
  }
  return std::nullopt;
}

std::optional<Words> ReadTagsAsked(const ApiCall& call, TagsAsked& asked) {
  std::int64_t limit = kDefaultLimit;
  if (call.query.Get("limit")) {
    const auto number = NumberIn(call.query, "limit");
    if (!number) {
      return quay::BadParameter("limit",
                                "Limit to the number of results to return per page. Max 100.");
    }
    limit = std::clamp<std::int64_t>(*number, 1, kMostOnPage);
  }
  asked.limit = static_cast<std::size_t>(limit);
  if (call.query.Get("page")) {
    const auto number = NumberIn(call.query, "page");
    if (!number) return quay::BadParameter("page", "Page index for the results. Default 1.");
    asked.page = std::clamp<std::int64_t>(*number, 1, kLastPage);
  }
  asked.active = IsSet(call, "onlyActiveTags");
  if (const auto tag = call.query.Get("specificTag"); tag && !tag->empty()) {
    asked.tag = *tag;
    asked.nothing = !oci::Tag::IsValid(*tag);
  }
  return ReadFilter(call, asked);
}

// One more than the page has, to know whether there are more.
Result<std::vector<store::TagLife>> LivesOf(store::MetadataStore& metadata,
                                            const oci::RepositoryName& name,
                                            const TagsAsked& asked) {
  std::vector<store::TagLife> lives;
  if (asked.nothing) return lives;
  if (!asked.active) {
    return metadata.TagLives(name, {.tag = asked.tag,
                                    .contains = asked.contains,
                                    .offset = asked.offset(),
                                    .limit = asked.limit + 1});
  }
  if (!asked.tag.empty()) {
    if (asked.page > 1) return lives;
    const Result<store::TagRow> row = metadata.DescribeTag(name, asked.tag);
    if (row) lives.push_back(LifeOf(*row));
    return lives;
  }
  PORTOLAN_TRY(const std::vector<store::TagRow> rows,
               metadata.DescribeTags(name, {.order = store::TagQuery::Order::kNewest,
                                            .contains = asked.contains,
                                            .offset = asked.offset(),
                                            .limit = asked.limit + 1}));
  for (const store::TagRow& row : rows) lives.push_back(LifeOf(row));
  return lives;
}

Result<Words> ListTags(ApiCall& call, const oci::RepositoryName& name) {
  TagsAsked asked;
  if (std::optional<Words> refusal = ReadTagsAsked(call, asked)) return *std::move(refusal);
  FactReader facts = call.Facts();
  PORTOLAN_TRY(std::vector<store::TagLife> lives,
               LivesOf(call.backend.storage().metadata(), name, asked));
  const bool more = lives.size() > asked.limit;
  if (more) lives.pop_back();
  std::vector<quay::TagEntry> entries;
  for (const store::TagLife& life : lives) entries.push_back(EntryOf(facts, name, life));
  return Words{.status = 200, .body = quay::TagPage(entries, asked.page, more)};
}

Result<Words> GetRepository(ApiCall& call, const oci::RepositoryName& name,
                            const dialect::RepositoryFacts& repository) {
  FactReader facts = call.Facts();
  quay::Detail detail{.is_organization = call.identity.name != repository.ns,
                      .tag_expiration = call.backend.storage().options().tag_history.count(),
                      .tags = {},
                      .stats_until = {}};
  if (!call.query.Get("includeTags") || IsSet(call, "includeTags")) {
    PORTOLAN_TRY(const std::vector<store::TagRow> rows,
                 call.backend.storage().metadata().DescribeTags(
                     name, {.order = store::TagQuery::Order::kNewest, .limit = kTagsOfRepository}));
    detail.tags.emplace();
    for (const store::TagRow& row : rows) {
      detail.tags->push_back(EntryOf(facts, name, LifeOf(row)));
    }
  }
  if (IsSet(call, "includeStats")) detail.stats_until = Seconds(call) * 1000;
  return Words{.status = 200, .body = quay::RepositoryObject(repository, detail)};
}

std::string SealedCursor(const ApiCall& call, const std::string& last) {
  dialect::FernetIv iv{};
  call.backend.parts.random->Fill(iv);
  return dialect::FernetSeal(call.backend.cursor_key, last, Seconds(call), iv);
}

Result<Words> ListRepositories(ApiCall& call) {
  const std::string_view ns = call.query.Get("namespace").value_or(std::string_view());
  const bool all_public = IsSet(call, "public");
  const bool starred = IsSet(call, "starred");
  const bool anonymous = !call.proved() || call.identity.anonymous();
  if (starred && anonymous) {
    return quay::Problem(400, "invalid_request", "starred requires a logged in user");
  }
  if (ns.empty() && !all_public && !starred) {
    return quay::Problem(400, "invalid_request",
                         "namespace, starred or public are required for this API call");
  }
  if (starred) return Words{.status = 200, .body = quay::RepositoryPage({}, {})};
  std::string last;
  if (const auto cursor = call.query.Get("next_page")) {
    last = dialect::FernetOpen(call.backend.cursor_key, *cursor, Seconds(call), kCursorLifetime)
               .value_or(std::string());
  }
  const auth::Identity nobody;
  FactReader facts(call.backend.storage(), *call.rules, all_public ? nobody : call.identity);
  PORTOLAN_TRY(std::vector<oci::RepositoryName> names,
               facts.Repositories(ns, last, kRepositoriesOnPage + 1));
  std::string next;
  if (names.size() > kRepositoriesOnPage) {
    names.pop_back();
    next = SealedCursor(call, names.back().text());
  }
  std::vector<std::string> items;
  for (const oci::RepositoryName& name : names) {
    const Result<dialect::RepositoryFacts> repository = facts.Repository(name, false);
    if (!repository || repository->name.empty()) continue;
    items.push_back(
        quay::RepositoryItem(*repository, {.last_modified = IsSet(call, "last_modified"),
                                           .popularity = IsSet(call, "popularity"),
                                           .starred = !anonymous}));
  }
  return Words{.status = 200, .body = quay::RepositoryPage(items, next)};
}

// The digest that a body names; it must be of the repository.
Result<oci::Digest> DigestIn(const wire::TextMembers& members) {
  Result<oci::Digest> digest = oci::Digest::Parse(wire::TextOf(members, "manifest_digest"));
  if (!digest) return Fail(ErrorCode::kManifestUnknown, digest.error().message);
  return digest;
}

Result<Words> SetTag(ApiCall& call, const oci::RepositoryName& name, const oci::Tag& tag) {
  PORTOLAN_TRY(const wire::TextMembers members, wire::ReadTextMembers(call.body));
  if (!members.contains("manifest_digest")) {
    return quay::Problem(400, "invalid_request", "only manifest_digest can be changed here");
  }
  PORTOLAN_TRY(const oci::Digest digest, DigestIn(members));
  store::MetadataStore& metadata = call.backend.storage().metadata();
  PORTOLAN_TRY(const store::StoredManifest stored, metadata.ReadManifest(name, digest));
  PORTOLAN_TRY(const oci::Manifest manifest,
               oci::Manifest::Parse(*stored.content, stored.media_type));
  const auth::ActionSet allowed = call.rules->Allowed(call.identity, &name);
  PORTOLAN_CHECK(metadata.PutManifest({.repository = name,
                                       .digest = digest,
                                       .manifest = manifest,
                                       .content = *stored.content,
                                       .tags = {tag},
                                       .may_create = allowed.Has(auth::Action::kCreate),
                                       .may_overwrite = allowed.Has(auth::Action::kOverwrite),
                                       .allow_missing = call.backend.options.sparse_indexes},
                                      call.actor()));
  Audit(call, "manifest.push", name, tag.text());
  return Words{.status = 201, .body = "\"Updated\"\n"};
}

Result<Words> RestoreTag(ApiCall& call, const oci::RepositoryName& name, const oci::Tag& tag) {
  PORTOLAN_TRY(const wire::TextMembers members, wire::ReadTextMembers(call.body));
  PORTOLAN_TRY(const oci::Digest digest, DigestIn(members));
  const auth::ActionSet allowed = call.rules->Allowed(call.identity, &name);
  PORTOLAN_TRY(const oci::Digest restored,
               call.backend.storage().metadata().RestoreTag(
                   name, tag, digest, allowed.Has(auth::Action::kCreate),
                   allowed.Has(auth::Action::kOverwrite), call.actor()));
  Audit(call, "tag.restore", name, tag.text());
  return Words{.status = 200, .body = "{}\n"};
}

Error Refusal() { return Fail(ErrorCode::kDenied, "this is not allowed"); }

Result<Words> Change(ApiCall& call, const Target& target, const oci::RepositoryName& name,
                     const dialect::Rights& rights) {
  if (call.method == "DELETE" ? !rights.admin : !rights.write) return Refusal();
  if (target.kind == Target::Kind::kRepository) {
    PORTOLAN_CHECK(DeleteRepository(call, name));
    return Words{.status = 204, .body = {}};
  }
  const Result<oci::Tag> tag = oci::Tag::Parse(target.tag);
  if (!tag) return Fail(ErrorCode::kManifestUnknown, tag.error().message);
  if (target.kind == Target::Kind::kRestore) return RestoreTag(call, name, *tag);
  if (call.method == "PUT") return SetTag(call, name, *tag);
  PORTOLAN_CHECK(DeleteTagIn(call, name, *tag));
  return Words{.status = 204, .body = {}};
}

class QuayApi final : public ApiVendor {
 public:
  bool Takes(const http::Request& request) const override {
    return request.url.Path().starts_with("/api/v1/") && PathParts(request.url.Path()).has_value();
  }

  Result<Words> Answer(ApiCall& call) override {
    const Target target = QuayTarget::Of(std::span(call.path).subspan(2));
    Result<Words> words = Answered(call, target);
    if (!words) words = Failed(Shown(call, words.error()));
    const std::string_view methods = target.Methods();
    if (!methods.empty()) {
      words->fields.push_back({"Access-Control-Allow-Methods", std::string(methods)});
    }
    if (call.method == "OPTIONS" || words->status == 405) {
      words->fields.push_back({"Allow", std::string(methods)});
    }
    return words;
  }

  Words Failed(const Error& error) const override {
    switch (error.code) {
      case ErrorCode::kNameUnknown:
      case ErrorCode::kManifestUnknown:
        return quay::Problem(404, "not_found", "Not Found");
      case ErrorCode::kUnauthorized:
        return quay::Problem(401, "invalid_token", "Requires authentication");
      case ErrorCode::kDenied:
        return quay::Problem(403, "insufficient_scope", "Unauthorized");
      case ErrorCode::kProtocol:
      case ErrorCode::kTooLarge:
        return quay::Problem(400, "invalid_request", error.message);
      case ErrorCode::kUnsupported:
        return {.status = 405,
                .body = "{\"message\": \"The method is not allowed for the requested URL.\"}\n"};
      default:
        return {.status = 500, .body = "{\"message\": \"Internal Server Error\"}\n"};
    }
  }

  Words Limited(std::chrono::seconds wait, std::int64_t) const override {
    return {.status = 429,
            .body = "Too many login attempts. \nPlease reset your Quay password and try again.",
            .content_type = "text/html; charset=utf-8",
            .fields = {{"Retry-After", std::to_string(wait.count())}}};
  }

 private:
  // Strangers never learn whether a repository is there.
  static Error Shown(const ApiCall& call, Error error) {
    if (error.code == ErrorCode::kNameUnknown && !call.proved()) {
      error.code = ErrorCode::kUnauthorized;
    }
    return error;
  }

  static Result<Words> Answered(ApiCall& call, const Target& target) {
    if (target.kind == Target::Kind::kNothing) {
      return quay::Problem(404, "not_found", "Not Found");
    }
    if (!target.HasMethod(call.method)) {
      return Fail(ErrorCode::kUnsupported, "this method is not offered here");
    }
    if (call.method == "OPTIONS") return Words{.status = 200, .body = {}};
    const bool changes = call.method != "GET";
    if (changes && !call.proved()) return quay::NoCsrfToken();
    if (target.kind == Target::Kind::kList) return ListRepositories(call);
    const Result<oci::RepositoryName> name = oci::RepositoryName::Parse(target.repository);
    if (!name) return Fail(ErrorCode::kNameUnknown, name.error().message);
    if (call.proved() && !call.rules->Allowed(call.identity, &*name).Has(auth::Action::kPull)) {
      return Refusal();
    }
    PORTOLAN_TRY(const dialect::RepositoryFacts repository, call.Facts().Repository(*name, false));
    if (changes) return Change(call, target, *name, repository.rights);
    if (target.kind == Target::Kind::kTags) return ListTags(call, *name);
    return GetRepository(call, *name, repository);
  }
};

}  // namespace

std::unique_ptr<ApiVendor> NewQuayApi() { return std::make_unique<QuayApi>(); }

}  // namespace portolan::server
