#include "portolan/dialect/packages_format.h"

#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "portolan/base/base64.h"
#include "portolan/base/url.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect::packages {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kWeb = "https://github.com";

std::string Date(std::int64_t millis) {
  return fmt::format("\"{:%Y-%m-%dT%H:%M:%SZ}\"",
                     fmt::gmtime(static_cast<std::time_t>(millis / 1000)));
}

std::string_view KindOf(const Owner& owner) {
  return owner.is_organization ? "Organization" : "User";
}

// `/orgs/octo-org/packages/container`.
std::string Folder(const Owner& owner) {
  return fmt::format("/{}/{}/packages/container", owner.is_organization ? "orgs" : "users",
                     owner.login);
}

std::string OwnerObject(const Owner& owner) {
  const std::int64_t id = NumberFor(owner.login);
  const std::string api = fmt::format("{}/users/{}", owner.base, owner.login);
  const std::string_view kind = KindOf(owner);
  return fmt::format(
      R"({{"login":{0},"id":{1},"node_id":{2},"avatar_url":"https://avatars.githubusercontent.com/u/{1}?v=4","gravatar_id":"","url":{3},"html_url":{4},"followers_url":"{5}/followers","following_url":"{5}/following{{/other_user}}","gists_url":"{5}/gists{{/gist_id}}","starred_url":"{5}/starred{{/owner}}{{/repo}}","subscriptions_url":"{5}/subscriptions","organizations_url":"{5}/orgs","repos_url":"{5}/repos","events_url":"{5}/events{{/privacy}}","received_events_url":"{5}/received_events","type":"{6}","site_admin":false}})",
      Quoted(owner.login), id, Quoted(Base64Encode(fmt::format("0{}:{}{}", kind.size(), kind, id))),
      Quoted(api), Quoted(fmt::format("{}/{}", kWeb, owner.login)), api, kind);
}

}  // namespace

std::string PackageObject(const RepositoryFacts& repository, const Owner& owner) {
  const std::string path = Folder(owner);
  const std::string name = PercentEncode(repository.name);
  return fmt::format(
      R"({{"id":{},"name":{},"package_type":"container","owner":{},"version_count":{},"visibility":"{}","url":{},"created_at":{},"updated_at":{},"html_url":{}}})",
      repository.id, Quoted(repository.name), OwnerObject(owner), repository.manifests,
      repository.is_public ? "public" : "private",
      Quoted(fmt::format("{}{}/{}", owner.base, path, name)), Date(repository.first),
      Date(repository.last), Quoted(fmt::format("{}{}/package/{}", kWeb, path, name)));
}

std::string VersionObject(const Version& version, std::string_view package, const Owner& owner) {
  const std::string path = Folder(owner);
  const std::string name = PercentEncode(package);
  std::string tags;
  for (const std::string& tag : version.tags) {
    if (!tags.empty()) tags += ',';
    tags += Quoted(tag);
  }
  std::string deleted;
  if (version.deleted) deleted = ",\"deleted_at\":" + Date(*version.deleted);
  return fmt::format(
      R"({{"id":{},"name":{},"url":{},"package_html_url":{},"created_at":{},"updated_at":{},"html_url":{}{},"metadata":{{"package_type":"container","container":{{"tags":[{}]}}}}}})",
      version.id, Quoted(version.digest.text()),
      Quoted(fmt::format("{}{}/{}/versions/{}", owner.base, path, name, version.id)),
      Quoted(fmt::format("{}{}/package/{}", kWeb, path, name)), Date(version.created),
      Date(version.updated), Quoted(fmt::format("{}{}/{}/{}", kWeb, path, name, version.id)),
      deleted, tags);
}

Words List(std::span<const std::string> objects) {
  std::string out;
  for (const std::string& object : objects) {
    if (!out.empty()) out += ',';
    out += object;
  }
  return {.status = 200, .body = "[" + out + "]", .content_type = kJson};
}

Words One(std::string object) {
  return {.status = 200, .body = std::move(object), .content_type = kJson};
}

Words Message(int status, std::string_view message) {
  return {
      .status = status,
      .body = fmt::format(
          R"({{"message":{},"documentation_url":"https://docs.github.com/rest/packages/packages"}})",
          Quoted(message)),
      .content_type = kJson};
}

std::string LinkOf(const PageOfMany& page, std::string_view url) {
  std::string out;
  const auto add = [&](std::int64_t number, std::string_view relation) {
    out += fmt::format("{}<{}{}>; rel=\"{}\"", out.empty() ? "" : ", ", url, number, relation);
  };
  if (page.page > 1) add(page.page - 1, "prev");
  if (page.more) add(page.page + 1, "next");
  if (page.more && page.last) add(*page.last, "last");
  if (page.page > 1) add(1, "first");
  return out;
}

}  // namespace portolan::dialect::packages
