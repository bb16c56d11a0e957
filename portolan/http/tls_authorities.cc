#include "portolan/http/tls_authorities.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace portolan::http {
namespace {

constexpr std::string_view kFolder = "/etc/ssl/certs";
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine
};
constexpr std::size_t kMaxBundle = 16U << 20U;

bool HasHashedNames(Files& files, const std::string& folder) {
  const auto names = files.List(folder);
  return names && std::ranges::any_of(*names, [](const std::string& name) {
           return name.size() == 10 && name.ends_with(".0");
         });
}

// Not FileExists, which Files does not know: a bundle that cannot be listed cannot be found.
bool IsListed(Files& files, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const auto names = files.List(std::string(path.substr(0, slash)));
  return names && std::ranges::find(*names, path.substr(slash + 1)) != names->end();
}

bool HoldsCertificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr), &X509_free);
  ERR_clear_error();
  return certificate != nullptr;
}

}  // namespace

TlsAuthorities FindTlsAuthorities(const Environment& environment, Files& files) {
  TlsAuthorities found{.file = environment.Get("SSL_CERT_FILE").value_or(""),
                       .folders = environment.Get("SSL_CERT_DIR").value_or("")};
  if (!found.file.empty() || !found.folders.empty()) return found;
  if (HasHashedNames(files, std::string(kFolder)))
    return {.file = {}, .folders = std::string(kFolder)};
  for (const char* bundle : kBundles) {
    if (IsListed(files, bundle)) return {.file = bundle, .folders = {}};
  }
  return {};
}

Result<std::string> ReadAuthorities(const TlsAuthorities& authorities,
                                    const std::vector<std::string>& extra, Files& files) {
  std::vector<std::string> paths;
  if (!authorities.file.empty()) paths.push_back(authorities.file);
  paths.insert(paths.end(), extra.begin(), extra.end());
  std::string all;
  for (const std::string& path : paths) {
    const Result<std::string> text = files.Read(path, kMaxBundle);
    if (!text) {
      return Fail(ErrorCode::kTlsFailed,
                  fmt::format("the certificate authority in {} cannot be read: {}", path,
                              text.error().message));
    }
    if (!HoldsCertificate(*text)) {
      return Fail(ErrorCode::kTlsFailed, fmt::format("{} holds no certificate in PEM form", path));
    }
    all += *text;
    all += '\n';
  }
  return all;
}

}  // namespace portolan::http
