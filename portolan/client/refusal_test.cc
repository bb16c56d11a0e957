// The row "404 vs 401 vs 403 unknown": what a user is told who asks for what is not there.
#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

constexpr const char* kList = "https://r.test/v2/a/b/tags/list?n=1000";

struct RefusalRow {
  const char* name;
  int status;
  const char* body;
  ErrorCode code;
  const char* message;
  const char* hint;
};

TEST(RefusalTest, UnknownRepositories) {
  const RefusalRow rows[] = {
      {"404 with NAME_UNKNOWN", 404,
       R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]})",
       ErrorCode::kNameUnknown, "repository name not known to registry", "portolan login r.test"},
      {"404 without a body", 404, "", ErrorCode::kNameUnknown, "not found", "check the spelling"},
      {"404 as HTML", 404, "<html>no</html>", ErrorCode::kNameUnknown, "not found",
       "check the spelling"},
      {"401 without a challenge", 401,
       R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
       ErrorCode::kUnauthorized, "authentication required", "portolan login r.test"},
      {"403 with DENIED", 403, R"({"errors":[{"code":"DENIED","message":"denied"}]})",
       ErrorCode::kDenied, "denied", "portolan login r.test"},
      {"403 as text", 403, "Forbidden by the proxy", ErrorCode::kDenied, "Forbidden by the proxy",
       "portolan login"},
  };
  for (const RefusalRow& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.registry.On("GET", kList).Reply(row.status, row.body);
    world.registry.On("GET", "https://r.test/v2/").Reply(200, "{}");
    const Listed listed = world.List("r.test/a/b");
    EXPECT_EQ(listed.code(), row.code);
    EXPECT_NE(listed.message().find("r.test/a/b"), std::string::npos) << listed.message();
    EXPECT_NE(listed.message().find(row.message), std::string::npos) << listed.message();
    EXPECT_NE(listed.hint().find(row.hint), std::string::npos) << listed.hint();
    EXPECT_EQ(listed.message().find('\n'), std::string::npos);
    EXPECT_EQ(listed.summary.error().http_status, row.status);
  }
}

TEST(RefusalTest, TheRegistrysOwnErrorsAreKept) {
  ClientFixture world;
  world.registry.On("GET", kList)
      .Reply(404, R"({"errors":[{"code":"NAME_UNKNOWN","message":"m","detail":{"name":"a/b"}}]})");
  const Listed listed = world.List("r.test/a/b");
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.summary.error().registry_errors,
            R"([{"code":"NAME_UNKNOWN","message":"m","detail":{"name":"a/b"}}])");
}

TEST(RefusalTest, WithCredentialsTheHintIsAboutThem) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Reply(403, "");
  const std::string hint = world.List("r.test/a/b").hint();
  EXPECT_NE(hint.find("r.test was asked as user u, from "), std::string::npos) << hint;
  EXPECT_EQ(hint.find("secret"), std::string::npos);
}

TEST(RefusalTest, AWrongPasswordIsCalledThat) {
  ClientFixture world;
  world.UsePassword("u", "secret");
  world.registry.On("GET", kList).Reply(401, {{"WWW-Authenticate", "Basic realm=\"r\""}}, "");
  const Listed listed = world.List("r.test/a/b");
  EXPECT_NE(listed.message().find("r.test refuses user u, from "), std::string::npos)
      << listed.message();
  EXPECT_NE(listed.hint().find("password is wrong"), std::string::npos) << listed.hint();
}

TEST(RefusalTest, TheRegistrysWaysAreInTheHint) {
  ClientFixture world;
  world.registry.On("GET", "https://quay.io/v2/a/b/tags/list").Reply(403, "");
  EXPECT_NE(world.List("quay.io/a/b").hint().find("Quay answers the same"), std::string::npos);
  world.registry.On("GET", "https://ghcr.io/v2/_catalog?n=1000").Reply(404, "");
  const Listed catalog = world.ListRepositories("ghcr.io");
  EXPECT_NE(catalog.hint().find("Packages API"), std::string::npos) << catalog.hint();
}

TEST(RefusalTest, OtherStatuses) {
  const RefusalRow rows[] = {
      {"405", 405, "", ErrorCode::kUnsupported, "", ""},
      {"429 with a wait that is too long", 429, "", ErrorCode::kTooManyRequests, "", ""},
      {"500", 500, "", ErrorCode::kServerError, "", ""},
      {"503", 503, "<html>", ErrorCode::kServerError, "", ""},
      {"a redirect to nowhere", 302, "", ErrorCode::kProtocol, "", ""},
      {"204 instead of a list", 204, "", ErrorCode::kProtocol, "", ""},
      {"206 instead of a list", 206, R"({"tags":["1"]})", ErrorCode::kProtocol, "", ""},
  };
  for (const RefusalRow& row : rows) {
    SCOPED_TRACE(row.name);
    ClientFixture world;
    world.registry.On("GET", "https://r.test/v2/a/b/tags/list")
        .Reply(row.status, {{"Retry-After", "3600"}}, row.body);
    const Listed listed = world.List("r.test/a/b", {.page_size = 0, .limit = {}});
    EXPECT_EQ(listed.code(), row.code) << listed.message();
    EXPECT_EQ(world.registry.requests().size(), 1U);
  }
}

TEST(RefusalTest, HugeErrorBodiesAreCut) {
  ClientFixture world;
  world.limits.error_body = 1000;
  world.registry.On("GET", kList).Reply(500, std::string(100000, 'x')).InPieces(100);
  const Listed listed = world.List("r.test/a/b");
  EXPECT_EQ(listed.code(), ErrorCode::kServerError);
  EXPECT_LT(listed.message().size(), 2000U);
}

TEST(RefusalTest, ErrorBodiesCannotWriteToTheTerminal) {
  ClientFixture world;
  world.registry.On("GET", kList).Reply(500, "\x1b]0;owned\x07\r\nsecond line");
  const std::string message = world.List("r.test/a/b").message();
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(RefusalTest, AReferenceThatIsNoneSendsNothing) {
  for (const char* text : {"r.test/A/b", "r.test/a b", "", "r.test/", "https://"}) {
    SCOPED_TRACE(text);
    ClientFixture world;
    EXPECT_EQ(world.List(text).code(), ErrorCode::kReferenceInvalid);
    EXPECT_TRUE(world.registry.requests().empty());
  }
}

}  // namespace
}  // namespace portolan::client
