// Retries and redirects of one request.
#include "portolan/client/sender.h"

#include <gtest/gtest.h>

#include "portolan/client/testing/fake_registry.h"

namespace portolan::client {
namespace {

using Names = std::vector<std::string>;
using std::chrono::milliseconds;

class SenderTest : public testing::Test {
 protected:
  SenderTest() : memory_(http::NewClient(registry_)), network_(*memory_) {
    policy_.failures.base = milliseconds(1);
    policy_.rate_limit.base = milliseconds(1);
  }
  static http::Request NewRequest(std::string_view url = "https://r.test/x") {
    http::Request request;
    request.url = Url::Parse(url).value();
    return request;
  }
  Result<Sender::Answer> Send(http::Request request, bool private_allowed = false) {
    Sender sender(network_, SystemClock(), random_, log_, limits_, policy_);
    auto task = [](Sender& used, http::Request sent,
                   bool allowed) -> async::Task<Result<Sender::Answer>> {
      Result<Sender::Answer> answer = co_await used.Send(std::move(sent), allowed);
      // The answer does not outlive its sender.
      if (answer) {
        text_ = co_await http::ReadStart(*answer->response.body, 10000);
        answer->response.body = http::NewTextBody(text_);
      }
      co_return answer;
    };
    return loop_.Run(task(sender, std::move(request), private_allowed));
  }
  int StatusOf(const Result<Sender::Answer>& answer) {
    return answer ? answer->response.status : 0;
  }
  std::string LogText() {
    std::string text;
    for (const std::string& line : log_.lines()) text += line + "\n";
    return text;
  }

  inline static std::string text_;
  FakeRegistry registry_;
  std::unique_ptr<http::Client> memory_;
  FailingClient network_;
  FixedRandom random_;
  MemoryLog log_;
  Limits limits_;
  Sender::Policy policy_;
  async::Loop loop_;
};

TEST_F(SenderTest, NamesItself) {
  policy_.user_agent = "portolan/9";
  registry_.On("GET", "https://r.test/x").Reply(200, "");
  EXPECT_TRUE(Send(NewRequest()));
  EXPECT_EQ(registry_.requests()[0].headers.Get("User-Agent"), "portolan/9");
  http::Request own = NewRequest();
  own.headers.Set("user-agent", "curl");
  EXPECT_TRUE(Send(std::move(own)));
  EXPECT_EQ(registry_.requests()[1].headers.GetAll("User-Agent").size(), 1U);
}

// --- failures that may pass ---

TEST_F(SenderTest, FailuresAreNotRetriedByDefault) {
  registry_.On("GET", "https://r.test/x").Reply(503, "");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 503);
  network_.Fail("https://gone.test", Fail(ErrorCode::kConnectFailed, "refused"));
  EXPECT_FALSE(Send(NewRequest("https://gone.test/")));
  EXPECT_EQ(registry_.requests().size(), 1U);
  EXPECT_EQ(network_.failed().size(), 1U);
}

TEST_F(SenderTest, StatusesThatMayPass) {
  policy_.failures.max_retries = 2;
  struct Row {
    int status;
    std::size_t requests;
  };
  const Row rows[] = {{408, 3}, {500, 3}, {502, 3}, {503, 3}, {504, 3}, {501, 1}, {400, 1},
                      {401, 1}, {403, 1}, {404, 1}, {413, 1}, {200, 1}, {304, 1}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.status);
    const std::string url = "https://r.test/" + std::to_string(row.status);
    registry_.On("GET", url).Reply(row.status, "the last answer");
    registry_.ForgetRequests();
    EXPECT_EQ(StatusOf(Send(NewRequest(url))), row.status);
    EXPECT_EQ(registry_.requests().size(), row.requests);
    EXPECT_EQ(text_, "the last answer");
  }
}

TEST_F(SenderTest, ErrorsThatMayPass) {
  policy_.failures.max_retries = 2;
  for (const ErrorCode code :
       {ErrorCode::kConnectFailed, ErrorCode::kTimeout, ErrorCode::kTlsFailed,
        ErrorCode::kHostUnknown, ErrorCode::kUnsafeTarget, ErrorCode::kCancelled}) {
    SCOPED_TRACE(InfoOf(code).wire);
    const std::size_t before = network_.failed().size();
    network_.Fail("https://r.test", Fail(code, "it failed"));
    const auto answer = Send(NewRequest());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code);
    EXPECT_EQ(network_.failed().size() - before, InfoOf(code).retryable ? 3U : 1U);
  }
  EXPECT_TRUE(InfoOf(ErrorCode::kConnectFailed).retryable);
  EXPECT_FALSE(InfoOf(ErrorCode::kUnsafeTarget).retryable);
}

