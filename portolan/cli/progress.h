// The progress line of a long listing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/cli/terminal.h"

namespace portolan::cli {

/// Shows `ubuntu: 12,300 tags, 13 pages, 8,200/s` from half a second after it was made, at most ten
/// times a second, and takes the line away when destroyed.
class Progress {
 public:
  struct Words {
    std::string subject;    ///< "ubuntu", or "3 repositories"
    std::string noun;       ///< "tags"
    std::size_t total = 0;  ///< of items, where that is known
  };
  /// Both references must outlive it. If not `enabled` nothing is ever shown.
  Progress(Terminal& terminal, const Clock& clock, Words words, bool enabled);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// One more page has begun. To be seen with its items.
  void AddPage() { ++pages_; }
  /// So many more items have come.
  void AddItems(std::size_t items);

 private:
  Terminal& terminal_;
  const Clock& clock_;
  Words words_;
  bool enabled_;
  Clock::Instant start_;
  std::optional<Clock::Instant> shown_;
  std::size_t items_ = 0;
  std::size_t pages_ = 0;
};

}  // namespace portolan::cli
