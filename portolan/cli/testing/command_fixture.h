// The world of a command, in memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/random.h"
#include "portolan/cli/command.h"
#include "portolan/cli/terminal.h"
#include "portolan/config/testing/fake_helper_runner.h"
#include "portolan/http/testing/fake_service.h"

namespace portolan::cli {

/// An ordinary user (home /home/u, id 1000) with no files, and a registry that is a function. Every
/// request, to whatever host, comes to it.
class CommandFixture {
 public:
  using Handler = std::function<http::Response(const http::Request&)>;
  explicit CommandFixture(Handler registry) : service(std::move(registry)) {}
  CommandFixture(const CommandFixture&) = delete;
  CommandFixture& operator=(const CommandFixture&) = delete;

  /// Runs the command with these arguments. kUsage for arguments that it does not declare.
  Status Run(std::unique_ptr<Command> command, std::vector<std::string> arguments);

  /// Every request so far, as `GET https://quay.io/v2/`.
  std::vector<std::string> Requests() const;

  MemoryTerminal terminal;
  Environment environment{
      .variables = {{"XDG_RUNTIME_DIR", "/run/user/1000"}}, .home = "/home/u", .uid = 1000};
  MemoryFiles files;
  ManualClock clock;
  FixedRandom random;
  config::FakeHelperRunner helpers;
  http::FakeService service;
};

/// A registry that wants a token of `https://auth.example/token`, which is `token` for everybody.
/// `answer` is what it says to those who have one.
CommandFixture::Handler TokenRegistry(std::string token, CommandFixture::Handler answer);

}  // namespace portolan::cli
