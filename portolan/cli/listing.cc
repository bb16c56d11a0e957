#include "portolan/cli/listing.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/gather.h"
#include "portolan/cli/progress.h"

namespace portolan::cli {
namespace {

constexpr std::size_t kAtOnce = 6;

// One list on its way to standard output.
struct Document {
  explicit Document(const ListPlan& plan) : writer(plan.format, *plan.names) {}

  ListWriter writer;
  std::string name;
  std::string text;                       // to be printed when its turn has come
  repo::Names held;                       // kept back until the list is whole
  std::vector<std::string_view> ordered;  // of `held`, when it is
  std::size_t kept = 0;
  bool in_page = false;  // some of the page that is being read was told as progress
  bool enough = false;   // the limit was reached: what follows is not wanted
  bool finished = false;
  std::optional<Error> failure;
};

class Listings {
 public:
  Listings(Terminal& terminal, const ListPlan& plan, std::vector<ListJob> jobs, Progress& progress)
      : terminal_(terminal),
        plan_(plan),
        jobs_(std::move(jobs)),
        progress_(progress),
        documents_(jobs_.size(), Document(plan)),
        holds_(plan.selection.orders() || plan.format == ListFormat::kTable) {}

  async::Task<Status> Run();

 private:
  async::Task<void> RunOne(std::size_t index);
  Status TakePage(std::size_t index, const repo::ListPage& page);
  repo::NamesView Select(const Document& document, repo::NamesView items,
                         repo::Names& storage) const;
  void Complete(Document& document, const std::vector<std::string>& invalid);
  void Finish(std::size_t index, Result<repo::ListSummary> summary);
  Error Failure(const Document& document, const ListJob& job, Error error) const;
  // Prints what may be printed now.
  Status Emit();
  void PrintTable();
  Status Outcome();

