// Who may do what. One function answers every "may they?".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/oci/reference.h"
#include "portolan/wire/scope.h"

namespace portolan::auth {

/// Rights, each granted by itself: whoever may create a tag may not therefore overwrite or delete
/// one.
enum class Action : std::uint8_t {
  kPull,       ///< read blobs, manifests, tags, referrers, history
  kCreate,     ///< push blobs and manifests, make tags that do not exist
  kOverwrite,  ///< move a tag to another digest; restore one
  kDelete,     ///< delete tags, manifests and blobs
  kCatalog,    ///< list repositories (those that may be pulled)
};
inline constexpr int kActions = 5;
/// "pull", "create", "overwrite", "delete", "catalog".
std::string_view NameOf(Action action);
std::optional<Action> ActionOf(std::string_view name);

/// A set of actions.
class ActionSet {
 public:
  void Add(Action action) { bits_ |= Bit(action); }
  void Add(ActionSet other) { bits_ |= other.bits_; }
  bool Has(Action action) const { return (bits_ & Bit(action)) != 0; }
  bool empty() const { return bits_ == 0; }
  /// What is in both.
  ActionSet And(ActionSet other) const {
    other.bits_ &= bits_;
    return other;
  }
  static ActionSet All();
  friend bool operator==(ActionSet, ActionSet) = default;

 private:
  static std::uint8_t Bit(Action action) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(action));
  }
  std::uint8_t bits_ = 0;
};

/// What a token allows, whoever bears it. Immutable.
class Grants {
 public:
  /// `repository:NAME:…` with the actions pull, push (create and overwrite), delete, `*` (all of
  /// them), and create and overwrite by themselves; `registry:catalog:*`. Others allow nothing
  /// here.
  explicit Grants(std::vector<wire::Scope> scopes) : scopes_(std::move(scopes)) {}

  /// In `repository`; null: anywhere, with kCatalog.
  ActionSet Allowed(const oci::RepositoryName* repository) const;
  const std::vector<wire::Scope>& scopes() const { return scopes_; }
  friend bool operator==(const Grants&, const Grants&) = default;

 private:
  std::vector<wire::Scope> scopes_;
};

/// Whoever asks. An empty name is nobody: anonymous.
struct Identity {
  std::string name;
  std::int64_t api_key = 0;  ///< the key that has proved the name (auth::ApiKey::id); 0: none
  std::shared_ptr<const Grants> grants;  ///< of the token it came with, and nothing beyond; null:
                                         ///< it came without one
  bool by_rules =
      true;  ///< whether the rules decide, too; not for tokens of issuers that know best
  bool anonymous() const { return name.empty(); }
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// One line of the rules: these users may do this in these repositories. Rights add up; what no
/// rule allows is refused.
struct Rule {
  std::vector<std::string> users;  ///< names; `anonymous`: nobody in particular, and everybody;
                                   ///< `*`: everybody who has proved a name
  std::vector<std::string> repositories;  ///< globs: `*` within a component, `**` across them,
                                          ///< `${user}` the asker's name where that can be a
                                          ///< component (else the glob matches nothing). Empty:
                                          ///< all
  ActionSet allow;
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The rules of a registry. Immutable, safe to share between threads.
class AccessRules {
 public:
  /// kConfigInvalid for a glob that cannot be understood, and for a rule without users.
  static Result<AccessRules> Make(std::vector<Rule> rules);
  /// Everybody may do everything: a registry without authentication.
  static AccessRules Open();

  /// The one function that decides: what `identity` may do in `repository`, by the rules and by its
  /// token. Null: what it may do anywhere, which is what decides about kCatalog and about requests
  /// that concern no repository; never use it for one that does.
  ActionSet Allowed(const Identity& identity, const oci::RepositoryName* repository) const;
  /// Whether a catalog that `identity` may ask for shows it this repository: a token for the
  /// catalog names no repositories, so that the rules alone tell which of them may be pulled.
  bool Shows(const Identity& identity, const oci::RepositoryName& repository) const;
  /// Those of `requested` that are allowed, with the actions that are; things without any are left
  /// out. `push` needs create and overwrite; with one of them that one is granted by its own name,
  /// which registries other than this one do not take for `push`. What is not granted is no error:
  /// the registry will say so. Order as requested. Spec: distribution "Token Authentication".
  std::vector<wire::Scope> Grant(const Identity& identity,
                                 std::span<const wire::Scope> requested) const;

 private:
  ActionSet ByRules(const Identity& identity, const oci::RepositoryName* repository) const;

  std::vector<Rule> rules_;
};

/// Whether `text` matches a glob as Rule::repositories has it (`${user}` already replaced). Stars
/// match nothing, too: `a*` matches `a`; but `a/**` does not match `a`. Linear in the product of
/// both sizes.
bool MatchesGlob(std::string_view glob, std::string_view text);

}  // namespace portolan::auth
