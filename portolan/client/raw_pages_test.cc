// The rows of the matrix on Links, page sizes, odd lists and unknown repositories, on the raw path:
// an answer is shown as it came, and only the way to the next page is looked for in it.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/client/testing/raw_exchange.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kList = "https://r.test/v2/a/b/tags/list";

// --- the next page ---

struct LinkRow {
  const char* name;
  http::Headers headers;
  const char* next;  ///< null: the last page
  bool warned = false;
};

void PrintTo(const LinkRow& row, std::ostream* out) { *out << row.name; }

class RawLinkTest : public testing::TestWithParam<LinkRow> {};

TEST_P(RawLinkTest, LeadsToTheNextPage) {
  const LinkRow& row = GetParam();
  ClientFixture world;
  world.registry.On("GET", std::string(kList) + "?n=2")
      .Reply(200, row.headers, TagsJson("a/b", {"1", "2"}));
  const auto page = SendRaw(world, "r.test/a/b", NewRaw("GET", "tags/list?n=2"));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->response.headers, row.headers) << "the Link is shown as it came";
  const std::optional<std::string> next = world.registries().NextPage(*page);
  EXPECT_EQ(next.value_or("(end)"), row.next == nullptr ? "(end)" : row.next);
  EXPECT_EQ(!world.log.warnings().empty(), row.warned) << world.LogText();
}

constexpr const char* kSecond = "/v2/a/b/tags/list?last=2&n=2";

http::Headers Link(const char* value) { return {{"Link", value}}; }

INSTANTIATE_TEST_SUITE_P(
    Rows, RawLinkTest,
    testing::Values(
        LinkRow{"Relative", Link(R"(</v2/a/b/tags/list?last=2&n=2>; rel="next")"), kSecond},
        LinkRow{"Absolute", Link("<https://r.test/v2/a/b/tags/list?last=2&n=2>;rel=next"), kSecond},
        LinkRow{"WrongHost", Link(R"(<https://evil.test/v2/a/b/tags/list?last=2&n=2>; rel="next")"),
                kSecond, true},
        LinkRow{"HttpDowngrade", Link(R"(<http://r.test/v2/a/b/tags/list?last=2&n=2>; rel="next")"),
                kSecond, true},
        // Unlike a listing, a raw request repairs no path: the caller sees where the Link leads.
        LinkRow{"WrongPrefix", Link(R"(</repository/x/v2/a/b/tags/list?last=2>; rel="next")"),
                "/repository/x/v2/a/b/tags/list?last=2"},
        LinkRow{"NoSlash", Link(R"(<list?last=2&n=2>; rel="next")"), kSecond},
        LinkRow{"NZero", Link(R"(</v2/a/b/tags/list?last=2&n=0>; rel="next")"),
                "/v2/a/b/tags/list?last=2&n=0"},
        LinkRow{"OpaqueLast", Link(R"(</v2/a/b/tags/list?last=%2b/%2F+%7e==&&n>; rel="next")"),
                "/v2/a/b/tags/list?last=%2b/%2F+%7e==&&n"},
        LinkRow{"ToThePageItself", Link(R"(</v2/a/b/tags/list?n=2>; rel="next")"), nullptr, true},
        LinkRow{"NoUrl", Link(R"(<ftp://r.test/v2/a/b/tags/list>; rel="next")"), nullptr, true},
        LinkRow{"Missing", {}, nullptr},
        LinkRow{"NoneIsNext", Link(R"(</v2/a/b/tags/list?n=2&before=1>; rel="prev")"), nullptr},
        LinkRow{"SeveralHeadersNextFirst",
                {{"Link", R"(</v2/a/b/tags/list?last=2&n=2>; rel="next")"},
                 {"Link", R"(</v2/a/b/tags/list?before=1>; rel="prev")"}},
                kSecond},
        LinkRow{"SeveralHeadersNextLast",
                {{"Link", R"(<https://docs.test/deprecated>; rel="deprecation")"},
                 {"X-Between", "1"},
                 {"link", R"(</v2/a/b/tags/list?last=2&n=2>; rel="next")"}},
                kSecond},
        LinkRow{"SeveralInOneHeader",
                Link(R"(</v2/a/b/tags/list?n=2>; rel="first", )"
                     R"(</v2/a/b/tags/list?last=2&n=2>; rel="next", </x,y>; rel="last")"),
                kSecond},
        LinkRow{
            "CommaInATarget",
            Link(R"(</x?a,b>; rel="prev", </v2/a/b/tags/list?last=1,2>; title="a, b"; rel=next)"),
            "/v2/a/b/tags/list?last=1,2"},
        LinkRow{"TwoNextTheFirstCounts",
                {{"Link", R"(</v2/a/b/tags/list?last=2&n=2>; rel="next")"},
                 {"Link", R"(</v2/a/b/tags/list?last=9&n=2>; rel="next")"}},
                kSecond}),
    [](const auto& info) { return std::string(info.param.name); });

