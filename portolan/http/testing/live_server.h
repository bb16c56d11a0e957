// A server on loopback with a service made of a function.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/clock.h"
#include "portolan/base/guarded.h"
#include "portolan/base/log.h"
#include "portolan/http/server.h"

namespace portolan::http {

/// Listens on a free port of 127.0.0.1 unless the options say otherwise. The function is called on
/// the server's threads.
class LiveServer final : public Service {
 public:
  using Handler = std::function<async::Task<Response>(Request)>;

  explicit LiveServer(Handler handler, ServerOptions options = {}) : handler_(std::move(handler)) {
    if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
    auto server = StartServer(std::move(options), *this, SystemClock(), log_);
    EXPECT_TRUE(server.has_value()) << (server ? "" : server.error().message);
    if (server) server_ = *std::move(server);
  }

  async::Task<Response> Handle(Request request) override { return handler_(std::move(request)); }

  Server& server() { return *server_; }
  MemoryLog& log() { return log_; }
  std::string address() const { return server_->addresses().front(); }
  std::uint16_t port() const {
    const std::string text = address();
    return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
  }
  Url At(std::string_view target, std::string scheme = "http") const {
    return Url{Origin{std::move(scheme), "127.0.0.1", port()}, std::string(target)};
  }
  /// Waits until all connections have ended; false after ten seconds.
  bool AwaitNoConnection() const {
    for (int i = 0; i < 200 && server_->connections() > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return server_->connections() == 0;
  }

 private:
  Handler handler_;
  MemoryLog log_;
  std::unique_ptr<Server> server_;  // last: its end ends the calls of all above
};

}  // namespace portolan::http
