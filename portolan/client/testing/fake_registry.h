// A registry for tests: says what it was told to say, and remembers what it was asked.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/error.h"
#include "portolan/http/client.h"

namespace portolan::client {

/// All hosts of a test's world behind one Service. A request that no rule expects fails the test.
/// For one loop; must outlive the client that asks it.
class FakeRegistry final : public http::Service {
 public:
  /// One answer of a rule.
  struct Answer {
    int status = 200;
    http::Headers headers;
    std::string body;
    bool truncated = false;              ///< the connection ends after `body`
    std::size_t piece = 0;               ///< bytes a piece; 0: all at once
    std::chrono::milliseconds delay{0};  ///< before the answer
  };

  /// What is expected, and how it is answered. Given by On; valid as long as the registry.
  class Rule {
   public:
    /// Only requests with exactly this Authorization; an empty text stands for none at all.
    Rule& Authorized(std::string authorization);
    /// The next answer. Each is given once; the last again and again.
    Rule& Reply(int status, http::Headers headers, std::string body);
    Rule& Reply(int status, std::string body) { return Reply(status, {}, std::move(body)); }
    // What follows changes the answer given last.
    Rule& Truncated();
    Rule& InPieces(std::size_t bytes);
    Rule& After(std::chrono::milliseconds delay);

    int asked() const { return asked_; }

   private:
    friend class FakeRegistry;
    std::string method_;
    std::string url_;
    std::optional<std::string> authorization_;
    std::vector<Answer> answers_;
    int asked_ = 0;
  };

  /// Adds a rule for exactly this method and URL. Of several that fit, the first counts.
  Rule& On(std::string_view method, std::string_view url);
  /// The address that answers for a host from now on.
  void SetPeerAddress(std::string_view host, std::string address);

  async::Task<http::Response> Handle(http::Request request) override;

  /// Everything that was asked, in order.
  const std::vector<http::Request>& requests() const { return requests_; }
  /// The bodies of those requests.
  const std::vector<std::string>& bodies() const { return bodies_; }
  /// "GET https://quay.io/v2/" for each, with " [Bearer t]" where there was Authorization.
  std::vector<std::string> Story() const;
  /// How many requests had a URL that contains `part`.
  int CountOf(std::string_view part) const;
  void ForgetRequests();
  /// The most requests to one host that were under way at once, a body counting until dropped.
  int most_at_once() const { return most_at_once_; }

 private:
  Rule* Find(const http::Request& request);

  std::deque<Rule> rules_;
  std::map<std::string, std::string, std::less<>> addresses_;
  std::vector<http::Request> requests_;
  std::vector<std::string> bodies_;
  std::map<std::string, int> at_once_;
  int most_at_once_ = 0;
};

/// A client in front of another, some of whose hosts cannot be reached.
class FailingClient final : public http::Client {
 public:
  /// `inner` must outlive this.
  explicit FailingClient(http::Client& inner) : inner_(inner) {}

  /// Requests to `origin` (`https://quay.io`) end in `error`: the next `times`, or all.
  void Fail(std::string origin, Error error, int times = -1);

  async::Task<Result<http::Response>> Send(http::Request request) override;

  /// "GET https://quay.io/v2/" for each request that failed.
  const std::vector<std::string>& failed() const { return failed_; }

 private:
  struct Failure {
    Error error;
    int times;
  };
  http::Client& inner_;
  std::map<std::string, Failure> failures_;
  std::vector<std::string> failed_;
};

/// `{"name":"a/b","tags":["1","2"]}` with a line end.
std::string TagsJson(std::string_view name, const std::vector<std::string>& tags);
/// The headers of a page that is not the last.
http::Headers NextLink(std::string_view target);
/// The headers of a 401.
http::Headers Asks(std::string_view challenge);

}  // namespace portolan::client
