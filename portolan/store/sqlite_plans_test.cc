// How SQLite runs the store's statements: by search, so that none costs more when tables grow.
#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "portolan/store/sqlite_metadata_store.h"
#include "portolan/store/testing/metadata_store_suite.h"

namespace portolan::store {
namespace {

// One line a step, as EXPLAIN QUERY PLAN gives them.
std::vector<std::string> PlanOf(const std::string& path, const std::string& statement) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  std::vector<std::string> plan;
  const auto add = [](void* out, int, char** columns, char**) {
    static_cast<std::vector<std::string>*>(out)->emplace_back(columns[3]);
    return 0;
  };
  char* error = nullptr;
  sqlite3_exec(database, ("EXPLAIN QUERY PLAN " + statement).c_str(), add, &plan, &error);
  EXPECT_EQ(error, nullptr) << statement << ": " << error;
  sqlite3_free(error);
  sqlite3_close(database);
  return plan;
}

class SqlitePlans : public testing::Test {
 protected:
  SqlitePlans() { UseEverything(); }

  // Every operation once, so that every statement has been prepared.
  void UseEverything() {
    const auto store = SqliteMetadataStore::Open(path_, {}).value();
    const oci::RepositoryName a = Repository("a");
    const Actor actor{.principal = {}, .now = Clock::WallTime(std::chrono::seconds(1))};
    const auto blob = [&](const std::string& text) {
      return BlobRow{.digest = DigestOfText(text), .size = 1, .object = text, .content = {}};
    };
    const auto put = [&](const TestManifest& manifest, bool allow_missing) {
      EXPECT_TRUE(store->PutManifest({.repository = a,
                                      .digest = manifest.digest,
                                      .manifest = manifest.manifest,
                                      .content = manifest.content,
                                      .tags = {TagNamed("t")},
                                      .allow_missing = allow_missing},
                                     actor));
    };
    for (const char* const text : {"config", "unused", "removed"}) {
      EXPECT_TRUE(store->AddBlob(a, blob(text), "upload", actor));
    }
    const TestManifest image = Image("image", {DigestOfText("config")});
    put(image, false);
    const TestManifest index = Index("index", {image});
    put(index, false);
    put(Image("sparse", {DigestOfText("missing")}), true);
    const UploadRow upload{
        .id = "u", .repository = a, .principal = {}, .hash_state = {}, .content = {}};
    EXPECT_TRUE(store->AddUpload(upload));
    EXPECT_FALSE(store->AdvanceUpload(upload, 5));
    EXPECT_TRUE(store->FindUpload("u"));
    EXPECT_TRUE(store->StaleUploads(1, 1));
    EXPECT_TRUE(store->RemoveUpload("u"));
    Read(*store, image);
    EXPECT_TRUE(store->MountBlob(a, Repository("b"), DigestOfText("config"), actor));
    EXPECT_TRUE(store->RemoveBlob(a, DigestOfText("removed")));
    EXPECT_TRUE(store->DropBlob(DigestOfText("config")));
    EXPECT_TRUE(store->RestoreTag(a, TagNamed("t"), {}, true, true, actor));
    EXPECT_TRUE(store->DeleteManifest(a, image.digest, actor));
    EXPECT_TRUE(store->DeleteManifest(a, index.digest, actor));
    EXPECT_TRUE(store->RestoreManifest(a, index.digest, actor));
    EXPECT_TRUE(store->RestoreTag(a, TagNamed("t"), index.digest, true, true, actor));
    EXPECT_TRUE(store->DeleteTag(a, TagNamed("t"), actor));
    DeleteManyTags(*store, a, actor);
    EXPECT_TRUE(store->DeleteManifest(a, index.digest, actor));
    Collect(*store);
    prepared_ = store->PreparedForTest();
  }

  static void DeleteManyTags(MetadataStore& store, const oci::RepositoryName& repository,
                             const Actor& actor) {
    const TestManifest image = Image("of many tags");
    std::vector<oci::Tag> tags;
    for (int i = 0; i < 1001; ++i) tags.push_back(TagNamed("t" + std::to_string(i)));
    EXPECT_TRUE(store.PutManifest({.repository = repository,
                                   .digest = image.digest,
                                   .manifest = image.manifest,
                                   .content = image.content,
                                   .tags = tags},
                                  actor));
    EXPECT_TRUE(store.DeleteManifest(repository, image.digest, actor));
  }

