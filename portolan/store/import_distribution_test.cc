#include "portolan/store/import_distribution.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/store/fsck.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

// A registry's folder as distribution 2.8 and 3 write it, beside a storage.
class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    storage_ = *Storage::Open(folder_.Under("new"), {}, clock_, SystemRandom(), log_);
    std::filesystem::create_directories(folder_.Under("old/docker/registry/v2/repositories"));
  }

  static std::string PathOf(const oci::Digest& digest) {
    return std::string(digest.algorithm()) + "/" + std::string(digest.encoded());
  }
  void WriteOld(const std::string& path, std::string_view content) {
    folder_.Write("old/docker/registry/v2/" + path, content);
  }
  static std::string DataOf(std::string_view content) {
    const oci::Digest digest = Sha256Of(content);
    return "blobs/sha256/" + std::string(digest.encoded().substr(0, 2)) + "/" +
           std::string(digest.encoded()) + "/data";
  }
  void Data(std::string_view content) { WriteOld(DataOf(content), content); }
  void Blob(const std::string& repository, std::string_view content) {
    Data(content);
    WriteOld("repositories/" + repository + "/_layers/" + PathOf(Sha256Of(content)) + "/link",
             Sha256Of(content).text());
  }
  static std::string RevisionOf(const std::string& repository, std::string_view manifest) {
    return "repositories/" + repository + "/_manifests/revisions/" + PathOf(Sha256Of(manifest)) +
           "/link";
  }
  void Manifest(const std::string& repository, std::string_view manifest) {
    Data(manifest);
    WriteOld(RevisionOf(repository, manifest), Sha256Of(manifest).text());
  }
  void Tag(const std::string& repository, const std::string& tag, std::string_view manifest) {
    const std::string folder = "repositories/" + repository + "/_manifests/tags/" + tag;
    WriteOld(folder + "/current/link", Sha256Of(manifest).text());
    WriteOld(folder + "/index/" + PathOf(Sha256Of(manifest)) + "/link", Sha256Of(manifest).text());
  }
  // Config, layer, manifest and tag.
  std::string Image(const std::string& repository, const std::string& tag) {
    Blob(repository, "config");
    Blob(repository, large_);
    const std::string image = ImageManifest("config", {large_});
    Manifest(repository, image);
    Tag(repository, tag, image);
    return image;
  }
  // An index that lists a layer.
  std::string BuildCache(const std::string& repository) {
    Blob(repository, large_);
    std::string cache =
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)"
        R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":100000,"digest":")" +
        Sha256Of(large_).text() + R"("}]})";
    Manifest(repository, cache);
    Tag(repository, "buildcache", cache);
    return cache;
  }
  void Remove(const std::string& path) {
    ASSERT_TRUE(std::filesystem::remove(folder_.Under("old/docker/registry/v2/" + path))) << path;
  }

  ImportReport Take(const ImportOptions& options = {}) {
    problems_.clear();
    const auto report =
        ImportDistribution(*storage_, folder_.Under("old"), options, clock_,
                           {.on_problem =
                                [&](const ImportProblem& problem) {
                                  problems_.push_back(problem.what + ": " + problem.why);
                                },
                            .on_progress = {},
                            .stop = {}});
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problems, problems_.size());
    return report.value_or(ImportReport());
  }
  std::string Tagged(std::string_view repository, std::string_view tag) {
    const auto manifest =
        storage_->GetManifest(RepositoryNamed(repository), TagOf(tag), kPoolPatience);
    return manifest ? *manifest->content : manifest.error().message;
  }
  bool Has(std::string_view repository, std::string_view content) {
    const auto pulled = PullBlob(*storage_, repository, Sha256Of(content));
    return pulled && *pulled == content;
  }
  void ExpectSound() {
    const auto report = Fsck();
    EXPECT_EQ(report, std::vector<std::string>());
  }
  std::vector<std::string> Fsck();

  TemporaryFolder folder_;
  ManualClock clock_;
  MemoryLog log_;
  std::unique_ptr<Storage> storage_;
  const std::string large_ = RandomContent(100'000, 1);
  std::vector<std::string> problems_;
};

std::vector<std::string> ImportTest::Fsck() {
  std::vector<std::string> findings;
  const auto report =
      store::Fsck(*storage_, {}, [&](const Finding& finding) { findings.push_back(finding.what); });
  if (!report) findings.push_back(report.error().message);
  return findings;
}

