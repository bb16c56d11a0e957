#include "portolan/admin/server_log.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/date.h"

namespace portolan::admin {
namespace {

constexpr int kLinesPerSecond = 20;

}  // namespace

void ServerLog::Write(std::string_view level, std::string_view line) {
  const Clock::WallTime wall = clock_.WallNow();
  const std::time_t now = std::chrono::system_clock::to_time_t(wall);
  const std::string time = FormatDate(wall);
  std::string text;
  const std::lock_guard lock(mutex_);
  if (now != second_) {
    if (withheld_ > 0) {
      text = fmt::format("{} warning: {} lines more were left out\n", time,
                         std::exchange(withheld_, 0));
    }
    second_ = now;
    lines_ = 0;
  }
  if (lines_++ >= kLinesPerSecond) {
    ++withheld_;
    return;
  }
  text += fmt::format("{} {}: {}\n", time, level, Printable(line, 4096));
  // A log that cannot be written must not stop a registry.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace portolan::admin
