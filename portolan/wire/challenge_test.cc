#include "portolan/wire/challenge.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using Parameters = std::vector<Challenge::Parameter>;

struct Row {
  const char* name;
  std::vector<std::string_view> lines;
  std::vector<Challenge> want;
};

const Row kRegistries[] = {
    {"Docker Hub, ping",
     {R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io")"},
     {{"bearer", {{"realm", "https://auth.docker.io/token"}, {"service", "registry.docker.io"}}}}},
    {"GHCR, placeholder scope",
     {R"(Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull")"},
     {{"bearer",
       {{"realm", "https://ghcr.io/token"},
        {"service", "ghcr.io"},
        {"scope", "repository:user/image:pull"}}}}},
    {"Quay",
     {R"(Bearer realm="https://quay.io/v2/auth",service="quay.io")"},
     {{"bearer", {{"realm", "https://quay.io/v2/auth"}, {"service", "quay.io"}}}}},
    {"ECR private",
     {R"(Basic realm="https://1.dkr.ecr.us-east-1.amazonaws.com/",service="ecr.amazonaws.com")"},
     {{"basic",
       {{"realm", "https://1.dkr.ecr.us-east-1.amazonaws.com/"},
        {"service", "ecr.amazonaws.com"}}}}},
    {"Harbor, Authorization present",
     {R"(Basic realm="harbor")"},
     {{"basic", {{"realm", "harbor"}}}}},
    {"Harbor, unknown project", {""}, {}},
    {"Nexus",
     {R"(BASIC realm="Sonatype Nexus Repository Manager")"},
     {{"basic", {{"realm", "Sonatype Nexus Repository Manager"}}}}},
    {"zot",
     {"bearer realm=https://x/token?a=b,service=y"},
     {{"bearer", {{"realm", "https://x/token?a=b"}, {"service", "y"}}}}},
    {"Codeberg, one line",
     {R"(Bearer realm="https://c/v2/token",service="container_registry",scope="*",Basic realm="https://c/v2")"},
     {{"bearer",
       {{"realm", "https://c/v2/token"}, {"service", "container_registry"}, {"scope", "*"}}},
      {"basic", {{"realm", "https://c/v2"}}}}},
    {"Gitea, two lines",
     {R"(Bearer realm="https://g/v2/token")", R"(Basic realm="g")"},
     {{"bearer", {{"realm", "https://g/v2/token"}}}, {"basic", {{"realm", "g"}}}}},
    {"distribution, error",
     {R"(Bearer realm="r",service="s",scope="registry:catalog:*",error="insufficient_scope")"},
     {{"bearer",
       {{"realm", "r"},
        {"service", "s"},
        {"scope", "registry:catalog:*"},
        {"error", "insufficient_scope"}}}}},
    {"several scopes",
     {R"(Bearer realm="r",scope="repository:a/b:pull,push repository:c:pull")"},
     {{"bearer", {{"realm", "r"}, {"scope", "repository:a/b:pull,push repository:c:pull"}}}}},
};

const Row kForms[] = {
    {"no lines", {}, {}},
    {"scheme alone", {"Negotiate"}, {{"negotiate", {}}}},
    {"token68",
     {"Negotiate YII/+a.b-c_d~e==, Basic realm=\"x\""},
     {{"negotiate", {}}, {"basic", {{"realm", "x"}}}}},
    {"token68 of an unknown scheme",
     {"Bearer realm=r, Custom abc=, Basic realm=x"},
     {{"bearer", {{"realm", "r"}}}, {"custom", {}}, {"basic", {{"realm", "x"}}}}},
    {"schemes alone", {"Basic, Bearer , NTLM"}, {{"basic", {}}, {"bearer", {}}, {"ntlm", {}}}},
    {"quoted pair", {R"(Basic realm="a \"b\" \\ c")"}, {{"basic", {{"realm", R"(a "b" \ c)"}}}}},
    {"comma and equals in quotes",
     {R"(Bearer realm="a,b=c, Basic d",service="e")"},
     {{"bearer", {{"realm", "a,b=c, Basic d"}, {"service", "e"}}}}},
    {"quote not closed",
     {R"(Bearer realm="https://x/token,service=y)"},
     {{"bearer", {{"realm", "https://x/token"}, {"service", "y"}}}}},
    {"quote not closed at the end",
     {R"(Bearer service=y,realm=")"},
     {{"bearer", {{"service", "y"}, {"realm", ""}}}}},
    {"parameter without value",
     {R"(Bearer realm="r",foo,service="s",bar)"},
     {{"bearer", {{"realm", "r"}, {"foo", ""}, {"service", "s"}, {"bar", ""}}}}},
    {"parameter with empty value",
     {"Bearer service=s,realm="},
     {{"bearer", {{"service", "s"}, {"realm", ""}}}}},
    {"spaces around equals",
     {"Bearer\t realm = \"r\" , service\t=\ts"},
     {{"bearer", {{"realm", "r"}, {"service", "s"}}}}},
    {"no commas",
     {R"(Bearer realm="r" service=s Basic realm=x)"},
     {{"bearer", {{"realm", "r"}, {"service", "s"}}}, {"basic", {{"realm", "x"}}}}},
    {"first of a name counts", {"Bearer Realm=a,REALM=b"}, {{"bearer", {{"realm", "a"}}}}},
    {"parameters before any scheme",
     {"realm=\"x\",service=y,Basic realm=z"},
     {{"basic", {{"realm", "z"}}}}},
    {"a line does not continue the one before",
     {"Bearer realm=r", "service=s"},
     {{"bearer", {{"realm", "r"}}}}},
    {"empty entries", {",, ,Basic realm=x,,"}, {{"basic", {{"realm", "x"}}}}},
    {"garbage is skipped to the comma",
     {"@@ Basic realm=a, Basic realm=b"},
     {{"basic", {{"realm", "b"}}}}},
    {"garbage inside",
     {R"(Bearer realm="r"/?"x",service=s)"},
     {{"bearer", {{"realm", "r"}, {"service", "s"}}}}},
    {"NUL",
     {std::string_view("Basic realm=\"a\0b\",\0x,c=d", 24)},
     {{"basic", {{"realm", std::string("a\0b", 3)}, {"c", "d"}}}}},
};

void Check(const Row& row) {
  SCOPED_TRACE(row.name);
  const std::vector<Challenge> got = ParseChallenges(row.lines);
  ASSERT_EQ(got.size(), row.want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].scheme, row.want[i].scheme);
    ASSERT_EQ(got[i].parameters.size(), row.want[i].parameters.size());
    for (std::size_t j = 0; j < got[i].parameters.size(); ++j) {
      EXPECT_EQ(got[i].parameters[j].name, row.want[i].parameters[j].name);
      EXPECT_EQ(got[i].parameters[j].value, row.want[i].parameters[j].value);
    }
  }
}

TEST(ParseChallenges, UnderstandsEveryRegistry) {
  for (const Row& row : kRegistries) Check(row);
}

TEST(ParseChallenges, UnderstandsEveryForm) {
  for (const Row& row : kForms) Check(row);
}

TEST(ParseChallenges, SurvivesManyCommas) {
  const std::string text = "Basic realm=x" + std::string(10'000, ',') + "service=y";
  const std::array<std::string_view, 1> lines = {text};
  const std::vector<Challenge> got = ParseChallenges(lines);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].Get("service"), "y");
}

// With a quadratic parser each of these takes minutes.
TEST(ParseChallenges, TakesLinearTime) {
  constexpr int kCount = 200'000;
  for (const std::string_view piece :
       {"\",", "a=\"", "a=\"\\\",", "\\\"", "= ", "a b ", "@", "x=,"}) {
    std::string text = "Bearer ";
    for (int i = 0; i < kCount; ++i) text += piece;
    const std::array<std::string_view, 1> lines = {text};
    EXPECT_LE(ParseChallenges(lines).size(), 32U);
  }
}

TEST(ParseChallenges, LimitsWhatItReturns) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "Basic realm=x,";
  std::string wide = "Bearer realm=r";
  for (int i = 0; i < 100; ++i) wide += ",p" + std::to_string(i) + "=1";
  const std::array<std::string_view, 3> lines = {wide, many, many};
  const std::vector<Challenge> got = ParseChallenges(lines);
  ASSERT_EQ(got.size(), 32U);
  EXPECT_EQ(got[0].parameters.size(), 64U);
  EXPECT_EQ(got[31], (Challenge{"basic", {{"realm", "x"}}}));
}

TEST(Challenge, GetsByName) {
  const Challenge challenge{"bearer", {{"realm", "r"}, {"empty", ""}}};
  EXPECT_EQ(challenge.Get("realm"), "r");
  EXPECT_EQ(challenge.Get("service"), "");
  EXPECT_TRUE(challenge.Has("empty"));
  EXPECT_FALSE(challenge.Has("service"));
}

TEST(ChooseChallenge, PrefersBearerWithRealm) {
  const Challenge bearer{"bearer", {{"realm", "r"}}};
  const Challenge vague{"bearer", {{"service", "s"}}};
  const Challenge basic{"basic", {{"realm", "b"}}};
  const Challenge bare{"basic", {}};
  const Challenge other{"negotiate", {}};
  struct Choice {
    const char* name;
    std::vector<Challenge> from;
    int want;  // index, or -1
  };
  const Choice choices[] = {
      {"nothing", {}, -1},
      {"Bearer", {bearer}, 0},
      {"Bearer after Basic", {basic, bearer}, 1},
      {"first of two Bearers", {bearer, {"bearer", {{"realm", "q"}}}}, 0},
      {"Bearer without realm", {vague, basic}, 1},
      {"Bearer without realm alone", {vague}, -1},
      {"Basic without realm", {other, bare, basic}, 1},
      {"others only", {other}, -1},
  };
  for (const Choice& choice : choices) {
    SCOPED_TRACE(choice.name);
    const Challenge* got = ChooseChallenge(choice.from);
    EXPECT_EQ(got, choice.want < 0 ? nullptr : &choice.from[static_cast<std::size_t>(choice.want)]);
  }
}

}  // namespace
}  // namespace portolan::wire
