#include "portolan/dialect/profile_file.h"

#include <chrono>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

ProfileFile Like(std::string like, std::map<std::string, std::string, std::less<>> answers) {
  return {.registry = "registry.test:5000",
          .like = std::move(like),
          .probed = "2026-11-25T20:00:00Z",
          .answers = std::move(answers)};
}

TEST(ProfileFileTest, IsReadAsItWasWritten) {
  const ProfileFile profile =
      Like("quay@2024-06", {{"page.default", "50"}, {"base.body", "a \"quoted\" line"}});
  const std::string text = WriteProfileFile(profile);
  const auto read = ReadProfileFile(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->registry, "registry.test:5000");
  EXPECT_EQ(read->like, "quay@2024-06");
  EXPECT_EQ(read->probed, "2026-11-25T20:00:00Z");
  EXPECT_EQ(read->answers, profile.answers);
  EXPECT_TRUE(text.ends_with("\n    \"page.default\": \"50\"\n  }\n}\n")) << text;
}

TEST(ProfileFileTest, WhatIsWrongIsNamed) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "it is not JSON"},
      {"[]", "expected a JSON object"},
      {"{\"schema\":1,", "it is not JSON"},
      {R"({"schema":2,"like":"hub","answers":{}})", "schema: expected 1"},
      {R"({"schema":"1","like":"hub","answers":{}})", "schema: expected 1"},
      {R"({"like":"hub","answers":{}})", "it has no \"schema\""},
      {R"({"schema":1,"answers":{}})", "it has no \"like\""},
      {R"({"schema":1,"like":"hub"})", "it has no \"answers\""},
      {R"({"schema":1,"like":"docker","answers":{}})", "like is \"docker\": expected one of hub@"},
      {R"({"schema":1,"like":7,"answers":{}})", "like: expected a text"},
      {R"({"schema":1,"like":"hub","answers":[]})", "answers: expected an object"},
      {R"({"schema":1,"like":"hub","answers":{"page.size":"1"}})",
       "answers: \"page.size\" is no question"},
      {R"({"schema":1,"like":"hub","answers":{"page.default":1}})",
       "answers: page.default: expected a text"},
      {R"({"schema":1,"like":"hub","answers":{"page.default":"banana"}})",
       "answers: page.default is \"banana\": expected a number, all"},
      {R"({"schema":1,"like":"hub","answers":{"page.largest":"0"}})", "expected a number, all"},
      {R"({"schema":1,"like":"hub","answers":{"list.without-token":"perhaps"}})",
       "expected yes, or no"},
      {R"({"schema":1,"like":"hub","answers":{"challenge.service":"a\u0007b"}})",
       "answers: challenge.service: expected a text of up to 1024 bytes, without control"},
      {R"({"schema":1,"like":"hub","answers":{"challenge.realm-path":"/v2/"}})",
       "which is not one of the V2 API"},
      {R"({"schema":1,"like":"hub","answers":{"challenge.realm-path":"/v2/a/tags/list"}})",
       "which is not one of the V2 API"},
      {R"({"schema":1,"like":"hub","answers":{"challenge.realm-path":"token"}})", "a path like"},
      {R"({"schema":1,"like":"hub","answers":{"token.lifetime":"soon"}})", "seconds like 300 s"},
      {R"({"schema":1,"like":"hub","answers":{},"colour":"red"})", "\"colour\" is no member"},
      {R"({"schema":1,"like":"hub","answers":{"page.n":{"a":{"b":{"c":{}}}}}})", "not JSON"},
  };
  for (const auto& row : rows) {
    const auto profile = ReadProfileFile(row.text);
    ASSERT_FALSE(profile) << row.text;
    EXPECT_EQ(profile.error().code, ErrorCode::kConfigInvalid);
    EXPECT_TRUE(profile.error().message.contains(row.message)) << profile.error().message;
  }
  EXPECT_FALSE(ReadProfileFile(std::string(kMaxProfileFile + 1, ' ')));
}

TEST(ProfileFileTest, ClientsGoByIt) {
  const Profile quay = ClientProfile(Like("quay@2024-06", {}));
  EXPECT_EQ(quay.id, "quay");
  EXPECT_EQ(ClientProfile(Like("hub@2026", {})).id, "docker-hub");
  EXPECT_EQ(ClientProfile(Like("distribution@2.8", {})).id, "distribution");

  const Profile probed = ClientProfile(Like("quay@2024-06", {{"page.n", "honoured"},
                                                             {"page.largest", "500"},
                                                             {"list.without-token", "no: 401"},
                                                             {"error.token", "400"}}));
  EXPECT_EQ(probed.max_page_size, 500);
  EXPECT_EQ(probed.page_size, 500);
  EXPECT_FALSE(probed.anonymous_without_token);
  EXPECT_TRUE(probed.expired_token_is_400);
  EXPECT_TRUE(ClientProfile(Like("hub", {{"list.without-token", "yes"}})).anonymous_without_token);

  const Profile deaf = ClientProfile(Like("zot", {{"page.n", "ignored"}}));
  EXPECT_EQ(deaf.page_size, 0);
  EXPECT_EQ(ClientProfile(Like("zot", {{"page.largest", "99999999999999"}})).page_size, 1000);
}

