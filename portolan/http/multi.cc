#include "portolan/http/multi.h"

#include <mutex>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <curl/curl.h>

namespace portolan::http {
namespace asio = boost::asio;

namespace {

constexpr long kCachedConnections = 32;

bool InitialiseCurl() {
  static std::once_flag once;
  static bool initialised = false;
  std::call_once(once, [] { initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; });
  return initialised;
}

}  // namespace

struct Multi::Timers {
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>, async::Executor>;
  explicit Timers(const async::Executor& executor) : curl(executor), ticker(executor) {}
  Timer curl;
  Timer ticker;
};

// A socket of curl's, which curl opens and closes: the descriptor is let go, never closed.
struct Multi::Socket {
  Socket(const async::Executor& executor, int fd_in) : fd(fd_in), descriptor(executor, fd_in) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { Release(); }

  // After this, completions that are already on their way find `wanted` empty and do nothing.
  void Release() {
    wanted = CURL_POLL_NONE;
    if (descriptor.is_open()) descriptor.release();
  }

  int fd;
  asio::posix::basic_stream_descriptor<async::Executor> descriptor;
  int wanted = CURL_POLL_NONE;
  bool reading = false;  // a wait is under way
  bool writing = false;
};

Result<std::shared_ptr<Multi>> Multi::New(const async::Executor& executor,
                                          std::chrono::milliseconds tick) {
  CURLM* handle = InitialiseCurl() ? curl_multi_init() : nullptr;
  if (handle == nullptr) return Fail(ErrorCode::kInternal, "libcurl cannot be initialised");
  std::shared_ptr<Multi> multi(new Multi(handle, executor, tick));
  curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, &Multi::OnSocket);
  curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, multi.get());
  curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, &Multi::OnTimer);
  curl_multi_setopt(handle, CURLMOPT_TIMERDATA, multi.get());
  curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS, kCachedConnections);
  return multi;
}

Multi::Multi(void* multi, const async::Executor& executor, std::chrono::milliseconds tick)
    : multi_(multi),
      executor_(executor),
      timers_(std::make_unique<Timers>(executor)),
      tick_(tick) {}

Multi::~Multi() { curl_multi_cleanup(multi_); }

Status Multi::Add(void* easy, Listener& listener) {
  listeners_.push_back(&listener);
  if (listeners_.size() == 1) ScheduleTick();
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OK) return Status();
  std::erase(listeners_, &listener);
  return Fail(ErrorCode::kInternal, std::string("libcurl: ") + curl_multi_strerror(code));
}

void Multi::Remove(void* easy, Listener& listener) {
  std::erase(listeners_, &listener);
  if (listeners_.empty()) timers_->ticker.cancel();
  curl_multi_remove_handle(multi_, easy);
}

int Multi::OnSocket(void*, int fd, int what, void* self, void*) {
  static_cast<Multi*>(self)->Watch(fd, what);
  return 0;
}

int Multi::OnTimer(void*, long timeout_ms, void* self) {
  static_cast<Multi*>(self)->SetTimer(timeout_ms);
  return 0;
}

void Multi::Watch(int fd, int what) {
  const auto it = sockets_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (it == sockets_.end()) return;
    it->second->Release();
    sockets_.erase(it);
    return;
  }
  std::shared_ptr<Socket> socket;
  if (it != sockets_.end()) {
    socket = it->second;
  } else {
    socket = std::make_shared<Socket>(executor_, fd);
    sockets_.emplace(fd, socket);
  }
  socket->wanted = what;
  Arm(socket);
}

void Multi::Arm(const std::shared_ptr<Socket>& socket) {
  const auto start = [this, &socket](int event, bool Socket::* under_way, auto wait) {
    if ((socket->wanted & event) == 0 || std::exchange((*socket).*under_way, true)) return;
    socket->descriptor.async_wait(wait, [weak = weak_from_this(), socket, event,
                                         under_way](const boost::system::error_code& error) {
      (*socket).*under_way = false;
      const auto self = weak.lock();
      if (!self || (socket->wanted & event) == 0) return;
      self->Ready(socket, error ? CURL_CSELECT_ERR
                                : (event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT));
    });
  };
  start(CURL_POLL_IN, &Socket::reading, asio::posix::descriptor_base::wait_read);
  start(CURL_POLL_OUT, &Socket::writing, asio::posix::descriptor_base::wait_write);
}

void Multi::Ready(const std::shared_ptr<Socket>& socket, int events) {
  Act(socket->fd, events);
  Arm(socket);  // wants nothing any more if curl has let it go meanwhile
}

void Multi::SetTimer(long timeout_ms) {
  if (timeout_ms < 0) {
    timers_->curl.cancel();
    return;
  }
  timers_->curl.expires_after(std::chrono::milliseconds(timeout_ms));
  timers_->curl.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->Act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void Multi::Act(int fd, int events) {
  const std::shared_ptr<Multi> alive = shared_from_this();
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* listener = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &listener);
    reinterpret_cast<Listener*>(listener)->OnDone(code);
  }
}

void Multi::ScheduleTick() {
  timers_->ticker.expires_after(tick_);
  timers_->ticker.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error) return;
    const std::vector<Listener*> listeners =
        self->listeners_;  // they may remove themselves, but not each other
    for (Listener* listener : listeners) listener->OnTick();
    if (!self->listeners_.empty()) self->ScheduleTick();
  });
}

}  // namespace portolan::http
