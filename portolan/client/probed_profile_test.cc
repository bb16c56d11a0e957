#include "portolan/client/probed_profile.h"

#include <string>

#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

constexpr const char* kPages =
    R"({"schema":1,"like":"distribution@3","answers":{"page.largest":"7"}})";

class ProbedProfileTest : public testing::Test {
 protected:
  // Where the first page of a/b is asked for.
  void Expect(const std::string& query) {
    world_.registry.On("GET", "https://reg.test/v2/a/b/tags/list" + query)
        .Reply(200, R"({"name":"a/b","tags":["1"]})");
    const Listed listed = world_.List("reg.test/a/b");
    EXPECT_TRUE(listed.ok()) << listed.message();
  }
  ClientFixture world_;
};

TEST_F(ProbedProfileTest, OfTheFlag) {
  world_.files.files["/p.json"] = {.content = kPages};
  world_.options.profile_file = "/p.json";
  Expect("?n=7");
}

TEST_F(ProbedProfileTest, OfTheVariableForItsHost) {
  world_.files.files["/p.json"] = {.content = kPages};
  world_.environment.variables["PORTOLAN_PROFILES"] = "other.test=/none, reg.test=/p.json";
  Expect("?n=7");
}

TEST_F(ProbedProfileTest, OthersHaveTheirOwnWays) {
  world_.environment.variables["PORTOLAN_PROFILES"] = "other.test=/none";
  Expect("?n=1000");
}

TEST_F(ProbedProfileTest, MistakesAreNamed) {
  world_.files.files["/bad.json"] = {.content = "{}"};
  for (const auto& [value, message] : {std::pair{"reg.test=/none", "/none"},
                                       {"reg.test=/bad.json", "/bad.json: it has no \"schema\""},
                                       {"reg.test", "\"reg.test\" is not understood"},
                                       {"a b=/x", "\"a b=/x\" is not understood"}}) {
    world_.environment.variables["PORTOLAN_PROFILES"] = value;
    world_.Restart();
    const Listed listed = world_.List("reg.test/a/b");
    ASSERT_FALSE(listed.ok()) << value;
    EXPECT_TRUE(listed.message().contains(message)) << listed.message();
  }
}

}  // namespace
}  // namespace portolan::client
