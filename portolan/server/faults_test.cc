#include "portolan/server/faults.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"
#include "portolan/http/body.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

// A registry with tags, before which faults are made.
class FaultsTest : public testing::Test {
 protected:
  FaultsTest() {
    for (const char* tag : {"a", "b", "c"}) registry_.PushImage("team/app", tag, "layer");
  }

  void Make(const std::string& text) {
    const Status set = faults_.SetText(text);
    ASSERT_TRUE(set) << set.error().message;
  }
  Answered Get(const std::string& target, http::Headers headers = {}) {
    return Ask(loop_, *service_, {.target = target, .headers = std::move(headers), .body = {}});
  }
  Answered Tags() { return Get("/v2/team/app/tags/list?n=2"); }

  async::Loop loop_;  // ends after the registry's pool, which tells it what has been done
  TestRegistry registry_;
  Faults faults_;
  std::unique_ptr<http::Service> service_ =
      WithFaults(registry_.service(), faults_, registry_.clock);
};

TEST_F(FaultsTest, WithoutAnyNothingChanges) {
  EXPECT_EQ(Tags().body, R"({"name":"team/app","tags":["a","b"]})");
}

TEST_F(FaultsTest, OnlySomeRequestsAreMeant) {
  Make("# every second list, twice\n\nGET /v2/**/tags/list every=2 times=2 status=503\n");
  std::string statuses;
  for (int i = 0; i < 8; ++i) statuses += std::to_string(Tags().status) + " ";
  EXPECT_EQ(statuses, "200 503 200 503 200 200 200 200 ");
  EXPECT_EQ(Get("/v2/").status, 200);
  EXPECT_EQ(faults_.Text(), "2 times of 8: GET /v2/**/tags/list every=2 times=2 status=503\n");
  faults_.Set({});
  EXPECT_EQ(faults_.Text(), "");
}

TEST_F(FaultsTest, WaitingIsAskedForInEveryForm) {
  Make("status=429 retry-after=5");
  EXPECT_EQ(Tags().Header("Retry-After"), "5");
  Make("status=429 retry-after=date:5");
  EXPECT_EQ(Tags().Header("Retry-After"), "Tue, 28 Mar 2023 05:38:59 GMT");
  Make("status=429 retry-after=unix:5");
  EXPECT_EQ(Tags().Header("X-Retry-After"), "1679981939");
  Make("status=429");
  EXPECT_EQ(Tags().Header("Retry-After"), "");
}

TEST_F(FaultsTest, BodiesBreak) {
  Make("cut=10");
  const Answered answered = Tags();
  EXPECT_EQ(answered.status, 200);
  EXPECT_TRUE(answered.broken);
  EXPECT_EQ(answered.body, R"({"name":"t)");
  Make("cut=1000");
  EXPECT_FALSE(Tags().broken) << "it is shorter than that";
}

TEST_F(FaultsTest, BodiesRest) {
  Make("stall=10");
  loop_.CancelAfter(std::chrono::milliseconds(50));
  const Answered answered = Tags();
  EXPECT_TRUE(answered.broken);
  EXPECT_EQ(answered.body, R"({"name":"t)");
}

TEST_F(FaultsTest, LinksLeadAstray) {
  const struct {
    const char* fault;
    const char* link;
  } rows[] = {
      {"link=none", ""},
      {"link=loop", "</v2/team/app/tags/list?n=2>; rel=\"next\""},
      {"link=other-host", "<https://other.invalid/v2/team/app/tags/list?n=2&last=b>; rel=\"next\""},
      {"link=http", "<http://registry.test/v2/team/app/tags/list?n=2&last=b>; rel=\"next\""},
      {"link=absolute", "<http://registry.test/v2/team/app/tags/list?n=2&last=b>; rel=\"next\""},
  };
  for (const auto& row : rows) {
    Make(row.fault);
    EXPECT_EQ(Tags().Header("Link"), row.link) << row.fault;
  }
  Make("link=other-host");
  EXPECT_EQ(Get("/v2/team/app/tags/list").Header("Link"), "") << "there is no next page";
}

TEST_F(FaultsTest, ListsHoldWhatTheyShouldNot) {
  Make("tags=twice");
  EXPECT_EQ(Tags().body, R"({"name":"team/app","tags":["a","b","a"]})");
  Make("tags=null");
  EXPECT_EQ(Tags().body, R"({"name":"team/app","tags":["a","b",null]})");
  Make("tags=invalid");
  EXPECT_EQ(Tags().body, R"({"name":"team/app","tags":["a","b","","no tag!","../../etc/passwd"]})");
  EXPECT_EQ(Get("/v2/team/app/tags/list?n=0").body, R"({"name":"team/app","tags":[]})");
}

TEST_F(FaultsTest, ATokenComesTooLate) {
  registry_.SetDialect(dialect::ServedHub2023());
  service_ = WithFaults(registry_.service(), faults_, registry_.clock);
  Make("/v2/**/tags/list expired-token");
  const Answered answered = Tags();
  EXPECT_EQ(answered.status, 401);
  EXPECT_TRUE(answered.Header("WWW-Authenticate").ends_with("error=\"invalid_token\""));
}

TEST_F(FaultsTest, AListThatIsWrongChangesNothing) {
  Make("status=503");
  const Status set = faults_.SetText("cut=1\nlink=back\n");
  ASSERT_FALSE(set);
  EXPECT_TRUE(set.error().message.starts_with("line 2: ")) << set.error().message;
  EXPECT_EQ(Tags().status, 503);
  std::string many;
  for (std::size_t i = 0; i <= Faults::kMaxFaults; ++i) many += "cut=1\n";
  EXPECT_FALSE(faults_.SetText(many));
}

}  // namespace
}  // namespace portolan::server
