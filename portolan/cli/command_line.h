// The words of a command line, understood.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/cli/command.h"
#include "portolan/cli/completion.h"

namespace portolan::cli {

/// What a command line asks for.
struct Wish {
  enum class Kind { kOverview, kVersion, kHelp, kCompletion, kRun };
  Kind kind = Kind::kOverview;
  Command* command = nullptr;  ///< kRun: whom to run
  std::vector<std::string>
      words;  ///< kHelp: about what, `auth` `explain`; kCompletion: for which shell
  GlobalFlags global;
};

/// The declared options of all commands. The commands must outlive it.
class CommandLine {
 public:
  /// Declares the options of those commands whose first word is among `arguments`: the others
  /// cannot be meant.
  CommandLine(const std::vector<std::unique_ptr<Command>>& commands,
              const std::vector<std::string>& arguments);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  /// Reads the arguments it was made with into the commands' members. kUsage names the word that is
  /// wrong.
  Result<Wish> Parse();

  /// The command that was named, also if Parse failed after its name; null if there is none.
  Command* command() const;

  /// Everything that was declared, the global options first.
  std::vector<CompletionCommand> Describe() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The options of one command by name, as they would be declared: `-o`, `--output`.
std::vector<std::string> DeclaredOptions(Command& command);

}  // namespace portolan::cli
