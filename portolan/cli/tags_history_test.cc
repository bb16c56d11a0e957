#include <string>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"

namespace portolan::cli {
namespace {

constexpr const char* kEvents =
    R"({"name":"a/b","events":[{"id":2,"tag":"t","at":"2026-11-25T08:00:00.000Z","by":"kim","before":"sha256:1111111111111111111111111111111111111111111111111111111111111111","after":null,"restorable":true},{"id":1,"tag":"t","at":"2026-11-24T08:00:00.000Z","by":"","before":null,"after":"sha256:1111111111111111111111111111111111111111111111111111111111111111","restorable":false}]})";

TEST(TagsHistory, Table) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, kEvents); });
  const Status status = fixture.Run(NewTagsHistoryCommand(), {"reg.example/a/b:t"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.Requests().front(),
            "GET https://reg.example/v2/a/b/_portolan/tags/history?n=1000&tag=t");
  EXPECT_NE(fixture.terminal.out.find("2026-11-25T08:00:00.000Z  deleted   sha256:111111111111"),
            std::string::npos)
      << fixture.terminal.out;
  EXPECT_NE(fixture.terminal.out.find("created"), std::string::npos);
}

TEST(TagsHistory, JsonAndLimit) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, kEvents); });
  ASSERT_TRUE(
      fixture.Run(NewTagsHistoryCommand(), {"reg.example/a/b", "--limit", "1", "-o", "json"}));
  EXPECT_EQ(fixture.Requests().front(),
            "GET https://reg.example/v2/a/b/_portolan/tags/history?n=1");
  EXPECT_TRUE(fixture.terminal.out.starts_with("[\n  {\"id\":2,")) << fixture.terminal.out;
  EXPECT_TRUE(fixture.terminal.out.ends_with("}\n]\n"));
  EXPECT_EQ(fixture.terminal.out.find("\"id\":1"), std::string::npos);
}

TEST(TagsHistory, FollowsPages) {
  CommandFixture fixture([](const http::Request& request) {
    const bool second = request.url.target.contains("before=");
    http::Response response = http::TextResponse(
        200,
        second
            ? R"({"events":[{"id":1,"tag":"older","at":"","by":"","before":null,"after":"x"}]})"
            : R"({"events":[{"id":2,"tag":"newer","at":"","by":"","before":null,"after":"x"}]})");
    if (!second) {
      response.headers.Add("Link", "</v2/a/b/_portolan/tags/history?n=1&before=2>; rel=\"next\"");
    }
    return response;
  });
  ASSERT_TRUE(fixture.Run(NewTagsHistoryCommand(), {"reg.example/a/b", "-o", "ndjson"}));
  EXPECT_EQ(fixture.Requests().size(), 2U);
  EXPECT_LT(fixture.terminal.out.find("newer"), fixture.terminal.out.find("older"));
}

TEST(TagsHistory, WhatOtherRegistriesAnswer) {
  struct Row {
    const char* name;
    int status;
    const char* body;
    ErrorCode code;
  };
  const Row rows[] = {
      {"a path that is no resource", 404, "404 page not found\n", ErrorCode::kUnsupported},
      {"html", 200, "<html></html>", ErrorCode::kProtocol},
      {"an event that is none", 200, R"({"events":[3]})", ErrorCode::kProtocol},
      {"a digest that is a number", 200, R"({"events":[{"before":3}]})", ErrorCode::kProtocol},
      {"an unknown repository", 404, R"({"errors":[{"code":"NAME_UNKNOWN","message":"x"}]})",
       ErrorCode::kNameUnknown},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CommandFixture fixture(
        [&](const http::Request&) { return http::TextResponse(row.status, row.body); });
    const Status status = fixture.Run(NewTagsHistoryCommand(), {"reg.example/a/b"});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, row.code) << status.error().message;
  }
}

TEST(TagsHistory, HostileTextsAreMadePrintable) {
  CommandFixture fixture([](const http::Request&) {
    return http::TextResponse(200,
                              "{\"events\":[{\"id\":1,\"tag\":\"\\u001b[2J\",\"at\":\"\",\"by\":"
                              "\"\",\"before\":null,\"after\":\"x\"}]}");
  });
  ASSERT_TRUE(fixture.Run(NewTagsHistoryCommand(), {"reg.example/a/b"}));
  EXPECT_EQ(fixture.terminal.out.find('\x1b'), std::string::npos);
}

TEST(TagsRestore, AsksAndSays) {
  CommandFixture fixture([](const http::Request&) {
    return http::TextResponse(200, R"({"name":"a/b","tag":"t","digest":"sha256:abc"})");
  });
  const Status status = fixture.Run(NewTagsRestoreCommand(), {"reg.example/a/b:t"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.Requests().front(),
            "POST https://reg.example/v2/a/b/_portolan/tags/restore?tag=t");
  EXPECT_EQ(fixture.terminal.out, "reg.example/a/b:t is sha256:abc again\n");
}

TEST(TagsRestore, NeedsATagAndADigest) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, "{}"); });
  EXPECT_EQ(fixture.Run(NewTagsRestoreCommand(), {"reg.example/a/b"}).error().code,
            ErrorCode::kUsage);
  EXPECT_EQ(
      fixture.Run(NewTagsRestoreCommand(), {"reg.example/a/b:t", "--to", "latest"}).error().code,
      ErrorCode::kReferenceInvalid);
  EXPECT_TRUE(fixture.Requests().empty());
}

}  // namespace
}  // namespace portolan::cli
