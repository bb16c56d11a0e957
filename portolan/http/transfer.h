// One exchange with a server.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/async/event.h"
#include "portolan/async/loop.h"
#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/http/easy_options.h"
#include "portolan/http/message.h"
#include "portolan/http/multi.h"
#include "portolan/http/response_head.h"
#include "portolan/http/upload.h"

namespace portolan::http {

/// A request under way: fed, paused and read by whoever waits for its answer. curl's callbacks only
/// fill buffers and flags and wake the waiter; the coroutine that waits does everything else, the
/// pulling of the request's body too.
class Transfer final : public Multi::Listener {
 public:
  /// `loop` must outlive it.
  Transfer(async::Loop& loop, std::shared_ptr<Multi> multi, Request request, Route route,
           const Limits& limits);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// How often OnTick is to be called.
  static std::chrono::milliseconds TickFor(const Limits& limits);

  Status Start();

  /// Waits for the final head.
  async::Task<Status> AwaitHead();
  /// After AwaitHead.
  ResponseHead& head() { return head_; }
  const std::string& peer_address() const { return peer_address_; }
  const std::string& tls_version() const { return tls_version_; }
  const std::string& tls_issuer() const { return tls_issuer_; }

  /// As BodyReader::Next.
  async::Task<Result<std::string_view>> NextPiece();

 private:
  struct Callbacks;

  void OnDone(int curl_code) override;
  void OnTick() override;

  void LookAtTls();
  async::Task<Status> Turn();
  void Finish(std::optional<Error> failure);
  void Resume();
  Error Explain(int curl_code) const;

  async::Loop& loop_;
  std::shared_ptr<Multi> multi_;
  const Request request_;
  const Route route_;
  const Limits limits_;
  HeaderLines lines_;
  ResponseHead head_;
  std::optional<Upload> upload_;
  std::string peer_address_;
  std::string tls_version_;
  std::string tls_issuer_;
  std::unique_ptr<char[]> detail_;  // curl's error buffer
  void* easy_ = nullptr;            // until the exchange is over

  std::string queued_;  // received and not yet asked for
  std::string given_;   // handed out by NextPiece
  bool receiving_paused_ = false;
  bool connected_ = false;
  bool active_ = true;  // since the last tick
  int quiet_ticks_ = 0;
  bool finished_ = false;
  std::optional<Error> failure_;  // of the transfer, once noticed
  async::Event changed_;
};

}  // namespace portolan::http
