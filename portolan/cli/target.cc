#include "portolan/cli/target.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/base/url.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kTransport = "docker://";

bool RemovePrefixIgnoringCase(std::string_view& text, std::string_view prefix) {
  if (!EqualsIgnoreCase(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<oci::RegistryName> RegistryAlone(std::string_view text, RegistryRule rule) {
  if (IsWebAddress(text)) {
    auto target = ParseHostTarget(text);
    if (!target || target->repository) return std::nullopt;
    return std::move(target->registry);
  }
  if (text.starts_with(kTransport)) text.remove_prefix(kTransport.size());
  if (text.contains('/') || text.contains('@')) return std::nullopt;
  const std::string_view host = text.starts_with('[') ? text : text.substr(0, text.find(':'));
  const bool ported = rule == RegistryRule::kDottedOrPorted && text.contains(':');
  if (!ported && !host.contains('.') && !host.starts_with('[') &&
      !EqualsIgnoreCase(host, "localhost")) {
    return std::nullopt;
  }
  auto registry = oci::RegistryName::Parse(text);
  if (!registry) return std::nullopt;
  return *std::move(registry);
}

Result<std::vector<client::Target>> ResolveTargets(const client::Registries& registries,
                                                   std::string_view text, RegistryRule rule) {
  std::vector<client::Target> targets;
  if (auto registry = RegistryAlone(text, rule)) {
    targets.push_back({.registry = *std::move(registry), .repository = std::nullopt});
    return targets;
  }
  PORTOLAN_TRY(auto references, registries.Resolve(text));
  for (oci::Reference& reference : references) {
    targets.push_back(
        {.registry = std::move(reference.registry), .repository = std::move(reference.repository)});
  }
  if (targets.empty()) {
    return Fail(ErrorCode::kReferenceInvalid, fmt::format("{} stands for no repository", text));
  }
  return targets;
}

bool MayBeElsewhere(ErrorCode code) {
  return code == ErrorCode::kNameUnknown || code == ErrorCode::kUnauthorized ||
         code == ErrorCode::kDenied;
}

Result<client::Target> ParseHostTarget(std::string_view text) {
  RemovePrefixIgnoringCase(text, kTransport);
  const bool web =
      RemovePrefixIgnoringCase(text, "https://") || RemovePrefixIgnoringCase(text, "http://");
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t slash = text.find('/');
  PORTOLAN_TRY(auto registry, oci::RegistryName::Parse(text.substr(0, slash)));
  client::Target target{.registry = std::move(registry), .repository = std::nullopt};
  if (slash == std::string_view::npos) return target;
  const std::string_view path = text.substr(slash + 1);
  // The address of an API is the registry's: docker itself calls Docker Hub
  // https://index.docker.io/v1/.
  if (web && (path == "v1" || path == "v2")) return target;
  PORTOLAN_TRY(target.repository, oci::RepositoryName::Parse(path));
  return target;
}

}  // namespace portolan::cli
