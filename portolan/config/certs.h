// certs.d: certificate authorities and client certificates per registry (containers-certs.d(5)).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/result.h"
#include "portolan/oci/reference.h"

namespace portolan::config {

/// Paths of PEM files. Nothing is parsed here: the TLS library says what is wrong with them.
struct Certificates {
  struct ClientPair {
    std::string certificate;
    std::string key;
    friend bool operator==(const ClientPair&, const ClientPair&) = default;
  };
  std::string folder;                    ///< where they were found; empty if nowhere
  std::vector<std::string> ca_files;     ///< `*.crt`, trusted beside the system's authorities
  std::vector<ClientPair> client_pairs;  ///< `x.cert` with `x.key`

  friend bool operator==(const Certificates&, const Certificates&) = default;
};

/// Looks in `cert_dir` if given (it must exist: kConfigInvalid); else in the first existing folder
/// `<registry>` (with its port) of `${XDG_CONFIG_HOME:-~/.config}/containers/certs.d`,
/// `/etc/containers/certs.d`, `/etc/docker/certs.d`. A `.cert` without its `.key`, or the other way
/// round, is kConfigInvalid naming the missing file.
Result<Certificates> FindCertificates(Files& files, const Environment& environment,
                                      const std::optional<std::string>& cert_dir,
                                      const oci::RegistryName& registry);

}  // namespace portolan::config
