#include "portolan/wire/text_members.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(TextMembersTest, TextsAreRead) {
  const TextMembers members =
      ReadTextMembers(R"( {"a":"x\"y","b":1,"c":null,"d":{"a":"z"},"a2":""} )").value();
  EXPECT_EQ(TextOf(members, "a"), "x\"y");
  EXPECT_EQ(TextOf(members, "b"), "");
  EXPECT_EQ(TextOf(members, "missing"), "");
  EXPECT_TRUE(members.contains("c"));
  EXPECT_FALSE(members.at("d"));
  EXPECT_TRUE(members.at("a2"));
}

TEST(TextMembersTest, OtherBodiesAreRefused) {
  for (const std::string& body : {std::string(), std::string("[]"), std::string("\"a\""),
                                  std::string("{\"a\":"), "{\"a\":" + std::string(100, '[')}) {
    ASSERT_FALSE(ReadTextMembers(body)) << body;
    EXPECT_EQ(ReadTextMembers(body).error().code, ErrorCode::kProtocol);
  }
}

}  // namespace
}  // namespace portolan::wire
