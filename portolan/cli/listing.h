// What list-tags and list-repos share: flags, and lists fetched in parallel and printed in order.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/cli/command.h"
#include "portolan/cli/error_text.h"
#include "portolan/cli/list_writer.h"
#include "portolan/cli/selection.h"
#include "portolan/cli/session.h"
#include "portolan/repo/repository.h"

namespace portolan::cli {

struct ListFlags {
  std::optional<std::string> output;
  SelectionFlags selection;
  std::optional<int> page_size;

  ErrorFormat error_format() const;
};

void DeclareListFlags(CLI::App& app, ListFlags& flags);
/// Declares `--match`, `--regex`, `--semver` and `--exclude` alone.
void DeclareNameFilters(CLI::App& app, SelectionFlags& selection);

/// Flags made ready.
struct ListPlan {
  const ListNames* names = nullptr;
  ListFormat format = ListFormat::kJson;
  Selection selection;
  std::optional<int> page_size;
  ErrorFormat error_format = ErrorFormat::kText;
  bool show_progress = false;

  /// kUsage.
  static Result<ListPlan> Make(const ListFlags& flags, const ListNames& names);
};

/// One list to be fetched.
struct ListJob {
  std::string subject;  ///< for progress and messages: `ubuntu`
  std::function<async::Task<Result<repo::ListSummary>>(const repo::ListOptions& options,
                                                       repo::PageSink sink)>
      fetch;
};

/// Fetches the lists, six at once, and prints them in the order given. A list that fails after a
/// part of it was printed is kPartial. Of several lists the failures are printed to standard error,
/// and the outcome is kPartial, or, if all failed, the code of the first failure.
Status RunListings(const World& world, Session& session, const ListPlan& plan,
                   std::vector<ListJob> jobs);

}  // namespace portolan::cli
