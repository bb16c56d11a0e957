// The frame of the program: from words to an exit status.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/base/suggestion.h"
#include "portolan/cli/command.h"
#include "portolan/cli/command_line.h"
#include "portolan/cli/completion.h"
#include "portolan/cli/error_text.h"
#include "portolan/cli/manual_text.h"
#include "portolan/cli/version.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kOverview =
#include "portolan/cli/manual/portolan.md.inc"
    ;
constexpr std::string_view kExitStatus =
#include "portolan/cli/manual/exit_status.md.inc"
    ;
constexpr std::string_view kCompletion =
#include "portolan/cli/manual/completion.md.inc"
    ;

using Commands = std::vector<std::unique_ptr<Command>>;

Status PrintVersion(Terminal& terminal) {
  return terminal.Write(fmt::format("portolan version {}\n", Version()));
}

Status PrintManual(Terminal& terminal, std::string_view markdown) {
  const bool styled = terminal.out_is_terminal();
  return terminal.Write(
      RenderManual(markdown, {.styled = styled, .columns = styled ? terminal.columns() : 80}));
}

Status PrintOverview(Terminal& terminal) {
  std::string markdown(kOverview.substr(0, kOverview.find('\n')));
  for (const std::string_view section : {"Synopsis", "Commands", "Examples"}) {
    markdown += fmt::format("\n\n## {}\n{}", section, ManualSection(kOverview, section));
  }
  PORTOLAN_CHECK(PrintManual(terminal, markdown));
  return terminal.Write("\nportolan help COMMAND shows the manual of a command.\n");
}

// One line for each command below `word`, as `auth` has them.
std::string GroupManual(std::string_view word, const Commands& commands) {
  std::string out;
  for (const std::unique_ptr<Command>& command : commands) {
    if (!command->name().starts_with(fmt::format("{} ", word))) continue;
    out +=
        fmt::format("**portolan {}**\n:   {}\n\n", command->name(), ManualTitle(command->manual()));
  }
  return out.empty() ? out : fmt::format("# portolan {}\n\n## Commands\n\n{}", word, out);
}

Status PrintHelp(Terminal& terminal, const std::vector<std::string>& words,
                 const Commands& commands) {
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  if (name.empty() || name == "help") return PrintManual(terminal, kOverview);
  if (name == "exit-status") return PrintManual(terminal, kExitStatus);
  if (name == "completion") return PrintManual(terminal, kCompletion);
  std::vector<std::string> topics = {"exit-status", "completion"};
  for (const std::unique_ptr<Command>& command : commands) {
    if (command->name() == name) return PrintManual(terminal, command->manual());
    topics.emplace_back(command->name());
  }
  if (const std::string group = GroupManual(name, commands); !group.empty())
    return PrintManual(terminal, group);
  const auto nearest = NearestWord(name, topics);
  return Fail(
      ErrorCode::kUsage, fmt::format("no manual for \"{}\"", Printable(name)),
      nearest ? fmt::format("did you mean {}?", *nearest) : "portolan help lists the commands");
}

Status Fulfil(const Wish& wish, const World& world, const Commands& commands,
              const CommandLine& line) {
  Terminal& terminal = world.terminal;
  switch (wish.kind) {
    case Wish::Kind::kOverview:
      return PrintOverview(terminal);
    case Wish::Kind::kVersion:
      return PrintVersion(terminal);
    case Wish::Kind::kHelp:
      return PrintHelp(terminal, wish.words, commands);
    case Wish::Kind::kRun:
      return wish.command->Run(world, wish.global);
    case Wish::Kind::kCompletion: {
      PORTOLAN_TRY(const std::string script, CompletionScript(wish.words.front(), line.Describe()));
      return terminal.Write(script);
    }
  }
  return Fail(ErrorCode::kInternal, "an unknown wish");
}

// Passes on what is still buffered and turns the outcome into an exit status.
int Finish(Terminal& terminal, Status status, ErrorFormat format) {
  const Status flushed = terminal.Flush();
  if (status && !flushed) status = flushed;
  if (status) return kExitOk;
  // Whoever closed the pipe has seen enough.
  if (status.error().code == ErrorCode::kIo && terminal.out_closed()) return kExitFailure;
  PrintError(terminal, status.error(), format);
  return InfoOf(status.error().code).exit_status;
}

}  // namespace

int RunProgram(const std::vector<std::string>& arguments, const World& world,
               std::vector<std::unique_ptr<Command>> commands) {
  const bool only_version =
      arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "-v");
  if (only_version) return Finish(world.terminal, PrintVersion(world.terminal), ErrorFormat::kText);
  CommandLine line(commands, arguments);
  const Result<Wish> wish = line.Parse();
  Status status = wish ? Fulfil(*wish, world, commands, line) : Status(wish.error());
  const bool json = line.command() != nullptr && line.command()->json_errors();
  // An empty $COMMAND in a script must not pass for a success.
  const bool nothing_asked = wish && wish->kind == Wish::Kind::kOverview;
  const int exit_status =
      Finish(world.terminal, std::move(status), json ? ErrorFormat::kJson : ErrorFormat::kText);
  return nothing_asked && exit_status == kExitOk ? kExitUsage : exit_status;
}

}  // namespace portolan::cli
