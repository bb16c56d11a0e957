#include "portolan/cli/testing/command_fixture.h"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

namespace portolan::cli {

Status CommandFixture::Run(std::unique_ptr<Command> command, std::vector<std::string> arguments) {
  CLI::App app;
  command->Declare(app);
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return Fail(ErrorCode::kUsage, error.what());
  }
  const World world{
      .terminal = terminal,
      .environment = environment,
      .files = files,
      .clock = clock,
      .random = random,
      .new_helper_runner = [this](int, const Limits&) { return helpers.NewHandle(); },
      .new_http_client = [this](async::Loop&, const Limits&) { return http::NewClient(service); }};
  return command->Run(world, GlobalFlags());
}

std::vector<std::string> CommandFixture::Requests() const {
  std::vector<std::string> requests;
  for (const auto& seen : service.seen()) {
    requests.push_back(seen.method + " " + seen.url.ToString());
  }
  return requests;
}

CommandFixture::Handler TokenRegistry(std::string token, CommandFixture::Handler answer) {
  return [token = std::move(token),
          answer = std::move(answer)](const http::Request& request) -> http::Response {
    if (request.url.origin.host == "auth.example") {
      return http::TextResponse(200, R"({"token":")" + token + R"(","expires_in":300})");
    }
    if (request.headers.Get("Authorization") != "Bearer " + token) {
      return http::TextResponse(
          401, R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
          {{"WWW-Authenticate", R"(Bearer realm="https://auth.example/token",service="reg")"}});
    }
    return answer(request);
  };
}

}  // namespace portolan::cli
