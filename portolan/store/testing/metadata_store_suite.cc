#include "portolan/store/testing/metadata_store_suite.h"

#include <chrono>
#include <utility>

#include "portolan/oci/hasher.h"
#include "portolan/store/testing/metadata_store_parts.h"

namespace portolan::store {

oci::RepositoryName Repository(std::string_view name) {
  return oci::RepositoryName::Parse(name).value();
}

oci::Tag TagNamed(std::string_view name) { return oci::Tag::Parse(name).value(); }

oci::Digest DigestOfText(std::string_view content) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, content);
}

oci::Descriptor Describe(std::string_view media_type, const oci::Digest& digest) {
  return {.media_type = std::string(media_type),
          .digest = digest,
          .size = 7,
          .artifact_type = {},
          .annotations = {},
          .platform = std::nullopt,
          .has_urls = false};
}

TestManifest Image(const std::string& name, const std::vector<oci::Digest>& blobs) {
  TestManifest image{.digest = DigestOfText(name), .manifest = {}, .content = name};
  image.manifest.media_type = oci::kImageManifestType;
  for (const oci::Digest& blob : blobs) {
    if (!image.manifest.config) {
      image.manifest.config = Describe("application/vnd.oci.image.config.v1+json", blob);
    } else {
      image.manifest.layers.push_back(
          Describe("application/vnd.oci.image.layer.v1.tar+gzip", blob));
    }
  }
  return image;
}

TestManifest Index(const std::string& name, const std::vector<TestManifest>& children) {
  TestManifest index = Image(name);
  index.manifest.kind = oci::Manifest::Kind::kIndex;
  index.manifest.media_type = oci::kImageIndexType;
  for (const TestManifest& child : children) {
    index.manifest.manifests.push_back(Describe(child.manifest.media_type, child.digest));
  }
  return index;
}

TestManifest Referrer(const std::string& name, const oci::Digest& subject,
                      const std::string& artifact_type, oci::Annotations annotations) {
  TestManifest referrer = Image(name);
  referrer.manifest.subject = Describe(oci::kImageManifestType, subject);
  referrer.manifest.artifact_type = artifact_type;
  referrer.manifest.annotations = std::move(annotations);
  return referrer;
}

bool LinkMetadataStoreParts() {
  LinkManifestTests();
  LinkTagTests();
  LinkFactTests();
  LinkReferrerTests();
  LinkBlobTests();
  LinkUploadTests();
  LinkGarbageTests();
  LinkCheckTests();
  LinkThreadTests();
  return true;
}

MetadataStoreSuite::MetadataStoreSuite() { Reopen(); }

void MetadataStoreSuite::Reopen() {
  store_.reset();
  store_ = GetParam()(folder_.path()).value();
}

Actor MetadataStoreSuite::Now(const std::string& principal) {
  now_ += 1000;
  return {.principal = principal, .now = Clock::WallTime(std::chrono::milliseconds(now_))};
}

oci::Digest MetadataStoreSuite::AddBlob(std::string_view repository, const std::string& content) {
  const oci::Digest digest = DigestOfText(content);
  const BlobRow blob{
      .digest = digest, .size = content.size(), .object = "object of " + content, .content = {}};
  const auto added = store().AddBlob(Repository(repository), blob, {}, Now());
  EXPECT_TRUE(added) << added.error().message;
  return digest;
}

Status MetadataStoreSuite::Put(std::string_view repository, const TestManifest& manifest,
                               const std::vector<std::string>& tags) {
  return PutWith({}, repository, manifest, tags);
}

Status MetadataStoreSuite::PutWith(const Rights& rights, std::string_view repository,
                                   const TestManifest& manifest,
                                   const std::vector<std::string>& tags) {
  const oci::RepositoryName name = Repository(repository);
  NewManifest put{.repository = name,
                  .digest = manifest.digest,
                  .manifest = manifest.manifest,
                  .content = manifest.content,
                  .tags = {},
                  .may_create = rights.may_create,
                  .may_overwrite = rights.may_overwrite,
                  .allow_missing = rights.allow_missing};
  for (const std::string& tag : tags) put.tags.push_back(TagNamed(tag));
  PORTOLAN_TRY(outcomes_, store().PutManifest(put, Now()));
  return {};
}

Status MetadataStoreSuite::DeleteTag(std::string_view repository, std::string_view tag) {
  return store().DeleteTag(Repository(repository), TagNamed(tag), Now());
}

Status MetadataStoreSuite::DeleteManifest(std::string_view repository,
                                          const TestManifest& manifest) {
  return store().DeleteManifest(Repository(repository), manifest.digest, Now());
}

Result<ManifestRow> MetadataStoreSuite::Find(std::string_view repository, std::string_view tag) {
  return store().FindManifest(Repository(repository), TagNamed(tag));
}

Result<ManifestRow> MetadataStoreSuite::Find(std::string_view repository,
                                             const TestManifest& manifest) {
  return store().FindManifest(Repository(repository), manifest.digest);
}

std::vector<std::string> MetadataStoreSuite::Tags(std::string_view repository,
                                                  std::string_view last, std::size_t limit) {
  std::vector<std::string> tags;
  const Status listed = store().ListTags(Repository(repository), last, limit,
                                         [&](std::string_view tag) { tags.emplace_back(tag); });
  EXPECT_TRUE(listed) << listed.error().message;
  return tags;
}

std::vector<std::string> MetadataStoreSuite::Repositories(std::string_view last,
                                                          std::size_t limit) {
  std::vector<std::string> names;
  const Status listed = store().ListRepositories(
      last, limit, [&](std::string_view name) { names.emplace_back(name); });
  EXPECT_TRUE(listed) << listed.error().message;
  return names;
}

std::vector<TagEvent> MetadataStoreSuite::History(std::string_view repository,
                                                  const std::string& tag) {
  const std::optional<oci::Tag> wanted = tag.empty() ? std::nullopt : std::optional(TagNamed(tag));
  auto events = store().TagHistory(Repository(repository), wanted, 0, 1000);
  EXPECT_TRUE(events) << events.error().message;
  return events ? *std::move(events) : std::vector<TagEvent>();
}

GarbageTerms MetadataStoreSuite::Everything() const {
  return {.linked_before = now_ + 1, .deleted_before = now_ + 1, .untagged_before = std::nullopt};
}

GarbageTerms MetadataStoreSuite::EverythingUntagged() const {
  GarbageTerms terms = Everything();
  terms.untagged_before = now_ + 1;
  return terms;
}

std::vector<std::string> MetadataStoreSuite::Collect(const GarbageTerms& terms) {
  std::vector<std::string> collected;
  for (;;) {
    const auto unused = store().UnusedManifests(terms, 0, 100).value();
    std::vector<std::int64_t> ids;
    for (const UnusedManifest& manifest : unused) {
      ids.push_back(manifest.id);
      collected.push_back(manifest.digest.text());
    }
    if (ids.empty()) break;
    EXPECT_EQ(store().RemoveManifests(ids, terms).value(), ids);
  }
  const auto links = store().UnusedLinks(terms, 0, 0, 1000).value();
  EXPECT_EQ(store().RemoveLinks(links, terms).value(), links.size());
  return collected;
}

bool MetadataStoreSuite::BlobIsIn(std::string_view repository, const oci::Digest& digest) {
  return store().FindBlob(Repository(repository), digest).has_value();
}

}  // namespace portolan::store
