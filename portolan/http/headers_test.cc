#include "portolan/http/headers.h"

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

using Values = std::vector<std::string_view>;

TEST(Headers, AreFoundWithoutCase) {
  const Headers headers{{"Link", "a"}, {"LINK", "b"}, {"X", ""}};
  EXPECT_EQ(headers.Get("link"), "a");
  EXPECT_EQ(headers.GetAll("lInK"), (Values{"a", "b"}));
  EXPECT_TRUE(headers.Has("x"));
  EXPECT_EQ(headers.Get("x"), "");
  EXPECT_FALSE(headers.Has("Lin"));
  EXPECT_EQ(headers.Get("none"), "");
  EXPECT_TRUE(headers.GetAll("none").empty());
}

TEST(Headers, KeepOrderAndSpelling) {
  Headers headers;
  headers.Add("B", "1");
  headers.Add("a", "2");
  headers.Add("b", "3");
  EXPECT_EQ(headers, (Headers{{"B", "1"}, {"a", "2"}, {"b", "3"}}));
}

TEST(Headers, SetReplacesAllOfTheName) {
  Headers headers{{"B", "1"}, {"a", "2"}, {"b", "3"}};
  headers.Set("B", "4");
  EXPECT_EQ(headers, (Headers{{"a", "2"}, {"B", "4"}}));
  headers.Remove("A");
  EXPECT_EQ(headers, (Headers{{"B", "4"}}));
  headers.Remove("none");
  EXPECT_EQ(headers.fields().size(), 1U);
}

}  // namespace
}  // namespace portolan::http
