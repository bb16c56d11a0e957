#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"
#include "portolan/cli/testing/image_registry.h"

namespace portolan::cli {
namespace {

class TagsTest : public testing::Test {
 protected:
  TagsTest() {
    first_ = registry_.Push("1.9", "2023-03-01T10:00:00Z", 1000);
    second_ = registry_.Push("1.10", "2023-03-20T10:00:00Z", 5000);
    registry_.tags["latest"] = second_;
  }

  Status Run(std::vector<std::string> arguments) {
    fixture_.terminal.out.clear();
    arguments.insert(arguments.begin(), "reg.example/a/b");
    return fixture_.Run(NewTagsCommand(), std::move(arguments));
  }
  // The tags printed, each with a space after it.
  std::string TagsOf(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "ndjson"});
    const Status status = Run(std::move(arguments));
    EXPECT_TRUE(status) << status.error().message;
    std::string tags;
    const std::string& out = fixture_.terminal.out;
    for (std::size_t at = 0; (at = out.find("\"tag\":\"", at)) != std::string::npos;) {
      at += 7;
      tags += out.substr(at, out.find('"', at) - at) + " ";
    }
    return tags;
  }
  // Requests since the last call, by method.
  std::size_t Count(std::string_view method) {
    std::size_t count = 0;
    const auto& seen = fixture_.service.seen();
    for (std::size_t i = asked_; i < seen.size(); ++i) count += seen[i].method == method ? 1 : 0;
    return count;
  }
  void ForgetRequests() { asked_ = fixture_.service.seen().size(); }

  ImageRegistry registry_;
  CommandFixture fixture_{std::ref(registry_)};
  std::size_t asked_ = 0;
  std::string first_;
  std::string second_;
};

