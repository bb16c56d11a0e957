// What is the same for every request: routes, methods, health, and errors of our own.
#include <string>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

TEST(RegistryTest, Base) {
  TestRegistry registry;
  for (const char* target : {"/v2/", "/v2"}) {
    const Answered answered = registry.Get(target);
    EXPECT_EQ(answered.status, 200);
    EXPECT_EQ(answered.body, "{}");
    EXPECT_EQ(answered.Header("Docker-Distribution-Api-Version"), "registry/2.0");
    EXPECT_EQ(answered.Header("Content-Type"), "application/json");
  }
}

TEST(RegistryTest, Extensions) {
  TestRegistry registry;
  for (const char* target : {"/v2/_oci/ext/discover", "/v2/a/b/_oci/ext/discover"}) {
    const Answered answered = registry.Get(target);
    EXPECT_EQ(answered.status, 200);
    EXPECT_NE(answered.body.find("\"_portolan\""), std::string::npos);
  }
}

TEST(RegistryTest, WhatIsNotTheApi) {
  TestRegistry registry;
  EXPECT_EQ(registry.Get("/healthz").status, 200);
  EXPECT_EQ(registry.Get("/readyz").status, 200);
  EXPECT_EQ(registry.Get("/").status, 200);
  EXPECT_EQ(registry.Get("/v1/search").status, 404);
  EXPECT_EQ(registry.Get("/v2/a/b/c").status, 404);
}

TEST(RegistryTest, MethodsThatAResourceDoesNotKnow) {
  TestRegistry registry;
  struct Row {
    const char* method;
    const char* target;
    const char* allow;
  };
  const Row rows[] = {
      {"POST", "/v2/", "GET, HEAD"},
      {"PUT", "/v2/a/tags/list", "GET, HEAD"},
      {"POST", "/v2/a/manifests/t", "GET, HEAD, PUT, DELETE"},
      {"GET", "/v2/a/blobs/uploads/", "POST"},
      {"BREW", "/v2/_catalog", "GET, HEAD"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + " " + row.target);
    const Answered answered =
        registry.Send({.method = row.method, .target = row.target, .headers = {}, .body = {}});
    EXPECT_EQ(answered.status, 405);
    EXPECT_EQ(answered.Header("Allow"), row.allow);
    EXPECT_NE(answered.body.find("UNSUPPORTED"), std::string::npos) << answered.body;
  }
}

TEST(RegistryTest, ErrorsSayWhatWasAskedFor) {
  TestRegistry registry;
  registry.PushImage("a/b", "t", "layer");
  const std::string missing = Sha256Of("missing");
  EXPECT_NE(registry.Get("/v2/a/b/manifests/nosuch")
                .body.find(R"("detail":{"repository":"a/b","tag":"nosuch")"),
            std::string::npos)
      << registry.Get("/v2/a/b/manifests/nosuch").body;
  EXPECT_NE(registry.Get("/v2/a/b/blobs/" + missing)
                .body.find(R"("detail":{"repository":"a/b","digest":")" + missing + '"'),
            std::string::npos);
  EXPECT_NE(registry.Get("/v2/no/such/tags/list").body.find(R"("detail":{"repository":"no/such")"),
            std::string::npos);
}

TEST(RegistryTest, PathTricks) {
  TestRegistry registry;
  registry.PushImage("a/b", "t", "layer");
  for (const char* target :
       {"/v2/a%2Fb/manifests/t", "/v2/a/../a/b/manifests/t", "/v2//a/b/manifests/t",
        "/v2/a/b/manifests/t%00", "/v2/a/b/manifests/..%2f..%2fetc", "/v2/%2e%2e/b/tags/list"}) {
    SCOPED_TRACE(target);
    const Answered answered = registry.Get(target);
    EXPECT_TRUE(answered.status == 400 || answered.status == 404) << answered.status;
    EXPECT_NE(answered.body.find("\"errors\""), std::string::npos) << answered.body;
  }
}

TEST(RegistryTest, AnExternalUrlStandsBeforeLocationsAndLinks) {
  TestRegistry registry({.external_url = "https://registry.example"});
  const Answered started = registry.Post("/v2/a/b/blobs/uploads/");
  EXPECT_TRUE(
      started.Header("Location").starts_with("https://registry.example/v2/a/b/blobs/uploads/"))
      << started.Header("Location");
  registry.PushImage("a/b", "1", "layer");
  registry.PushImage("a/b", "2", "layer");
  EXPECT_EQ(registry.Get("/v2/a/b/tags/list?n=1").Header("Link"),
            "<https://registry.example/v2/a/b/tags/list?n=1&last=1>; rel=\"next\"");
}

TEST(RegistryTest, ReadOnlyServesAndRefuses) {
  TestRegistry registry;
  const std::string digest = registry.PushImage("a/b", "t", "layer");
  registry.SetOptions({.read_only = true});
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/t").status, 200);
  EXPECT_EQ(registry.Delete("/v2/a/b/manifests/t").status, 405);
  EXPECT_EQ(registry.Put("/v2/a/b/manifests/u", "{}").status, 405);
  EXPECT_EQ(registry.Post("/v2/a/b/_portolan/tags/restore?tag=t").status, 405);
  EXPECT_EQ(registry.Get("/v2/a/b/manifests/" + digest).status, 200);
}

}  // namespace
}  // namespace portolan::server
