#include "portolan/http/tls_context.h"

#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "portolan/base/guarded.h"
#include "portolan/http/tls_transport.h"

namespace portolan::http {
namespace {

constexpr std::chrono::seconds kLookInterval{1};

using ContextPtr = std::shared_ptr<SSL_CTX>;

// What shows that a file is not what it was.
struct Stamp {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  std::int64_t size = -1;
  std::uint64_t inode = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp StampOf(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return {};
  return {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
}

using Stamps = std::pair<Stamp, Stamp>;

Stamps StampsOf(const ServerTls& files) { return {StampOf(files.certificate), StampOf(files.key)}; }

Error CannotUse(std::string_view what, const std::string& path) {
  std::string reason = "it is not a PEM file";
  if (StampOf(path) == Stamp()) {
    reason = std::generic_category().message(errno);
  } else if (const char* text = ERR_reason_error_string(ERR_peek_last_error())) {
    reason = text;
  }
  ERR_clear_error();
  return Fail(ErrorCode::kTlsFailed, fmt::format("cannot use {} {}: {}", what, path, reason));
}

// HTTP/1.1 is all that is spoken; a client that offers only something else is refused.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kHttp11.data(), kHttp11.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// A key with a passphrase is an error, not a question on somebody's terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Result<ContextPtr> Load(const ServerTls& files) {
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return Fail(ErrorCode::kTlsFailed, "OpenSSL cannot be used");
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // clients keep their tickets
  SSL_CTX_set_alpn_select_cb(raw, &ChooseProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, &NoPassphrase);
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) {
    return CannotUse("the certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(raw) != 1) {
    return CannotUse("the key", files.key);
  }
  return context;
}

class FileContext final : public TlsContext {
 public:
  FileContext(const ServerTls& files, const Stamps& stamps, ContextPtr context)
      : files_(files), stamps_(stamps), current_(std::move(context)) {}

  std::unique_ptr<Transport> NewTransport(int socket, TransportScratch& scratch) override {
    const ContextPtr context = *current_.Lock();  // OpenSSL counts its own users
    return NewTlsTransport(context.get(), socket, scratch);
  }

  void ReloadIfChanged(Clock::Instant now, Log& log) override {
    // One of the loops looks.
    std::int64_t next = next_look_.load(std::memory_order_relaxed);
    const std::int64_t ticks = now.time_since_epoch().count();
    const std::int64_t after = ticks + std::chrono::nanoseconds(kLookInterval).count();
    if (ticks < next || !next_look_.compare_exchange_strong(next, after)) return;
    const Stamps stamps = StampsOf(files_);
    auto known = stamps_.Lock();
    if (stamps == *known) return;
    *known = stamps;
    Result<ContextPtr> context = Load(files_);
    if (context) {
      *current_.Lock() = *std::move(context);
      log.Debug(fmt::format("certificate {} was read again", files_.certificate));
      return;
    }
    log.Warn(context.error().message + "; the old certificate stays in use");
  }

 private:
  const ServerTls files_;
  Guarded<Stamps> stamps_;
  std::atomic<std::int64_t> next_look_ = 0;
  Guarded<ContextPtr> current_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> NewTlsContext(const ServerTls& files) {
  const Stamps stamps = StampsOf(files);  // before reading: a change meanwhile is seen later
  PORTOLAN_TRY(ContextPtr context, Load(files));
  return Result<std::unique_ptr<TlsContext>>(
      std::make_unique<FileContext>(files, stamps, std::move(context)));
}

}  // namespace portolan::http