// The page of `n`: its size (-1: all), `refused`.
std::string PageOf(const Served& served, std::optional<std::string_view> n) {
  const std::optional<PageSize> page = served.tags.size(n);
  if (!page) return "refused";
  return page->limit ? fmt::format("{} shown {}", *page->limit, page->shown) : "all";
}

TEST(ProfileFileTest, ServersDoAsItSays) {
  const auto plain = ServeProfile(Like("quay@2024-06", {{"page.default", "100"}}));
  EXPECT_EQ(plain->served.name, "quay@2024-06");
  EXPECT_TRUE(plain->not_imitated.empty());
  EXPECT_EQ(PageOf(plain->served, "500"), "100 shown 100");

  const auto served = ServeProfile(Like("quay@2024-06", {{"list.order", "not lexical"},
                                                         {"page.default", "50"},
                                                         {"page.largest", "60"},
                                                         {"page.above", "refused: 400"},
                                                         {"page.zero", "as without n"},
                                                         {"page.negative", "one tag"},
                                                         {"page.word", "refused: 400"},
                                                         {"link.default-n", "0"},
                                                         {"link.parameters", "last,n"},
                                                         {"page.full-link", "yes"},
                                                         {"list.without-token", "no: 401"},
                                                         {"challenge.service", "corp"},
                                                         {"challenge.realm-path", "/tokens"},
                                                         {"challenge.scope", "a:b:c"},
                                                         {"token.lifetime", "600 s"},
                                                         {"referrers", "404"},
                                                         {"push.subject", "told"},
                                                         {"push.location", "relative"},
                                                         {"push.mount-anywhere", "201"},
                                                         {"catalog", "404"}}));
  const Served& quay = served->served;
  EXPECT_EQ(PageOf(quay, std::nullopt), "50 shown 0");
  EXPECT_EQ(PageOf(quay, "0"), "50 shown 0");
  EXPECT_EQ(PageOf(quay, "7"), "7 shown 7");
  EXPECT_EQ(PageOf(quay, "60"), "60 shown 60");
  EXPECT_EQ(PageOf(quay, "61"), "refused");
  EXPECT_EQ(PageOf(quay, "-1"), "1 shown 1");
  EXPECT_EQ(PageOf(quay, "abc"), "refused");
  EXPECT_EQ(quay.tags.order, TagPages::Order::kPlace);
  EXPECT_TRUE(quay.tags.full_page_has_next);
  EXPECT_EQ(quay.tags.next({.n = 2, .last = "a"}), "?last=a&n=2");
  EXPECT_FALSE(quay.public_without_token);
  EXPECT_EQ(quay.tokens.service, "corp");
  EXPECT_EQ(quay.tokens.path, "/tokens");
  EXPECT_EQ(quay.tokens.lifetime, std::chrono::seconds(600));
  EXPECT_EQ(quay.placeholder_scope, "a:b:c");
  EXPECT_TRUE(std::ranges::any_of(quay.missing, [](const Missing& part) {
    return part.resource == wire::Resource::kReferrers;
  }));
  EXPECT_TRUE(quay.tells_subject);
  EXPECT_FALSE(quay.absolute_uploads);
  EXPECT_TRUE(quay.mounts_from_anywhere);
  ASSERT_EQ(served->not_imitated.size(), 1U);
  EXPECT_EQ(served->not_imitated.front(),
            "catalog is \"404\" there, and as quay@2024-06 has it here");
}

TEST(ProfileFileTest, WhatIsNotImitatedIsSaid) {
  const auto served = ServeProfile(Like("hub@2026", {{"page.zero", "3 tags"},
                                                     {"list.order", "lexical, case ignored"},
                                                     {"referrers", "303"},
                                                     {"token.lifetime", "60 s"}}));
  EXPECT_EQ(served->not_imitated.size(), 3U);
  EXPECT_EQ(served->served.tags.order, TagPages::Order::kName);
}

TEST(ProfileFileTest, WhatIsNotServedIsLikeDistribution) {
  const auto served = ServeProfile(Like("distribution@2.8", {{"page.n", "ignored"},
                                                             {"page.default", "all"},
                                                             {"list.order", "not lexical"},
                                                             {"challenge.scheme", "none"},
                                                             {"list.without-token", "yes"}}));
  EXPECT_EQ(PageOf(served->served, "2"), "all");
  EXPECT_FALSE(served->served.basic_challenge.empty());
  EXPECT_TRUE(served->served.tokens.path.empty());
  ASSERT_EQ(served->not_imitated.size(), 1U);
  EXPECT_TRUE(served->not_imitated.front().starts_with("list.order"));
}

}  // namespace
}  // namespace portolan::dialect
