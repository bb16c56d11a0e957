#include "portolan/oci/reference.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::oci {
namespace {

constexpr std::string_view kDefaultRegistry = "docker.io";
constexpr std::string_view kOfficialImages = "library/";
constexpr std::string_view kDockerPrefix = "docker://";
constexpr std::string_view kHttpsPrefix = "https://";
constexpr std::string_view kHttpPrefix = "http://";
constexpr std::size_t kMaxSize = 4096;  // far above the longest valid reference

Error Bad(std::string_view text, std::string_view reason, std::string hint = {}) {
  return Fail(ErrorCode::kReferenceInvalid,
              fmt::format("invalid image name \"{}\": {}", Printable(text), reason),
              std::move(hint));
}

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  return EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

// Whether a name's first component, before a slash, is a registry and not a part of a Docker Hub
// repository.
bool LooksLikeRegistry(std::string_view component) {
  return component == "localhost" || component.find_first_of(".:") != std::string_view::npos;
}

// The length of the registry part, or 0 if there is none.
std::size_t RegistrySize(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return 0;
  const std::string_view first = name.substr(0, slash);
  const bool upper = std::ranges::any_of(first, [](char c) { return AsciiLower(c) != c; });
  return upper || LooksLikeRegistry(first) ? slash : 0;
}

bool LooksLikeImageId(std::string_view name) {
  constexpr std::size_t kIdSize = 64;
  return name.size() == kIdSize &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A reference cut into its parts, none of them judged yet.
struct Parts {
  std::string_view registry;
  std::string_view repository;
  std::optional<std::string_view> tag;
  std::optional<std::string_view> digest;
};

Parts Split(std::string_view name, std::size_t registry_size) {
  Parts parts;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    parts.digest = name.substr(at + 1);
    name = name.substr(0, at);
  }
  if (registry_size != 0 && registry_size < name.size()) {
    parts.registry = name.substr(0, registry_size);
    name.remove_prefix(registry_size + 1);
  }
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
    parts.tag = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  parts.repository = name;
  return parts;
}

Result<RegistryName> ParseRegistry(std::string_view text) {
  PORTOLAN_TRY(RegistryName name, RegistryName::Parse(text));
  // Printed and read again, a bare word would become the first part of a Docker Hub name.
  if (!LooksLikeRegistry(name.text())) {
    return Fail(
        ErrorCode::kReferenceInvalid,
        fmt::format("invalid registry \"{}\": a registry has a dot or a port", text),
        fmt::format(
            "write \"{0}:443\" for the registry {0}; on Docker Hub, \"{0}/…\" is lower case",
            name.text()));
  }
  return name;
}

Result<Reference> Build(const Parts& parts) {
  PORTOLAN_TRY(RegistryName registry,
               ParseRegistry(parts.registry.empty() ? kDefaultRegistry : parts.registry));
  std::string path(parts.repository);
  // Judged without the prefix, so that the message names what the user wrote.
  PORTOLAN_TRY(RepositoryName repository, RepositoryName::Parse(path));
  if (registry.text() == kDefaultRegistry && !path.contains('/')) {
    PORTOLAN_TRY(repository, RepositoryName::Parse(path.insert(0, kOfficialImages)));
  }
  Reference reference{.registry = std::move(registry),
                      .repository = std::move(repository),
                      .tag = std::nullopt,
                      .digest = std::nullopt};
  if (parts.tag) {
    PORTOLAN_TRY(reference.tag, Tag::Parse(*parts.tag));
  }
  if (parts.digest) {
    PORTOLAN_TRY(reference.digest, Digest::Parse(*parts.digest));
  }
  return reference;
}

// The whole name, where it fails before its parts can be told.
Status CheckName(std::string_view whole, std::string_view name) {
  if (name.empty())
    return Bad(whole, "it is empty", "write a name such as ubuntu or quay.io/fedora/fedora");
  if (name.size() > kMaxSize) return Bad(whole, "it is too long");
  if (name.find_first_of(" \t\r\n") != std::string_view::npos)
    return Bad(whole, "it has a space or a line end");
  const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return Bad(whole, "it has a character that is not plain ASCII");
  if (name.contains("://")) {
    return Bad(whole, "it has a prefix that is not known here",
               "write the name alone, or with docker:// before it");
  }
  if (name.ends_with('/')) {
    return Bad(whole, "it ends with a slash",
               "leave the slash out, or add the repository after it");
  }
  return {};
}

Result<Reference> ParseName(std::string_view whole, std::string_view name,
                            std::size_t registry_size) {
  if (LooksLikeImageId(name)) {
    return Bad(whole, "64 hexadecimal digits look like an image ID, not like a name",
               fmt::format("for a digest write NAME@sha256:{}", name));
  }
  Result<Reference> reference = Build(Split(name, registry_size));
  if (reference) return reference;
  return Wrap(std::move(reference).error(),
              fmt::format("invalid image name \"{}\"", Printable(whole)));
}

Status CheckNoUser(std::string_view address) {
  if (!address.substr(0, address.find('/')).contains('@')) return {};
  // Not shown: what stands before the @ may be a password.
  return Fail(ErrorCode::kReferenceInvalid,
              "invalid image name: a web address with a user name before the host",
              "write the name alone; credentials are given by login or by --creds");
}

// A web address, as browsers have it in their address line. `name` is what follows https://.
Result<Reference> ParseWebAddress(std::string_view whole, std::string_view name) {
  constexpr std::string_view kQuayPages = "quay.io/repository/";
  const std::size_t host_size = std::min(name.find('/'), name.size());
  PORTOLAN_CHECK(CheckNoUser(name));
  PORTOLAN_CHECK(CheckName(whole, name));
  if (name.find_first_of("?#") != std::string_view::npos) {
    return Bad(whole, "a web address with '?' or '#' does not name an image",
               "leave out what follows the path");
  }
  if (host_size == name.size()) {
    return Bad(whole, "the web address names a registry but no repository",
               fmt::format("add the repository: {}/NAME", name));
  }
  if (!StartsWithIgnoreCase(name, kQuayPages)) return ParseName(whole, name, host_size);
  const std::string rewritten = fmt::format("quay.io/{}", name.substr(kQuayPages.size()));
  return ParseName(whole, rewritten, rewritten.find('/'));
}

}  // namespace

Result<Reference> Reference::Parse(std::string_view text) {
  if (StartsWithIgnoreCase(text, kHttpPrefix)) {
    PORTOLAN_CHECK(CheckNoUser(text.substr(kHttpPrefix.size())));
    return Bad(text, "an image name does not say http://",
               fmt::format("write \"{}\" and add --tls-verify=false",
                           Printable(text.substr(kHttpPrefix.size()))));
  }
  if (StartsWithIgnoreCase(text, kHttpsPrefix)) {
    return ParseWebAddress(text, text.substr(kHttpsPrefix.size()));
  }
  const std::string_view name =
      text.starts_with(kDockerPrefix) ? text.substr(kDockerPrefix.size()) : text;
  PORTOLAN_CHECK(CheckName(text, name));
  return ParseName(text, name, RegistrySize(name));
}

bool Reference::IsShortName(std::string_view text) {
  return !text.contains("://") && RegistrySize(text) == 0;
}

std::string Reference::Name() const {
  return fmt::format("{}/{}", registry.text(), repository.text());
}

std::string Reference::ToString() const {
  std::string out = Name();
  if (tag) out += fmt::format(":{}", tag->text());
  if (digest) out += fmt::format("@{}", digest->text());
  return out;
}

}  // namespace portolan::oci
