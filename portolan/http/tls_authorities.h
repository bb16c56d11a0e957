// Where the authorities are that vouch for servers' certificates.
#pragma once

#include <string>
#include <vector>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/result.h"

namespace portolan::http {

/// A bundle, hashed folders, or both; empty where there is none. A folder is preferred: only what
/// is needed of it is read, where a bundle costs a quarter of a megabyte and its parsing at every
/// start.
struct TlsAuthorities {
  std::string file;     ///< PEM bundle
  std::string folders;  ///< with hashed names, separated by colons

  friend bool operator==(const TlsAuthorities&, const TlsAuthorities&) = default;
};

/// SSL_CERT_FILE and SSL_CERT_DIR if either is set, else the system's folder, else its bundle.
TlsAuthorities FindTlsAuthorities(const Environment& environment, Files& files);

/// What is trusted if `extra` PEM files are added: their text, with that of `authorities.file`, in
/// one. kTlsFailed, naming the file, if one cannot be read or holds no certificate.
Result<std::string> ReadAuthorities(const TlsAuthorities& authorities,
                                    const std::vector<std::string>& extra, Files& files);

}  // namespace portolan::http
