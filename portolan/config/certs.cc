#include "portolan/config/certs.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "portolan/config/auth_places.h"

namespace portolan::config {
namespace {

// `x.key` for `x.cert`, and the other way round.
std::string PartnerOf(std::string_view name, std::string_view suffix, std::string_view other) {
  return fmt::format("{}{}", name.substr(0, name.size() - suffix.size()), other);
}

Result<Certificates> ReadFolder(const std::string& folder, const std::vector<std::string>& names) {
  constexpr std::string_view kCertificate = ".cert";
  constexpr std::string_view kKey = ".key";
  const auto has = [&](const std::string& name) { return std::ranges::binary_search(names, name); };
  const auto missing = [&](const std::string& partner, const std::string& name) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("{} is missing: a client certificate needs both it and {}",
                            JoinPath(folder, partner), name));
  };
  Certificates found{.folder = folder, .ca_files = {}, .client_pairs = {}};
  for (const std::string& name : names) {
    if (name.ends_with(".crt")) {
      found.ca_files.push_back(JoinPath(folder, name));
    } else if (name.ends_with(kCertificate)) {
      const std::string key = PartnerOf(name, kCertificate, kKey);
      if (!has(key)) return missing(key, name);
      found.client_pairs.push_back(
          {.certificate = JoinPath(folder, name), .key = JoinPath(folder, key)});
    } else if (name.ends_with(kKey)) {
      const std::string certificate = PartnerOf(name, kKey, kCertificate);
      if (!has(certificate)) return missing(certificate, name);
    }
  }
  return found;
}

}  // namespace

Result<Certificates> FindCertificates(Files& files, const Environment& environment,
                                      const std::optional<std::string>& cert_dir,
                                      const oci::RegistryName& registry) {
  if (cert_dir) {
    const auto names = files.List(*cert_dir);
    if (names) return ReadFolder(*cert_dir, *names);
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("certificate folder {}: {}", *cert_dir, names.error().message));
  }
  const std::string user_folder = JoinPath(UserContainersFolder(environment), "certs.d");
  for (const std::string& base :
       {user_folder, std::string("/etc/containers/certs.d"), std::string("/etc/docker/certs.d")}) {
    const std::string folder = JoinPath(base, registry.text());
    // A folder that only root may read is root's, not ours: as podman does, look further.
    if (const auto names = files.List(folder)) return ReadFolder(folder, *names);
  }
  return Certificates{};
}

}  // namespace portolan::config
