// A registry's habits, found out by asking. Spec: docs/probe.md.
#pragma once

#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/dialect/habits.h"
#include "portolan/probe/context.h"

namespace portolan::probe {

/// One known registry beside what was found.
struct Likeness {
  struct Difference {
    std::string question;
    std::string expected;
    std::string found;
  };
  const dialect::Habits* habits = nullptr;
  int agreeing = 0;
  std::vector<Difference> differences;
};

/// All that came of it.
struct Investigation {
  std::string target;                ///< `quay.io/a/b`, or `quay.io`
  std::string repository;            ///< that was looked at; empty: none
  bool repository_found = false;     ///< in the catalog
  std::vector<Finding> findings;     ///< one per question, in the questions' order
  std::vector<Likeness> likenesses;  ///< nearest first
};

/// Looks at the registry, reading only, unless there is a `push_mark` (CheckPushes). Fails only
/// where `/v2/` has no answer at all: everything else is a finding that says why there is none.
/// Bounded by `recorder`, which `registries` must send by. References must outlive the task.
async::Task<Result<Investigation>> Investigate(client::Registries& registries, Recorder& recorder,
                                               const Limits& limits, client::Target target,
                                               std::string push_mark = {});

/// The findings beside every known registry, nearest first: by the share of what agrees.
std::vector<Likeness> Compare(const std::vector<Finding>& findings);

}  // namespace portolan::probe
