// Commands of whoever runs a registry. One pair of files per command, as in cli/.
#pragma once

#include <memory>

#include "portolan/cli/command.h"

namespace portolan::admin {

// Every command of this room, named one by one in main.
std::unique_ptr<cli::Command> NewServeCommand();
std::unique_ptr<cli::Command> NewAuthServeCommand();
std::unique_ptr<cli::Command> NewAuthKeygenCommand();
std::unique_ptr<cli::Command> NewGcCommand();
std::unique_ptr<cli::Command> NewFsckCommand();
std::unique_ptr<cli::Command> NewImportCommand();
std::unique_ptr<cli::Command> NewUserAddCommand();
std::unique_ptr<cli::Command> NewUserRemoveCommand();
std::unique_ptr<cli::Command> NewUserListCommand();
std::unique_ptr<cli::Command> NewUserPasswordCommand();
std::unique_ptr<cli::Command> NewUserDisableCommand();
std::unique_ptr<cli::Command> NewUserEnableCommand();
std::unique_ptr<cli::Command> NewTokenCreateCommand();
std::unique_ptr<cli::Command> NewTokenListCommand();
std::unique_ptr<cli::Command> NewTokenRevokeCommand();

}  // namespace portolan::admin
