// How our registry answers where it stands in for another: data, and small pure functions. What a
// client must expect of the same registries is in profile.h. Spec: docs/dialects.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/error.h"
#include "portolan/dialect/facts.h"
#include "portolan/wire/endpoint.h"
#include "portolan/wire/scope.h"

namespace portolan::dialect {

struct Field {
  std::string name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

/// What a registry knows when it makes up a field's value.
struct Moment {
  std::int64_t seconds = 0;  ///< since 1970
  std::uint64_t chance = 0;
};

/// One line of a registry's answers; all of them say which fields there are, how they are spelled
/// and in which order.
struct FieldLine {
  enum class From : std::uint8_t {
    kHandler,  ///< the value is what the handler gave; nothing if it gave none
    kFixed,    ///< `value`
    kMade,     ///< `make`
    kServer,   ///< the server's own: date, content-length
    kNowhere,  ///< left out, also where the handler gave it
    kOthers,   ///< all that no other line names, in lower case
    kRest,     ///< the same, as they are
  };
  enum class When : std::uint8_t {
    kAlways,
    kGood,       ///< with the statuses that nginx adds fields to
    kChallenge,  ///< where there is a WWW-Authenticate
  };
  std::string_view name;
  From from = From::kHandler;
  When when = When::kAlways;
  std::string_view value = {};
  std::string (*make)(const Moment&) = nullptr;
};

struct FieldView {
  std::string_view name;
  std::string_view value;
};

/// Gives `add` the fields of an answer, as `lines` have them: views of `lines`, of `given`, or
/// valid until `add` returns. Our own that no other registry has are left out. `moment` is asked
/// for once, if at all.
void Arrange(std::span<const FieldLine> lines, std::span<const FieldView> given, int status,
             const std::function<Moment()>& moment, const std::function<void(FieldView)>& add);

/// A request that comes to nothing.
struct Wrong {
  ErrorCode code = ErrorCode::kInternal;
  int status = 500;
  std::string_view message;                  ///< our own words
  const wire::Endpoint* endpoint = nullptr;  ///< null: no resource, or the token endpoint
  std::string_view scope;                    ///< that it needs: `repository:a/b:pull,push`
  std::string_view n;                        ///< its parameter
  std::string_view authorization;            ///< its field
  bool bad_credentials = false;              ///< what came in that field does not count
};
/// What is answered then.
struct Words {
  int status = 500;
  std::string body;
  std::string_view content_type = "application/json";
  bool challenge = false;  ///< goes with a WWW-Authenticate
  std::vector<Field> fields = {};
};

/// What a page of tags comes to.
struct PageSize {
  std::optional<std::size_t> limit;  ///< empty: all
  std::int64_t shown = 0;            ///< the `n` of the Link
  friend bool operator==(const PageSize&, const PageSize&) = default;
};
struct NextPage {
  std::int64_t n = 0;
  std::string_view last;    ///< tag
  std::string_view cursor;  ///< of a sealed one
};

/// A list of tags.
struct TagPages {
  enum class Order : std::uint8_t { kName, kPlace };  ///< bytes of the name, or when it was set
  /// By `n` as it came. Nothing: kPaginationNumberInvalid.
  std::function<std::optional<PageSize>(std::optional<std::string_view> n)> size;
  Order order = Order::kName;
  /// Whether a page of exactly as many as asked for has a Link, also where nothing follows.
  bool full_page_has_next = false;
  /// The Link's query.
  std::string (*next)(const NextPage& page);
  /// Of registries whose cursor is the place of the next page's first tag, encrypted (Fernet): what
  /// is encrypted, and the way back. Null: the cursor is `last`, a tag.
  std::string (*write_cursor)(std::int64_t place) = nullptr;
  std::optional<std::int64_t> (*read_cursor)(std::string_view plain) = nullptr;
  std::chrono::seconds cursor_lifetime{};
};

/// A token to be issued.
struct TokenFacts {
  std::string_view name;  ///< of the bearer; empty: nobody
  std::string_view service;
  std::string_view issuer;
  std::chrono::seconds lifetime{};
  std::chrono::nanoseconds now{};  ///< since 1970
  std::span<const wire::Scope> asked;
  std::span<const wire::Scope> granted;
  std::string_view id;                ///< 22 random characters
  std::string_view algorithm;         ///< of JWTs: `RS256`
  std::string_view kid;               ///< RFC 7638
  std::span<const std::string> x5c;   ///< may be empty
  std::string_view more_claims = {};  ///< `,"a":"b"`: our own, of users with accounts
};
struct JwtParts {
  std::string header;
  std::string claims;
};

struct Tokens {
  std::string_view path;     ///< of the endpoint: `/token`
  std::string_view service;  ///< what the registry calls itself
  std::string_view issuer;   ///< `iss`
  std::string_view nobody;   ///< `sub` of nobody
  std::chrono::seconds lifetime{};
  std::chrono::seconds leeway{60};  ///< for which a JWT counts beyond its times
  /// Who may push may delete: there is no scope for that alone.
  bool push_deletes = false;
  /// What the registry's own name may stand as in front of a repository's in scopes, and means
  /// nothing: `quay.io/`.
  std::string_view own_prefix = {};
  /// One of both is null.
  JwtParts (*jwt)(const TokenFacts& facts) = nullptr;
  std::string (*opaque)(const TokenFacts& facts) = nullptr;
  /// The answer's body.
  std::string (*reply)(const TokenFacts& facts, std::string_view token) = nullptr;
  std::string_view cache_control;  ///< of the answer; may be empty
  /// What is answered instead of a token, by the scopes as they came; and by what is granted. Null:
  /// nothing ever is.
  std::optional<Words> (*refuse_scopes)(std::span<const std::string_view> scopes) = nullptr;
  std::optional<Words> (*refuse_grant)(const TokenFacts& facts) = nullptr;
  /// Errors of the endpoint.
  Words (*error)(const Wrong& wrong) = nullptr;
};

/// A part of the API that a registry does not offer, though ours does. Asked after whether the
/// client may use it.
struct Missing {
  enum class Names : std::uint8_t { kAll, kTags, kDigests };
  wire::Resource resource;
  wire::Method method;  ///< kGet is HEAD, too
  ErrorCode code = ErrorCode::kUnsupported;
  Names names = Names::kAll;  ///< which manifests
};

/// Who may list repositories.
enum class Catalog : std::uint8_t {
  kByRight,  ///< who has that right
  kNobody,
  kOwn,  ///< everybody, but nobody who has not logged in is shown any
};

/// Blobs that are given from another address.
struct BlobsElsewhere {
  int status = 307;
  /// The path and query there: `hex` of the digest's, and a seal that only we can make.
  std::string (*target)(std::string_view hex, std::string_view seal) = nullptr;
  std::string_view seal_parameter;  ///< of that query
};

/// Pulls that a client may make in a time. HEAD tells of them and does not count.
struct PullLimit {
  int anonymous = 0;
  int named = 0;
  std::chrono::seconds window{};
  Words (*refuse)(bool anonymous) = nullptr;
};

/// APIs of the vendors' own, beside V2.
enum class VendorApi : std::uint8_t { kNone, kDockerHub, kQuay, kGitHubPackages };

/// One registry's ways at one time.
struct Served {
  std::string_view name;  ///< `hub@2023-03`
  /// Of registries that take names and passwords, not tokens: their challenge. Empty: tokens alone.
  std::string_view basic_challenge;
  bool takes_passwords = false;  ///< beside tokens
  std::span<const FieldLine> fields;
  /// What the challenge of requests that concern no repository names; may be empty.
  std::string_view placeholder_scope;
  bool challenge_names_error = true;   ///< `error="insufficient_scope"`
  bool public_without_token = false;   ///< whether rules alone can let somebody in
  bool challenge_with_base = false;    ///< also with the 200 of /v2/
  std::string_view base_body;          ///< of that 200
  std::string_view base_content_type;  ///< of that 200
  std::string_view line_end;           ///< behind lists
  std::span<const Missing> missing;
  Catalog catalog = Catalog::kByRight;
  /// What is said instead of a manifest that a tag names, to whoever does not take its type. Null:
  /// it is given as it is stored.
  std::optional<Words> (*refuse_type)(std::string_view media_type,
                                      std::span<const std::string_view> accept) = nullptr;
  /// Whether who takes no indexes is given the image for linux/amd64 instead.
  bool index_becomes_image = false;
  /// Whether who names no type that fits is given schema 1.
  bool gives_schema1 = false;
  std::string_view pushed_body;  ///< with the 201 of a manifest
  bool tells_subject = true;     ///< `OCI-Subject`, `OCI-Tag` with that 201
  /// Whether a blob is mounted from wherever it is, where no repository is named.
  bool mounts_from_anywhere = false;
  /// The `Range` of an upload's answers, of `bytes` so far. Null: ours.
  std::string (*upload_range)(wire::Method method, std::uint64_t bytes) = nullptr;
  /// Whether the `Location` of uploads and of blobs that were pushed is a whole address.
  bool absolute_uploads = false;
  /// The `Cache-Control` of blobs, and of HEAD of them. Empty: ours.
  std::string_view blob_cache_control = {};
  std::string_view blob_head_cache_control = {};
  std::optional<BlobsElsewhere> blobs;
  /// Where clients that ask for referrers are sent by 303. Null: they are told.
  std::string (*referrers_elsewhere)(std::string_view repository) = nullptr;
  /// The error of referrers of a manifest that is not there; the specification's is none.
  std::optional<ErrorCode> unknown_subject = {};
  std::optional<PullLimit> pulls;
  Words (*error)(const Wrong& wrong) = nullptr;
  Tokens tokens;
  TagPages tags;
  /// Members that a list of tags has before its `name`, `"a":1,`: of the repositories directly
  /// below (the last components of their names), and of manifests. Null: none.
  std::string (*list_members)(std::span<const std::string> children,
                              std::span<const ListedManifest> manifests) = nullptr;
  VendorApi api = VendorApi::kNone;
  std::span<const FieldLine> api_fields = {};  ///< of its answers
  bool api_filters_tags = false;               ///< by a part of the name, where that came later
  std::optional<std::size_t> api_for_strangers = {};  ///< rows of a list before a login is needed
};

/// What of `missing` the request is about; null: nothing.
const Missing* FindMissing(const Served& served, const wire::Endpoint& endpoint);

/// By its name, or the part before the @ (then the first of them); null if there is none.
const Served* FindServed(std::string_view name);
/// All of them, in the order in which they are documented.
std::span<const Served* const> AllServed();
/// Our own tags/list, in the same terms.
const TagPages& OwnTagPages();

// One file per registry, served_docker_hub.cc and so on; served_distribution.cc is what many share.
const Served& ServedHub2023();
const Served& ServedHub2026();
const Served& ServedGhcr2023();
const Served& ServedGhcr2026();
const Served& ServedQuay2023();
const Served& ServedQuay2024();
const Served& ServedEcr();
const Served& ServedGar();
const Served& ServedAcr();
const Served& ServedGitlab();
const Served& ServedHarbor();
const Served& ServedArtifactory();
const Served& ServedNexus();
const Served& ServedZot();

}  // namespace portolan::dialect
