#include "portolan/dialect/profile.h"

#include <set>

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

oci::RegistryName Name(std::string_view text) { return oci::RegistryName::Parse(text).value(); }

TEST(ProfileTest, HostsAreRecognised) {
  struct Row {
    const char* host;
    const char* id;
  };
  const Row rows[] = {
      {"docker.io", "docker-hub"},
      {"index.docker.io", "docker-hub"},
      {"registry-1.docker.io", "docker-hub"},
      {"ghcr.io", "ghcr"},
      {"quay.io", "quay"},
      {"registry.access.redhat.com", "quay"},
      {"123456789012.dkr.ecr.eu-west-1.amazonaws.com", "ecr"},
      {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"},
      {"public.ecr.aws", "ecr-public"},
      {"gcr.io", "gcr"},
      {"eu.gcr.io", "gcr"},
      {"europe-docker.pkg.dev", "gar"},
      {"my.azurecr.io", "acr"},
      {"registry.gitlab.com", "gitlab"},
      {"acme.jfrog.io", "artifactory"},
      {"registry.example.com:5000", "generic"},
      {"localhost:5000", "generic"},
      {"notquay.io", "generic"},
      {"quay.io.evil.example", "generic"},
      {".gcr.io.example", "generic"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.host);
    const auto name = oci::RegistryName::Parse(row.host);
    if (!name) continue;  // not a host at all: nothing can be asked of it
    EXPECT_EQ(ProfileFor(*name).id, row.id);
  }
}

TEST(ProfileTest, PatternsWithStars) {
  EXPECT_TRUE(HostMatches("*.gcr.io", "eu.gcr.io"));
  EXPECT_FALSE(HostMatches("*.gcr.io", ".gcr.io")) << "a star is at least one character";
  EXPECT_FALSE(HostMatches("*.gcr.io", "gcr.io"));
  EXPECT_TRUE(HostMatches("*.dkr.ecr.*.amazonaws.com", "1.dkr.ecr.x-y.amazonaws.com"));
  EXPECT_FALSE(HostMatches("*.dkr.ecr.*.amazonaws.com", "1.dkr.ecr.x-y.amazonaws.com.evil"));
}

TEST(ProfileTest, AnswersReveal) {
  const auto refined = [](std::string_view challenge) {
    const std::vector<std::string_view> lines = {challenge};
    const std::vector<wire::Challenge> challenges = wire::ParseChallenges(lines);
    return Refine(Generic(), {.challenges = challenges, .raw_challenge = challenge}).id;
  };
  EXPECT_EQ(refined(R"(Bearer realm="https://h.example/service/token",service="harbor-registry")"),
            "harbor");
  EXPECT_EQ(refined(R"(Basic realm="harbor")"), "harbor");
  EXPECT_EQ(refined(R"(Bearer realm="https://gl.example/jwt/auth",service="container_registry")"),
            "gitlab");
  EXPECT_EQ(refined(R"(BASIC realm="Sonatype Nexus Repository Manager")"), "nexus");
  EXPECT_EQ(refined(R"(Bearer realm="https://q.example/v2/auth",service="q.example")"), "quay");
  EXPECT_EQ(refined("bearer realm=https://z.example/token,service=z"), "zot");
  EXPECT_EQ(refined(R"(Basic realm="Registry")"), "generic");

  EXPECT_EQ(Refine(Generic(), {.server = "Nexus/3.58.1-02 (OSS)"}).id, "nexus");
  EXPECT_EQ(Refine(Generic(), {.header_names = {"x-jfrog-version"}}).id, "artifactory");
  EXPECT_EQ(Refine(Generic(),
                   {.header_names = {"Docker-Distribution-Api-Version", "X-Content-Type-Options"}})
                .id,
            "distribution");
  EXPECT_EQ(Refine(Generic(), {.header_names = {"Docker-Distribution-Api-Version"}}).id, "generic");
  EXPECT_EQ(Refine(Ghcr(), {.header_names = {"x-jfrog-version"}}).id, "ghcr")
      << "a known one stays";
}

TEST(ProfileTest, DockerHubIsServedElsewhere) {
  EXPECT_EQ(ApiHost(Name("docker.io")), "registry-1.docker.io");
  EXPECT_EQ(ApiHost(Name("index.docker.io")), "registry-1.docker.io");
  EXPECT_EQ(ApiHost(Name("localhost:5000")), "localhost:5000");
}

TEST(ProfileTest, EveryProfileIsConsistent) {
  std::set<std::string_view> ids;
  for (const Profile* profile : AllProfiles()) {
    SCOPED_TRACE(profile->id);
    EXPECT_TRUE(ids.insert(profile->id).second) << "ids are unique";
    EXPECT_FALSE(profile->title.empty());
    EXPECT_GE(profile->page_size, 0);
    if (profile->max_page_size != 0) EXPECT_LE(profile->page_size, profile->max_page_size);
    EXPECT_EQ(&ProfileById(profile->id), profile);
  }
  EXPECT_EQ(AllProfiles().back(), &Generic());
  EXPECT_EQ(ProfileById("a-later-version-knows-this").id, "generic");
}

}  // namespace
}  // namespace portolan::dialect
