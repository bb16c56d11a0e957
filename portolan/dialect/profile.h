// How registries differ, as data: what a client must expect of each. One file per registry
// describes it; nothing outside this room compares host names.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/url.h"
#include "portolan/oci/reference.h"
#include "portolan/wire/challenge.h"

namespace portolan::dialect {

/// What is seen of a registry on the wire before it is known which one it is.
struct Signals {
  std::string_view server;                     ///< the Server header
  std::vector<std::string_view> header_names;  ///< of an answer
  std::span<const wire::Challenge> challenges;
  std::string_view raw_challenge;  ///< the first WWW-Authenticate line as received
};

/// Which API of a vendor's own lists and deletes tags, beside the V2 API.
enum class TagApi {
  kNone,
  kDockerHub,  ///< hub.docker.com, v2
  kGitHub,     ///< api.github.com, packages
  kQuay,       ///< /api/v1 of the registry itself
};

/// One registry's ways. The facts and their sources are in the registry's own file.
struct Profile {
  std::string_view id;     ///< stable, lower case: "docker-hub"
  std::string_view title;  ///< for people: "Docker Hub"
  /// Host patterns: exact, or `*` for one or more characters at either end or in the middle.
  std::vector<std::string_view> hosts;

  /// `n` to send when the user names none; 0: send no `n`, because the registry gives its most (or
  /// all) without.
  int page_size = 1000;
  /// The largest `n` that the registry takes without refusing; a larger wish is lowered to it. 0:
  /// no limit known.
  int max_page_size = 0;
  /// A full page without Link does not mean that it was the last: ask once more with `last`.
  bool link_may_be_missing = false;

  /// Public repositories are readable without any token: never fetch one before a 401 asks for it.
  bool anonymous_without_token = false;
  /// An expired token is answered with 400 and a text about the token.
  bool expired_token_is_400 = false;
  /// The challenge's scope is the only one that the token endpoint understands; ours is not sent.
  bool challenge_scope_only = false;

  /// The token endpoint refuses registry:catalog:*: a catalog needs a token without any scope.
  bool catalog_without_scope = false;
  /// The actions that deleting needs; empty: the specification's `delete`.
  std::vector<std::string_view> delete_actions = {};

  TagApi tag_api = TagApi::kNone;
  /// Where it is, without a path; empty: where the registry is.
  std::string_view tag_api_base = {};
  /// Reading a manifest counts against a quota: do not read what need not be known (HEAD is free).
  bool manifests_are_counted = false;

  /// What to tell somebody whose repository was refused or not found, beyond "check the spelling".
  std::string_view access_hint = {};
  /// What to tell somebody whose catalog request was refused.
  std::string_view catalog_hint = {};

  /// Whether an answer looks like this registry's; null where hosts alone identify it.
  bool (*recognise)(const Signals& signals) = nullptr;
};

/// The profile of a registry by its name; the generic one if no pattern matches.
const Profile& ProfileFor(const oci::RegistryName& registry);

/// The profile that an answer reveals, or `current` if it reveals nothing, or if `current` is
/// already a specific one.
const Profile& Refine(const Profile& current, const Signals& signals);

/// The profile with this id; the generic one if there is none (a cache written by another version).
const Profile& ProfileById(std::string_view id);

/// Where the registry's API is: itself, but for `docker.io`, which is served by
/// `registry-1.docker.io`.
std::string ApiHost(const oci::RegistryName& registry);

/// Every profile, the generic one last.
std::span<const Profile* const> AllProfiles();

/// Whether `host` matches a pattern of `Profile::hosts`.
bool HostMatches(std::string_view pattern, std::string_view host);

// One function per registry, each in a file of its own.
const Profile& DockerHub();
const Profile& Ghcr();
const Profile& Quay();
const Profile& Ecr();
const Profile& EcrPublic();
const Profile& Gcr();
const Profile& Gar();
const Profile& Acr();
const Profile& GitLab();
const Profile& Harbor();
const Profile& Artifactory();
const Profile& Nexus();
const Profile& Zot();
const Profile& Distribution();
const Profile& Generic();

}  // namespace portolan::dialect
