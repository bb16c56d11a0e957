// libcurl's engine for many transfers on our loop.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"

namespace portolan::http {

/// A curl multi handle whose sockets and timers are watched by an io_context. Calls to listeners
/// come from the loop, never from inside Add or Remove. It must be given up (by all that share it)
/// before the io_context.
class Multi final : public std::enable_shared_from_this<Multi> {
 public:
  /// One transfer. The easy handle's CURLOPT_PRIVATE must be the Listener.
  class Listener {
   public:
    virtual void OnDone(int curl_code) = 0;
    /// At every `tick` while the transfer is added. The listener may remove itself.
    virtual void OnTick() = 0;

   protected:
    ~Listener() = default;
  };

  /// Initialises libcurl at the first call in the process. kInternal if it cannot be had.
  static Result<std::shared_ptr<Multi>> New(const async::Executor& executor,
                                            std::chrono::milliseconds tick);

  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi();

  /// Starts a transfer. `easy` is a CURL handle, which stays the caller's.
  Status Add(void* easy, Listener& listener);
  /// Ends the transfer if it still runs; then its connection is closed, or in HTTP/2 its stream
  /// reset.
  void Remove(void* easy, Listener& listener);

 private:
  struct Timers;
  struct Socket;

  Multi(void* multi, const async::Executor& executor, std::chrono::milliseconds tick);

  static int OnSocket(void* easy, int fd, int what, void* self, void* socket);
  static int OnTimer(void* multi, long timeout_ms, void* self);

  void Watch(int fd, int what);
  void Arm(const std::shared_ptr<Socket>& socket);
  void Ready(const std::shared_ptr<Socket>& socket, int events);
  void SetTimer(long timeout_ms);
  void Act(int fd, int events);
  void ScheduleTick();

  void* multi_;
  async::Executor executor_;
  std::unique_ptr<Timers> timers_;
  std::chrono::milliseconds tick_;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  std::vector<Listener*> listeners_;
};

}  // namespace portolan::http
