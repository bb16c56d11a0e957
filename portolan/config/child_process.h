// A program that runs beside this one and answers on its standard output.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "portolan/base/result.h"

namespace portolan::config {

struct ChildLimits {
  std::chrono::milliseconds timeout{0};
  std::size_t output = 0;      ///< bytes of standard output
  int cancel_descriptor = -1;  ///< when it is readable the child is given up; -1: never
};

struct ChildOutput {
  int exit_status = 0;  ///< 128 + the signal's number if one ended it
  std::string standard_output;
};

/// Runs `arguments[0]`, found on PATH, without a shell, writes `input` to its standard input and
/// waits for its end. What it prints to standard error goes to ours. A child that is too slow,
/// prints too much or is given up is killed; it is always reaped. kNameUnknown if there is no such
/// program, kTimeout, kCancelled, kTooLarge, kIo. Safe to use from several threads.
Result<ChildOutput> RunChild(const std::vector<std::string>& arguments, const std::string& input,
                             const ChildLimits& limits);

}  // namespace portolan::config
