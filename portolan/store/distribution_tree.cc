#include "portolan/store/distribution_tree.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "portolan/base/files.h"
#include "portolan/base/log.h"

namespace portolan::store {
namespace {

constexpr std::string_view kRepositories = "repositories";
constexpr std::size_t kMaxLink = 256;  // bytes; the longest digest has 135
constexpr int kMaxDepth = 128;         // components of a name of 255 characters

std::string LinkFolder(std::string_view folder, const oci::Digest& digest) {
  return fmt::format("{}/{}/{}", folder, digest.algorithm(), digest.encoded());
}

std::string BlobPath(const oci::Digest& digest) {
  return fmt::format("blobs/{}/{}/{}/data", digest.algorithm(), digest.encoded().substr(0, 2),
                     digest.encoded());
}

Result<std::string> ReadWhole(DiskFile& file, std::size_t max_size) {
  PORTOLAN_TRY(const std::uint64_t size, file.Size());
  if (size > max_size) {
    return Fail(ErrorCode::kTooLarge, fmt::format("has {} bytes, more than {}", size, max_size));
  }
  std::string content(size, '\0');
  PORTOLAN_TRY(const std::size_t got, file.ReadAt(0, content));
  content.resize(got);
  return content;
}

Result<oci::Digest> DigestIn(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return Fail(ErrorCode::kBlobUnknown, "is empty");
  auto digest = oci::Digest::Parse(text);
  if (digest) return digest;
  return Fail(ErrorCode::kBlobUnknown, fmt::format("holds \"{}\", no digest", Printable(text, 80)));
}

std::string RevisionsOf(const std::string& repository) {
  return fmt::format("{}/_manifests/revisions", repository);
}

std::string LayersOf(const std::string& repository) {
  return fmt::format("{}/_layers", repository);
}

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::binary_search(names, name);
}

}  // namespace

Result<DistributionTree> DistributionTree::Open(const std::string& root) {
  const std::array candidates = {JoinPath(root, "docker/registry/v2"), root};
  for (const std::string& candidate : candidates) {
    auto disk = NewSystemDisk(candidate);
    if (!disk) continue;
    PORTOLAN_TRY(const auto names, (*disk)->List(""));
    if (Holds(names, kRepositories)) return DistributionTree(*std::move(disk), candidate);
  }
  return Fail(ErrorCode::kConfigInvalid,
              fmt::format("{} is not the storage of a docker registry: there is no "
                          "docker/registry/v2/repositories in it",
                          root),
              "name the folder that the registry's configuration calls "
              "storage.filesystem.rootdirectory");
}

Status DistributionTree::ForEachRepository(
    const std::function<Status(const std::string& name)>& visit) const {
  return Walk("", visit);
}

// A repository's folder holds folders with an underscore; all others are further parts of names.
Status DistributionTree::Walk(const std::string& name,
                              const std::function<Status(const std::string& name)>& visit) const {
  const std::string folder =
      name.empty() ? std::string(kRepositories) : fmt::format("{}/{}", kRepositories, name);
  if (std::ranges::count(name, '/') > kMaxDepth) return {};
  PORTOLAN_TRY(const auto names, disk_->List(folder));
  if (Holds(names, "_manifests") || Holds(names, "_layers")) PORTOLAN_CHECK(visit(name));
  for (const std::string& part : names) {
    if (part.starts_with('_')) continue;
    PORTOLAN_CHECK(Walk(name.empty() ? part : fmt::format("{}/{}", name, part), visit));
  }
  return {};
}

Result<std::vector<DistributionTree::Link>> DistributionTree::Revisions(
    const std::string& repository) const {
  return DigestLinks(RevisionsOf(repository));
}

Result<std::vector<DistributionTree::Link>> DistributionTree::Layers(
    const std::string& repository) const {
  return DigestLinks(LayersOf(repository));
}

Result<std::vector<DistributionTree::Link>> DistributionTree::Tags(
    const std::string& repository) const {
  const std::string folder = fmt::format("{}/_manifests/tags", repository);
  PORTOLAN_TRY(const auto names, disk_->List(fmt::format("{}/{}", kRepositories, folder)));
  std::vector<Link> links;
  for (const std::string& name : names) {
    auto link = ReadLink(fmt::format("{}/{}/current", folder, name), name);
    if (link.has_value()) links.push_back(*std::move(link));
  }
  return links;
}

Result<std::vector<DistributionTree::Link>> DistributionTree::DigestLinks(
    const std::string& folder) const {
  std::vector<Link> links;
  PORTOLAN_TRY(const auto algorithms, disk_->List(fmt::format("{}/{}", kRepositories, folder)));
  for (const std::string& algorithm : algorithms) {
    const std::string below = fmt::format("{}/{}", folder, algorithm);
    PORTOLAN_TRY(const auto names, disk_->List(fmt::format("{}/{}", kRepositories, below)));
    for (const std::string& name : names) {
      auto link =
          ReadLink(fmt::format("{}/{}", below, name), fmt::format("{}:{}", algorithm, name));
      if (!link.has_value()) continue;
      if (link->digest && link->digest->algorithm() == algorithm &&
          link->digest->encoded() != name) {
        link->digest = Fail(ErrorCode::kBlobUnknown, fmt::format("holds {}", link->digest->text()));
      }
      links.push_back(*std::move(link));
    }
  }
  return links;
}

std::optional<DistributionTree::Link> DistributionTree::ReadLink(const std::string& folder,
                                                                 std::string name) const {
  const std::string path = fmt::format("{}/link", folder);
  const auto file = disk_->Open(fmt::format("{}/{}", kRepositories, path), false);
  if (!file && file.error().code == ErrorCode::kBlobUnknown) return std::nullopt;
  const auto read = [&]() -> Result<oci::Digest> {
    if (!file) return file.error();
    PORTOLAN_TRY(const std::string text, ReadWhole(**file, kMaxLink));
    return DigestIn(text);
  };
  return Link{.path = path, .name = std::move(name), .digest = read()};
}

bool DistributionTree::HasRevision(const std::string& repository, const oci::Digest& digest) const {
  return ReadLink(LinkFolder(RevisionsOf(repository), digest), "").has_value();
}

bool DistributionTree::HasLayer(const std::string& repository, const oci::Digest& digest) const {
  return ReadLink(LinkFolder(LayersOf(repository), digest), "").has_value();
}

oci::Digest DistributionTree::StoredAs(const std::string& repository,
                                       const oci::Digest& digest) const {
  const auto link = ReadLink(LinkFolder(LayersOf(repository), digest), "");
  const bool other =
      link.has_value() && link->digest && link->digest->algorithm() != digest.algorithm();
  return other ? *link->digest : digest;
}

Result<std::unique_ptr<DiskFile>> DistributionTree::OpenBlob(const oci::Digest& digest) const {
  auto file = disk_->Open(BlobPath(digest), false);
  if (!file && file.error().code == ErrorCode::kBlobUnknown) {
    return Fail(ErrorCode::kBlobUnknown, fmt::format("{} is missing", BlobPath(digest)));
  }
  return file;
}

Result<std::string> DistributionTree::ReadBlob(const oci::Digest& digest,
                                               std::size_t max_size) const {
  PORTOLAN_TRY(const auto file, OpenBlob(digest));
  Result<std::string> content = ReadWhole(*file, max_size);
  if (!content) content.error().message.insert(0, BlobPath(digest) + " ");
  return content;
}

std::string DistributionTree::PathOf(const oci::Digest& digest) const {
  return JoinPath(root_, BlobPath(digest));
}

}  // namespace portolan::store
