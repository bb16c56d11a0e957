// GitHub's REST API for packages of the container registry. Facts: docs/dialects.md, "Their own
// APIs".
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/url.h"
#include "portolan/dialect/packages_format.h"
#include "portolan/server/own_api.h"

namespace portolan::server {
namespace {

namespace packages = dialect::packages;
using dialect::Words;
using Parts = std::span<const std::string>;

constexpr std::int64_t kDefaultOnPage = 30;
constexpr std::int64_t kMostOnPage = 100;
constexpr std::int64_t kLastPage = 1'000'000;
// Tags that the versions of one page show together.
constexpr std::size_t kMostTags = 100'000;
constexpr std::size_t kBatch = 500;

// What a path is about.
struct Target {
  enum class Kind : std::uint8_t { kNothing, kList, kPackage, kVersions, kVersion };
  Kind kind = Kind::kNothing;
  packages::Owner owner;
  std::string package;
  std::int64_t version = 0;
  bool restore = false;
};

// `container/{package}[/versions[/{id}]][/restore]`.
void ReadRest(Parts rest, Target& target) {
  using Kind = Target::Kind;
  if (rest.empty()) {
    target.kind = Kind::kList;
    return;
  }
  if (rest.size() < 2 || rest[0] != "container") return;
  target.package = rest[1];
  rest = rest.subspan(2);
  if (!rest.empty() && rest.back() == "restore") {
    target.restore = true;
    rest = rest.first(rest.size() - 1);
  }
  if (rest.empty()) {
    target.kind = Kind::kPackage;
  } else if (rest[0] == "versions" && rest.size() == 1 && !target.restore) {
    target.kind = Kind::kVersions;
  } else if (rest[0] == "versions" && rest.size() == 2) {
    const std::optional<std::int64_t> id = WholeNumber(rest[1]);
    if (id) target.kind = Kind::kVersion;
    target.version = id.value_or(0);
  }
}

Target TargetOf(const ApiCall& call) {
  const Parts parts = call.path;
  const bool own = parts[0] == "user";
  Target target{.owner = {.login = own ? call.identity.name : parts[1],
                          .is_organization = parts[0] == "orgs",
                          .base = call.Base()},
                .package = {}};
  ReadRest(parts.subspan(own ? 2 : 3), target);
  return target;
}

struct Window {
  std::int64_t page = 1;
  std::int64_t size = kDefaultOnPage;
  std::size_t offset() const { return static_cast<std::size_t>((page - 1) * size); }
  std::size_t limit() const { return static_cast<std::size_t>(size); }
};

Window WindowOf(const wire::Query& query) {
  return {.page = std::clamp<std::int64_t>(NumberIn(query, "page").value_or(1), 1, kLastPage),
          .size = std::clamp<std::int64_t>(NumberIn(query, "per_page").value_or(kDefaultOnPage), 1,
                                           kMostOnPage)};
}

// The list's address up to the page's number.
std::string PageUrl(const ApiCall& call) {
  std::string query;
  for (const std::string_view name : {"package_type", "visibility", "state", "per_page"}) {
    if (const auto value = call.query.Get(name)) {
      query += fmt::format("{}={}&", name, PercentEncode(*value));
    }
  }
  return fmt::format("{}{}?{}page=", call.Base(), call.request.url.Path(), query);
}

Words WithLink(const ApiCall& call, Words words, const packages::PageOfMany& page) {
  std::string link = packages::LinkOf(page, PageUrl(call));
  if (!link.empty()) words.fields.push_back({"Link", std::move(link)});
  return words;
}

std::int64_t LastPageOf(const Window& window, std::uint64_t count) {
  return static_cast<std::int64_t>((count + window.limit() - 1) / window.limit());
}

Result<Words> ListPackages(ApiCall& call, const Target& target) {
  constexpr std::array<std::string_view, 6> kTypes{"npm",    "maven", "rubygems",
                                                   "docker", "nuget", "container"};
  const std::string_view type = call.query.Get("package_type").value_or(std::string_view());
  if (std::ranges::find(kTypes, type) == kTypes.end()) {
    return packages::Message(400, "Invalid argument: package_type");
  }
  if (type != "container" || target.owner.login.empty()) return packages::List({});
  FactReader facts = call.Facts();
  PORTOLAN_TRY(std::vector<oci::RepositoryName> names,
               facts.Repositories(target.owner.login, {}, FactReader::kMostRepositories));
  if (const auto visibility = call.query.Get("visibility")) {
    const auth::Identity nobody;
    std::erase_if(names, [&](const oci::RepositoryName& name) {
      const bool is_public = call.rules->Allowed(nobody, &name).Has(auth::Action::kPull);
      return *visibility != (is_public ? "public" : "private");
    });
  }
  const Window window = WindowOf(call.query);
  const std::size_t end = std::min(names.size(), window.offset() + window.limit());
  std::vector<std::string> objects;
  for (std::size_t i = window.offset(); i < end; ++i) {
    const Result<dialect::RepositoryFacts> repository = facts.Repository(names[i], false);
    if (repository) objects.push_back(packages::PackageObject(*repository, target.owner));
  }
  return WithLink(
      call, packages::List(objects),
      {.page = window.page, .more = end < names.size(), .last = LastPageOf(window, names.size())});
}

packages::Version Shown(const store::VersionRow& row) {
  return {.id = row.id,
          .digest = row.manifest.digest,
          .created = row.created,
          .updated = row.pushed,
          .deleted = row.deleted,
          .tags = row.tags};
}

Result<Words> ListVersions(ApiCall& call, const Target& target, const oci::RepositoryName& name,
                           std::uint64_t count) {
  const Window window = WindowOf(call.query);
  const bool deleted = call.query.Get("state") == "deleted";
  PORTOLAN_TRY(std::vector<store::VersionRow> rows,
               call.backend.storage().metadata().ListVersions(name, {.deleted = deleted,
                                                                     .offset = window.offset(),
                                                                     .limit = window.limit() + 1,
                                                                     .tags = kMostTags}));
  packages::PageOfMany page{.page = window.page, .more = rows.size() > window.limit(), .last = {}};
  if (page.more) rows.pop_back();
  if (!deleted) page.last = LastPageOf(window, count);
  std::vector<std::string> objects;
  objects.reserve(rows.size());
  for (const store::VersionRow& row : rows) {
    objects.push_back(packages::VersionObject(Shown(row), target.package, target.owner));
  }
  return WithLink(call, packages::List(objects), page);
}

Words Done() { return {.status = 204, .body = {}}; }

Result<Words> DeleteVersion(ApiCall& call, const oci::RepositoryName& name,
                            const dialect::RepositoryFacts& repository,
                            const store::VersionRow& version) {
  store::MetadataStore& metadata = call.backend.storage().metadata();
  bool last = repository.manifests <= 1;
  if (!last && !version.tags.empty()) {
    PORTOLAN_TRY(const bool others, metadata.HasTagBeside(name, version.id));
    last = !others;
  }
  if (last) {
    return packages::Message(400,
                             "You cannot delete the last tagged version of a package. You must "
                             "delete the package instead.");
  }
  PORTOLAN_CHECK(metadata.DeleteManifest(name, version.manifest.digest, call.actor()));
  Audit(call, "manifest.delete", name, version.manifest.digest.text());
  return Done();
}

Status Restore(ApiCall& call, const oci::RepositoryName& name, const oci::Digest& digest) {
  PORTOLAN_CHECK(call.backend.storage().metadata().RestoreManifest(name, digest, call.actor()));
  Audit(call, "manifest.restore", name, digest.text());
  return {};
}

// All that went at once when the package was deleted: its versions have one date of deletion.
Result<Words> RestorePackage(ApiCall& call, const oci::RepositoryName& name) {
  store::MetadataStore& metadata = call.backend.storage().metadata();
  if (metadata.DescribeRepository(name)) {
    return Fail(ErrorCode::kManifestUnknown, "the package is not deleted");
  }
  std::vector<store::VersionRow> deleted;
  store::Millis latest = 0;
  for (bool more = true; more;) {
    PORTOLAN_TRY(
        std::vector<store::VersionRow> rows,
        metadata.ListVersions(name, {.deleted = true, .offset = deleted.size(), .limit = kBatch}));
    more = rows.size() == kBatch;
    for (store::VersionRow& row : rows) {
      latest = std::max(latest, row.deleted.value_or(0));
      deleted.push_back(std::move(row));
    }
  }
  if (deleted.empty()) return Fail(ErrorCode::kNameUnknown, "there is no such package");
  for (const store::VersionRow& row : deleted) {
    if (row.deleted != latest) continue;
    const Status restored = Restore(call, name, row.manifest.digest);
    // What an index lists has come back with it.
    if (!restored && restored.error().code != ErrorCode::kManifestUnknown) {
      return restored.error();
    }
  }
  return Done();
}

Error Refusal() { return Fail(ErrorCode::kDenied, "Must have admin rights to the package."); }

Result<Words> OfVersion(ApiCall& call, const Target& target, const oci::RepositoryName& name,
                        const dialect::RepositoryFacts& repository) {
  PORTOLAN_TRY(const store::VersionRow version,
               call.backend.storage().metadata().FindVersion(name, target.version, kMostTags));
  if (call.method != "GET" && !repository.rights.admin) return Refusal();
  if (target.restore) {
    PORTOLAN_CHECK(Restore(call, name, version.manifest.digest));
    return Done();
  }
  if (version.deleted) return Fail(ErrorCode::kManifestUnknown, "this version is deleted");
  if (call.method == "DELETE") return DeleteVersion(call, name, repository, version);
  return packages::One(packages::VersionObject(Shown(version), target.package, target.owner));
}

Result<Words> OfPackage(ApiCall& call, const Target& target, const oci::RepositoryName& name) {
  FactReader facts = call.Facts();
  if (target.kind == Target::Kind::kPackage && target.restore) {
    const auth::ActionSet allowed = facts.Allowed(name);
    if (!allowed.Has(auth::Action::kPull)) return Fail(ErrorCode::kNameUnknown, "no package");
    if (!allowed.Has(auth::Action::kDelete)) return Refusal();
    return RestorePackage(call, name);
  }
  PORTOLAN_TRY(const dialect::RepositoryFacts repository, facts.Repository(name, false));
  if (target.kind == Target::Kind::kVersion) return OfVersion(call, target, name, repository);
  if (target.kind == Target::Kind::kVersions) {
    return ListVersions(call, target, name, repository.manifests);
  }
  if (call.method == "DELETE") {
    if (!repository.rights.admin) return Refusal();
    PORTOLAN_CHECK(DeleteRepository(call, name));
    return Done();
  }
  return packages::One(packages::PackageObject(repository, target.owner));
}

// The methods that a path has.
bool Knows(const Target& target, std::string_view method) {
  using Kind = Target::Kind;
  if (target.restore) return method == "POST";
  const bool deletes = target.kind == Kind::kPackage || target.kind == Kind::kVersion;
  return method == "GET" || (deletes && method == "DELETE");
}

class PackagesApi final : public ApiVendor {
 public:
  bool Takes(const http::Request& request) const override {
    const std::string_view path = request.url.Path();
    if (!path.starts_with("/orgs/") && !path.starts_with("/users/") &&
        !path.starts_with("/user/packages")) {
      return false;
    }
    const std::optional<std::vector<std::string>> parts = PathParts(path);
    if (!parts) return false;
    const std::size_t at = parts->front() == "user" ? 1 : 2;
    return parts->size() > at && (*parts)[at] == "packages";
  }

