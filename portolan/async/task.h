// Coroutines: all of Asio that other rooms see.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace portolan::async {

/// The one executor of the program: concrete, because a type-erased one costs a third of a server's
/// requests.
using Executor = boost::asio::io_context::executor_type;

/// A coroutine that gives a `T`. It starts when it is awaited, runs on one Loop's thread, and is
/// not awaited twice. References given to it must live until it has finished. Failures are values:
/// a Task of ours never throws.
template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace portolan::async
