// What every MetadataStore must do, as tests that run over any implementation:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataStoreSuite, testing::Values(MetadataStoreMaker{…}));
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/metadata_store.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {

/// Opens the store that lies in `folder`, or makes it.
using MetadataStoreMaker =
    std::function<Result<std::unique_ptr<MetadataStore>>(const std::string& folder)>;

/// A manifest with its text, which is not JSON: a store never looks into it.
struct TestManifest {
  oci::Digest digest;
  oci::Manifest manifest;
  std::string content;
};

oci::RepositoryName Repository(std::string_view name);
oci::Tag TagNamed(std::string_view name);
/// The SHA-256 of `content`.
oci::Digest DigestOfText(std::string_view content);
oci::Descriptor Describe(std::string_view media_type, const oci::Digest& digest);
/// An image of a config and layers, or an index, or what refers to a subject. Different names give
/// different digests.
TestManifest Image(const std::string& name, const std::vector<oci::Digest>& blobs = {});
TestManifest Index(const std::string& name, const std::vector<TestManifest>& children);
TestManifest Referrer(const std::string& name, const oci::Digest& subject,
                      const std::string& artifact_type, oci::Annotations annotations = {});

class MetadataStoreSuite : public testing::TestWithParam<MetadataStoreMaker> {
 protected:
  MetadataStoreSuite();

  MetadataStore& store() { return *store_; }
  /// Ends the store and opens it again.
  void Reopen();

  /// Whoever acts, now. Every call is one second later.
  Actor Now(const std::string& principal = "ada");
  /// The time of the last Now.
  Millis now() const { return now_; }

  /// Stores the blob `content` as an object, in `repository`.
  oci::Digest AddBlob(std::string_view repository, const std::string& content);
  Status Put(std::string_view repository, const TestManifest& manifest,
             const std::vector<std::string>& tags = {});
  /// Put with what tests want otherwise than usual.
  struct Rights {
    bool may_create = true;
    bool may_overwrite = true;
    bool allow_missing = false;
  };
  Status PutWith(const Rights& rights, std::string_view repository, const TestManifest& manifest,
                 const std::vector<std::string>& tags = {});
  /// What the last Put that succeeded did to its tags.
  const std::vector<TagOutcome>& outcomes() const { return outcomes_; }
  Status DeleteTag(std::string_view repository, std::string_view tag);
  Status DeleteManifest(std::string_view repository, const TestManifest& manifest);

  Result<ManifestRow> Find(std::string_view repository, std::string_view tag);
  Result<ManifestRow> Find(std::string_view repository, const TestManifest& manifest);
  std::vector<std::string> Tags(std::string_view repository, std::string_view last = {},
                                std::size_t limit = 1000);
  std::vector<std::string> Repositories(std::string_view last = {}, std::size_t limit = 1000);
  std::vector<TagEvent> History(std::string_view repository, const std::string& tag = {});

  /// Terms under which everything that is old enough may go, and nothing untagged.
  GarbageTerms Everything() const;
  /// The same, and untagged manifests as well.
  GarbageTerms EverythingUntagged() const;
  /// Removes manifests and links under `terms` until there is nothing left to remove. Gives the
  /// digests of the manifests.
  std::vector<std::string> Collect(const GarbageTerms& terms);
  bool BlobIsIn(std::string_view repository, const oci::Digest& digest);

 private:
  TemporaryFolder folder_;
  std::unique_ptr<MetadataStore> store_;
  std::vector<TagOutcome> outcomes_;
  Millis now_ = 1'700'000'000'000;
};

/// Nobody calls a test: without a call into the files that they are in, the linker would leave them
/// in their archive.
bool LinkMetadataStoreParts();
inline const bool kMetadataStorePartsAreLinked = LinkMetadataStoreParts();

/// The code of a failure; empty for success.
template <typename T>
std::optional<ErrorCode> CodeOf(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

}  // namespace portolan::store