  Result<Words> Answer(ApiCall& call) override {
    if (call.refused) return packages::Message(401, "Bad credentials");
    if (!call.brought_credentials) return packages::Message(401, "Requires authentication");
    const Target target = TargetOf(call);
    if (target.kind == Target::Kind::kNothing || !Knows(target, call.method)) {
      return packages::Message(404, "Not Found");
    }
    if (target.kind == Target::Kind::kList) return ListPackages(call, target);
    const Result<oci::RepositoryName> name =
        oci::RepositoryName::Parse(target.owner.login + "/" + target.package);
    if (!name) return Fail(ErrorCode::kNameUnknown, name.error().message);
    return OfPackage(call, target, *name);
  }

  Words Failed(const Error& error) const override {
    switch (error.code) {
      case ErrorCode::kNameUnknown:
      case ErrorCode::kManifestUnknown:
        return packages::Message(404, "Package not found.");
      case ErrorCode::kDenied:
        return packages::Message(403, error.message);
      case ErrorCode::kProtocol:
      case ErrorCode::kTooLarge:
        return packages::Message(400, "Problems parsing JSON");
      case ErrorCode::kUnsupported:
        return packages::Message(405, error.message);
      default:
        return packages::Message(500, "Server Error");
    }
  }

  Words Limited(std::chrono::seconds wait, std::int64_t) const override {
    Words words = packages::Message(
        429, "You have exceeded a secondary rate limit. Please wait a few minutes.");
    words.fields.push_back({"Retry-After", std::to_string(wait.count())});
    return words;
  }
};

}  // namespace

std::unique_ptr<ApiVendor> NewPackagesApi() { return std::make_unique<PackagesApi>(); }

}  // namespace portolan::server
