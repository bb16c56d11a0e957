// In which order tags are printed, and which of them by their dates.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/base/result.h"
#include "portolan/client/tag_info.h"

namespace portolan::cli {

/// An order of tags. Dates and sizes: the newest, or largest, first; names: as list-tags orders
/// them. Tags of which the date or size is not known, and names that are no versions, come last in
/// either direction; equals are in natural order.
class TagOrder {
 public:
  /// `created`, `pushed`, `size`, `semver`, `natural` or `name`; kUsage.
  static Result<TagOrder> Parse(std::string_view text, bool reverse);

  /// Whether names are enough to tell it.
  bool by_name() const { return by_ >= By::kSemver; }
  void Sort(std::vector<client::TagInfo>& rows) const;

 private:
  enum class By { kCreated, kPushed, kSize, kSemver, kNatural, kName };

  By by_ = By::kNatural;
  bool reverse_ = false;
};

/// `--since`: a date (RFC 3339, or the day alone), or how long ago (`36h`, `7d`, `2w`). kUsage.
Result<Clock::WallTime> ParseSince(std::string_view text, Clock::WallTime now);

}  // namespace portolan::cli