// Gitea: every page has a Link, the last one leads back.
TEST(RawPagesTest, LinkOnEveryPageEndsWhereItLeadsBack) {
  ClientFixture world;
  world.registry.On("GET", std::string(kList) + "?n=2").Reply(200, NextLink(kSecond), "");
  world.registry.On("GET", std::string("https://r.test") + kSecond)
      .Reply(200, NextLink(kSecond), "");
  const auto first = SendRaw(world, "r.test/a/b", NewRaw("GET", "tags/list?n=2"));
  ASSERT_TRUE(first);
  ASSERT_EQ(world.registries().NextPage(*first), kSecond);
  const auto second = SendRaw(world, "r.test/a/b", NewRaw("GET", kSecond));
  ASSERT_TRUE(second);
  EXPECT_EQ(world.registries().NextPage(*second), std::nullopt);
  EXPECT_TRUE(world.Warned("already read"));
}

// One process may list the same repository again; pages of the first time are no loop.
TEST(RawPagesTest, ASecondListingFollowsTheSameLinks) {
  ClientFixture world;
  world.registry.On("GET", std::string(kList) + "?n=2").Reply(200, NextLink(kSecond), "");
  world.registry.On("GET", std::string("https://r.test") + kSecond).Reply(200, "");
  for (int listing = 1; listing <= 2; ++listing) {
    SCOPED_TRACE(listing);
    const auto first = SendRaw(world, "r.test/a/b", NewRaw("GET", "tags/list?n=2"));
    ASSERT_TRUE(first);
    ASSERT_EQ(world.registries().NextPage(*first), kSecond);
    const auto second = SendRaw(world, "r.test/a/b", NewRaw("GET", kSecond));
    ASSERT_TRUE(second);
    EXPECT_EQ(world.registries().NextPage(*second), std::nullopt);
  }
  EXPECT_TRUE(world.log.warnings().empty()) << world.LogText();
}

// --- page sizes, odd lists, unknown repositories: one answer, as it came ---

struct AnswerRow {
  const char* name;
  const char* path;
  int status;
  http::Headers headers;
  std::string body;
};

void PrintTo(const AnswerRow& row, std::ostream* out) { *out << row.name; }

class RawListTest : public testing::TestWithParam<AnswerRow> {};

// Unlike a listing, a raw request is not sent again without its n, and its list is not cleaned.
TEST_P(RawListTest, IsGivenAsItCame) {
  const AnswerRow& row = GetParam();
  ClientFixture world;
  const std::string url = std::string("https://r.test/v2/a/b/") + row.path;
  world.registry.On("GET", url).Reply(row.status, row.headers, row.body).InPieces(1);
  auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", row.path));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, row.status);
  EXPECT_EQ(answer->response.headers, row.headers);
  EXPECT_EQ(ReadBody(world, *answer).value_or("(broken off)"), row.body);
  EXPECT_EQ(world.registry.Story(), Names{"GET " + url});
}

std::string AnswerName(const testing::TestParamInfo<AnswerRow>& info) { return info.param.name; }

constexpr const char* kMany = "tags/list?n=9999";

INSTANTIATE_TEST_SUITE_P(
    PageSize, RawListTest,
    testing::Values(
        AnswerRow{"TooLarge400",
                  kMany,
                  400,
                  {},
                  R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID","detail":{"n":9999}}]})"},
        AnswerRow{"TooLarge405",
                  kMany,
                  405,
                  {{"Content-Type", "text/plain"}},
                  R"({"errors":[{"code":"UNSUPPORTED","message":"'maxResults'"}]})"},
        AnswerRow{
            "TooLarge413", kMany, 413, {}, R"({"errors":[{"code":"TOO_MANY_TAGS_REQUESTED"}]})"},
        AnswerRow{"Negative400",
                  "tags/list?n=-1",
                  400,
                  {},
                  R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]})"},
        AnswerRow{"Negative500", "tags/list?n=-1", 500, {}, "<h1>Server Error (500)</h1>"},
        AnswerRow{"Clamped", kMany, 200, NextLink("/v2/a/b/tags/list?n=2&last=2"),
                  TagsJson("a/b", {"1", "2"})},
        AnswerRow{"Ignored", "tags/list?n=1", 200, {}, TagsJson("a/b", {"1", "2", "3"})},
        AnswerRow{"Zero", "tags/list?n=0", 200, {}, TagsJson("a/b", {})},
        AnswerRow{"UnknownLast404", "tags/list?last=none", 404, {}, R"({"errors":[]})"}),
    AnswerName);