  static void Read(MetadataStore& store, const TestManifest& image) {
    const oci::RepositoryName a = Repository("a");
    EXPECT_TRUE(store.FindManifest(a, TagNamed("t")));
    EXPECT_TRUE(store.FindManifest(a, image.digest));
    EXPECT_TRUE(store.ReadManifest(a, image.digest));
    EXPECT_TRUE(store.ListTags(a, "", 1, [](std::string_view) {}));
    EXPECT_TRUE(store.ListTagsByPlace(a, 0, 1, [](std::string_view, std::int64_t) {}));
    EXPECT_TRUE(store.FindTagPlace(a, "t"));
    EXPECT_TRUE(store.ListRepositories("", 1, [](std::string_view) {}));
    for (const char* const type : {"", "x"}) {
      EXPECT_TRUE(store.ListReferrers(a, image.digest, type, 0, 1,
                                      [](std::int64_t, const oci::Descriptor&) { return true; }));
    }
    EXPECT_TRUE(store.TagHistory(a, TagNamed("t"), 0, 1));
    EXPECT_TRUE(store.TagHistory(a, std::nullopt, 0, 1));
    using Order = TagQuery::Order;
    for (const Order order : {Order::kName, Order::kNameDown, Order::kNewest, Order::kOldest}) {
      EXPECT_TRUE(store.DescribeTags(a, {.order = order, .limit = 1}));
    }
    EXPECT_TRUE(store.CountTags(a, ""));
    for (const char* const tag : {"", "t"}) {
      EXPECT_TRUE(store.TagLives(a, {.tag = tag, .limit = 1}));
    }
    EXPECT_TRUE(store.DescribeRepository(a));
    EXPECT_TRUE(store.CountBytes(a));
    const std::int64_t version = store.ListVersions(a, {.limit = 1, .tags = 1}).value().front().id;
    EXPECT_TRUE(store.ListVersions(a, {.deleted = true, .limit = 1}));
    EXPECT_TRUE(store.FindVersion(a, version, 1));
    EXPECT_TRUE(store.HasTagBeside(a, version));
    EXPECT_TRUE(store.FindBlob(a, DigestOfText("config")));
    EXPECT_TRUE(store.RepositoriesWithBlob(DigestOfText("config"), 1));
    EXPECT_TRUE(store.ForEachBlob([](const BlobRow&) { return Status(); }));
    EXPECT_TRUE(store.ForEachManifest([](const auto&, const auto&) { return Status(); }));
    EXPECT_TRUE(store.DanglingReferences(10));
    EXPECT_TRUE(store.CheckStructure());
    EXPECT_TRUE(store.Count());
  }

  static void Collect(MetadataStore& store) {
    GarbageTerms terms{.linked_before = 1'000'000, .deleted_before = 1'000'000};
    EXPECT_TRUE(store.UnusedManifests(terms, 0, 10));
    terms.untagged_before = 1'000'000;
    std::vector<std::int64_t> ids;
    for (const auto& manifest : store.UnusedManifests(terms, 0, 10).value()) {
      ids.push_back(manifest.id);
    }
    EXPECT_FALSE(store.RemoveManifests(ids, terms)->empty());
    EXPECT_NE(store.RemoveLinks(store.UnusedLinks(terms, 0, 0, 10).value(), terms).value(), 0U);
    EXPECT_TRUE(store.ForgetBlobs(store.DoomedBlobs(10).value()));
    EXPECT_TRUE(store.ForgetHistory(1, 1));
    EXPECT_EQ(store.RemoveEmptyRepositories().value(), 1U);  // b
  }

