// GitHub's Packages API (api.github.com): versions of a container package are manifests.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/client/vendor_tags.h"
#include "portolan/wire/link.h"

namespace portolan::client {
namespace {

constexpr int kMaxPages = 20'000;

class GitHubTagSource final : public TagSource {
 public:
  GitHubTagSource(VendorApi api, oci::RepositoryName repository, Secret token)
      : api_(std::move(api)), repository_(std::move(repository)), token_(std::move(token)) {}

  std::string_view name() const override { return "github"; }
  bool deletes_manifests() const override { return true; }

  async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) override;
  async::Task<Status> Delete(const oci::Tag& tag) override;

 private:
  using Versions = std::vector<wire::PackageVersion>;

  async::Task<Result<VendorApi::Answer>> Send(std::string method, std::string target);
  // Gives the versions page by page until `sink` has enough (false).
  async::Task<Status> ForEachPage(std::function<bool(Versions)> sink);
  async::Task<Result<VendorApi::Answer>> FirstPage();
  Error Refused(const VendorApi::Answer& answer) const {
    return VendorError(answer,
                       fmt::format("versions of {} at {}", repository_.text(), api_.name()));
  }

  VendorApi api_;
  oci::RepositoryName repository_;
  Secret token_;
  std::string package_;  // `/orgs/o/packages/container/n`, once it is known
};

async::Task<Result<VendorApi::Answer>> GitHubTagSource::Send(std::string method,
                                                             std::string target) {
  if (token_.empty()) {
    co_return Fail(ErrorCode::kUnauthorized,
                   fmt::format("{} tells of packages only to those who show a token, also of "
                               "public ones",
                               api_.name()),
                   "set GITHUB_TOKEN to a classic token with read:packages, or log in to ghcr.io "
                   "with one");
  }
  co_return co_await api_.Send({.method = std::move(method),
                                .target = std::move(target),
                                .token = token_,
                                .json = {},
                                .headers = {{"Accept", "application/vnd.github+json"},
                                            {"X-GitHub-Api-Version", "2022-11-28"}}});
}

// The owner may be an organization or a user; only one of the addresses is there.
async::Task<Result<VendorApi::Answer>> GitHubTagSource::FirstPage() {
  const NameParts parts = PartsOf(repository_);
  for (const char* kind : {"orgs", "users"}) {
    package_ = fmt::format("/{}/{}/packages/container/{}", kind, parts.space, parts.name);
    PORTOLAN_CO_TRY(VendorApi::Answer answer,
                    co_await Send("GET", package_ + "/versions?per_page=100&state=active"));
    if (answer.status == 404 && kind == std::string_view("orgs")) continue;
    co_return answer;
  }
  co_return Fail(ErrorCode::kInternal, "no kind of owner is left");
}

async::Task<Status> GitHubTagSource::ForEachPage(std::function<bool(Versions)> sink) {
  std::set<std::string> asked;
  PORTOLAN_CO_TRY(VendorApi::Answer answer, co_await FirstPage());
  for (int number = 1; number <= kMaxPages; ++number) {
    if (answer.status != 200) co_return Refused(answer);
    PORTOLAN_CO_TRY(Versions versions, wire::ParsePackageVersions(answer.body));
    if (!sink(std::move(versions))) co_return Status();
    const auto links = answer.headers.GetAll("Link");
    const std::optional<std::string> next = wire::NextTarget(links);
    if (!next) co_return Status();
    PORTOLAN_CO_TRY(std::string target, api_.TargetOf(*next));
    if (!asked.insert(target).second) break;
    PORTOLAN_CO_TRY(answer, co_await Send("GET", std::move(target)));
  }
  co_return Fail(ErrorCode::kProtocol, fmt::format("the pages of {} do not end", api_.name()));
}

async::Task<Result<TagList>> GitHubTagSource::List(std::function<void(std::size_t tags)> on_tags) {
  TagCollector collector;
  bool too_many = false;
  PORTOLAN_CO_CHECK(co_await ForEachPage([&](Versions versions) {
    const std::size_t before = collector.size();
    for (const wire::PackageVersion& version : versions) {
      for (const std::string& tag : version.tags) {
        wire::VendorTag row;
        row.name = tag;
        row.digest = version.digest;
        row.pushed = version.created;
        too_many = too_many || !collector.Add(std::move(row));
      }
    }
    if (on_tags) on_tags(collector.size() - before);
    return !too_many;
  }));
  if (!too_many) co_return collector.Take();
  co_return Fail(ErrorCode::kTooLarge, fmt::format("{} has too many tags", repository_.text()));
}

async::Task<Status> GitHubTagSource::Delete(const oci::Tag& tag) {
  std::optional<wire::PackageVersion> found;
  PORTOLAN_CO_CHECK(co_await ForEachPage([&](Versions versions) {
    for (wire::PackageVersion& version : versions) {
      if (std::ranges::find(version.tags, tag.text()) == version.tags.end()) continue;
      found = std::move(version);
      return false;
    }
    return true;
  }));
  if (!found) {
    co_return Fail(ErrorCode::kManifestUnknown,
                   fmt::format("{} has no tag {}", repository_.text(), tag.text()));
  }
  if (found->tags.size() != 1) {
    std::erase(found->tags, tag.text());
    co_return Fail(
        ErrorCode::kUnsupported,
        fmt::format("GitHub deletes a version with all its tags, and that of {} also "
                    "has: {}",
                    tag.text(), Printable(fmt::format("{}", fmt::join(found->tags, ", ")), 1000)));
  }
  PORTOLAN_CO_TRY(const VendorApi::Answer answer,
                  co_await Send("DELETE", fmt::format("{}/versions/{}", package_, found->id)));
  if (answer.status >= 200 && answer.status < 300) co_return Status();
  co_return Refused(answer);
}

}  // namespace

std::unique_ptr<TagSource> NewGitHubTagSource(VendorApi api, oci::RepositoryName repository,
                                              Secret token) {
  return std::make_unique<GitHubTagSource>(std::move(api), std::move(repository), std::move(token));
}

}  // namespace portolan::client
