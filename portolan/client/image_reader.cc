#include "portolan/client/image_reader.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/date.h"

namespace portolan::client {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxConfig = 16U << 20U;  // of an image; real ones have kilobytes
constexpr std::size_t kMaxImages = 1000;        // of an index that are looked at
constexpr int kMaxDepth = 3;                    // of indexes in indexes

bool IsSchema1(std::string_view media_type) {
  return media_type == oci::kDockerSchema1Type || media_type == oci::kDockerSignedSchema1Type;
}

bool IsImageConfig(std::string_view media_type) {
  return media_type == "application/vnd.oci.image.config.v1+json" ||
         media_type == "application/vnd.docker.container.image.v1+json";
}

// Sizes are a peer's numbers: their sum stops at the largest.
std::uint64_t Sum(std::uint64_t a, std::uint64_t b) {
  return b > std::numeric_limits<std::int64_t>::max() - a ? std::numeric_limits<std::int64_t>::max()
                                                          : a + b;
}

std::string Text(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  const json::string* const text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::optional<Clock::WallTime> CreatedOf(const oci::Annotations& annotations) {
  for (const auto& [name, value] : annotations) {
    if (name == "org.opencontainers.image.created") return ParseDate(value);
  }
  return std::nullopt;
}

// Those of an index that run somewhere.
std::vector<TagImage> ImagesOf(const oci::Manifest& index) {
  std::vector<TagImage> images;
  for (const oci::Descriptor& entry : index.manifests) {
    if (images.size() == kMaxImages) break;
    if (!entry.platform || !IsKnown(*entry.platform)) continue;
    images.push_back({.platform = *entry.platform, .digest = entry.digest, .size = std::nullopt});
  }
  return images;
}

}  // namespace

async::Task<Result<oci::Manifest>> ImageReader::ReadManifest(const oci::Digest& digest) {
  std::string media_type;
  std::string text;
  if (const RepositoryCache::Content* const cached = cache_.Find(digest)) {
    media_type = cached->media_type;
    text = cached->text;
  } else if (from_cache_only_) {
    co_return Fail(ErrorCode::kManifestUnknown, fmt::format("{} is not cached", digest.text()));
  } else {
    PORTOLAN_CO_TRY(repo::ManifestContent content, co_await repository_.ReadManifest(digest));
    cache_.Keep(digest, content.info.media_type, content.text);
    media_type = std::move(content.info.media_type);
    text = std::move(content.text);
  }
  if (IsSchema1(media_type)) {
    co_return Fail(ErrorCode::kUnsupported,
                   fmt::format("{} is a Docker schema 1 manifest", digest.text()));
  }
  Result<oci::Manifest> manifest = oci::Manifest::Parse(text, media_type);
  // Some registries call everything JSON; what it is, it may say itself.
  if (!manifest && !media_type.contains("manifest") && !media_type.contains("index")) {
    Result<oci::Manifest> own = oci::Manifest::Parse(text, {});
    if (own) co_return own;
  }
  if (!manifest) co_return Wrap(std::move(manifest).error(), digest.text());
  co_return manifest;
}

async::Task<Result<ImageDetails>> ImageReader::Describe(const oci::Digest& digest,
                                                        const PlatformWish& wish) {
  co_return co_await DescribeAt(digest, wish, 0);
}

async::Task<Result<ImageDetails>> ImageReader::DescribeAt(oci::Digest digest,
                                                          const PlatformWish& wish, int depth) {
  Result<oci::Manifest> manifest = co_await ReadManifest(digest);
  if (!manifest && manifest.error().code == ErrorCode::kUnsupported) co_return ImageDetails();
  if (!manifest) co_return std::move(manifest).error();
  switch (manifest->kind) {
    case oci::Manifest::Kind::kImage:
      co_return co_await DescribeImage(std::move(digest), *std::move(manifest));
    case oci::Manifest::Kind::kIndex:
      co_return co_await DescribeIndex(*std::move(manifest), wish, depth);
    case oci::Manifest::Kind::kOther:
      break;
  }
  ImageDetails details;
  details.media_type = std::move(manifest->media_type);
  details.created = CreatedOf(manifest->annotations);
  co_return details;
}

async::Task<ImageDetails> ImageReader::DescribeImage(oci::Digest digest, oci::Manifest manifest) {
  ImageDetails details;
  details.media_type = std::move(manifest.media_type);
  std::uint64_t size = 0;
  for (const oci::Descriptor& layer : manifest.layers) size = Sum(size, layer.size);
  if (manifest.config) size = Sum(size, manifest.config->size);
  details.size = size;
  if (manifest.config && IsImageConfig(manifest.config->media_type)) {
    const Status read = co_await ReadConfig(*manifest.config, details);
    if (!read && !from_cache_only_) details.failure = read.error();
  }
  if (!details.created) details.created = CreatedOf(manifest.annotations);
  if (details.platform) {
    details.images = {
        {.platform = *details.platform, .digest = std::move(digest), .size = details.size}};
  }
  co_return details;
}

async::Task<Status> ImageReader::ReadConfig(const oci::Descriptor& config, ImageDetails& details) {
  std::string text;
  if (const RepositoryCache::Content* const cached = cache_.Find(config.digest)) {
    text = cached->text;
  } else if (from_cache_only_) {
    co_return Fail(ErrorCode::kBlobUnknown, "not cached");
  } else {
    PORTOLAN_CO_TRY(text, co_await repository_.ReadBlob(config.digest, kMaxConfig));
    cache_.Keep(config.digest, config.media_type, text);
  }
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 32;
  const json::value value = json::parse(text, error, {}, options);
  const json::object* const object = error ? nullptr : value.if_object();
  if (object == nullptr) {
    // Nobody promised that it is one: an artifact may wear an image's media type.
    log_.Debug(fmt::format("the image configuration {} is no JSON object", config.digest.text()));
    co_return Status();
  }
  details.created = ParseDate(Text(*object, "created"));
  const oci::Platform platform{.os = Text(*object, "os"),
                               .architecture = Text(*object, "architecture"),
                               .variant = Text(*object, "variant")};
  if (IsKnown(platform)) details.platform = platform;
  co_return Status();
}

async::Task<ImageDetails> ImageReader::DescribeIndex(oci::Manifest index, const PlatformWish& wish,
                                                     int depth) {
  ImageDetails details;
  details.media_type = std::move(index.media_type);
  details.images = ImagesOf(index);
  if (depth == kMaxDepth) co_return details;
  if (wish.all) {
    const Status added = co_await AddAll(details);
    if (!added && !from_cache_only_) details.failure = added.error();
    co_return details;
  }
  const TagImage* const chosen = ChooseImage(details.images, wish);
  std::optional<oci::Digest> digest = chosen == nullptr ? std::nullopt : chosen->digest;
  // An index of one image need not say where it runs.
  if (details.images.empty() && index.manifests.size() == 1 && !index.manifests[0].platform) {
    digest = index.manifests[0].digest;
  }
  if (!digest) co_return details;
  Result<ImageDetails> image = co_await DescribeAt(*digest, wish, depth + 1);
  if (!image) {
    if (!from_cache_only_) details.failure = image.error();
    co_return details;
  }
  details.size = image->size;
  details.created = image->created;
  details.failure = std::move(image->failure);
  details.platform = chosen != nullptr ? chosen->platform : image->platform;
  if (details.images.empty()) details.images = std::move(image->images);
  co_return details;
}

// The size of all images together: what several of them share is stored once.
async::Task<Status> ImageReader::AddAll(ImageDetails& details) {
  std::set<oci::Digest> seen;
  std::uint64_t size = 0;
  for (TagImage& image : details.images) {
    PORTOLAN_CO_TRY(const oci::Manifest manifest, co_await ReadManifest(*image.digest));
    std::vector<oci::Descriptor> blobs = manifest.layers;
    if (manifest.config) blobs.push_back(*manifest.config);
    for (const oci::Descriptor& blob : blobs) {
      if (seen.insert(blob.digest).second) size = Sum(size, blob.size);
    }
    if (!manifest.config || !IsImageConfig(manifest.config->media_type)) continue;
    ImageDetails one;
    PORTOLAN_CO_CHECK(co_await ReadConfig(*manifest.config, one));
    details.created = std::max(details.created, one.created);  // absent is the least
  }
  if (!details.images.empty()) details.size = size;
  co_return Status();
}

}  // namespace portolan::client
