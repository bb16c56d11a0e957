#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/config/child_process.h"
#include "portolan/config/credentials.h"

namespace portolan::config {
namespace {

// A name with a slash would run a program that is not on PATH.
bool IsPlainWord(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return IsAsciiAlnum(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

Result<HelperRunner::Output> ProcessHelperRunner::Run(const std::string& name,
                                                      const std::string& action,
                                                      const std::string& input) {
  if (!IsPlainWord(name)) {
    return Fail(ErrorCode::kConfigInvalid,
                fmt::format("\"{}\" is not the name of a credential helper", Printable(name)),
                "write pass for the program docker-credential-pass");
  }
  PORTOLAN_TRY(auto output, RunChild({"docker-credential-" + name, action}, input,
                                     {.timeout = limits_.helper_timeout,
                                      .output = limits_.helper_output,
                                      .cancel_descriptor = cancel_descriptor_}));
  return Output{.exit_status = output.exit_status,
                .standard_output = std::move(output.standard_output)};
}

}  // namespace portolan::config