INSTANTIATE_TEST_SUITE_P(
    OddList, RawListTest,
    testing::Values(AnswerRow{"TextPlain",
                              "tags/list",
                              200,
                              {{"Content-Type", "text/plain; charset=utf-8"}},
                              TagsJson("a/b", {"1"})},
                    AnswerRow{"TagsNull", "tags/list", 200, {}, R"({"name":"a/b","tags":null})"},
                    AnswerRow{"TagsDuplicateInvalidDigestEmpty",
                              "tags/list",
                              200,
                              {},
                              R"({"tags":["1","1","-x","sha256:00","",null]} )"},
                    AnswerRow{"NotJson", "tags/list", 200, {}, "\xef\xbb\xbf<html>\r\n"}),
    AnswerName);

INSTANTIATE_TEST_SUITE_P(
    UnknownRepository, RawListTest,
    testing::Values(AnswerRow{"Status404",
                              "manifests/1",
                              404,
                              {{"Content-Type", "application/json"}},
                              R"({"errors":[{"code":"NAME_UNKNOWN","detail":{"name":"a/b"}}]})"},
                    AnswerRow{"Status404AsHtml",
                              "manifests/1",
                              404,
                              {{"Content-Type", "text/html"}},
                              "<html>no</html>"},
                    AnswerRow{
                        "Status403",
                        "manifests/1",
                        403,
                        {},
                        R"({"errors":[{"code":"DENIED","message":"requested access is denied"}]})"},
                    // A 403 with a challenge is no 401: there is nothing to answer.
                    AnswerRow{"Status403WithChallenge", "manifests/1", 403,
                              Asks(R"(Bearer realm="https://auth.test/token")"), "no"}),
    AnswerName);

// --- 401 for an unknown repository ---

constexpr const char* kManifest = "https://r.test/v2/a/b/manifests/1";
constexpr const char* kUnauthorized =
    R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]} )";

struct UnauthorizedRow {
  const char* name;
  http::Headers challenge;
  int requests;  ///< to the registry and its token endpoint, in all
};

void PrintTo(const UnauthorizedRow& row, std::ostream* out) { *out << row.name; }

class RawUnauthorizedTest : public testing::TestWithParam<UnauthorizedRow> {};

// Every way to authenticate is tried once; then the refusal is shown with all that it said.
TEST_P(RawUnauthorizedTest, StandsWithItsBody) {
  const UnauthorizedRow& row = GetParam();
  ClientFixture world;
  http::Headers headers = row.challenge;
  headers.Add("X-Request-Id", "7");
  world.registry.On("GET", kManifest).Reply(401, headers, kUnauthorized).InPieces(1);
  world.registry.On("GET", "https://r.test/v2/").Reply(200, "{}");
  world.registry.On("GET", "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=s")
      .Reply(200, R"({"token":"t"})");
  auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", "manifests/1"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->response.status, 401);
  EXPECT_EQ(answer->response.headers, headers);
  EXPECT_EQ(ReadBody(world, *answer).value_or("(broken off)"), kUnauthorized);
  EXPECT_EQ(static_cast<int>(world.registry.requests().size()), row.requests);
}

INSTANTIATE_TEST_SUITE_P(
    UnknownRepository, RawUnauthorizedTest,
    testing::Values(
        UnauthorizedRow{"NoChallenge", {}, 2}, UnauthorizedRow{"EmptyChallenge", Asks(""), 2},
        UnauthorizedRow{"BasicForTheAnonymous", Asks(R"(Basic realm="r")"), 1},
        UnauthorizedRow{"TokenThatOpensNothing",
                        Asks(R"(Bearer realm="https://auth.test/token",service="s")"), 3},
        UnauthorizedRow{"TokenThatOpensNothingWithOwnScope",
                        Asks(R"(Bearer realm="https://auth.test/token",service="s",)"
                             R"(scope="repository:a/b:pull",error="insufficient_scope")"),
                        3}),
    [](const auto& info) { return std::string(info.param.name); });

// GHCR: the token endpoint knows that the repository is hidden, and no registry's answer is left.
TEST(RawRefusalTest, TheTokenEndpointsRefusalIsAnError) {
  for (const int status : {401, 403}) {
    SCOPED_TRACE(status);
    ClientFixture world;
    world.registry.On("GET", kManifest)
        .Reply(401, Asks(R"(Bearer realm="https://auth.test/token",service="s")"), kUnauthorized);
    world.registry.On("GET", "https://auth.test/token?scope=repository%3Aa%2Fb%3Apull&service=s")
        .Reply(status, R"({"errors":[{"code":"DENIED","message":"it is hidden"}]})");
    const auto answer = SendRaw(world, "r.test/a/b", NewRaw("GET", "manifests/1"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().http_status, status);
    EXPECT_NE(answer.error().message.find("it is hidden"), std::string::npos)
        << answer.error().message;
  }
}

}  // namespace
}  // namespace portolan::client
