// Several coroutines at once.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "portolan/async/task.h"

namespace portolan::async {

/// Runs job(0) … job(count - 1) as tasks on the calling coroutine's loop, at most `max_parallel` at
/// once, and returns when all have finished. Cancelling the caller cancels those that run; those
/// not yet begun still begin, find themselves cancelled at their first wait, and end. A job's
/// captures must outlive the call.
Task<void> ForEachParallel(std::size_t count, std::size_t max_parallel,
                           std::function<Task<void>(std::size_t index)> job);

}  // namespace portolan::async