  Terminal& terminal_;
  const ListPlan& plan_;
  std::vector<ListJob> jobs_;
  Progress& progress_;
  std::vector<Document> documents_;
  bool holds_;
  std::size_t current_ = 0;  // the document whose turn it is
  Status output_;            // the first failure to print
};

// What the selection leaves of a page; `storage` holds the names if it is not all of them.
repo::NamesView Listings::Select(const Document& document, repo::NamesView items,
                                 repo::Names& storage) const {
  const Selection& selection = plan_.selection;
  const bool limited = selection.limit() && !selection.orders();
  const std::size_t room = limited ? *selection.limit() - document.kept : items.size();
  if (!selection.filters() && items.size() <= room) return items;
  for (const std::string_view item : items) {
    if (storage.size() == room) break;
    if (selection.Keeps(item)) storage.Add(item);
  }
  return storage;
}

Status Listings::TakePage(std::size_t index, const repo::ListPage& page) {
  Document& document = documents_[index];
  const Selection& selection = plan_.selection;
  document.name = page.name;
  if (!std::exchange(document.in_page, false)) progress_.AddPage();
  repo::Names storage;
  const repo::NamesView items = Select(document, page.items, storage);
  document.kept += items.size();
  if (holds_) {
    for (const std::string_view item : items) document.held.Add(item);
  } else {
    document.writer.Add(document.text, document.name, items);
  }
  if (Streams(plan_.format)) PORTOLAN_CHECK(Emit());
  document.enough =
      !selection.orders() && selection.filters() && document.kept == selection.limit();
  // An Error is the way to end a listing; Finish knows that this one is none.
  if (document.enough) return Fail(ErrorCode::kCancelled, "the limit is reached");
  return {};
}

Error Listings::Failure(const Document& document, const ListJob& job, Error error) const {
  const bool printed = Streams(plan_.format) && !holds_ && document.kept > 0;
  if (!printed || error.code == ErrorCode::kCancelled || !output_) return error;
  error.message = fmt::format("{}: {} {} were printed, the rest failed: {}", job.subject,
                              WithThousands(document.kept), plan_.names->noun, error.message);
  error.code = ErrorCode::kPartial;
  return error;
}

void Listings::Complete(Document& document, const std::vector<std::string>& invalid) {
  if (holds_) {
    document.ordered.assign(document.held.begin(), document.held.end());
    plan_.selection.Order(document.ordered);
    const auto limit = plan_.selection.limit();
    if (limit && document.ordered.size() > *limit) document.ordered.resize(*limit);
  }
  if (plan_.format == ListFormat::kTable) return;
  document.writer.Add(document.text, document.name, document.ordered);
  document.writer.End(document.text, document.name, invalid);
  document.ordered.clear();
  document.held = {};
}

void Listings::Finish(std::size_t index, Result<repo::ListSummary> summary) {
  Document& document = documents_[index];
  document.finished = true;
  if (summary) {
    document.name = summary->name;
    Complete(document, summary->invalid);
    if (summary->incomplete) {
      document.failure = Fail(
          ErrorCode::kPartial,
          fmt::format("{}: the list may be incomplete (see the warning)", jobs_[index].subject));
    }
  } else if (document.enough) {
    Complete(document, {});
  } else {
    document.failure = Failure(document, jobs_[index], std::move(summary).error());
    if (!Streams(plan_.format)) document.text.clear();
  }
  (void)Emit();
}

Status Listings::Emit() {
  for (; output_ && current_ < documents_.size(); ++current_) {
    Document& document = documents_[current_];
    if (!document.text.empty() && (document.finished || Streams(plan_.format))) {
      output_ = terminal_.Write(document.text);
      document.text.clear();
      if (output_ && Streams(plan_.format)) output_ = terminal_.Flush();
    }
    if (!document.finished) break;
    document.text.shrink_to_fit();
  }
  return output_;
}

async::Task<void> Listings::RunOne(std::size_t index) {
  repo::ListOptions options;
  options.page_size = plan_.page_size;
  options.on_names = [this, index](std::size_t names) {
    if (!std::exchange(documents_[index].in_page, true)) progress_.AddPage();
    progress_.AddItems(names);
  };
  const Selection& selection = plan_.selection;
  if (!selection.filters() && !selection.orders()) options.limit = selection.limit();
  Result<repo::ListSummary> summary =
      co_await jobs_[index].fetch(options, [this, index](const repo::ListPage& page) {
        if (!output_) return output_;
        return TakePage(index, page);
      });
  Finish(index, std::move(summary));
}

void Listings::PrintTable() {
  std::vector<TableList> lists;
  for (const Document& document : documents_) {
    // An incomplete list is shown for what it is worth; a failed one has nothing to show.
    const bool shown = !document.failure || document.failure->code == ErrorCode::kPartial;
    if (shown) lists.push_back({.name = document.name, .items = document.ordered});
  }
  if (lists.empty()) return;
  std::string text;
  AppendTable(text, *plan_.names, lists, jobs_.size() > 1);
  output_ = terminal_.Write(text);
}

Status Listings::Outcome() {
  std::vector<const Error*> failures;
  for (const Document& document : documents_) {
    if (document.failure) failures.push_back(&*document.failure);
  }
  if (!output_) return output_;
  if (failures.empty()) return {};
  if (jobs_.size() == 1) return *failures.front();
  const auto cancelled = std::ranges::find(failures, ErrorCode::kCancelled, &Error::code);
  if (cancelled != failures.end()) return **cancelled;
  (void)terminal_.Flush();  // what was found comes before what was not, where both go to one screen
  for (const Error* failure : failures) {
    PrintError(terminal_, *failure, plan_.error_format, ErrorOf::kPart);
  }
  const bool all = failures.size() == documents_.size();
  return Fail(all ? failures.front()->code : ErrorCode::kPartial,
              all ? fmt::format("all {} lists failed", failures.size())
                  : fmt::format("{} of {} lists failed", failures.size(), documents_.size()));
}

async::Task<Status> Listings::Run() {
  co_await async::ForEachParallel(jobs_.size(), kAtOnce,
                                  [this](std::size_t index) { return RunOne(index); });
  if (plan_.format == ListFormat::kTable) PrintTable();
  co_return Outcome();
}

}  // namespace

Status RunListings(const World& world, Session& session, const ListPlan& plan,
                   std::vector<ListJob> jobs) {
  const std::string subject =
      jobs.size() == 1 ? jobs.front().subject : fmt::format("{} lists", jobs.size());
  Progress progress(world.terminal, world.clock,
                    {.subject = subject, .noun = std::string(plan.names->noun)},
                    plan.show_progress && world.terminal.error_is_terminal());
  Listings listings(world.terminal, plan, std::move(jobs), progress);
  return session.Run(listings.Run());
}

}  // namespace portolan::cli
