// Where credentials files lie.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/config/auth_file.h"
#include "portolan/config/credentials.h"

namespace portolan::config {

/// Stands in `credential-helpers` for the files.
inline constexpr const char* kAuthFilesHelper = "containers-auth.json";

struct AuthPlace {
  std::string path;
  AuthFile::Format format = AuthFile::Format::kCurrent;
};

/// The one file to use if the user or the environment names one.
std::optional<std::string> ExclusiveAuthFile(const Environment& environment,
                                             const CredentialOptions& options);

/// The files in the order in which they are looked at, where none is exclusive.
std::vector<AuthPlace> AuthPlaces(const Environment& environment);

/// Where a login writes, where no file is exclusive: the first of AuthPlaces, or the user's
/// configuration folder if that one cannot be made (after logout, in cron and in CI the runtime
/// folder is not there).
std::string DefaultAuthTarget(Files& files, const Environment& environment);

/// `options.helpers`, or its default.
std::vector<std::string> HelpersOf(const CredentialOptions& options);

/// `${XDG_CONFIG_HOME:-~/.config}/containers`.
std::string UserContainersFolder(const Environment& environment);

}  // namespace portolan::config