TEST_F(SenderTest, ARetrySucceeds) {
  policy_.failures.max_retries = 3;
  network_.Fail("https://r.test", Fail(ErrorCode::kConnectFailed, "refused"), 1);
  registry_.On("GET", "https://r.test/x").Reply(500, "").Reply(200, "fine");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 200);
  EXPECT_EQ(text_, "fine");
}

TEST_F(SenderTest, ABodyIsSentAgain) {
  policy_.failures.max_retries = 1;
  registry_.On("POST", "https://r.test/x").Reply(500, "").Reply(201, "");
  http::Request request = NewRequest();
  request.method = "POST";
  request.body = [] { return http::NewTextBody("content"); };
  EXPECT_EQ(StatusOf(Send(std::move(request))), 201);
  EXPECT_EQ(registry_.bodies(), (Names{"content", "content"}));
}

TEST_F(SenderTest, ServersMayAskForAWaitToo) {
  policy_.failures = {.max_retries = 1, .base = std::chrono::hours(1)};
  registry_.On("GET", "https://r.test/x").Reply(503, {{"Retry-After", "0"}}, "").Reply(200, "");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 200) << "what the server asks for, not our own wait";
}

// --- rate limits ---

struct LimitRow {
  const char* name;
  http::Headers headers;
  const char* body;
};

TEST_F(SenderTest, RateLimitsAreWaitedFor) {
  const LimitRow rows[] = {
      {"429 with seconds", {{"Retry-After", "0"}}, ""},
      {"429 with a date", {{"Retry-After", "Tue, 28 Mar 2023 05:38:54 GMT"}}, ""},
      {"429 with a Unix time", {{"X-Retry-After", "1679981934"}}, ""},
      {"429 with nothing", {}, ""},
      {"429 with GHCR's text", {}, "retry-after: 880\xc2\xb5s, allowed: 44000/minute"},
      {"429 with nonsense", {{"Retry-After", "soon"}}, "<html>"},
  };
  for (const LimitRow& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string url = "https://r.test/" + std::to_string(&row - rows);
    registry_.On("GET", url).Reply(429, row.headers, row.body).Reply(200, "fine");
    EXPECT_EQ(StatusOf(Send(NewRequest(url))), 200);
    EXPECT_EQ(text_, "fine");
  }
}

TEST_F(SenderTest, RateLimitsAreRetriedFiveTimes) {
  registry_.On("GET", "https://r.test/x").Reply(429, {{"Retry-After", "0"}}, "enough");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 429);
  EXPECT_EQ(registry_.requests().size(), 6U);
  EXPECT_EQ(text_, "enough");
}

TEST_F(SenderTest, AWaitAboveTheCeilingIsAnErrorAtOnce) {
  registry_.On("GET", "https://r.test/x").Reply(429, {{"Retry-After", "61"}}, "");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 429);
  EXPECT_EQ(registry_.requests().size(), 1U);
}

TEST_F(SenderTest, ABodyThatWasReadForTheWaitCanBeReadAgain) {
  registry_.On("GET", "https://r.test/x").Reply(429, "retry-after: 61s, allowed: 1/minute");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 429);
  EXPECT_EQ(text_, "retry-after: 61s, allowed: 1/minute");
}

TEST_F(SenderTest, AWaitThatIsAskedForIsKept) {
  registry_.On("GET", "https://r.test/x").Reply(429, "retry-after: 30ms").Reply(200, "");
  const auto start = SystemClock().Now();
  EXPECT_EQ(StatusOf(Send(NewRequest())), 200);
  EXPECT_GE(SystemClock().Now() - start, milliseconds(30));
}

// --- redirects ---

TEST_F(SenderTest, RedirectsAreFollowed) {
  for (const int status : {301, 302, 303, 307, 308}) {
    SCOPED_TRACE(status);
    const std::string from = "https://r.test/" + std::to_string(status);
    registry_.On("GET", from).Reply(status, {{"Location", "to?a=%2f"}}, "");
    registry_.On("GET", "https://r.test/to?a=%2f").Reply(200, "there");
    const auto answer = Send(NewRequest(from));
    ASSERT_EQ(StatusOf(answer), 200);
    EXPECT_EQ(answer->url.ToString(), "https://r.test/to?a=%2f");
  }
}

