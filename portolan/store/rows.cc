#include "portolan/store/rows.h"

#include <chrono>

namespace portolan::store {

Millis ToMillis(Clock::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Clock::WallTime FromMillis(Millis time) { return Clock::WallTime(std::chrono::milliseconds(time)); }

}  // namespace portolan::store
