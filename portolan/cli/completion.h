// Scripts that let a shell complete the words of a command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"

namespace portolan::cli {

/// An option or an argument, as completion sees it.
struct CompletionOption {
  std::vector<std::string> names;   ///< `-o`, `--output`; of an argument none
  std::vector<std::string> values;  ///< all that it takes, if they are few
  std::string about;
  bool takes_value = false;
  bool takes_file = false;
  bool takes_folder = false;
};

/// A command; that with the empty name holds the global options.
struct CompletionCommand {
  std::string name;  ///< `list-tags`, `auth explain`
  std::string about;
  std::vector<CompletionOption> options;
  std::vector<CompletionOption> arguments;
};

/// The script for `bash`, `zsh` or `fish`. kUsage for another shell.
Result<std::string> CompletionScript(std::string_view shell,
                                     const std::vector<CompletionCommand>& commands);

}  // namespace portolan::cli
