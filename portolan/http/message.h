// Requests and answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/url.h"
#include "portolan/http/body.h"
#include "portolan/http/headers.h"

namespace portolan::http {

/// How to prove a server's name, and our own. Shared by the requests of one registry.
struct TlsSettings {
  struct ClientPair {
    std::string certificate;  ///< PEM file
    std::string key;          ///< PEM file
    friend bool operator==(const ClientPair&, const ClientPair&) = default;
  };
  bool verify = true;                 ///< false: any certificate for any name is taken
  std::vector<std::string> ca_files;  ///< PEM files trusted beside the system's authorities
  std::optional<ClientPair> client_pair;

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// To which addresses a request may go, decided after name resolution, for targets that a peer
/// named.
enum class AddressPolicy : std::uint8_t {
  kAny,
  kPublicOnly,  ///< kUnsafeTarget for private addresses (IsPrivateAddress) and for a connection
                ///< made under kAny. Not checked where a proxy of the environment resolves the
                ///< name.
};

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;
  BodyFactory body;                             ///< empty: no body
  std::optional<std::uint64_t> content_length;  ///< of `body`; absent: chunked
  std::shared_ptr<const TlsSettings> tls;       ///< null: the system's authorities
  AddressPolicy address_policy = AddressPolicy::kAny;
  /// Of a request that a server received: the client's address, without port and brackets; empty in
  /// memory. Its `body` can be made once.
  std::string peer_address;
};

struct Response {
  int status = 0;  ///< 200–599; interim answers are not shown
  /// "1.0", "1.1" or "2".
  std::string version = "1.1";
  Headers headers;
  /// Never null. The body after chunked decoding; contents are never decompressed, because digests
  /// are over them.
  std::unique_ptr<BodyReader> body = NewTextBody({});
  /// The address that answered, without port and brackets; empty if unknown (in memory, or behind a
  /// proxy).
  std::string peer_address;
  /// Of the connection: "TLSv1.3" and who signed the server's certificate, as one line; empty
  /// without TLS.
  std::string tls_version;
  std::string tls_issuer;
  /// Of a server's answer: who asked, for the access log; not sent.
  std::string principal;
};

}  // namespace portolan::http
