#include "portolan/server/seed_tags.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/oci/reference.h"

namespace portolan::server {
namespace {

using Seeds = std::map<std::string, std::vector<oci::Tag>>;  // by repository, in the lines' order

// Tags of one transaction: nobody who pushes at the same time waits for long.
constexpr std::size_t kTagsAtOnce = 500;

// Of a type that every client takes.
constexpr std::string_view kConfig =
    R"({"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}})";

Error InLine(std::size_t number, std::string_view line, std::string_view what) {
  return Fail(ErrorCode::kConfigInvalid, fmt::format("line {} of the tags to be made, \"{}\": {}",
                                                     number, Printable(line.substr(0, 80)), what));
}

Result<Seeds> ReadSeeds(std::string_view text) {
  Seeds seeds;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = TrimSpace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = line.find_first_of(" \t");
    if (space == std::string_view::npos) {
      return InLine(number, line, "expected a repository and a tag");
    }
    const auto repository = oci::RepositoryName::Parse(line.substr(0, space));
    if (!repository) return InLine(number, line, repository.error().message);
    auto tag = oci::Tag::Parse(TrimSpace(line.substr(space)));
    if (!tag) return InLine(number, line, tag.error().message);
    seeds[repository->text()].push_back(*std::move(tag));
  }
  return seeds;
}

Status Seed(store::Storage& storage, const oci::RepositoryName& repository,
            const std::vector<oci::Tag>& tags, const store::Actor& actor) {
  const oci::Digest config = oci::DigestOf(oci::HashAlgorithm::kSha256, kConfig);
  PORTOLAN_CHECK(
      storage.metadata().AddBlob(repository,
                                 {.digest = config,
                                  .size = kConfig.size(),
                                  .object = {},
                                  .content = std::make_shared<const std::string>(kConfig)},
                                 {}, actor));
  const std::string content = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"{}","size":{}}},"layers":[]}})",
      oci::kDockerManifestType, config.text(), kConfig.size());
  const oci::Digest digest = oci::DigestOf(oci::HashAlgorithm::kSha256, content);
  PORTOLAN_TRY(const oci::Manifest manifest,
               oci::Manifest::Parse(content, oci::kDockerManifestType));
  for (std::size_t begin = 0; begin < tags.size(); begin += kTagsAtOnce) {
    const std::size_t end = std::min(begin + kTagsAtOnce, tags.size());
    std::vector<oci::Tag> some;
    for (std::size_t i = begin; i < end; ++i) {
      const auto there = storage.metadata().FindManifest(repository, tags[i]);
      if (there) continue;
      const ErrorCode why = there.error().code;
      if (why != ErrorCode::kManifestUnknown && why != ErrorCode::kNameUnknown)
        return there.error();
      some.push_back(tags[i]);
    }
    if (some.empty()) continue;
    PORTOLAN_CHECK(storage.metadata().PutManifest({.repository = repository,
                                                   .digest = digest,
                                                   .manifest = manifest,
                                                   .content = content,
                                                   .tags = std::move(some)},
                                                  actor));
  }
  return {};
}

}  // namespace

Status SeedTags(store::Storage& storage, std::string_view text, const Clock& clock) {
  PORTOLAN_TRY(const Seeds seeds, ReadSeeds(text));
  const store::Actor actor{.principal = "seed", .now = clock.WallNow()};
  for (const auto& [name, tags] : seeds) {
    PORTOLAN_TRY(const oci::RepositoryName repository, oci::RepositoryName::Parse(name));
    PORTOLAN_CHECK(Seed(storage, repository, tags, actor));
  }
  return {};
}

}  // namespace portolan::server
