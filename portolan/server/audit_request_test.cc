#include "portolan/server/audit_request.h"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::server {
namespace {

// What is noted of a request with this method and path, without its time.
class AuditRequestTest : public testing::Test {
 protected:
  std::string Noted(std::string method, std::string_view path, int status, std::string user) {
    auto endpoint = wire::ParseEndpoint(method, path);
    EXPECT_TRUE(endpoint) << path;
    const Route* const route = FindRoute(endpoint->resource, endpoint->method);
    EXPECT_NE(route, nullptr) << path;
    http::Request request{.method = std::move(method)};
    request.peer_address = "192.0.2.1";
    const Call call{.request = request,
                    .endpoint = *std::move(endpoint),
                    .query = wire::Query("tag=old"),
                    .identity = {.name = std::move(user), .grants = nullptr},
                    .rules = nullptr,
                    .allowed = {},
                    .tags_set = tags_set_};
    const std::string file = folder_.Under("log");
    std::ofstream(file).close();
    {
      const auto log = AuditLog::Open(file, clock_);
      AuditRequest(log->get(), *route, call, status);
    }
    AuditRequest(nullptr, *route, call, status);
    std::ifstream text(file);
    std::string line((std::istreambuf_iterator<char>(text)), {});
    const std::size_t begin = line.find("\"event\"");
    return begin == std::string::npos ? line : line.substr(begin);
  }

  std::string tags_set_;  // by the request
  store::TemporaryFolder folder_;
  ManualClock clock_;
};

TEST_F(AuditRequestTest, WhatChangesSomething) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::string by =
      "\"outcome\":\"done\",\"who\":\"kim\",\"peer\":\"192.0.2.1\","
      "\"repository\":\"a/b\",\"subject\":\"";
  EXPECT_EQ(Noted("PUT", "/v2/a/b/manifests/t", 201, "kim"),
            "\"event\":\"manifest.push\"," + by + "t\"}\n");
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/manifests/t", 202, "kim"),
            "\"event\":\"tag.delete\"," + by + "t\"}\n");
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/manifests/" + digest, 202, "kim"),
            "\"event\":\"manifest.delete\"," + by + digest + "\"}\n");
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/blobs/" + digest, 202, "kim"),
            "\"event\":\"blob.delete\"," + by + digest + "\"}\n");
}

TEST_F(AuditRequestTest, WhatBecameOfTheTags) {
  tags_set_ = "t overwritten";
  EXPECT_TRUE(Noted("PUT", "/v2/a/b/manifests/t", 201, "kim")
                  .ends_with("\"subject\":\"t\",\"tags\":\"t overwritten\"}\n"));
}

TEST_F(AuditRequestTest, RefusalsOfWhoeverIsKnown) {
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/manifests/t", 403, "kim"),
            "\"event\":\"tag.delete\",\"outcome\":\"refused\",\"who\":\"kim\","
            "\"peer\":\"192.0.2.1\",\"repository\":\"a/b\",\"subject\":\"t\","
            "\"reason\":\"not allowed\"}\n");
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/manifests/t", 401, ""), "");
}

TEST_F(AuditRequestTest, NothingElse) {
  EXPECT_EQ(Noted("GET", "/v2/a/b/manifests/t", 200, "kim"), "");
  EXPECT_EQ(Noted("GET", "/v2/a/b/manifests/t", 403, "kim"), "");
  EXPECT_EQ(Noted("PUT", "/v2/a/b/manifests/t", 400, "kim"), "");
  EXPECT_EQ(Noted("DELETE", "/v2/a/b/manifests/t", 404, "kim"), "");
  EXPECT_EQ(Noted("POST", "/v2/a/b/blobs/uploads/", 202, "kim"), "");
}

}  // namespace
}  // namespace portolan::server