TEST_F(ImportTest, TakesAnImage) {
  const std::string image = Image("library/app", "v1");
  const ImportReport report = Take();
  EXPECT_EQ(report.repositories, 1U);
  EXPECT_EQ(report.manifests, 1U);
  EXPECT_EQ(report.tags, 1U);
  EXPECT_EQ(report.blobs, 2U);
  EXPECT_EQ(report.bytes, 100'006U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  EXPECT_EQ(Tagged("library/app", "v1"), image);
  EXPECT_TRUE(Has("library/app", "config"));
  EXPECT_TRUE(Has("library/app", large_));
  const auto history =
      storage_->metadata().TagHistory(RepositoryNamed("library/app"), TagOf("v1"), 0, 10);
  ASSERT_EQ(history->size(), 1U);
  EXPECT_EQ(history->front().principal, "import");
  ExpectSound();
}

TEST_F(ImportTest, DoesNotCopyLargeFiles) {
  Image("a", "v1");
  Take();
  const auto row = storage_->StatBlob(RepositoryNamed("a"), Sha256Of(large_), kPoolPatience);
  struct stat old_file{};
  struct stat new_file{};
  ASSERT_EQ(::stat(folder_.Under("old/docker/registry/v2/" + DataOf(large_)).c_str(), &old_file),
            0);
  ASSERT_EQ(::stat(folder_.Under("new/blobs/" + row->object).c_str(), &new_file), 0);
  // A hard link, or on some file systems a reflink, which is a file of its own.
  EXPECT_TRUE(old_file.st_ino == new_file.st_ino || old_file.st_nlink == 1);
}

TEST_F(ImportTest, TakesTheFolderInsideAsWell) {
  Image("a", "v1");
  EXPECT_TRUE(
      ImportDistribution(*storage_, folder_.Under("old/docker/registry/v2"), {}, clock_, {}));
  EXPECT_TRUE(Has("a", large_));
  const auto wrong = ImportDistribution(*storage_, folder_.Under("new"), {}, clock_, {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kConfigInvalid);
}

TEST_F(ImportTest, AgainIsCheapAndChangesNothing) {
  Image("a", "v1");
  Take();
  std::filesystem::remove_all(folder_.Under("old/docker/registry/v2/blobs"));  // not even looked at
  const ImportReport report = Take();
  EXPECT_EQ(report.known, 1U);
  EXPECT_EQ(report.manifests + report.tags + report.blobs + report.problems, 0U);
}

TEST_F(ImportTest, GoesOnAfterAStop) {
  Image("a", "v1");
  Image("b", "v1");
  int asked = 0;
  const auto first = ImportDistribution(
      *storage_, folder_.Under("old"), {}, clock_,
      {.on_problem = {}, .on_progress = {}, .stop = [&] { return ++asked > 4; }});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->manifests, 1U);
  EXPECT_EQ(first->problems, 0U);
  const ImportReport second = Take();
  EXPECT_EQ(second.known, 1U);
  EXPECT_EQ(second.manifests, 1U);
}

TEST_F(ImportTest, BlobsOfOtherRepositoriesAreMounted) {
  Image("a", "v1");
  Image("b/c/d", "v2");
  const ImportReport report = Take();
  EXPECT_EQ(report.repositories, 2U);
  EXPECT_EQ(report.blobs, 4U);
  EXPECT_EQ(report.bytes, 100'006U);
  EXPECT_TRUE(Has("b/c/d", large_));
}

TEST_F(ImportTest, NestedRepositories) {
  Image("a", "v1");
  Image("a/b", "v1");
  EXPECT_EQ(Take().repositories, 2U);
  EXPECT_TRUE(Has("a/b", large_));
}

TEST_F(ImportTest, IndexesComeAfterWhatTheyList) {
  const std::string image = Image("a", "amd64");
  const std::string index = ImageIndex({image});
  // An index of indexes: one of the three orders of digests is surely the wrong one.
  const std::string outer = ImageIndex({index});
  const std::string outermost = ImageIndex({outer, image});
  for (const std::string& one : {index, outer, outermost}) Manifest("a", one);
  Tag("a", "latest", outermost);
  const ImportReport report = Take();
  EXPECT_EQ(report.manifests, 4U);
  EXPECT_EQ(report.tags, 2U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  EXPECT_EQ(Tagged("a", "latest"), outermost);
}

TEST_F(ImportTest, IndexWithoutOneOfItsManifests) {
  const std::string image = Image("a", "amd64");
  const std::string deleted = ImageManifest("other config", {});
  const std::string index = ImageIndex({image, deleted});
  Manifest("a", index);
  Tag("a", "latest", index);
  EXPECT_EQ(Take().manifests, 2U);
  ASSERT_EQ(problems_.size(), 1U);
  EXPECT_TRUE(problems_[0].ends_with("it is taken without")) << problems_[0];
  EXPECT_EQ(Tagged("a", "latest"), index);
  ExpectSound();
}

TEST_F(ImportTest, BuildCachesAreIndexesOfLayers) {
  const std::string cache = BuildCache("a");
  EXPECT_EQ(Take().blobs, 1U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  EXPECT_EQ(Tagged("a", "buildcache"), cache);
}

TEST_F(ImportTest, ALayerOfABuildCacheThatIsFoundLater) {
  const std::string cache = BuildCache("a");
  Remove(DataOf(large_));
  Take();
  EXPECT_EQ(Tagged("a", "buildcache"), cache);
  EXPECT_FALSE(Has("a", large_));
  Data(large_);  // found in a backup
  const ImportReport report = Take();
  EXPECT_EQ(report.blobs, 1U);
  EXPECT_EQ(report.known, 1U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  EXPECT_TRUE(Has("a", large_));
  EXPECT_TRUE(storage_->metadata().UnusedLinks({.linked_before = INT64_MAX}, 0, 0, 10)->empty());
  ExpectSound();
}

TEST_F(ImportTest, ManifestsThatDoNotSayWhatTheyAre) {
  Blob("a", "config");
  std::string image = ImageManifest("config", {});
  const std::string type = R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)";
  image.erase(image.find(type), type.size());
  Manifest("a", image);
  Tag("a", "v1", image);
  const std::string index = R"({"schemaVersion":2,"manifests":[]})";
  Manifest("a", index);
  Tag("a", "none", index);
  Take();
  EXPECT_EQ(problems_, std::vector<std::string>());
  const auto row = storage_->metadata().FindManifest(RepositoryNamed("a"), TagOf("v1"));
  EXPECT_EQ(row->media_type, oci::kImageManifestType);
  const auto other = storage_->metadata().FindManifest(RepositoryNamed("a"), TagOf("none"));
  EXPECT_EQ(other->media_type, oci::kImageIndexType);
}

TEST_F(ImportTest, Schema1IsToldAndSkipped) {
  Image("a", "v1");
  const std::string old = R"({"schemaVersion":1,"name":"a","tag":"ancient","signatures":[]})";
  Manifest("a", old);
  Tag("a", "ancient", old);
  EXPECT_EQ(Take().manifests, 1U);
  EXPECT_EQ(
      problems_,
      (std::vector<std::string>{
          "a@" + Sha256Of(old).text() + ": invalid manifest: Docker schema 1 is not supported",
          "a:ancient: it names " + Sha256Of(old).text() + ", which could not be taken"}));
}

TEST_F(ImportTest, EmptyLinksAreToldAndHealed) {
  const std::string image = Image("a", "v1");
  WriteOld(RevisionOf("a", image), "");
  const std::string layer = "repositories/a/_layers/" + PathOf(Sha256Of(large_)) + "/link";
  WriteOld(layer, "");
  Take();
  EXPECT_EQ(problems_, (std::vector<std::string>{RevisionOf("a", image).substr(13) + ": is empty",
                                                 layer.substr(13) + ": is empty"}));
  EXPECT_EQ(Tagged("a", "v1"), image);
  ExpectSound();
}

TEST_F(ImportTest, DamagedLinks) {
  const std::string image = Image("a", "v1");
  WriteOld("repositories/a/_manifests/tags/empty/current/link", "");
  WriteOld("repositories/a/_manifests/tags/garbage/current/link", "\x01garbage");
  WriteOld("repositories/a/_manifests/tags/-bad/current/link", Sha256Of(image).text());
  WriteOld("repositories/a/_manifests/tags/gone/current/link", Sha256Of("nothing").text());
  WriteOld("repositories/a/_manifests/revisions/sha256/abc/link", "sha256:abc");
  WriteOld(RevisionOf("a", "x"), Sha256Of("y").text());
  EXPECT_EQ(Take().tags, 1U);
  ASSERT_EQ(problems_.size(), 7U);
  EXPECT_EQ(problems_[1], "a/_manifests/tags/empty/current/link: is empty");
  EXPECT_EQ(problems_[2],
            "a/_manifests/tags/garbage/current/link: holds \"\\x01garbage\", no digest");
  EXPECT_EQ(problems_[6],
            "a:gone: it names " + Sha256Of("nothing").text() + ", which could not be taken");
}

TEST_F(ImportTest, DeletedManifestsAndBlobsDoNotComeBack) {
  Image("a", "v1");
  const std::string deleted = ImageManifest("config", {});
  Manifest("a", deleted);
  Remove(RevisionOf("a", deleted));  // as a DELETE does: the folder and the content stay
  EXPECT_EQ(Take().manifests, 1U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  EXPECT_FALSE(storage_->GetManifest(RepositoryNamed("a"), Sha256Of(deleted), kPoolPatience));
}

TEST_F(ImportTest, MissingBlob) {
  const std::string image = Image("a", "v1");
  Remove(DataOf(large_));
  const ImportReport report = Take();
  EXPECT_EQ(report.manifests, 0U);
  ASSERT_EQ(problems_.size(), 3U);
  EXPECT_EQ(problems_[0], "a@" + Sha256Of(image).text() + ": " + Sha256Of(large_).text() + ": " +
                              DataOf(large_) + " is missing");
  EXPECT_EQ(problems_[2],
            "a:v1: it names " + Sha256Of(image).text() + ", which could not be taken");
  Data(large_);  // found in a backup
  EXPECT_EQ(Take().manifests, 1U);
  EXPECT_EQ(Tagged("a", "v1"), image);
}

TEST_F(ImportTest, DamagedBlobIsNotTaken) {
  Image("a", "v1");
  WriteOld(DataOf(large_), RandomContent(100'000, 2));
  EXPECT_EQ(Take().manifests, 0U);
  EXPECT_TRUE(problems_[0].ends_with("its 100000 bytes have another digest: it is damaged"))
      << problems_[0];
  EXPECT_FALSE(Has("a", large_));
  EXPECT_EQ(Take({.verify = false}).manifests, 1U);  // whoever does not want to know
  EXPECT_EQ(Fsck().size(), 1U);
}

TEST_F(ImportTest, DamagedManifestIsNotTaken) {
  const std::string image = Image("a", "v1");
  WriteOld(DataOf(image), "{}");
  EXPECT_EQ(Take({.verify = false}).manifests, 0U);
  EXPECT_EQ(problems_.size(), 2U);
}

TEST_F(ImportTest, LayersThatAreElsewhereMayBeMissing) {
  Blob("a", "config");
  std::string image = ImageManifest("config", {large_});
  const std::string type = "application/vnd.oci.image.layer.v1.tar+gzip";
  image.replace(image.find(type), type.size(),
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
  Manifest("a", image);
  EXPECT_EQ(Take().manifests, 1U);
  EXPECT_EQ(problems_, std::vector<std::string>());
}

TEST_F(ImportTest, BlobUnderAnotherAlgorithm) {
  const oci::Digest sha512 = oci::DigestOf(oci::HashAlgorithm::kSha512, large_);
  Data(large_);
  WriteOld("repositories/a/_layers/" + PathOf(sha512) + "/link", Sha256Of(large_).text());
  Blob("a", "config");
  std::string image = ImageManifest("config", {large_});
  image.replace(image.find(Sha256Of(large_).text()), Sha256Of(large_).text().size(), sha512.text());
  Manifest("a", image);
  EXPECT_EQ(Take().manifests, 1U);
  EXPECT_EQ(problems_, std::vector<std::string>());
  const auto pulled = PullBlob(*storage_, "a", sha512);
  EXPECT_TRUE(pulled && *pulled == large_);
}

TEST_F(ImportTest, UnreferencedBlobsOnlyIfAsked) {
  Blob("a", large_);
  EXPECT_EQ(Take().blobs, 0U);
  EXPECT_EQ(Take({.unreferenced = true}).blobs, 1U);
  EXPECT_TRUE(Has("a", large_));
}

TEST_F(ImportTest, TagsThatMovedHereStay) {
  const std::string image = Image("a", "v1");
  Take();
  const std::string newer = ImageManifest("config", {});
  ASSERT_TRUE(PushManifest(*storage_, "a", newer, {TagOf("v1")},
                           {.principal = "alice", .now = clock_.WallNow()}));
  EXPECT_EQ(Take().tags, 0U);
  EXPECT_EQ(problems_, std::vector<std::string>{"a:v1: it names " + Sha256Of(newer).text() +
                                                " here already, and stays so; there it names " +
                                                Sha256Of(image).text()});
  EXPECT_EQ(Tagged("a", "v1"), newer);
}

TEST_F(ImportTest, NewTagsOfKnownManifests) {
  const std::string image = Image("a", "v1");
  Take();
  Tag("a", "v2", image);
  const ImportReport report = Take();
  EXPECT_EQ(report.tags, 1U);
  EXPECT_EQ(report.known, 1U);
  EXPECT_EQ(Tagged("a", "v2"), image);
}

TEST_F(ImportTest, NamesThatNobodyMayHave) {
  Image("Upper", "v1");
  EXPECT_EQ(Take().repositories, 0U);
  EXPECT_EQ(problems_.size(), 1U);
}

TEST_F(ImportTest, TellsItsProgress) {
  Image("a", "v1");
  Image("b", "v1");
  std::vector<std::string> seen;
  ASSERT_TRUE(
      ImportDistribution(*storage_, folder_.Under("old"), {}, clock_,
                         {.on_problem = {},
                          .on_progress =
                              [&](const std::string& repository, const ImportReport& report) {
                                seen.push_back(repository + " " + std::to_string(report.manifests));
                              },
                          .stop = {}}));
  EXPECT_EQ(seen, (std::vector<std::string>{"a 1", "b 2"}));
}

}  // namespace
}  // namespace portolan::store
