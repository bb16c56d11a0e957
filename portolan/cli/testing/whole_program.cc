#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {

std::vector<std::unique_ptr<Command>> AllCommands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(NewListTagsCommand());
  commands.push_back(NewListReposCommand());
  commands.push_back(NewApiCommand());
  commands.push_back(NewProbeCommand());
  commands.push_back(NewTagsCommand());
  commands.push_back(NewWhichTagsCommand());
  commands.push_back(NewUntagCommand());
  commands.push_back(NewTagsHistoryCommand());
  commands.push_back(NewTagsRestoreCommand());
  commands.push_back(NewLoginCommand());
  commands.push_back(NewLogoutCommand());
  commands.push_back(NewAuthExplainCommand());
  commands.push_back(NewAuthTokenCommand());
  return commands;
}

int RunWholeProgram(CommandFixture& fixture, const std::vector<std::string>& arguments) {
  const World world{
      .terminal = fixture.terminal,
      .environment = fixture.environment,
      .files = fixture.files,
      .clock = fixture.clock,
      .random = fixture.random,
      .new_helper_runner = [&fixture](int, const Limits&) { return fixture.helpers.NewHandle(); },
      .new_http_client = [&fixture](async::Loop&,
                                    const Limits&) { return http::NewClient(fixture.service); }};
  return RunProgram(arguments, world, AllCommands());
}

}  // namespace portolan::cli
