#include "portolan/store/testing/storage_fixture.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/oci/manifest.h"
#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/testing/faulty_metadata_store.h"

namespace portolan::store {
namespace {

std::string DescriptorOf(std::string_view type, std::string_view content) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type,
                     Sha256Of(content).text(), content.size());
}

}  // namespace

StorageFixture::StorageFixture() {
  options.inline_blob_size = 16;
  Open();
}

void StorageFixture::Open() {
  auto blobs = NewFileBlobStore(disk, random);
  auto rows = OpenSqliteMetadataStore(folder_.Under("metadata.db"), SqliteOptions());
  ASSERT_TRUE(blobs) << blobs.error().message;
  ASSERT_TRUE(rows) << rows.error().message;
  storage_ = Storage::Make(*std::move(blobs),
                           std::make_unique<FaultyMetadataStore>(*std::move(rows), plan), options,
                           clock, random, log);
}

void StorageFixture::Reopen() {
  storage_.reset();
  Open();
}

void StorageFixture::LosePower(FaultyDisk::Survival survival) {
  storage_.reset();
  disk.LosePower(survival, random);
  plan.Clear();
  Open();
}

oci::RepositoryName RepositoryNamed(std::string_view name) {
  return *oci::RepositoryName::Parse(name);
}
oci::Tag TagOf(std::string_view name) { return *oci::Tag::Parse(name); }
oci::Digest Sha256Of(std::string_view content) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, content);
}

std::string RandomContent(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  FixedRandom random(seed);
  random.Fill(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

Status Feed(UploadWriter& writer, std::string_view content, std::size_t piece) {
  while (!content.empty()) {
    const std::string_view now = content.substr(0, piece);
    writer.Hash(now);
    PORTOLAN_CHECK(writer.Append(now));
    content.remove_prefix(now.size());
  }
  return {};
}

Status PushBlob(Storage& storage, std::string_view repository, std::string_view content,
                const Actor& actor) {
  PORTOLAN_TRY(const auto writer,
               storage.WriteBlob(RepositoryNamed(repository), oci::HashAlgorithm::kSha256));
  PORTOLAN_CHECK(Feed(*writer, content));
  return writer->Finish(Sha256Of(content), actor);
}

Result<std::string> PullBlob(Storage& storage, std::string_view repository,
                             const oci::Digest& digest) {
  PORTOLAN_TRY(const OpenBlob blob,
               storage.GetBlob(RepositoryNamed(repository), digest, kPoolPatience));
  if (blob.content != nullptr) return *blob.content;
  std::string content(blob.size + 1, '\0');
  PORTOLAN_TRY(const std::size_t size, blob.file->ReadAt(0, content));
  content.resize(size);
  return content;
}

std::string ImageManifest(std::string_view config, const std::vector<std::string>& layers) {
  std::string list;
  for (const std::string& layer : layers) {
    if (!list.empty()) list += ',';
    list += DescriptorOf("application/vnd.oci.image.layer.v1.tar+gzip", layer);
  }
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})",
                     oci::kImageManifestType,
                     DescriptorOf("application/vnd.oci.image.config.v1+json", config), list);
}

std::string ImageIndex(const std::vector<std::string>& manifests) {
  std::string list;
  for (const std::string& manifest : manifests) {
    if (!list.empty()) list += ',';
    list += DescriptorOf(oci::kImageManifestType, manifest);
  }
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                     oci::kImageIndexType, list);
}

Status PushManifest(Storage& storage, std::string_view repository, std::string_view content,
                    const std::vector<oci::Tag>& tags, const Actor& actor) {
  PORTOLAN_TRY(const oci::Manifest manifest, oci::Manifest::Parse(content, ""));
  const oci::RepositoryName name = RepositoryNamed(repository);
  const oci::Digest digest = Sha256Of(content);
  PORTOLAN_CHECK(storage.metadata().PutManifest({.repository = name,
                                                 .digest = digest,
                                                 .manifest = manifest,
                                                 .content = content,
                                                 .tags = tags},
                                                actor));
  return {};
}

}  // namespace portolan::store
