// Plays every story of tests/transcripts/portolan and dialects against the registry, byte for byte.
//
// PORTOLAN_UPDATE_TRANSCRIPTS=1 writes the answers that came into the files instead: look at the
// difference before it is committed.
#include "portolan/http/testing/transcript.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/error.h"
#include "portolan/server/routes.h"
#include "portolan/server/testing/story_player.h"
#include "portolan/wire/endpoint.h"

namespace portolan::server {
namespace {

using http::Transcript;

constexpr std::string_view kFolder = PORTOLAN_SOURCE_DIR "/tests/transcripts/";

std::string Folder() { return std::string(kFolder) + "portolan"; }

// Our registry's own stories, and those of a registry that stands in for others.
std::vector<std::string> AllStories() {
  std::vector<std::string> stories;
  for (const std::string folder : {"portolan", "dialects"}) {
    for (const std::string& name : Transcript::Find(std::string(kFolder) + folder)) {
      stories.push_back(folder + "/" + name);
    }
  }
  return stories;
}

std::string ReadText(const std::string& name) {
  std::ifstream file(std::string(kFolder) + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Transcript Load(const std::string& name) {
  Result<Transcript> transcript = Transcript::Parse(ReadText(name));
  EXPECT_TRUE(transcript) << name << ": " << (transcript ? "" : transcript.error().message);
  return transcript ? *std::move(transcript) : Transcript();
}

std::string NameOfTest(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.rfind('.'));
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class StoryTest : public testing::TestWithParam<std::string> {};

TEST_P(StoryTest, IsToldByteForByte) {
  Transcript story = Load(GetParam());
  ASSERT_FALSE(story.exchanges.empty());
  const bool update = std::getenv("PORTOLAN_UPDATE_TRANSCRIPTS") != nullptr;
  StoryPlayer player(story.task);
  std::size_t number = 0;
  for (Transcript::Exchange& exchange : story.exchanges) {
    SCOPED_TRACE(GetParam() + ", exchange " + std::to_string(++number) + ": " + exchange.method +
                 " " + exchange.url);
    std::string answer = player.Play(exchange);
    ASSERT_FALSE(answer.empty()) << "no answer";
    if (update) {
      exchange.response_text = std::move(answer);
    } else {
      EXPECT_EQ(exchange.response_text, answer);
    }
  }
  if (!update) return;
  std::ofstream(std::string(kFolder) + GetParam(), std::ios::binary) << story.ToText();
}

INSTANTIATE_TEST_SUITE_P(Files, StoryTest, testing::ValuesIn(AllStories()), NameOfTest);

// A new route or error code needs a story.
TEST(StoriesTest, EveryRouteAndErrorIsTold) {
  std::set<std::pair<wire::Resource, wire::Method>> routes;
  std::string answers;
  for (const std::string& name : Transcript::Find(Folder())) {
    for (const Transcript::Exchange& exchange : Load("portolan/" + name).exchanges) {
      answers += exchange.body;
      std::string path = exchange.url.substr(0, exchange.url.find('?'));
      if (const std::size_t id = path.find("${"); id != std::string::npos) path.replace(id, 2, "x");
      std::erase(path, '}');
      const auto endpoint = wire::ParseEndpoint(exchange.method, path);
      if (endpoint && exchange.status < 400) routes.emplace(endpoint->resource, endpoint->method);
    }
  }
  for (const Route& route : Routes()) {
    EXPECT_TRUE(routes.contains({route.resource, route.method}))
        << NameOf(route.method) << " "
        << wire::Endpoints()[static_cast<std::size_t>(route.resource)].path;
    if (route.method == wire::Method::kGet && route.resource == wire::Resource::kBlob) {
      EXPECT_TRUE(routes.contains({route.resource, wire::Method::kHead}));
    }
  }
  // The specification's codes are the table's first.
  for (int i = 0; i <= static_cast<int>(ErrorCode::kTooManyRequests); ++i) {
    const std::string_view code = InfoOf(static_cast<ErrorCode>(i)).wire;
    EXPECT_TRUE(answers.contains("\"code\":\"" + std::string(code) + "\"")) << code;
  }
}

}  // namespace
}  // namespace portolan::server
