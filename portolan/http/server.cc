#include "portolan/http/server.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "portolan/http/listener.h"
#include "portolan/http/server_loop.h"
#include "portolan/http/tls_context.h"

namespace portolan::http {
namespace {

class LoopServer final : public Server {
 public:
  LoopServer(ServerOptions options, Service& service, const Clock& clock, Log& log)
      : shared_{.options = std::move(options),
                .service = service,
                .clock = clock,
                .log = log,
                .tls = nullptr,
                .counter{shared_.options.limits.connections,
                         shared_.options.limits.connections_per_address}} {}
  LoopServer(const LoopServer&) = delete;
  LoopServer& operator=(const LoopServer&) = delete;
  ~LoopServer() override { StopNow(); }

  Status Start();

  std::vector<std::string> addresses() const override { return addresses_; }
  void Stop() override { StopBy(shared_.clock.Now() + shared_.options.limits.drain_timeout); }
  void StopNow() final { StopBy(shared_.clock.Now()); }
  int connections() const override { return shared_.counter.total(); }

 private:
  Status ListenEverywhere(int loops);
  void Distribute(Listening listening);
  void StopBy(Clock::Instant deadline);

  ServerShared shared_;
  std::unique_ptr<TlsContext> tls_;
  std::vector<std::string> addresses_;
  std::vector<std::string> unlink_paths_;
  std::vector<std::unique_ptr<ServerLoop>> loops_;
  std::vector<std::thread> threads_;
  std::mutex joining_;
};

Status LoopServer::Start() {
  if (shared_.options.tls) {
    PORTOLAN_TRY(tls_, NewTlsContext(*shared_.options.tls));
    shared_.tls = tls_.get();
  }
  int count = shared_.options.loops;
  if (count <= 0) count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int i = 0; i < count; ++i) loops_.push_back(std::make_unique<ServerLoop>(shared_));
  PORTOLAN_CHECK(ListenEverywhere(count));
  for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.Run(); });
  return {};
}

Status LoopServer::ListenEverywhere(int loops) {
  const ServerOptions& options = shared_.options;
  for (const int socket : options.sockets) {
    PORTOLAN_TRY(Listening listening, AdoptListener(socket, loops, options.tcp_congestion));
    Distribute(std::move(listening));
  }
  if (!options.sockets.empty()) return {};
  for (const std::string& address : options.listen) {
    PORTOLAN_TRY(Listening listening, Listen(address, loops, options.tcp_congestion));
    Distribute(std::move(listening));
  }
  if (addresses_.empty()) return Fail(ErrorCode::kUsage, "there is no address to listen on");
  return {};
}

void LoopServer::Distribute(Listening listening) {
  for (std::size_t i = 0; i < loops_.size(); ++i) loops_[i]->AddListener(listening.sockets[i]);
  addresses_.push_back(std::move(listening.address));
  if (!listening.unlink_path.empty()) unlink_paths_.push_back(std::move(listening.unlink_path));
}

void LoopServer::StopBy(Clock::Instant deadline) {
  // Before the lock: a second, more impatient call reaches loops that a first one waits for.
  for (const auto& loop : loops_) loop->Stop(deadline);
  const std::lock_guard lock(joining_);
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  for (const std::string& path : std::exchange(unlink_paths_, {})) unlink(path.c_str());
}

}  // namespace

Result<std::unique_ptr<Server>> StartServer(ServerOptions options, Service& service,
                                            const Clock& clock, Log& log) {
  auto server = std::make_unique<LoopServer>(std::move(options), service, clock, log);
  PORTOLAN_CHECK(server->Start());
  return Result<std::unique_ptr<Server>>(std::move(server));
}

}  // namespace portolan::http
