#include "portolan/cli/progress.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "portolan/cli/list_writer.h"

namespace portolan::cli {
namespace {

constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::milliseconds kBetween{100};

}  // namespace

Progress::Progress(Terminal& terminal, const Clock& clock, Words words, bool enabled)
    : terminal_(terminal),
      clock_(clock),
      words_(std::move(words)),
      enabled_(enabled),
      start_(clock.Now()) {}

Progress::~Progress() {
  if (shown_) terminal_.ShowProgress({});
}

void Progress::AddItems(std::size_t items) {
  items_ += items;
  if (!enabled_) return;
  const Clock::Instant now = clock_.Now();
  if (now - start_ < kQuiet || (shown_ && now - *shown_ < kBetween)) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const auto rate = static_cast<std::size_t>(static_cast<double>(items_) / seconds);
  std::string line = fmt::format("{}: {}", words_.subject, WithThousands(items_));
  if (words_.total > 0) line += fmt::format(" of {}", WithThousands(words_.total));
  line += fmt::format(" {}", words_.noun);
  if (pages_ > 0) {
    line += fmt::format(", {} {}", WithThousands(pages_), pages_ == 1 ? "page" : "pages");
  }
  line += fmt::format(", {}/s", WithThousands(rate));
  // A line that wraps could not be taken back.
  const auto columns = static_cast<std::size_t>(terminal_.columns());
  if (line.size() >= columns) line.resize(columns - 1);
  terminal_.ShowProgress(line);
}

}  // namespace portolan::cli
