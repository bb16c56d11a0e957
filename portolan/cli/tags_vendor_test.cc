// tags and untag where a vendor's own API tells of tags.
#include <string>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"
#include "portolan/cli/testing/image_registry.h"
#include "portolan/http/testing/fake_service.h"

namespace portolan::cli {
namespace {

class TagsVendorTest : public testing::Test {
 protected:
  TagsVendorTest() {
    one_ = registry_.Push("1.0", "2023-03-01T10:00:00Z", 1000);
    const std::string arm = registry_.Push("", "2023-03-02T10:00:00Z", 3000, "arm64");
    index_ = registry_.PushIndex("2.0", {one_ + " amd64", arm + " arm64"});
    // The sizes are the vendor's own, so that it can be seen whose are printed.
    const auto image = [](const std::string& architecture, const std::string& digest, int size) {
      return R"({"os":"linux","architecture":")" + architecture + R"(","variant":null,"digest":")" +
             digest + R"(","size":)" + std::to_string(size) + "}";
    };
    page_ = R"({"count":2,"next":null,"results":[)"
            R"({"name":"2.0","digest":")" +
            index_ + R"(","full_size":77,"tag_last_pushed":"2023-03-20T00:00:00Z","images":[)" +
            image("amd64", one_, 111) + "," + image("arm64", arm, 222) + "," +
            image("unknown", one_, 9) + R"(]},{"name":"1.0","digest":")" + one_ +
            R"(","full_size":111,"tag_last_pushed":"2023-03-10T00:00:00Z","images":[)" +
            image("amd64", one_, 111) + "]}]}";
  }

  http::Response Answer(const http::Request& request) {
    return request.url.origin.host == "hub.docker.com" ? http::TextResponse(200, page_)
                                                       : registry_(request);
  }
  std::string Tags(std::vector<std::string> arguments) {
    fixture_.terminal.out.clear();
    asked_ = fixture_.service.seen().size();
    arguments.insert(arguments.begin(), {"docker.io/a/b", "-o", "ndjson"});
    const Status status = fixture_.Run(NewTagsCommand(), std::move(arguments));
    EXPECT_TRUE(status) << status.error().message;
    return fixture_.terminal.out;
  }
  // Of the last listing.
  std::size_t Requests() const { return fixture_.service.seen().size() - asked_; }

  ImageRegistry registry_;
  CommandFixture fixture_{[this](const http::Request& request) { return Answer(request); }};
  std::string one_;
  std::string index_;
  std::string page_;
  std::size_t asked_ = 0;
};

TEST_F(TagsVendorTest, WhatIsCountedIsNotReadUnasked) {
  const std::string out = Tags({"--platform", "linux/arm64"});
  EXPECT_TRUE(out.contains(R"("source":"docker-hub","tag":"2.0")")) << out;
  EXPECT_TRUE(out.contains(R"("size":222,"created":null,"pushed":"2023-03-20T00:00:00Z",)"
                           R"("platform":"linux/arm64")"))
      << out;
  EXPECT_FALSE(out.contains("unknown"));
  EXPECT_FALSE(out.contains(R"("tag":"1.0")"));
  EXPECT_EQ(Requests(), 1U);
  EXPECT_TRUE(Tags({"--platform", "all"}).contains(R"("size":333,)"));
}

TEST_F(TagsVendorTest, UntilItIsAskedForAndThenItIsKnown) {
  const std::string out = Tags({"--complete", "--sort", "pushed"});
  EXPECT_TRUE(out.contains(R"("size":1070,"created":"2023-03-01T10:00:00Z")")) << out;
  EXPECT_LT(out.find("\"tag\":\"2.0\""), out.find("\"tag\":\"1.0\""));
  EXPECT_GT(Requests(), 1U);
  EXPECT_TRUE(Tags({}).contains(R"("created":"2023-03-01T10:00:00Z")"));
  EXPECT_EQ(Requests(), 1U);
}

TEST_F(TagsVendorTest, BySinceWhenItWasPushed) {
  EXPECT_FALSE(Tags({"--since", "2023-03-15"}).contains(R"("tag":"1.0")"));
}

TEST_F(TagsVendorTest, V2IsTheSameButForWhenItWasPushed) {
  const std::string out = Tags({"--source", "v2"});
  EXPECT_TRUE(out.contains(R"("source":"v2","tag":"1.0")"));
  EXPECT_TRUE(out.contains(R"("pushed":null)"));
  for (const std::string& request : fixture_.Requests()) {
    EXPECT_FALSE(request.contains("hub.docker.com"));
  }
}

TEST_F(TagsVendorTest, WhichTagsNeedsNoManifest) {
  const Status status =
      fixture_.Run(NewWhichTagsCommand(), {"docker.io/a/b@" + one_, "-o", "text"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture_.terminal.out, "1.0\n2.0\n");
  EXPECT_EQ(fixture_.service.seen().size(), 1U);
}

TEST_F(TagsVendorTest, UntagBelievesTheRegistryAlone) {
  // The vendor's page is old: 1.0 and stable are one by now.
  registry_.tags["stable"] = registry_.tags["1.0"];
  page_.replace(page_.rfind("\"name\":\"1.0\""), 12, "\"name\":\"stable\"},{\"name\":\"1.0\"");
  registry_.delete_by_tag_status = 202;
  const Status status = fixture_.Run(NewUntagCommand(), {"docker.io/a/b:1.0", "-o", "json"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_TRUE(fixture_.terminal.out.contains(R"("siblings":["stable"])")) << fixture_.terminal.out;
  EXPECT_TRUE(registry_.tags.contains("stable"));
}

}  // namespace
}  // namespace portolan::cli
