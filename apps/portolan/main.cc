// Portolan: builds the world and the commands, and runs.
#include <malloc.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "portolan/admin/commands.h"
#include "portolan/cli/command.h"
#include "portolan/cli/terminal.h"
#include "portolan/config/credentials.h"
#include "portolan/http/client.h"

namespace {

std::vector<std::unique_ptr<portolan::cli::Command>> Commands() {
  std::vector<std::unique_ptr<portolan::cli::Command>> commands;
  commands.push_back(portolan::cli::NewListTagsCommand());
  commands.push_back(portolan::cli::NewListReposCommand());
  commands.push_back(portolan::cli::NewApiCommand());
  commands.push_back(portolan::cli::NewProbeCommand());
  commands.push_back(portolan::cli::NewTagsCommand());
  commands.push_back(portolan::cli::NewWhichTagsCommand());
  commands.push_back(portolan::cli::NewUntagCommand());
  commands.push_back(portolan::cli::NewTagsHistoryCommand());
  commands.push_back(portolan::cli::NewTagsRestoreCommand());
  commands.push_back(portolan::cli::NewLoginCommand());
  commands.push_back(portolan::cli::NewLogoutCommand());
  commands.push_back(portolan::cli::NewAuthExplainCommand());
  commands.push_back(portolan::cli::NewAuthTokenCommand());
  commands.push_back(portolan::admin::NewServeCommand());
  commands.push_back(portolan::admin::NewAuthServeCommand());
  commands.push_back(portolan::admin::NewAuthKeygenCommand());
  commands.push_back(portolan::admin::NewGcCommand());
  commands.push_back(portolan::admin::NewFsckCommand());
  commands.push_back(portolan::admin::NewImportCommand());
  commands.push_back(portolan::admin::NewUserAddCommand());
  commands.push_back(portolan::admin::NewUserRemoveCommand());
  commands.push_back(portolan::admin::NewUserListCommand());
  commands.push_back(portolan::admin::NewUserPasswordCommand());
  commands.push_back(portolan::admin::NewUserDisableCommand());
  commands.push_back(portolan::admin::NewUserEnableCommand());
  commands.push_back(portolan::admin::NewTokenCreateCommand());
  commands.push_back(portolan::admin::NewTokenListCommand());
  commands.push_back(portolan::admin::NewTokenRevokeCommand());
  return commands;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace portolan;
  // A listing's few large blocks grow and go again: taken from the heap they keep their pages,
  // mapped singly each growth would fault every page anew. A fifth of the time of 100,000 tags.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const std::unique_ptr<cli::Terminal> terminal = cli::NewProcessTerminal();
  const Environment environment = ReadProcessEnvironment();
  const cli::World world{.terminal = *terminal,
                         .environment = environment,
                         .files = SystemFiles(),
                         .clock = SystemClock(),
                         .random = SystemRandom(),
                         .new_helper_runner =
                             [](int cancel_descriptor, const Limits& limits) {
                               return std::make_unique<config::ProcessHelperRunner>(
                                   limits, cancel_descriptor);
                             },
                         .new_http_client =
                             [&environment](async::Loop& loop, const Limits& limits) {
                               return http::NewNetworkClient(loop, environment, limits);
                             }};
  return cli::RunProgram(arguments, world, Commands());
}
