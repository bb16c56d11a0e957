// Plays the client against every recorded exchange of tests/transcripts.
#include "portolan/http/testing/transcript.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {
namespace {

namespace fs = std::filesystem;
using http::Transcript;

fs::path Folder() { return fs::path(PORTOLAN_SOURCE_DIR) / "tests/transcripts"; }

// Those of our own registry are the server's to play.
std::vector<std::string> FindTranscripts() {
  std::vector<std::string> names = Transcript::Find(Folder().string());
  std::erase_if(names, [](const std::string& name) {
    return name.starts_with("portolan/") || name.starts_with("dialects/");
  });
  return names;
}

std::string NameOf(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.rfind('.'));
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

/// Answers the recorded requests in their order, and no others.
class Player final : public http::Client {
 public:
  explicit Player(std::vector<Transcript::Exchange> exchanges) : exchanges_(std::move(exchanges)) {}

  async::Task<Result<http::Response>> Send(http::Request request) override {
    const std::string line = request.method + " " + request.url.ToString();
    if (next_ == exchanges_.size()) {
      ADD_FAILURE() << "a request too many: " << line;
      co_return Fail(ErrorCode::kConnectFailed, "the transcript has ended");
    }
    const Transcript::Exchange& exchange = exchanges_[next_++];
    EXPECT_EQ(line, exchange.method + " " + exchange.url) << "request " << next_;
    for (const auto& field : exchange.request_headers.fields()) {
      EXPECT_EQ(request.headers.Get(field.name), field.value) << line << ": " << field.name;
    }
    if (!exchange.request_headers.Has("authorization")) {
      EXPECT_FALSE(request.headers.Has("Authorization")) << line;
    }
    http::Response response;
    response.status = exchange.status;
    response.version = exchange.version;
    response.headers = exchange.response_headers;
    response.body = http::NewTextBody(exchange.body);
    response.peer_address = "93.184.216.34";
    co_return response;
  }
  std::size_t played() const { return next_; }

 private:
  std::vector<Transcript::Exchange> exchanges_;
  std::size_t next_ = 0;
};

/// What came of the task, in the words of a transcript's last part.
struct Outcome {
  std::vector<std::string> tags;
  std::string token;
  Error error;
  bool failed = false;
};

class TranscriptTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::ifstream file(Folder() / GetParam(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    auto transcript = Transcript::Parse(text.str());
    ASSERT_TRUE(transcript) << transcript.error().message;
    transcript_ = *std::move(transcript);
  }

  Options OptionsOfTask() const {
    Options options;
    config::Credentials credentials;
    credentials.username = Task("user");
    credentials.password = Secret(Task("password"));
    credentials.registry_token = Secret(Task("registry-token"));
    if (!credentials.empty()) options.credentials = credentials;
    options.user_agent = "portolan-test";
    return options;
  }
  std::string Task(std::string_view name) const { return Transcript::Get(transcript_.task, name); }

  Outcome List(Registries& registries) {
    Outcome outcome;
    repo::ListOptions options;
    if (!Task("page-size").empty()) options.page_size = std::stoi(Task("page-size"));
    if (!Task("limit").empty()) options.limit = std::stoul(Task("limit"));
    const auto references = registries.Resolve(Task("list"));
    const auto repository = registries.Open(references.value().front());
    const auto summary = loop_.Run(repository->ListTags(options, [&](const repo::ListPage& page) {
      for (const std::string_view item : page.items) outcome.tags.emplace_back(item);
      return Status();
    }));
    if (!summary) SetError(outcome, summary.error());
    return outcome;
  }
  Outcome FetchToken(Registries& registries) {
    Outcome outcome;
    const auto references = registries.Resolve(Task("token"));
    const oci::Reference& reference = references.value().front();
    const auto token = loop_.Run(registries.FetchToken(
        {.registry = reference.registry, .repository = reference.repository}, {}));
    if (token) {
      outcome.token = token->token.Reveal();
    } else {
      SetError(outcome, token.error());
    }
    return outcome;
  }
  static void SetError(Outcome& outcome, const Error& error) {
    outcome.error = error;
    outcome.failed = true;
  }

  Transcript transcript_;
  async::Loop loop_;
};

void ExpectOutcome(const Outcome& outcome, const Transcript::Fields& expected) {
  std::vector<std::string> tags;
  const auto [begin, end] = expected.equal_range("tag");
  for (auto it = begin; it != end; ++it) tags.push_back(it->second);
  EXPECT_EQ(outcome.tags, tags);
  EXPECT_EQ(outcome.token, Transcript::Get(expected, "token"));
  const std::string error = Transcript::Get(expected, "error");
  EXPECT_EQ(outcome.failed ? InfoOf(outcome.error.code).wire : "", error) << outcome.error.message;
  for (const auto& [name, text] : expected) {
    if (name == "message") {
      EXPECT_NE(outcome.error.message.find(text), std::string::npos) << outcome.error.message;
    }
    if (name == "hint") {
      EXPECT_NE(outcome.error.hint.find(text), std::string::npos) << outcome.error.hint;
    }
  }
}

TEST_P(TranscriptTest, IsPlayedByteForByte) {
  Player player(transcript_.exchanges);
  ClientFixture world;
  config::CredentialStore credentials(world.files, world.environment, world.runner, {},
                                      world.limits);
  const config::RegistriesConf registries_conf;
  async::Pool pool(1);
  Registries registries({.http = player,
                         .files = world.files,
                         .environment = world.environment,
                         .clock = world.clock,
                         .random = world.random,
                         .log = world.log,
                         .pool = pool,
                         .credentials = credentials,
                         .registries_conf = registries_conf,
                         .limits = world.limits},
                        OptionsOfTask());
  ASSERT_NE(Task("list").empty(), Task("token").empty()) << "one task a file";
  const Outcome outcome = Task("token").empty() ? List(registries) : FetchToken(registries);
  EXPECT_EQ(player.played(), transcript_.exchanges.size());
  ExpectOutcome(outcome, transcript_.outcome);
}

INSTANTIATE_TEST_SUITE_P(Files, TranscriptTest, testing::ValuesIn(FindTranscripts()), NameOf);

}  // namespace
}  // namespace portolan::client