  // The plan of the one statement that begins so and contains `part`.
  std::vector<std::string> PlanOfStatement(std::string_view begin, std::string_view part) {
    std::set<std::string> found;
    for (const std::string& text : prepared_) {
      if (text.starts_with(begin) && text.find(part) != std::string::npos) found.insert(text);
    }
    EXPECT_EQ(found.size(), 1U) << begin << " … " << part;
    return found.empty() ? std::vector<std::string>() : PlanOf(path_, *found.begin());
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.Under("metadata.db");
  std::vector<std::string> prepared_;
};

using Plan = std::vector<std::string>;

// Statements that read whole tables, each for a check or a count; named by their beginnings.
constexpr std::array kMayScan{
    std::string_view("SELECT 'repository ' || name || ' counts "),
    std::string_view("SELECT 'tag ' || t.name"),
    std::string_view("SELECT 'the link of repository "),
    std::string_view("SELECT 'blob ' || id"),
    std::string_view("SELECT 'row '"),
    std::string_view("SELECT integrity_check"),
    std::string_view("SELECT r.name, m.digest, b.digest FROM manifest_blob"),
    std::string_view("SELECT r.name, m.digest, c.child FROM manifest_child"),
    std::string_view("SELECT 'the totals are wrong'"),
    std::string_view("SELECT 1 FROM sqlite_schema"),
    std::string_view("SELECT 1 FROM doomed_tags LIMIT 1"),
    // In the order of the one table's key, from its beginning, up to a limit.
    std::string_view("SELECT id, digest, object, size FROM doomed_blob"),
    std::string_view("SELECT d.manifest_id, m.repository_id, m.digest"),
};

TEST_F(SqlitePlans, NoStatementScansOrSorts) {
  EXPECT_GT(prepared_.size(), 60U);
  for (const std::string& text : prepared_) {
    if (std::ranges::any_of(kMayScan, [&](auto begin) { return text.starts_with(begin); })) {
      continue;
    }
    for (const std::string& step : PlanOf(path_, text)) {
      EXPECT_FALSE(step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW")
          << text << ": " << step;
      EXPECT_FALSE(step.starts_with("USE TEMP B-TREE")) << text << ": " << step;
    }
  }
}

TEST_F(SqlitePlans, ManifestByTag) {
  EXPECT_EQ(PlanOfStatement("SELECT m.digest, m.media_type, m.size", "t.name = ?2"),
            (Plan{"SEARCH r USING COVERING INDEX sqlite_autoindex_repository_1 (name=?)",
                  "SEARCH t USING PRIMARY KEY (repository_id=? AND name=?)",
                  "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)"}));
}

TEST_F(SqlitePlans, ManifestByDigest) {
  const Plan expected{
      "SEARCH r USING COVERING INDEX sqlite_autoindex_repository_1 (name=?)",
      "SEARCH m USING INDEX sqlite_autoindex_manifest_1 (repository_id=? AND digest=?)"};
  EXPECT_EQ(PlanOfStatement("SELECT m.media_type, m.size", ""), expected);
}

TEST_F(SqlitePlans, PageOfTags) {
  EXPECT_EQ(PlanOfStatement("SELECT t.name FROM tag t", ""),
            (Plan{"SEARCH t USING PRIMARY KEY (repository_id=? AND name>?)", "SCALAR SUBQUERY 1",
                  "SEARCH repository USING COVERING INDEX sqlite_autoindex_repository_1"
                  " (name=?)",
                  "CORRELATED SCALAR SUBQUERY 2", "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"}));
}

TEST_F(SqlitePlans, PageOfRepositories) {
  EXPECT_EQ(PlanOfStatement("SELECT name FROM repository", ""),
            (Plan{"SEARCH repository USING INDEX repository_listed (name>?)"}));
}

TEST_F(SqlitePlans, PageOfReferrers) {
  EXPECT_EQ(PlanOfStatement("SELECT m.id, m.media_type", "m.id > ?3 ORDER BY").front(),
            "SEARCH m USING INDEX manifest_by_subject (repository_id=? AND subject=? AND rowid>?)");
  EXPECT_EQ(PlanOfStatement("SELECT m.id, m.media_type", "m.artifact_type = ?5").front(),
            "SEARCH m USING INDEX manifest_by_subject_and_type"
            " (repository_id=? AND subject=? AND artifact_type=? AND rowid>?)");
}

TEST_F(SqlitePlans, Blobs) {
  EXPECT_EQ(
      PlanOfStatement("SELECT b.size, b.object", ""),
      (Plan{"SEARCH b USING INDEX sqlite_autoindex_blob_1 (digest=?)",
            "SEARCH l USING PRIMARY KEY (repository_id=? AND blob_id=?)", "SCALAR SUBQUERY 1",
            "SEARCH repository USING COVERING INDEX sqlite_autoindex_repository_1 (name=?)"}));
  EXPECT_EQ(PlanOfStatement("SELECT r.name FROM blob b", ""),
            (Plan{"SEARCH b USING COVERING INDEX sqlite_autoindex_blob_1 (digest=?)",
                  "SEARCH l USING COVERING INDEX repository_blob_by_blob (blob_id=?)",
                  "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)"}));
}

TEST_F(SqlitePlans, History) {
  EXPECT_EQ(PlanOfStatement("SELECT e.id, e.tag", "e.tag = ?4").front(),
            "SEARCH e USING INDEX tag_event_by_tag (repository_id=? AND tag=? AND rowid<?)");
  EXPECT_EQ(PlanOfStatement("SELECT e.id, e.tag", "?1 AND e.id < ?2").front(),
            "SEARCH e USING INDEX tag_event_by_repository (repository_id=? AND rowid<?)");
}

TEST_F(SqlitePlans, Collection) {
  EXPECT_EQ(PlanOfStatement("SELECT l.repository_id", "").front(),
            "SEARCH l USING INDEX repository_blob_unneeded ((repository_id,blob_id)>(?,?))");
  EXPECT_EQ(PlanOfStatement("SELECT m.id, r.name", "AND m.deleted IS NOT NULL").front(),
            "SEARCH m USING INDEX manifest_deleted (id>? AND id<?)");
  EXPECT_EQ(PlanOfStatement("SELECT m.id, r.name", "e.happened >= ?1) AND m.id > ?3").front(),
            "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
}

}  // namespace
}  // namespace portolan::store
