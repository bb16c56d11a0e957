// What a command is. One pair of files per command: list_tags.cc does the work, list_tags.md is its
// help and manual page.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/loop.h"
#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/limits.h"
#include "portolan/base/random.h"
#include "portolan/base/result.h"
#include "portolan/cli/terminal.h"
#include "portolan/config/credentials.h"
#include "portolan/http/client.h"

namespace CLI {
class App;
}  // namespace CLI

namespace portolan::cli {

/// The world, as main (or a test) gives it to every command. All of it outlives the command.
struct World {
  Terminal& terminal;
  const Environment& environment;
  Files& files;
  const Clock& clock;
  Random& random;
  /// Makes what runs a command's credential helpers. They are given up when `cancel_descriptor`
  /// becomes readable.
  std::function<std::unique_ptr<config::HelperRunner>(int cancel_descriptor, const Limits& limits)>
      new_helper_runner;
  /// Makes the HTTP client of a command; called only by commands that use the network.
  std::function<std::unique_ptr<http::Client>(async::Loop& loop, const Limits& limits)>
      new_http_client;
};

/// Flags before the command's name (also understood after it, as skopeo does).
struct GlobalFlags {
  bool debug = false;
  std::optional<double> command_timeout_seconds;
  std::optional<std::string> registries_conf;
  std::string user_agent_prefix;
};

/// One command of the program.
class Command {
 public:
  virtual ~Command() = default;

  /// "list-tags", or "auth explain" for a command below another.
  virtual std::string_view name() const = 0;
  /// The Markdown of its .md file: `# portolan NAME -- one line`, then sections Synopsis,
  /// Description, Options, Examples….
  virtual std::string_view manual() const = 0;
  /// Declares options and arguments, bound to this object's members.
  virtual void Declare(CLI::App& app) = 0;
  /// Does the work. The Error, if any, is printed by the caller and gives the exit status.
  virtual Status Run(const World& world, const GlobalFlags& global) = 0;
  /// Whether errors are to be printed as JSON objects on standard error (`-o json`, `-o ndjson`).
  virtual bool json_errors() const { return false; }
};

// Every command of the program, named one by one in main.
std::unique_ptr<Command> NewListTagsCommand();
std::unique_ptr<Command> NewListReposCommand();
std::unique_ptr<Command> NewApiCommand();
std::unique_ptr<Command> NewLoginCommand();
std::unique_ptr<Command> NewLogoutCommand();
std::unique_ptr<Command> NewAuthExplainCommand();
std::unique_ptr<Command> NewAuthTokenCommand();
std::unique_ptr<Command> NewProbeCommand();
std::unique_ptr<Command> NewTagsCommand();
std::unique_ptr<Command> NewWhichTagsCommand();
std::unique_ptr<Command> NewUntagCommand();
std::unique_ptr<Command> NewTagsHistoryCommand();
std::unique_ptr<Command> NewTagsRestoreCommand();

/// Parses the command line, runs the command, prints its error, and gives the exit status
/// (base/error.h). Knows --help,
/// --version, `help [COMMAND]`, `completion SHELL`, and suggests the nearest word for an unknown
/// command or option.
int RunProgram(const std::vector<std::string>& arguments, const World& world,
               std::vector<std::unique_ptr<Command>> commands);

}  // namespace portolan::cli
