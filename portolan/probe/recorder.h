// Every exchange of an investigation passes here: counted, bounded, kept as evidence.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/clock.h"
#include "portolan/http/client.h"

namespace portolan::probe {

/// One request with its answer.
struct Exchange {
  int number = 0;  ///< from 1
  std::string method;
  Url url;
  http::Headers sent;       ///< Authorization by its scheme alone
  bool authorized = false;  ///< Authorization was sent
  int status = 0;           ///< 0: no answer
  std::string version;      ///< of HTTP
  std::string tls_version;  ///< as http::Response has them
  std::string tls_issuer;
  http::Headers headers;  ///< of the answer
  std::string body;       ///< as far as it was read, at most kKept
  std::string failure;    ///< why there was no answer, or why it broke off
  static constexpr std::size_t kKept = 256U << 10U;
};

/// How much an investigation may ask for.
struct Bounds {
  int requests = 60;
  std::chrono::milliseconds delay{100};         ///< between two requests
  std::chrono::milliseconds deadline{180'000};  ///< from the first request on
  std::chrono::milliseconds exchange{30'000};   ///< one answer's body
};

/// A client in front of another. What is beyond the bounds fails with kTooLarge, before it is sent.
class Recorder final : public http::Client {
 public:
  /// `clock` must outlive it.
  Recorder(std::unique_ptr<http::Client> inner, const Clock& clock, Bounds bounds);
  ~Recorder() override;

  async::Task<Result<http::Response>> Send(http::Request request) override;

  const std::vector<std::shared_ptr<Exchange>>& exchanges() const { return exchanges_; }
  /// Of the registry: where the first answer came from; of the first request until there is one.
  /// There must have been a request.
  const Origin& origin() const;
  /// Why nothing more is sent; empty while it is.
  std::string Exhausted() const;
  /// Of those that are allowed so many requests are for later: for taking away what was made. 0:
  /// later is now.
  void Keep(int requests) { kept_ = requests; }

 private:
  class Body;

  std::unique_ptr<http::Client> inner_;
  const Clock& clock_;
  const Bounds bounds_;
  int kept_ = 0;
  Clock::Instant start_{};
  std::vector<std::shared_ptr<Exchange>> exchanges_;
};

}  // namespace portolan::probe
