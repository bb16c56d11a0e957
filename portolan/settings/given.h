// What was given, from wherever: settings by their keys, not yet judged, and the mistakes so far.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/auth/access.h"
#include "portolan/base/environment.h"
#include "portolan/settings/settings.h"
#include "portolan/settings/yaml.h"

namespace portolan::settings {

/// Texts of one setting, and where they stand.
struct GivenSetting {
  std::vector<std::string> values;
  std::string source;  ///< `config.yaml:12`, `PORTOLAN_LISTEN`, `flag listen`
};

/// Everything that one or several sources gave; later ones replace earlier ones.
struct Given {
  std::map<std::string, GivenSetting, std::less<>> settings;
  std::optional<std::vector<auth::Rule>> rules;
  std::string rules_source;
  std::vector<Issuer> issuers;
  std::vector<Host> hosts;
  std::vector<std::string> mistakes;  ///< one line each
};

/// Each adds to `given` what its source has.
void TakeFile(const YamlNode& root, std::string_view place, Given& given);
void TakeEnvironment(const Environment& environment, Given& given);
void TakeFlags(const std::map<std::string, std::string>& flags, Given& given);

/// The rules of `auth.rules`.
void TakeRules(const YamlNode& node, std::string_view place, Given& given);

/// The issuers of `auth.issuers`.
void TakeIssuers(const YamlNode& node, std::string_view place, Given& given);

/// The hosts of `hosts`.
void TakeHosts(const YamlNode& node, std::string_view place, Given& given);

/// ` (did you mean "…"?)`, or nothing.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace portolan::settings
