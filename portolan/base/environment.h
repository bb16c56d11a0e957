// What the process was started with: variables, home folder, user. An interface's worth of data,
// given from main, so that nothing below reads the environment behind a test's back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace portolan {

/// A copy of the variables. An empty variable counts as unset, as it does in the shell's
/// `${X:-default}`.
struct Environment {
  std::map<std::string, std::string> variables;
  std::string home;       ///< of the user; never empty ("/" if nothing says otherwise)
  std::uint32_t uid = 0;  ///< effective user id

  /// The variable's value, unless it is unset or empty.
  std::optional<std::string> Get(const std::string& name) const {
    const auto it = variables.find(name);
    if (it == variables.end() || it->second.empty()) return std::nullopt;
    return it->second;
  }
};

/// The process's own. Call it in main.
Environment ReadProcessEnvironment();

}  // namespace portolan
