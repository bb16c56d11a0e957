#include "portolan/config/registries.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"

namespace portolan::config {
namespace {

constexpr std::size_t kNoMatch = std::string_view::npos;

// How much of `name` the prefix stands for; kNoMatch if it does not match. Both are lower case.
std::size_t MatchedLength(std::string_view prefix, std::string_view name) {
  if (prefix.starts_with("*.")) {
    // `*.example.com` is about hosts, whatever their port: `a.b.example.com:5000/ns` but not
    // `example.com`.
    const std::size_t host_end = name.find_first_of(":/");
    const std::string_view host = name.substr(0, host_end);
    const std::string_view suffix = prefix.substr(1);
    return host.size() > suffix.size() && host.ends_with(suffix) ? host.size() : kNoMatch;
  }
  if (!name.starts_with(prefix)) return kNoMatch;
  return name.size() == prefix.size() || name[prefix.size()] == '/' ? prefix.size() : kNoMatch;
}

std::string FullName(const oci::RegistryName& registry,
                     const std::optional<oci::RepositoryName>& repository) {
  return repository ? registry.text() + "/" + repository->text() : registry.text();
}

// The name after rewriting, split again. It can be invalid only by its length, or by two ports.
Result<Endpoint> Rewritten(std::string_view location, std::string_view rest) {
  const std::string name = fmt::format("{}{}", location, rest);
  const std::string_view view = name;
  const std::size_t slash = std::min(view.find('/'), view.size());
  auto registry = oci::RegistryName::Parse(view.substr(0, slash));
  if (!registry) return Wrap(std::move(registry).error(), "registries.conf");
  Endpoint endpoint{.registry = *std::move(registry), .repository = std::nullopt};
  if (slash == view.size()) return endpoint;
  auto repository = oci::RepositoryName::Parse(view.substr(slash + 1));
  if (!repository) return Wrap(std::move(repository).error(), "registries.conf");
  endpoint.repository = *std::move(repository);
  return endpoint;
}

// The name and, where there are any, tag and digest with their separators.
std::pair<std::string_view, std::string_view> SplitShortName(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::string_view before = text.substr(0, at);
  const std::size_t colon = before.rfind(':');
  const std::size_t end = colon == std::string_view::npos ? at : colon;
  return {text.substr(0, end), text.substr(end)};
}

}  // namespace

const RegistriesConf::Rule* RegistriesConf::FindRule(std::string_view name) const {
  const Rule* best = nullptr;
  const auto is_better = [&](const Rule& rule) {
    if (best == nullptr || rule.prefix.size() != best->prefix.size()) {
      return best == nullptr || rule.prefix.size() > best->prefix.size();
    }
    return best->prefix.starts_with('*') && !rule.prefix.starts_with('*');
  };
  // What was read last comes first, and is kept against an equal prefix.
  for (const Rule& rule : std::views::reverse(rules_)) {
    if (MatchedLength(rule.prefix, name) != kNoMatch && is_better(rule)) best = &rule;
  }
  return best;
}

Result<std::vector<oci::Reference>> RegistriesConf::ExpandShortName(
    std::string_view short_name) const {
  // What is wrong with the name itself is said about the name that the user wrote.
  PORTOLAN_TRY(auto on_hub, oci::Reference::Parse(short_name));
  std::vector<oci::Reference> references;
  if (!oci::Reference::IsShortName(short_name)) {
    references.push_back(std::move(on_hub));
    return references;
  }
  const auto [name, suffix] = SplitShortName(short_name);
  for (const Alias& alias : std::views::reverse(aliases_)) {
    if (alias.name != name) continue;
    if (alias.target.empty()) break;  // removed again
    PORTOLAN_TRY(auto reference, oci::Reference::Parse(fmt::format("{}{}", alias.target, suffix)));
    references.push_back(std::move(reference));
    return references;
  }
  std::vector<std::string> names;
  for (const std::string& registry : search_registries_) {
    PORTOLAN_TRY(auto reference, oci::Reference::Parse(fmt::format("{}/{}", registry, short_name)));
    names.push_back(reference.ToString());
    references.push_back(std::move(reference));
  }
  if (references.empty()) references.push_back(std::move(on_hub));
  if (references.size() > 1 && short_name_mode_ == "enforcing") {
    return Fail(ErrorCode::kReferenceInvalid,
                fmt::format("short name {} is ambiguous: it may stand for {}",
                            Printable(short_name), fmt::join(names, ", ")),
                "write the full name, or set an alias for it in registries.conf");
  }
  return references;
}

Result<std::vector<Endpoint>> RegistriesConf::Resolve(
    const oci::RegistryName& registry, const std::optional<oci::RepositoryName>& repository) const {
  const std::string name = FullName(registry, repository);
  const Rule* rule = FindRule(name);
  std::vector<Endpoint> endpoints;
  if (rule == nullptr) {
    endpoints.push_back({.registry = registry, .repository = repository});
    return endpoints;
  }
  if (rule->blocked) {
    return Fail(
        ErrorCode::kBlocked,
        fmt::format("{} is blocked by the prefix {} of registries.conf", name, rule->prefix));
  }
  const std::string_view rest = std::string_view(name).substr(MatchedLength(rule->prefix, name));
  for (const Mirror& mirror : rule->mirrors) {
    if (!mirror.for_tags) continue;
    PORTOLAN_TRY(auto endpoint, Rewritten(mirror.location, rest));
    // A registry can only be listed as a whole: a namespace of a mirror does not stand for one.
    if (endpoint.repository.has_value() != repository.has_value()) continue;
    endpoint.insecure = mirror.insecure;
    endpoint.mirror = true;
    endpoints.push_back(std::move(endpoint));
  }
  if (rule->location.empty()) {
    endpoints.push_back(
        {.registry = registry, .repository = repository, .insecure = rule->insecure});
    return endpoints;
  }
  PORTOLAN_TRY(auto own, Rewritten(rule->location, rest));
  if (own.repository && !repository) {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("registries.conf puts {} into {}, and a registry can only be listed whole",
                    name, rule->location),
        "list the repositories of " + own.registry.text());
  }
  if (!own.repository && repository) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("registries.conf puts {} at {}, which is a registry and no repository",
                            name, rule->location));
  }
  own.insecure = rule->insecure;
  endpoints.push_back(std::move(own));
  return endpoints;
}

}  // namespace portolan::config
