#include "portolan/http/testing/loopback_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "portolan/base/unique_fd.h"
#include "portolan/http/testing/certificate.h"

namespace portolan::http {

struct LoopbackListener::State {
  explicit State(Serve serve_in) : serve(std::move(serve_in)) {}

  void Listen();
  void Accept();
  void Run(UniqueFd fd, int connection);

  const Serve serve;
  UniqueFd socket;
  std::uint16_t port = 0;

  mutable std::mutex mutex;  // of all below
  mutable std::condition_variable changed;
  std::set<int> open;
  int connections = 0;
  bool stopped = false;
  std::list<std::thread> threads;
  std::thread acceptor;
};

void LoopbackListener::State::Listen() {
  socket = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(socket.get(), raw, size), 0);
  EXPECT_EQ(listen(socket.get(), 64), 0);
  EXPECT_EQ(getsockname(socket.get(), raw, &size), 0);
  port = ntohs(address.sin_port);
  acceptor = std::thread([this] { Accept(); });
}

void LoopbackListener::State::Accept() {
  for (;;) {
    UniqueFd fd(accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int on = 1;  // else a window's update would wait for the client's acknowledgement
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex);
    if (!fd || stopped) return;
    const int connection = connections++;
    open.insert(fd.get());
    threads.emplace_back([this, connection](UniqueFd own) { Run(std::move(own), connection); },
                         std::move(fd));
  }
}

void LoopbackListener::State::Run(UniqueFd fd, int connection) {
  // OpenSSL writes to connections that the client has closed; that is an error here, not a signal.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  serve(fd.get(), connection);
  const std::lock_guard lock(mutex);
  open.erase(fd.get());
  fd.Reset();
  changed.notify_all();
}

LoopbackListener::LoopbackListener(Serve serve)
    : state_(std::make_unique<State>(std::move(serve))) {
  state_->Listen();
}

LoopbackListener::~LoopbackListener() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    shutdown(state_->socket.get(), SHUT_RDWR);
    for (const int fd : state_->open) shutdown(fd, SHUT_RDWR);
  }
  state_->acceptor.join();
  for (std::thread& thread : state_->threads) thread.join();
}

std::uint16_t LoopbackListener::port() const { return state_->port; }

int LoopbackListener::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->connections;
}

bool LoopbackListener::AwaitNoConnection() const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds(5),
                                  [this] { return state_->open.empty(); });
}

namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

BioPtr Source(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

CertificatePtr ReadCertificate(const std::string& pem) {
  return {PEM_read_bio_X509(Source(pem).get(), nullptr, nullptr, nullptr), &X509_free};
}

}  // namespace

std::shared_ptr<ssl_ctx_st> NewServerContext(const TestIdentity& identity,
                                             const std::string& client_authority) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const KeyPtr key(PEM_read_bio_PrivateKey(Source(identity.key).get(), nullptr, nullptr, nullptr),
                   &EVP_PKEY_free);
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), ReadCertificate(identity.certificate).get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  if (!client_authority.empty()) {
    X509_STORE* store = SSL_CTX_get_cert_store(context.get());
    EXPECT_EQ(X509_STORE_add_cert(store, ReadCertificate(client_authority).get()), 1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace portolan::http
