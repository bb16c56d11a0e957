#include "portolan/server/repository_facts.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "portolan/oci/image_config.h"

namespace portolan::server {
namespace {

// Names that are read at a time.
constexpr std::size_t kBatch = 1'000;

std::uint64_t LayerBytes(const oci::Manifest& manifest) {
  return std::accumulate(
      manifest.layers.begin(), manifest.layers.end(), std::uint64_t{0},
      [](std::uint64_t sum, const oci::Descriptor& layer) { return sum + layer.size; });
}

// The size that stands for all images of an index.
std::uint64_t SizeOf(std::span<const dialect::ImageFacts> images) {
  if (images.empty()) return 0;
  for (const dialect::ImageFacts& image : images) {
    if (image.platform.os == "linux" && image.platform.architecture == "amd64") return image.size;
  }
  return images.front().size;
}

}  // namespace

SplitName Split(const oci::RepositoryName& repository) {
  const std::string_view text = repository.text();
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {.ns = text, .name = {}};
  return {.ns = text.substr(0, slash), .name = text.substr(slash + 1)};
}

FactReader::FactReader(store::Storage& storage, const auth::AccessRules& rules,
                       const auth::Identity& identity)
    : storage_(storage), rules_(rules), identity_(identity) {}

auth::ActionSet FactReader::Allowed(const oci::RepositoryName& repository) const {
  return rules_.Allowed(identity_, &repository);
}

Result<dialect::RepositoryFacts> FactReader::Repository(const oci::RepositoryName& repository,
                                                        bool with_bytes) {
  using auth::Action;
  const auth::ActionSet allowed = Allowed(repository);
  if (!allowed.Has(Action::kPull)) {
    return Fail(ErrorCode::kNameUnknown,
                fmt::format("there is no repository {}", repository.text()));
  }
  store::MetadataStore& metadata = storage_.metadata();
  PORTOLAN_TRY(const store::RepositoryRow row, metadata.DescribeRepository(repository));
  const SplitName split = Split(repository);
  dialect::RepositoryFacts facts{
      .id = row.id,
      .ns = std::string(split.ns),
      .name = std::string(split.name),
      .is_public = rules_.Allowed(auth::Identity{}, &repository).Has(Action::kPull),
      .manifests = row.manifests,
      .first = row.first,
      .last = row.last,
      .media_type = {},
      .rights = {.read = true,
                 .write = allowed.Has(Action::kCreate) || allowed.Has(Action::kOverwrite),
                 .admin = allowed.Has(Action::kDelete)}};
  PORTOLAN_TRY(
      const std::vector<store::TagRow> newest,
      metadata.DescribeTags(repository, {.order = store::TagQuery::Order::kNewest, .limit = 1}));
  if (!newest.empty()) facts.media_type = newest.front().manifest.media_type;
  if (with_bytes) {
    PORTOLAN_TRY(facts.bytes, metadata.CountBytes(repository));
  }
  return facts;
}

Result<std::vector<oci::RepositoryName>> FactReader::Repositories(std::string_view ns,
                                                                  std::string last,
                                                                  std::size_t limit) {
  const std::string prefix = ns.empty() ? std::string() : std::string(ns) + "/";
  if (last < prefix) last = prefix;
  std::vector<oci::RepositoryName> out;
  bool ended = false;
  for (std::size_t looked = 0; !ended && looked < kMostRepositories; looked += kBatch) {
    std::size_t seen = 0;
    PORTOLAN_CHECK(storage_.metadata().ListRepositories(last, kBatch, [&](std::string_view name) {
      ++seen;
      last = name;
      ended = ended || !name.starts_with(prefix) || out.size() >= limit;
      if (ended) return;
      Result<oci::RepositoryName> repository = oci::RepositoryName::Parse(name);
      if (!repository || !Allowed(*repository).Has(auth::Action::kPull)) return;
      out.push_back(*std::move(repository));
    }));
    ended = ended || seen < kBatch;
  }
  return out;
}

dialect::TagFacts FactReader::Tag(const oci::RepositoryName& repository, const store::TagRow& row,
                                  Depth depth) {
  return {.name = row.name,
          .id = row.place,
          .digest = row.manifest.digest,
          .media_type = row.manifest.media_type,
          .set = row.set,
          .pushed = row.pushed,
          .by = row.principal,
          .manifest = Manifest(repository, row.manifest.digest, depth)};
}

dialect::ManifestFacts FactReader::Manifest(const oci::RepositoryName& repository,
                                            const oci::Digest& digest, Depth depth) {
  const auto known = known_.find(digest.text());
  if (known != known_.end()) return known->second;
  dialect::ManifestFacts facts;
  if (const std::optional<oci::Manifest> manifest = Read(repository, digest)) {
    facts = manifest->kind == oci::Manifest::Kind::kIndex
                ? IndexOf(repository, *manifest, depth)
                : ImageOf(repository, digest, *manifest, depth);
  }
  return known_.emplace(digest.text(), std::move(facts)).first->second;
}

dialect::ManifestFacts FactReader::ImageOf(const oci::RepositoryName& repository,
                                           const oci::Digest& digest, const oci::Manifest& manifest,
                                           Depth depth) {
  dialect::ManifestFacts facts{.images = {}, .size = LayerBytes(manifest)};
  if (depth == Depth::kImages) {
    facts.images.push_back(
        {.digest = digest, .platform = PlatformOf(repository, manifest), .size = facts.size});
  }
  return facts;
}

dialect::ManifestFacts FactReader::IndexOf(const oci::RepositoryName& repository,
                                           const oci::Manifest& manifest, Depth depth) {
  dialect::ManifestFacts facts{.is_index = true, .images = {}};
  if (depth == Depth::kSize) return facts;
  for (const oci::Descriptor& child : manifest.manifests) {
    const std::optional<oci::Manifest> image = Read(repository, child.digest);
    if (!image && left_ == 0) break;
    dialect::ImageFacts one{.digest = child.digest, .platform = {}};
    if (child.platform) one.platform = *child.platform;
    if (image) {
      one.size = LayerBytes(*image);
      if (!child.platform) one.platform = PlatformOf(repository, *image);
    }
    facts.images.push_back(std::move(one));
  }
  facts.size = SizeOf(facts.images);
  return facts;
}

// Nothing where it is not there (any more), or enough was read.
std::optional<oci::Manifest> FactReader::Read(const oci::RepositoryName& repository,
                                              const oci::Digest& digest) {
  if (!Spend(kCostOfOne)) return std::nullopt;
  const Result<store::StoredManifest> stored = storage_.metadata().ReadManifest(repository, digest);
  if (!stored || !Spend(stored->content->size())) return std::nullopt;
  Result<oci::Manifest> manifest = oci::Manifest::Parse(*stored->content, stored->media_type);
  if (!manifest) return std::nullopt;
  return *std::move(manifest);
}

// An image says in its configuration what it runs on.
oci::Platform FactReader::PlatformOf(const oci::RepositoryName& repository,
                                     const oci::Manifest& manifest) {
  if (!manifest.config || !Spend(kCostOfOne)) return {};
  const Result<store::OpenBlob> blob =
      storage_.GetBlob(repository, manifest.config->digest, store::kPoolPatience);
  if (!blob || blob->size > oci::kMaxImageConfig || !Spend(blob->size)) return {};
  const Result<std::string> content = store::ReadWhole(*blob);
  if (!content) return {};
  return oci::PlatformOfConfig(*content).value_or(oci::Platform{});
}

bool FactReader::Spend(std::size_t bytes) {
  if (bytes > left_) {
    left_ = 0;
    return false;
  }
  left_ -= bytes;
  return true;
}

}  // namespace portolan::server
