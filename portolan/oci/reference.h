// Names of images: how users write them, what they mean, and how they are printed.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/oci/digest.h"

namespace portolan::oci {

/// The registry part of a name: `quay.io`, `localhost:5000`, `[::1]:5000`. Lower-cased. `docker.io`
/// and its old spelling `index.docker.io` both give `docker.io`; where that is served is the
/// dialect room's knowledge.
class RegistryName {
 public:
  /// kReferenceInvalid, naming the text and the rule that it breaks. A host has at most 253
  /// characters; an IPv6 address must be in brackets; a port is 1–65535.
  static Result<RegistryName> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// Without the port; IPv6 addresses keep their brackets.
  std::string_view host() const;

  friend bool operator==(const RegistryName&, const RegistryName&) = default;
  friend auto operator<=>(const RegistryName&, const RegistryName&) = default;

 private:
  explicit RegistryName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A repository inside a registry: `library/ubuntu`. Spec: "Pulling manifests", `<name>`.
class RepositoryName {
 public:
  /// Components `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` joined with `/`, at most 255 characters.
  /// kReferenceInvalid otherwise, with a hint where the mistake is an upper-case letter.
  static Result<RepositoryName> Parse(std::string_view text);

  const std::string& text() const { return text_; }

  friend bool operator==(const RepositoryName&, const RepositoryName&) = default;
  friend auto operator<=>(const RepositoryName&, const RepositoryName&) = default;

 private:
  explicit RepositoryName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
class Tag {
 public:
  static Result<Tag> Parse(std::string_view text);
  /// The same rule without building anything, for lists of a hundred thousand.
  static bool IsValid(std::string_view text);

  const std::string& text() const { return text_; }

  friend bool operator==(const Tag&, const Tag&) = default;
  friend auto operator<=>(const Tag&, const Tag&) = default;

 private:
  explicit Tag(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A full image reference: registry, repository, and a tag or digest or both or neither.
struct Reference {
  RegistryName registry;
  RepositoryName repository;
  std::optional<Tag> tag;
  std::optional<Digest> digest;

  /// Parses what users write: `ubuntu`, `user/app:1.0`, `quay.io/a/b@sha256:…`, `localhost:5000/x`,
  /// `[::1]:5000/x`. The first component is a registry if it contains `.` or `:`, is `localhost`,
  /// or has an upper-case letter (one with an upper-case letter alone is then refused: printed in
  /// lower case it would mean a Docker Hub user); else the registry is `docker.io`, and a docker.io
  /// name of one component gets `library/` before it. A name of 64 hexadecimal digits alone is
  /// refused (it looks like an image ID). `docker://` may stand before it. Pasted web addresses are
  /// understood where they name an image: `https://quay.io/repository/a/b` is the only form with a
  /// rewritten path; any other `https://HOST/PATH` is taken as `HOST/PATH`; a query or fragment is
  /// refused. kReferenceInvalid names the text and what is wrong.
  static Result<Reference> Parse(std::string_view text);

  /// Whether `text` has no registry part, so that short-name rules of registries.conf may apply to
  /// it. False for text with `docker://`, which always means docker.io then, as skopeo has it.
  static bool IsShortName(std::string_view text);

  /// `docker.io/library/ubuntu`: what skopeo prints as `Repository`.
  std::string Name() const;
  /// Name with `:tag` and `@digest` where present.
  std::string ToString() const;

  friend bool operator==(const Reference&, const Reference&) = default;
};

}  // namespace portolan::oci
