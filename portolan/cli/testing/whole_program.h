// The program as main builds it, on a world in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "portolan/cli/command.h"
#include "portolan/cli/testing/command_fixture.h"

namespace portolan::cli {

/// Every command of the program, as apps/portolan/main.cc names them.
std::vector<std::unique_ptr<Command>> AllCommands();

/// RunProgram with all commands in the fixture's world; gives the exit status.
int RunWholeProgram(CommandFixture& fixture, const std::vector<std::string>& arguments);

}  // namespace portolan::cli
