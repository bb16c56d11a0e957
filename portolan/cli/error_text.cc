#include "portolan/cli/error_text.h"

#include <fmt/format.h>

#include "portolan/cli/go_json.h"

namespace portolan::cli {
namespace {

std::string JsonObject(const Error& error, ErrorOf of) {
  std::string out = R"({"error":{"code":)";
  AppendGoJson(out, InfoOf(error.code).wire);
  out += R"(,"message":)";
  AppendGoJson(out, error.message);
  if (!error.hint.empty()) {
    out += R"(,"hint":)";
    AppendGoJson(out, error.hint);
  }
  if (error.http_status != 0) out += fmt::format(R"(,"http_status":{})", error.http_status);
  if (!error.registry_errors.empty()) {
    out += R"(,"errors":)";
    out += error.registry_errors;
  }
  out += '}';
  if (of == ErrorOf::kCommand) {
    out += fmt::format(R"(,"exit_status":{})", InfoOf(error.code).exit_status);
  }
  return out + "}";
}

}  // namespace

std::string ErrorText(const Error& error, ErrorFormat format, ErrorOf of) {
  if (format == ErrorFormat::kJson) return JsonObject(error, of);
  std::string text = "portolan: " + error.message;
  if (!error.hint.empty()) text += "\n  hint: " + error.hint;
  return text;
}

void PrintError(Terminal& terminal, const Error& error, ErrorFormat format, ErrorOf of) {
  terminal.WriteError(ErrorText(error, format, of));
}

}  // namespace portolan::cli