TEST_F(TagsTest, ATableForProgramsHasEverythingWhole) {
  ASSERT_TRUE(Run({}));
  EXPECT_TRUE(fixture_.terminal.out.starts_with("TAG     DIGEST"));
  EXPECT_TRUE(fixture_.terminal.out.contains("latest  " + second_ + "  "));
  EXPECT_TRUE(fixture_.terminal.out.contains("2023-03-20T10:00:00Z  -       linux/amd64\n"))
      << fixture_.terminal.out;
  const std::string before = fixture_.terminal.out;
  fixture_.clock.Advance(std::chrono::hours(10'000));
  ASSERT_TRUE(Run({}));
  EXPECT_EQ(fixture_.terminal.out, before);
}

TEST_F(TagsTest, ATableForPeopleIsShort) {
  fixture_.terminal.terminal = true;
  ASSERT_TRUE(Run({}));
  EXPECT_TRUE(
      fixture_.terminal.out.contains("latest  " + second_.substr(0, 19) + "  5.1 kB  7 days ago"))
      << fixture_.terminal.out;
  EXPECT_FALSE(fixture_.terminal.out.contains("PUSHED"));
}

TEST_F(TagsTest, JsonHasEveryMember) {
  ASSERT_TRUE(Run({"-o", "json", "--limit", "1"}));
  EXPECT_EQ(fixture_.terminal.out,
            "{\"repository\":\"reg.example/a/b\",\"source\":\"v2\",\"tags\":[\n"
            "  {\"tag\":\"1.9\",\"digest\":\"" +
                first_ +
                "\",\"media_type\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":1070,"
                "\"created\":\"2023-03-01T10:00:00Z\",\"pushed\":null,\"platform\":\"linux/amd64\","
                "\"platforms\":[{\"platform\":\"linux/amd64\",\"digest\":\"" +
                first_ + "\"}]}\n]}\n");
}

TEST_F(TagsTest, OrdersAndFilters) {
  EXPECT_EQ(TagsOf({}), "1.9 1.10 latest ");
  EXPECT_EQ(TagsOf({"--sort", "created"}), "1.10 latest 1.9 ");
  EXPECT_EQ(TagsOf({"--sort", "size", "--reverse"}), "1.9 1.10 latest ");
  EXPECT_EQ(TagsOf({"--semver", "^1", "--sort", "semver", "--reverse"}), "1.10 1.9 ");
  EXPECT_EQ(TagsOf({"--match", "1.*", "--exclude", "*.9"}), "1.10 ");
  EXPECT_EQ(TagsOf({"--since", "2023-03-10"}), "1.10 latest ");
  EXPECT_EQ(TagsOf({"--since", "14d", "--limit", "1"}), "1.10 ");
  EXPECT_EQ(TagsOf({"--digest-of", "latest"}), "1.10 latest ");
  EXPECT_EQ(TagsOf({"--digest-of", first_}), "1.9 ");
  EXPECT_EQ(TagsOf({"--platform", "linux/arm64"}), "");
}

TEST_F(TagsTest, AnImageOfAnIndexIsTheOneOfThePlatform) {
  const std::string arm = registry_.Push("", "2023-03-22T10:00:00Z", 70'000, "arm64");
  const std::string windows = registry_.Push("", "2023-03-21T10:00:00Z", 6'000, "s390x");
  const std::string proof = registry_.Push("", "2023-03-21T10:00:00Z", 9, "unknown");
  registry_.PushIndex("multi", {windows + " s390x", arm + " arm64", proof + " unknown"});
  ASSERT_TRUE(Run({"--match", "multi", "--platform", "linux/arm64", "-o", "ndjson"}));
  EXPECT_TRUE(fixture_.terminal.out.contains(R"("size":70070,"created":"2023-03-22T10:00:00Z")"))
      << fixture_.terminal.out;
  EXPECT_TRUE(fixture_.terminal.out.contains(
      R"("platform":"linux/arm64","platforms":[{"platform":"linux/s390x")"));
  EXPECT_FALSE(fixture_.terminal.out.contains("unknown"));
  ASSERT_TRUE(Run({"--match", "multi", "--platform", "all", "-o", "ndjson"}));
  EXPECT_TRUE(fixture_.terminal.out.contains(R"("size":76140,)")) << fixture_.terminal.out;
  EXPECT_EQ(TagsOf({"--platform", "linux/riscv64"}), "");
  EXPECT_EQ(TagsOf({"--digest-of", arm}), "multi ");
}

TEST_F(TagsTest, TheSecondTimeOneHeadATagIsEnough) {
  ASSERT_TRUE(Run({}));
  EXPECT_EQ(Count("GET"), 1U + 3U + 2U);  // the page; each tag's manifest; two configurations
  EXPECT_EQ(Count("HEAD"), 0U);
  ForgetRequests();
  const std::string before = fixture_.terminal.out;
  ASSERT_TRUE(Run({}));
  EXPECT_EQ(Count("GET"), 1U);
  EXPECT_EQ(Count("HEAD"), 3U);
  EXPECT_EQ(fixture_.terminal.out, before);
}

TEST_F(TagsTest, WithAMaxAgeOnePageIsEnough) {
  ASSERT_TRUE(Run({}));
  ForgetRequests();
  const std::string before = fixture_.terminal.out;
  fixture_.clock.Advance(std::chrono::minutes(59));
  ASSERT_TRUE(Run({"--max-age", "1h"}));
  EXPECT_EQ(Count("GET"), 1U);
  EXPECT_EQ(Count("HEAD"), 0U);
  EXPECT_EQ(fixture_.terminal.out, before);
  // What is older is asked for; that it was believed did not make it younger.
  fixture_.clock.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(Run({"--max-age", "1h"}));
  EXPECT_EQ(Count("HEAD"), 3U);
}

TEST_F(TagsTest, AMovedTagIsSeen) {
  ASSERT_TRUE(Run({}));
  registry_.tags["latest"] = first_;
  ASSERT_TRUE(Run({}));
  EXPECT_TRUE(fixture_.terminal.out.contains("latest  " + first_));
}

TEST_F(TagsTest, WithoutCacheNothingIsKept) {
  ASSERT_TRUE(Run({"--no-cache", "--no-token-cache"}));
  EXPECT_TRUE(fixture_.files.files.empty());
}

TEST_F(TagsTest, OnlyWhatIsPrintedIsAskedFor) {
  ASSERT_TRUE(Run({"--limit", "1", "--sort", "semver"}));
  EXPECT_EQ(Count("GET"), 1U + 1U + 1U);
}

TEST_F(TagsTest, OneBadTagIsNoReasonToTellNothing) {
  registry_.extra_tags = {"dead", "1.9"};  // and one twice
  registry_.PushManifest("broken", "{]", "application/vnd.oci.image.manifest.v1+json");
  const Status status = Run({"-o", "json"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kPartial);
  EXPECT_TRUE(status.error().message.contains("2 of 5 tags")) << status.error().message;
  EXPECT_TRUE(fixture_.terminal.out.contains("\"tag\":\"latest\",\"digest\":\"sha256:"));
  EXPECT_TRUE(fixture_.terminal.out.contains("\"error\":{\"code\":\"MANIFEST_UNKNOWN\""));
  EXPECT_TRUE(fixture_.terminal.error.contains("dead"));
  EXPECT_TRUE(fixture_.terminal.error.contains("broken"));
}

TEST_F(TagsTest, WhatIsNoImage) {
  struct Row {
    const char* name;
    const char* media_type;
    std::string text;
    const char* expected;
  };
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::string blob = R"("digest":")" + digest + R"(","size":100)";
  const Row rows[] = {
      {"an artifact", "application/vnd.oci.image.manifest.v1+json",
       R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json",)" + blob +
           R"(},"layers":[{"mediaType":"x/y",)" + blob +
           R"(}],"annotations":{"org.opencontainers.image.created":"2023-01-01T00:00:00Z"}})",
       R"("size":200,"created":"2023-01-01T00:00:00Z","pushed":null,"platform":null,"platforms":[]})"},
      {"sizes that no sum can hold", "application/vnd.oci.image.manifest.v1+json",
       R"({"schemaVersion":2,"config":{"mediaType":"x/y","digest":")" + digest +
           R"(","size":9223372036854775807},"layers":[{"mediaType":"x/y","digest":")" + digest +
           R"(","size":9223372036854775807}]})",
       R"("size":9223372036854775807,)"},
      {"an unknown type", "application/vnd.example+json", R"({"anything":1})",
       R"("media_type":"application/vnd.example+json","size":null,"created":null,)"},
      {"schema 1", "application/vnd.docker.distribution.manifest.v1+prettyjws", "{}",
       R"(v1+prettyjws","size":null,)"},
      {"an empty index", "application/vnd.oci.image.index.v1+json",
       R"({"schemaVersion":2,"manifests":[]})", R"("size":null,"created":null,)"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    registry_.tags.clear();
    registry_.PushManifest("t", row.text, row.media_type);
    const Status status = Run({"-o", "json"});
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_TRUE(fixture_.terminal.out.contains(row.expected)) << fixture_.terminal.out;
  }
}

TEST_F(TagsTest, AConfigurationThatIsNoJsonHasNoDate) {
  for (const char* text : {"\x01\x02", "[]", "{\"created\":5,\"os\":{}}", "null"}) {
    SCOPED_TRACE(text);
    registry_.tags.clear();
    const std::string blob_digest = registry_.PushManifest("", text, "application/json");
    registry_.manifests.erase(blob_digest);
    registry_.blobs[blob_digest] = text;
    registry_.PushManifest(
        "t",
        R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
            blob_digest + R"(","size":3},"layers":[]})",
        "application/vnd.oci.image.manifest.v1+json");
    const Status status = Run({"-o", "json"});
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_TRUE(fixture_.terminal.out.contains(R"("size":3,"created":null,)"))
        << fixture_.terminal.out;
  }
}

