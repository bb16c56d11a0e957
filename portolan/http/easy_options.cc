#include "portolan/http/easy_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::http {
namespace {

// curl reads as much from a socket at once. Larger ones are no faster on a network, and each handle
// has one.
constexpr long kReceiveBuffer = 128L << 10;
constexpr long kUploadBuffer = 512L << 10;

// Sets options and remembers whether one was refused.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}

  template <typename Value>
  void Set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy_, option, value);
    if (code_ == CURLE_OK) code_ = code;
  }
  void Set(CURLoption option, const std::string& value) { Set(option, value.c_str()); }
  void Set(CURLoption option, int value) { Set(option, static_cast<long>(value)); }

  Status status() const {
    if (code_ == CURLE_OK) return Status();
    return Fail(ErrorCode::kInternal,
                std::string("libcurl refuses an option: ") + curl_easy_strerror(code_));
  }

 private:
  CURL* easy_;
  CURLcode code_ = CURLE_OK;
};

void SetTransport(Options& options, const Request& request, const Route& route,
                  const Limits& limits) {
  options.Set(CURLOPT_URL, request.url.ToString());
  options.Set(CURLOPT_PATH_AS_IS, 1);
  options.Set(CURLOPT_PROTOCOLS_STR, "http,https");
  options.Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Waiting to learn whether a connection can be shared pays with TLS only; else it would wait for
  // an answer.
  options.Set(CURLOPT_PIPEWAIT, request.url.origin.scheme == "https" ? 1 : 0);
  options.Set(CURLOPT_HTTP09_ALLOWED, 0);
  options.Set(CURLOPT_HTTP_CONTENT_DECODING, 0);
  options.Set(CURLOPT_NOSIGNAL, 1);
  options.Set(CURLOPT_QUICK_EXIT,
              1);  // else leaving would wait for a name server that does not answer
  options.Set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  options.Set(CURLOPT_CONNECTTIMEOUT_MS,
              static_cast<long>(std::chrono::milliseconds(limits.connect_timeout).count()));

  options.Set(CURLOPT_PROXY, route.proxy.url);  // empty: the environment is not asked
  options.Set(CURLOPT_NOPROXY, "");
  options.Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
  // Kerberos is not linked in (cmake/StaticCurl.cmake): it must not be negotiated.
  options.Set(CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
  options.Set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
  options.Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));

  if (request.address_policy == AddressPolicy::kPublicOnly && route.proxy.direct()) {
    options.Set(CURLOPT_FRESH_CONNECT, 1);
    options.Set(CURLOPT_FORBID_REUSE, 1);
  }
}

void SetAuthorities(Options& options, const Route& route) {
  // Always set, because libcurl was built with paths of its own. An authority that comes as text is
  // compared when curl looks for a connection to use again, so that registries with different
  // authorities do not share any.
  const char* file = route.authorities.file.empty() ? nullptr : route.authorities.file.c_str();
  const char* folders =
      route.authorities.folders.empty() ? nullptr : route.authorities.folders.c_str();
  options.Set(CURLOPT_CAINFO, file);
  options.Set(CURLOPT_CAPATH, folders);
  options.Set(CURLOPT_PROXY_CAINFO, file);
  options.Set(CURLOPT_PROXY_CAPATH, folders);
  if (route.authorities_pem.empty()) return;
  curl_blob blob{.data = const_cast<char*>(route.authorities_pem.data()),  // NOLINT: copied
                 .len = route.authorities_pem.size(),
                 .flags = CURL_BLOB_COPY};
  options.Set(CURLOPT_CAINFO_BLOB, &blob);
}

void SetTls(Options& options, const Request& request, const Route& route) {
  if (request.url.origin.scheme != "https" && !route.proxy.url.starts_with("https:")) return;
  options.Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  SetAuthorities(options, route);
  const TlsSettings* tls = request.tls.get();
  if (tls == nullptr) return;
  if (!tls->verify) {
    options.Set(CURLOPT_SSL_VERIFYPEER, 0);
    options.Set(CURLOPT_SSL_VERIFYHOST, 0);
  }
  if (tls->client_pair) {
    options.Set(CURLOPT_SSLCERT, tls->client_pair->certificate);
    options.Set(CURLOPT_SSLKEY, tls->client_pair->key);
    options.Set(CURLOPT_KEYPASSWD,
                "");  // else OpenSSL would ask the terminal for the key's password
  }
}

void SetMethodAndBody(Options& options, const Request& request) {
  const bool wants_length =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") {
    options.Set(CURLOPT_NOBODY, 1);
    return;
  }
  if (request.body) {
    options.Set(CURLOPT_UPLOAD, 1);
    options.Set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    const curl_off_t length =
        request.content_length ? static_cast<curl_off_t>(*request.content_length) : curl_off_t{-1};
    options.Set(CURLOPT_INFILESIZE_LARGE, length);
  } else if (wants_length) {
    options.Set(CURLOPT_POST, 1);
    options.Set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
    options.Set(CURLOPT_POSTFIELDS, "");
  }
  options.Set(CURLOPT_CUSTOMREQUEST, request.method);
}

bool FollowsFromBody(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"Content-Length", "Transfer-Encoding",
                                                      "Expect"};
  return std::ranges::any_of(kNames,
                             [&](std::string_view other) { return EqualsIgnoreCase(name, other); });
}

void AddHeaders(const Request& request, HeaderLines& lines) {
  for (const Headers::Field& field : request.headers.fields()) {
    if (FollowsFromBody(field.name)) continue;
    // "Name:" would remove curl's own field; "Name;" sends an empty one.
    lines.Add(field.value.empty() ? field.name + ";"
                                  : fmt::format("{}: {}", field.name, field.value));
  }
  for (const char* name : {"Accept", "Content-Type", "User-Agent"}) {
    if (!request.headers.Has(name)) lines.Add(std::string(name) + ":");
  }
  lines.Add("Expect:");
}

}  // namespace

HeaderLines::~HeaderLines() { curl_slist_free_all(static_cast<curl_slist*>(list_)); }

void HeaderLines::Add(const std::string& line) {
  curl_slist* longer = curl_slist_append(static_cast<curl_slist*>(list_), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
}

Status CheckRequest(const Request& request) {
  const std::string host = request.url.origin.HostPort();
  const auto refuse = [&](std::string_view what) {
    return Fail(ErrorCode::kProtocol, fmt::format("a request to {} has an invalid {}", host, what));
  };
  if (!IsHttpToken(request.method)) return refuse("method");
  const bool plain = std::ranges::all_of(request.url.target,
                                         [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
  if (!plain || !request.url.target.starts_with('/')) return refuse("target");
  for (const Headers::Field& field : request.headers.fields()) {
    if (!IsHttpToken(field.name)) return refuse("header name");
    constexpr std::string_view kForbidden("\r\n\0", 3);
    if (field.value.find_first_of(kForbidden) != std::string::npos)
      return refuse(field.name + " header");
  }
  return Status();
}

Status SetOptions(void* easy, const Request& request, const Route& route, const Limits& limits,
                  HeaderLines& lines) {
  Options options(easy);
  SetTransport(options, request, route, limits);
  SetTls(options, request, route);
  SetMethodAndBody(options, request);
  AddHeaders(request, lines);
  options.Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(lines.list()));
  return options.status();
}

}  // namespace portolan::http
