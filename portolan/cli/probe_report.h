// What `portolan probe` prints.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "portolan/probe/investigation.h"
#include "portolan/probe/recorder.h"

namespace portolan::cli {

struct ProbeReport {
  const probe::Investigation& investigation;
  std::span<const std::shared_ptr<probe::Exchange>> exchanges;
  const Origin& registry;  ///< that answered
};

/// For people, in sections, with the verdict first; the exchanges at the end if `evidence`.
std::string ProbeText(const ProbeReport& report, bool evidence);
/// The schema of docs/probe.md. No tokens, no signed queries, no bodies but those of errors.
std::string ProbeJson(const ProbeReport& report);

}  // namespace portolan::cli