TEST_F(TagsTest, ADeepNestOfIndexesIsLeft) {
  // No digest can be its own; a deep nest is left.
  std::string inner = registry_.Push("", "2023-03-22T10:00:00Z", 10, "amd64");
  for (int depth = 0; depth < 10; ++depth) inner = registry_.PushIndex("nest", {inner + " amd64"});
  const Status status = Run({"--match", "nest", "-o", "json"});
  EXPECT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture_.terminal.out.contains("\"size\":null"));
}

TEST_F(TagsTest, WhereEverythingFailsForOneReasonThatIsTheReason) {
  registry_.failing_manifests = 403;
  const Status refused = Run({"-o", "json", "--match", "latest"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDenied);
  EXPECT_EQ(fixture_.terminal.error, "");
}

TEST_F(TagsTest, WrongArguments) {
  const std::vector<std::vector<std::string>> rows = {{"--sort", "age"},
                                                      {"--limit", "0"},
                                                      {"--since", "soon"},
                                                      {"--platform", "arm"},
                                                      {"--digest-of", "sha256:x"},
                                                      {"--digest-of", "-"},
                                                      {"--parallel", "0"},
                                                      {"--max-age", "x"},
                                                      {"--match", "[", "--semver", "x"},
                                                      {"-o", "xml"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row[0] + " " + row[1]);
    const Status status = Run(row);
    ASSERT_FALSE(status);
    EXPECT_TRUE(status.error().code == ErrorCode::kUsage ||
                status.error().code == ErrorCode::kReferenceInvalid);
  }
  EXPECT_TRUE(fixture_.service.seen().empty());
  EXPECT_EQ(fixture_.Run(NewTagsCommand(), {"reg.example/a/b:t"}).error().code, ErrorCode::kUsage);
  EXPECT_EQ(fixture_.Run(NewTagsCommand(), {}).error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace portolan::cli
