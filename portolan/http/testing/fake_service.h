// A Service made of a function, which remembers what it was asked.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "portolan/http/client.h"

namespace portolan::http {

/// Stands in for a registry. The function may be a coroutine or not; it owns nothing that the test
/// does not keep alive.
class FakeService final : public Service {
 public:
  /// A request as it came, with its body read.
  struct Seen {
    std::string method;
    Url url;
    Headers headers;
    std::string body;
    std::shared_ptr<const TlsSettings> tls;
  };

  using Handler = std::function<async::Task<Response>(Request)>;
  using PlainHandler = std::function<Response(const Request&)>;

  explicit FakeService(Handler handler) : handler_(std::move(handler)) {}
  template <typename Function>
    requires std::convertible_to<std::invoke_result_t<Function&, const Request&>, Response>
  explicit FakeService(Function function) : plain_(std::move(function)) {}

  async::Task<Response> Handle(Request request) override {
    const std::size_t index = seen_.size();
    seen_.push_back({request.method, request.url, request.headers, {}, request.tls});
    if (request.body) {
      const std::unique_ptr<BodyReader> body = request.body();
      Result<std::string> text = co_await ReadAll(*body, kMaxBody);
      if (text) seen_[index].body = *std::move(text);
    }
    if (plain_) co_return plain_(request);
    co_return co_await handler_(std::move(request));
  }

  const std::vector<Seen>& seen() const { return seen_; }

 private:
  static constexpr std::size_t kMaxBody = 64U << 20U;

  Handler handler_;
  PlainHandler plain_;
  std::vector<Seen> seen_;
};

/// An answer with a body in memory.
inline Response TextResponse(int status, std::string text, Headers headers = {}) {
  Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = NewTextBody(std::move(text));
  return response;
}

}  // namespace portolan::http
