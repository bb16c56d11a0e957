// One request on its way: place at the host's gate, retries, redirects. Knows nothing of tokens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/base/limits.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/client/backoff.h"
#include "portolan/client/governor.h"
#include "portolan/http/client.h"

namespace portolan::client {

/// Sends requests with patience. For one loop; several requests may be under way.
class Sender {
 public:
  struct Policy {
    /// After failures that may pass: connection, time-out, 5xx.
    BackoffRule failures;
    /// After 429.
    BackoffRule rate_limit{
        .max_retries = 5, .base = std::chrono::seconds(2), .ceiling = std::chrono::seconds(60)};
    std::string user_agent;
    int max_parallel_per_host = 6;
  };

  /// All references must outlive the sender.
  Sender(http::Client& http, const Clock& clock, Random& random, Log& log, const Limits& limits,
         Policy policy);

  struct Answer {
    http::Response response;
    Url url;                      ///< that answered, after redirects
    bool from_elsewhere = false;  ///< a redirect led to another origin
  };

  /// Sends the request and gives the last answer, whatever its status; an Error only if there was
  /// none. A request with a body is retried too, since its body can be made again. Redirects (GET
  /// and HEAD) are followed up to `Limits::max_redirects`; another origin never sees Authorization,
  /// is never http after https, and must have a public address unless `private_allowed` (then the
  /// registry itself is on a private network).
  /// Without `follow_redirects` a redirect is an answer like any other.
  async::Task<Result<Answer>> Send(http::Request request, bool private_allowed,
                                   bool follow_redirects = true);

  /// For an answer that broke off on the way, after its head: waits as before any retry number
  /// `attempt` (from 0), and says whether there is to be one.
  async::Task<bool> WaitToRetry(int attempt, const Error& error);

 private:
  async::Task<Result<http::Response>> SendPatiently(const http::Request& request,
                                                    std::string shown);
  async::Task<Result<http::Response>> SendOnce(const http::Request& request,
                                               const std::string& shown);
  void WarnOfLimit(const Origin& origin, std::optional<std::chrono::milliseconds> delay,
                   std::optional<std::chrono::milliseconds> asked);
  async::Task<std::optional<std::chrono::milliseconds>> RetryAfter(http::Response& response);
  Result<http::Request> Redirected(const http::Request& request, std::string_view location,
                                   bool private_allowed) const;

  http::Client& http_;
  const Clock& clock_;
  Random& random_;
  Log& log_;
  const Limits& limits_;
  Policy policy_;
  Governor governor_;
};

}  // namespace portolan::client
