// How a failure is told to the user.
#pragma once

#include <string>

#include "portolan/base/error.h"
#include "portolan/cli/terminal.h"

namespace portolan::cli {

enum class ErrorFormat { kText, kJson };

/// A command has one exit status, whatever its parts say.
enum class ErrorOf { kCommand, kPart };

/// Text: `portolan: message`, and below it `  hint: hint`. JSON: one line with an object
/// `{"error":{"code":"NAME_UNKNOWN","message":…,"hint":…,"http_status":…,"errors":[…]},"exit_status":2}`;
/// `hint`, `http_status` and `errors` (the registry's own) are there only if known.
/// `exit_status` is there for kCommand only.
std::string ErrorText(const Error& error, ErrorFormat format, ErrorOf of = ErrorOf::kCommand);

/// Writes it to standard error.
void PrintError(Terminal& terminal, const Error& error, ErrorFormat format,
                ErrorOf of = ErrorOf::kCommand);

}  // namespace portolan::cli
