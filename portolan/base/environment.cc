#include "portolan/base/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <string_view>

namespace portolan {

Environment ReadProcessEnvironment() {
  Environment environment;
  environment.uid = geteuid();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  if (const auto home = environment.Get("HOME")) {
    environment.home = *home;
  } else if (const passwd* user = getpwuid(geteuid()); user != nullptr && user->pw_dir != nullptr) {
    environment.home = user->pw_dir;
  }
  if (environment.home.empty()) environment.home = "/";
  return environment;
}

}  // namespace portolan
