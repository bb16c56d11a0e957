#include "portolan/client/testing/fake_registry.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "portolan/async/event.h"

namespace portolan::client {
namespace {

// A client that never ends is stopped by its test, not by the test's time-out.
constexpr std::size_t kMaxRequests = 500;
// More than the 4 MiB that some registries take in one piece.
constexpr std::size_t kMaxRequestBody = 8U << 20U;

/// Counts as under way until it is dropped.
class ScriptedBody final : public http::BodyReader {
 public:
  ScriptedBody(const FakeRegistry::Answer& answer, int& at_once)
      : text_(answer.body),
        piece_(answer.piece == 0 ? text_.size() : answer.piece),
        truncated_(answer.truncated),
        at_once_(at_once) {}
  ScriptedBody(const ScriptedBody&) = delete;
  ScriptedBody& operator=(const ScriptedBody&) = delete;
  ~ScriptedBody() override { --at_once_; }

  async::Task<Result<std::string_view>> Next() override {
    const std::string_view piece = std::string_view(text_).substr(position_, piece_);
    position_ += piece.size();
    if (piece.empty() && truncated_) {
      co_return Fail(ErrorCode::kConnectFailed, "the connection was closed too early");
    }
    co_return piece;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t position_ = 0;
  bool truncated_;
  int& at_once_;
};

std::string Line(const http::Request& request) {
  std::string line = request.method + " " + request.url.ToString();
  if (request.headers.Has("Authorization")) {
    line += " [" + std::string(request.headers.Get("Authorization")) + "]";
  }
  return line;
}

}  // namespace

FakeRegistry::Rule& FakeRegistry::Rule::Authorized(std::string authorization) {
  authorization_ = std::move(authorization);
  return *this;
}

FakeRegistry::Rule& FakeRegistry::Rule::Reply(int status, http::Headers headers, std::string body) {
  answers_.push_back({.status = status, .headers = std::move(headers), .body = std::move(body)});
  return *this;
}

FakeRegistry::Rule& FakeRegistry::Rule::Truncated() {
  answers_.back().truncated = true;
  return *this;
}

FakeRegistry::Rule& FakeRegistry::Rule::InPieces(std::size_t bytes) {
  answers_.back().piece = bytes;
  return *this;
}

FakeRegistry::Rule& FakeRegistry::Rule::After(std::chrono::milliseconds delay) {
  answers_.back().delay = delay;
  return *this;
}

FakeRegistry::Rule& FakeRegistry::On(std::string_view method, std::string_view url) {
  Rule& rule = rules_.emplace_back();
  rule.method_ = method;
  rule.url_ = url;
  return rule;
}

void FakeRegistry::SetPeerAddress(std::string_view host, std::string address) {
  addresses_[std::string(host)] = std::move(address);
}

FakeRegistry::Rule* FakeRegistry::Find(const http::Request& request) {
  const std::string url = request.url.ToString();
  const std::string_view authorization = request.headers.Get("Authorization");
  const auto rule = std::ranges::find_if(rules_, [&](const Rule& candidate) {
    return candidate.method_ == request.method && candidate.url_ == url &&
           (!candidate.authorization_ || *candidate.authorization_ == authorization);
  });
  return rule == rules_.end() ? nullptr : &*rule;
}

async::Task<http::Response> FakeRegistry::Handle(http::Request request) {
  const std::size_t index = requests_.size();
  requests_.push_back(request);
  bodies_.emplace_back();
  if (request.body) {
    const std::unique_ptr<http::BodyReader> body = request.body();
    if (Result<std::string> text = co_await http::ReadAll(*body, kMaxRequestBody)) {
      bodies_[index] = *std::move(text);
    }
  }
  Rule* rule = Find(request);
  Answer answer;
  if (rule == nullptr || rule->answers_.empty() || index >= kMaxRequests) {
    ADD_FAILURE() << "unexpected request " << index << ": " << Line(request);
    answer = {.status = 501, .body = "not in the script"};
  } else {
    const auto turn = static_cast<std::size_t>(rule->asked_++);
    answer = rule->answers_[std::min(turn, rule->answers_.size() - 1)];
  }
  int& at_once = at_once_[request.url.origin.HostPort()];
  most_at_once_ = std::max(most_at_once_, ++at_once);
  http::Response response;
  response.status = answer.status;
  response.headers = answer.headers;
  response.body = std::make_unique<ScriptedBody>(answer, at_once);
  const auto address = addresses_.find(request.url.origin.host);
  response.peer_address = address == addresses_.end() ? "93.184.216.34" : address->second;
  if (answer.delay.count() > 0) (void)co_await async::Sleep(answer.delay);
  co_return response;
}

std::vector<std::string> FakeRegistry::Story() const {
  std::vector<std::string> lines;
  for (const http::Request& request : requests_) lines.push_back(Line(request));
  return lines;
}

int FakeRegistry::CountOf(std::string_view part) const {
  return static_cast<int>(std::ranges::count_if(requests_, [&](const http::Request& request) {
    return request.url.ToString().contains(part);
  }));
}

void FakeRegistry::ForgetRequests() {
  requests_.clear();
  bodies_.clear();
}

void FailingClient::Fail(std::string origin, Error error, int times) {
  failures_[std::move(origin)] = {.error = std::move(error), .times = times};
}

async::Task<Result<http::Response>> FailingClient::Send(http::Request request) {
  const auto failure = failures_.find(request.url.origin.ToString());
  if (failure == failures_.end() || failure->second.times == 0) {
    co_return co_await inner_.Send(std::move(request));
  }
  --failure->second.times;
  failed_.push_back(Line(request));
  co_return failure->second.error;
}

std::string TagsJson(std::string_view name, const std::vector<std::string>& tags) {
  std::string text = "{\"name\":\"" + std::string(name) + "\",\"tags\":[";
  for (const std::string& tag : tags) {
    if (!text.ends_with('[')) text += ',';
    text += '"' + tag + '"';
  }
  return text + "]}\n";
}

http::Headers NextLink(std::string_view target) {
  return {{"link", "<" + std::string(target) + ">; rel=\"next\""}};
}

http::Headers Asks(std::string_view challenge) {
  return {{"www-authenticate", std::string(challenge)}};
}

}  // namespace portolan::client
