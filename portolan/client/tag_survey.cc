#include "portolan/client/tag_survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "portolan/async/gather.h"
#include "portolan/client/image_reader.h"

namespace portolan::client {
namespace {

constexpr std::uint64_t kMaxSize = 1ULL << 50U;  // of an image, where a peer's numbers are added

// Whether every other request would fail in the same way.
bool StopsAll(ErrorCode code) {
  return code == ErrorCode::kCancelled || code == ErrorCode::kTooManyRequests ||
         code == ErrorCode::kHostUnknown || code == ErrorCode::kConnectFailed ||
         code == ErrorCode::kTlsFailed || code == ErrorCode::kTimeout;
}

// Registries that say nothing, or call everything JSON, leave it to the manifest.
bool MayBeIndex(std::string_view media_type) {
  return media_type == oci::kImageIndexType || media_type == oci::kDockerManifestListType ||
         media_type.empty() || media_type == "application/json";
}

// Everything that an index holds, whatever it is.
std::vector<TagImage> AllOf(const oci::Manifest& index) {
  std::vector<TagImage> all;
  for (const oci::Descriptor& entry : index.manifests) {
    all.push_back({.platform = entry.platform.value_or(oci::Platform()),
                   .digest = entry.digest,
                   .size = std::nullopt});
  }
  return all;
}

void Apply(const ImageDetails& details, TagInfo& row) {
  if (!details.media_type.empty()) row.media_type = details.media_type;
  if (details.size) row.size = details.size;
  if (details.created) row.created = details.created;
  if (details.platform) row.platform = details.platform;
  if (!details.images.empty()) row.images = details.images;
  if (details.failure) row.failure = details.failure;
}

// What a vendor's listing says of the images is enough for their size.
void ApplyImages(TagInfo& row, const PlatformWish& wish) {
  std::erase_if(row.images, [](const TagImage& image) { return !IsKnown(image.platform); });
  if (row.images.empty()) return;
  if (wish.all) {
    std::uint64_t size = 0;
    for (const TagImage& image : row.images) size += std::min(image.size.value_or(0), kMaxSize);
    row.size = size;
    return;
  }
  const TagImage* const chosen = ChooseImage(row.images, wish);
  row.size = chosen == nullptr ? std::nullopt : chosen->size;
  if (chosen != nullptr) row.platform = chosen->platform;
}

}  // namespace

async::Task<void> TagSurvey::Resolve(std::vector<TagInfo>& rows) {
  std::vector<TagInfo*> open;
  for (TagInfo& row : rows) {
    if (!row.digest && !row.failure) open.push_back(&row);
  }
  co_await async::ForEachParallel(open.size(), options_.parallel,
                                  [&](std::size_t index) { return ResolveOne(*open[index]); });
}

async::Task<void> TagSurvey::ResolveOne(TagInfo& row) {
  const Result<oci::Tag> tag = oci::Tag::Parse(row.tag);
  if (!tag) {
    row.failure = tag.error();
    co_return;
  }
  const RepositoryCache::SeenTag* const seen = cache_.FindTag(row.tag);
  const auto now = clock_.WallNow();
  if (seen != nullptr && options_.max_age.count() > 0 && seen->seen <= now &&
      now - seen->seen <= options_.max_age) {
    row.digest = seen->digest;
    row.media_type = seen->media_type;
    co_return;
  }
  if (stopped_) {
    row.failure = stopped_;
    co_return;
  }
  Result<repo::ManifestInfo> info = co_await Look(*tag);
  Tell(1);
  if (info) {
    row.digest = std::move(info->digest);
    row.media_type = std::move(info->media_type);
    cache_.KeepTag(row.tag, *row.digest, row.media_type);
    co_return;
  }
  if (info.error().code == ErrorCode::kManifestUnknown) cache_.ForgetTag(row.tag);
  if (StopsAll(info.error().code)) stopped_ = info.error();
  row.failure = std::move(info).error();
}

async::Task<Result<repo::ManifestInfo>> TagSurvey::Look(const oci::Tag& tag) {
  const RepositoryCache::SeenTag* const seen = cache_.FindTag(tag.text());
  const bool cached = seen != nullptr && cache_.Find(seen->digest) != nullptr;
  if (cached || !options_.read_ahead) co_return co_await repository_.FindManifest(tag);
  PORTOLAN_CO_TRY(const repo::ManifestContent content, co_await repository_.ReadManifest(tag));
  cache_.Keep(content.info.digest, content.info.media_type, content.text);
  co_return content.info;
}

async::Task<void> TagSurvey::Describe(std::vector<TagInfo>& rows) {
  // Tags that point to the same manifest share one answer.
  std::map<oci::Digest, std::vector<TagInfo*>> wanted;
  for (TagInfo& row : rows) {
    ApplyImages(row, options_.platform);
    if (row.digest && !row.failure) wanted[*row.digest].push_back(&row);
  }
  std::vector<std::pair<const oci::Digest, std::vector<TagInfo*>>*> jobs;
  for (auto& each : wanted) jobs.push_back(&each);
  ImageReader reader(repository_, cache_, log_, options_.from_cache_only);
  const auto describe = [&](std::size_t index) -> async::Task<void> {
    auto& [digest, sharers] = *jobs[index];
    Result<ImageDetails> details = stopped_ ? Result<ImageDetails>(*stopped_)
                                            : co_await reader.Describe(digest, options_.platform);
    Tell(sharers.size());
    if (details && details->failure && StopsAll(details->failure->code)) {
      stopped_ = details->failure;
    }
    if (!details && StopsAll(details.error().code)) stopped_ = details.error();
    for (TagInfo* const row : sharers) {
      if (details) Apply(*details, *row);
      if (!details && !options_.from_cache_only) row->failure = details.error();
    }
  };
  co_await async::ForEachParallel(jobs.size(), options_.parallel, describe);
}

async::Task<std::vector<TagMatch>> TagSurvey::Match(std::vector<TagInfo>& rows,
                                                    const oci::Digest& digest, bool thorough) {
  const bool is_index = std::ranges::any_of(rows, [&](const TagInfo& row) {
    return row.digest == digest && !row.media_type.empty() && MayBeIndex(row.media_type);
  });
  // Every index is read once, however many tags point to it.
  std::map<oci::Digest, std::vector<TagInfo*>> indexes;
  for (TagInfo& row : rows) {
    if (!row.digest || row.failure || *row.digest == digest) continue;
    if (is_index && !thorough) continue;
    if (row.images.empty() && MayBeIndex(row.media_type)) indexes[*row.digest].push_back(&row);
  }
  std::vector<std::pair<const oci::Digest, std::vector<TagInfo*>>*> jobs;
  for (auto& each : indexes) jobs.push_back(&each);
  ImageReader reader(repository_, cache_, log_, options_.from_cache_only);
  co_await async::ForEachParallel(
      jobs.size(), options_.parallel, [&](std::size_t index) -> async::Task<void> {
        auto& [at, sharers] = *jobs[index];
        Result<oci::Manifest> manifest =
            stopped_ ? Result<oci::Manifest>(*stopped_) : co_await reader.ReadManifest(at);
        Tell(sharers.size());
        if (!manifest && StopsAll(manifest.error().code)) stopped_ = manifest.error();
        for (TagInfo* const row : sharers) {
          if (manifest) row->images = AllOf(*manifest);
          const bool failed = !manifest && manifest.error().code != ErrorCode::kUnsupported;
          if (failed && !options_.from_cache_only) row->failure = manifest.error();
        }
      });
  std::vector<TagMatch> matches;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].digest == digest) {
      matches.push_back({.row = i, .contains = false, .platform = rows[i].platform});
      continue;
    }
    const auto held = std::ranges::find(rows[i].images, std::optional(digest), &TagImage::digest);
    if (held == rows[i].images.end()) continue;
    matches.push_back({.row = i, .contains = true, .platform = held->platform});
    if (!IsKnown(held->platform)) matches.back().platform.reset();
  }
  co_return matches;
}

}  // namespace portolan::client
