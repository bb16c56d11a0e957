// What every test over a real socket needs.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "portolan/async/loop.h"
#include "portolan/http/client.h"

namespace portolan::http {

/// A loop with a network client on it, and short calls to use them.
class TestNetwork {
 public:
  explicit TestNetwork(const Environment& environment = {}, const Limits& limits = {})
      : client_(NewNetworkClient(loop_, environment, limits)) {}

  struct Got {
    Response response;  ///< with its body read
    std::string body;
  };

  /// Sends and reads the whole answer.
  Result<Got> Fetch(Request request) {
    PORTOLAN_TRY(Response response, loop_.Run(client_->Send(std::move(request))));
    PORTOLAN_TRY(std::string body, loop_.Run(ReadAll(*response.body, kMaxBody)));
    return Got{std::move(response), std::move(body)};
  }
  Result<Got> Get(Url url) {
    Request request;
    request.url = std::move(url);
    return Fetch(std::move(request));
  }

  async::Loop& loop() { return loop_; }
  Client& client() { return *client_; }

 private:
  static constexpr std::size_t kMaxBody = 256U << 20U;

  async::Loop loop_;
  std::unique_ptr<Client> client_;
};

}  // namespace portolan::http
