#include "portolan/config/credentials.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/config/auth_file.h"
#include "portolan/config/auth_places.h"
#include "portolan/config/helper.h"

namespace portolan::config {
namespace {

using Outcome = LookupStep::Outcome;

struct Target {
  const oci::RegistryName& registry;
  const std::optional<oci::RepositoryName>& repository;
};

// One lookup: goes from place to place and writes down what it finds.
class Search {
 public:
  Search(Files& files, HelperRunner& runner, const Limits& limits, Target target, bool explain)
      : files_(files), runner_(runner), limits_(limits), target_(target), explain_(explain) {}

  bool done() const { return !explain_ && found(); }
  CredentialLookup TakeResult() { return std::move(lookup_); }

  Status InFile(const AuthPlace& place, bool required) {
    if (done()) return {};
    const auto text = files_.Read(place.path, limits_.config_file);
    if (text) return InText(*text, place.path, place.format);
    const bool absent = text.error().code == ErrorCode::kNameUnknown;
    if (required) {
      Error error = text.error();
      if (absent) error.code = ErrorCode::kConfigInvalid;
      error.hint = "--authfile or REGISTRY_AUTH_FILE names it: no other file is read then";
      return Broken(place.path, std::move(error));
    }
    Add(place.path, absent ? Outcome::kAbsent : Outcome::kError,
        absent ? std::string() : text.error().message);
    return {};
  }

  Status InText(const std::string& text, const std::string& place, AuthFile::Format format) {
    if (done()) return {};
    auto file = AuthFile::Parse(text, place, format);
    if (!file) return Broken(place, std::move(file).error());
    if (const auto* helper = file->HelperFor(target_.registry)) {
      PORTOLAN_CHECK(AskHelper(helper->second, fmt::format("credHelpers[\"{}\"] of {}",
                                                           Printable(helper->first), place)));
    }
    if (done()) return {};
    PORTOLAN_CHECK(InEntries(*file, place));
    if (done() || file->creds_store.empty()) return {};
    return AskHelper(file->creds_store, fmt::format("credsStore of {}", place));
  }

  // A broken place stops the search only where it could have held the answer.
  Status Broken(const std::string& place, Error error) {
    if (error.hint.empty()) error.hint = "mend it, or take it away: it may hold what is needed";
    if (!explain_) return error;
    Add(place, Outcome::kError, error.message);
    if (!settled()) lookup_.failure = std::move(error);
    return {};
  }

  // A helper that fails is passed over; one that was interrupted ends the search.
  Status AskHelper(const std::string& name, const std::string& named_by) {
    if (done()) return {};
    CredentialHelper helper(runner_, name);
    std::string place = fmt::format("helper {} ({})", Printable(helper.Program()), named_by);
    auto credentials = helper.Get(target_.registry);
    if (!credentials && credentials.error().code == ErrorCode::kCancelled) {
      return std::move(credentials).error();
    }
    if (!credentials) {
      Add(std::move(place), Outcome::kError, credentials.error().message);
    } else if (!*credentials) {
      Add(std::move(place), Outcome::kNoMatch, {});
    } else {
      Matched(place, target_.registry.text(), place, **std::move(credentials));
    }
    return {};
  }

 private:
  bool found() const { return !lookup_.credentials.empty(); }
  // What is found from now on only explains.
  bool settled() const { return found() || lookup_.failure; }

  void Add(std::string place, Outcome outcome, std::string detail) {
    lookup_.steps.push_back(
        {.place = std::move(place), .outcome = outcome, .detail = std::move(detail)});
  }

  void Matched(std::string place, std::string key, std::string source, Credentials credentials) {
    Add(std::move(place), settled() ? Outcome::kShadowed : Outcome::kMatch, std::move(key));
    if (settled()) return;
    lookup_.credentials = std::move(credentials);
    lookup_.source = std::move(source);
  }

  Status InEntries(const AuthFile& file, const std::string& place) {
    const AuthEntry* entry = file.Match(target_.registry, target_.repository);
    if (entry == nullptr) {
      Add(place, Outcome::kNoMatch, {});
      return {};
    }
    auto credentials = DecodeEntry(*entry, place);
    if (!credentials) return Broken(place, std::move(credentials).error());
    const std::string key = Printable(entry->key);
    if (credentials->empty()) {
      Add(place, Outcome::kNoMatch, fmt::format("the entry {} is empty", key));
      return {};
    }
    Matched(place, key, fmt::format("auths[\"{}\"] of {}", key, place), *std::move(credentials));
    return {};
  }

  Files& files_;
  HelperRunner& runner_;
  const Limits& limits_;
  Target target_;
  bool explain_;
  CredentialLookup lookup_;
};

Status InVariable(Search& search, const Environment& environment, const Limits& limits) {
  constexpr const char* kVariable = "DOCKER_AUTH_CONFIG";
  const auto text = environment.Get(kVariable);
  if (!text) return {};
  if (text->size() > limits.config_file) {
    return search.Broken(
        kVariable,
        Fail(ErrorCode::kTooLarge, fmt::format("{} is larger than the {} bytes that are read of it",
                                               kVariable, limits.config_file)));
  }
  return search.InText(*text, kVariable, AuthFile::Format::kCurrent);
}

}  // namespace

CredentialStore::CredentialStore(Files& files, const Environment& environment, HelperRunner& runner,
                                 CredentialOptions options, const Limits& limits)
    : files_(files),
      environment_(environment),
      runner_(runner),
      options_(std::move(options)),
      limits_(limits) {}

Result<CredentialLookup> CredentialStore::Find(const oci::RegistryName& registry,
                                               const std::optional<oci::RepositoryName>& repository,
                                               bool explain) {
  Search search(files_, runner_, limits_, {.registry = registry, .repository = repository},
                explain);
  if (const auto exclusive = ExclusiveAuthFile(environment_, options_)) {
    PORTOLAN_CHECK(search.InFile({.path = *exclusive}, /*required=*/true));
    return search.TakeResult();
  }
  PORTOLAN_CHECK(InVariable(search, environment_, limits_));
  for (const std::string& helper : HelpersOf(options_)) {
    if (helper != kAuthFilesHelper) {
      PORTOLAN_CHECK(search.AskHelper(helper, "credential-helpers of registries.conf"));
      continue;
    }
    for (const AuthPlace& place : AuthPlaces(environment_)) {
      PORTOLAN_CHECK(search.InFile(place, /*required=*/false));
    }
  }
  return search.TakeResult();
}

std::optional<Result<CredentialLookup>> CredentialStore::FindInFiles(
    const oci::RegistryName& registry, const std::optional<oci::RepositoryName>& repository) {
  // Stands in for the helpers, and remembers that one was wanted.
  class NoHelpers final : public HelperRunner {
   public:
    bool asked = false;
    Result<Output> Run(const std::string& name, const std::string&, const std::string&) override {
      asked = true;
      return Fail(ErrorCode::kUnsupported, fmt::format("the helper {} was not asked", name));
    }
  };
  NoHelpers no_helpers;
  CredentialStore store(files_, environment_, no_helpers, options_, limits_);
  Result<CredentialLookup> found = store.Find(registry, repository);
  if (no_helpers.asked) return std::nullopt;
  return found;
}

}  // namespace portolan::config