TEST_F(SenderTest, OtherAnswersWithLocationAreNotRedirects) {
  registry_.On("GET", "https://r.test/x").Reply(201, {{"Location", "/y"}}, "");
  EXPECT_EQ(StatusOf(Send(NewRequest())), 201);
  registry_.On("GET", "https://r.test/none").Reply(302, "");
  EXPECT_EQ(StatusOf(Send(NewRequest("https://r.test/none"))), 302);
}

TEST_F(SenderTest, ARequestWithABodyIsNotRedirected) {
  registry_.On("POST", "https://r.test/x").Reply(307, {{"Location", "https://evil.test/"}}, "");
  http::Request request = NewRequest();
  request.method = "POST";
  EXPECT_EQ(StatusOf(Send(std::move(request))), 307);
}

TEST_F(SenderTest, AnotherOriginGetsNoSecrets) {
  registry_.On("GET", "https://r.test/x")
      .Reply(307, {{"Location", "https://cdn.test/b?sig=S"}}, "");
  registry_.On("GET", "https://cdn.test/b?sig=S").Reply(200, "");
  http::Request request = NewRequest();
  request.headers.Set("authorization", "Bearer t");
  request.headers.Set("Cookie", "c");
  request.headers.Set("Accept", "x/y");
  auto tls = std::make_shared<http::TlsSettings>();
  tls->verify = false;
  request.tls = tls;
  EXPECT_EQ(StatusOf(Send(std::move(request))), 200);
  const http::Request& there = registry_.requests()[1];
  EXPECT_FALSE(there.headers.Has("Authorization"));
  EXPECT_FALSE(there.headers.Has("Cookie"));
  EXPECT_EQ(there.headers.Get("Accept"), "x/y");
  EXPECT_EQ(there.tls, nullptr) << "neither the client certificate nor insecure go there";
  EXPECT_EQ(there.address_policy, http::AddressPolicy::kPublicOnly);
  EXPECT_EQ(LogText().find("sig=S"), std::string::npos) << "a signed URL is a secret";
}

TEST_F(SenderTest, APrivateRegistryMayRedirectToPrivateHosts) {
  registry_.On("GET", "https://r.test/x").Reply(307, {{"Location", "https://minio.test/"}}, "");
  registry_.On("GET", "https://minio.test/").Reply(200, "");
  EXPECT_TRUE(Send(NewRequest(), true));
  EXPECT_EQ(registry_.requests()[1].address_policy, http::AddressPolicy::kAny);
}

TEST_F(SenderTest, TheSameOriginKeepsItsAuthorization) {
  registry_.On("GET", "https://r.test/x").Reply(307, {{"Location", "https://R.test:443/y"}}, "");
  registry_.On("GET", "https://r.test/y").Authorized("Bearer t").Reply(200, "");
  http::Request request = NewRequest();
  request.headers.Set("Authorization", "Bearer t");
  EXPECT_EQ(StatusOf(Send(std::move(request))), 200);
}

TEST_F(SenderTest, HttpsIsNeverLeftForHttp) {
  for (const char* location : {"http://r.test/y", "http://other.test/", "http://r.test:443/"}) {
    SCOPED_TRACE(location);
    const std::string url = "https://r.test/" + std::string(location).substr(7);
    registry_.On("GET", url).Reply(307, {{"Location", location}}, "");
    const auto answer = Send(NewRequest(url));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnsafeTarget);
  }
}

TEST_F(SenderTest, HttpMayLeadToHttps) {
  registry_.On("GET", "http://r.test/x").Reply(301, {{"Location", "https://r.test/x"}}, "");
  registry_.On("GET", "https://r.test/x").Authorized("").Reply(200, "");
  http::Request request = NewRequest("http://r.test/x");
  request.headers.Set("Authorization", "Bearer t");
  EXPECT_EQ(StatusOf(Send(std::move(request))), 200);
}

TEST_F(SenderTest, RedirectsHaveALimit) {
  registry_.On("GET", "https://r.test/x").Reply(307, {{"Location", "/x"}}, "");
  const auto answer = Send(NewRequest());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kProtocol);
  EXPECT_EQ(registry_.requests().size(), 6U);
}

TEST_F(SenderTest, ALocationThatIsNoUrlIsAnError) {
  for (const char* location :
       {"ftp://x/", "https://", "https://u:p@r.test/", "https://r.test:0/"}) {
    SCOPED_TRACE(location);
    FakeRegistry registry;
    registry.On("GET", "https://r.test/x").Reply(307, {{"Location", location}}, "");
    const auto memory = http::NewClient(registry);
    Sender sender(*memory, SystemClock(), random_, log_, limits_, policy_);
    const auto answer = loop_.Run(sender.Send(NewRequest(), false));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kProtocol);
  }
}

}  // namespace
}  // namespace portolan::client
