#include <algorithm>
#include <utility>

#include "portolan/cli/terminal.h"

namespace portolan::cli {

Status MemoryTerminal::Write(std::string_view text) {
  closed_ = closed_ || broken_pipe;
  if (closed_) return Fail(ErrorCode::kIo, "standard output: Broken pipe");
  out += text;
  return {};
}

Status MemoryTerminal::Flush() {
  if (closed_) return Fail(ErrorCode::kIo, "standard output: Broken pipe");
  return {};
}

void MemoryTerminal::WriteError(std::string_view line) {
  error += line;
  error += '\n';
}

void MemoryTerminal::ShowProgress(std::string_view text) {
  if (terminal) progress = text;
}

Result<std::string> MemoryTerminal::ReadLine(std::string_view prompt) {
  error += prompt;
  if (input.empty()) return Fail(ErrorCode::kIo, "standard input has ended");
  const std::size_t end = std::min(input.find('\n'), input.size());
  std::string line = input.substr(0, end);
  input.erase(0, end + 1);
  return line;
}

Result<Secret> MemoryTerminal::ReadSecret(std::string_view prompt) {
  PORTOLAN_TRY(std::string line, ReadLine(prompt));
  return Secret(std::move(line));
}

Result<std::string> MemoryTerminal::ReadAllInput(std::size_t max_size) {
  if (input.size() > max_size) {
    return Fail(ErrorCode::kTooLarge, "standard input is too long");
  }
  return std::exchange(input, {});
}

}  // namespace portolan::cli
