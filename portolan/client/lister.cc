#include "portolan/client/lister.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "portolan/client/link_follower.h"
#include "portolan/client/seen_names.h"
#include "portolan/oci/digest.h"
#include "portolan/wire/error_body.h"
#include "portolan/wire/list.h"
#include "portolan/wire/route.h"

namespace portolan::client {
namespace {

constexpr std::size_t kKeptInvalid = 1000;
// What is believed of a Content-Length before the bytes are here.
constexpr std::size_t kMostReserved = 4U << 20U;
// Some registries give an empty page between full ones; more in a row than this is a registry that
// never ends.
constexpr int kMaxEmptyPages = 3;

// One listing on its way.
class Run {
 public:
  Run(Session& session, Log& log, const Limits& limits, const Listing& listing,
      const repo::ListOptions& options)
      : session_(session), log_(log), limits_(limits), listing_(listing), options_(options) {
    summary_.name = listing.name;
  }

  async::Task<Result<repo::ListSummary>> List(repo::PageSink sink);

 private:
  struct Page {
    std::size_t received = 0;  // entries of the list, whatever became of them
    std::size_t dropped = 0;   // of them: not text, empty, or digests
    std::size_t valid = 0;     // of them: names
    std::size_t news = 0;      // of the names: not given before; the last ones of seen_
    std::string last;          // the last text as received, where a probe may need it
    http::Headers headers;
    Url url;
  };
  enum class Next { kPage, kEnd };

  std::optional<int> FirstPageSize() const;
  async::Task<Result<Sender::Answer>> Ask(std::string target);
  async::Task<Result<Sender::Answer>> AskFirst();
  async::Task<Result<Sender::Answer>> AskNext(std::string target);
  async::Task<Result<Page>> Read(Sender::Answer answer);
  async::Task<Result<Page>> ReadPatiently(Sender::Answer answer);
  async::Task<Error> Refusal(Sender::Answer& answer);
  void Take(std::string_view item, Page& page);
  void TellProgress();
  void WarnOfOddities(const Page& page);
  Result<Next> Advance(const Page& page);
  std::optional<std::string> Probe(const Page& page);

  Session& session_;
  Log& log_;
  const Limits& limits_;
  const Listing& listing_;
  const repo::ListOptions& options_;
  repo::ListSummary summary_;
  SeenNames seen_;
  std::size_t told_ = 0;  // of seen_, to on_names
  std::optional<int> n_;
  std::optional<LinkFollower> follower_;
  std::string asked_;  // the target of the answer that is being read
  std::string next_;
  bool probing_ = false;
  int empty_pages_ = 0;
};

std::optional<int> Run::FirstPageSize() const {
  const dialect::Profile& profile = session_.profile();
  int n = options_.page_size.value_or(profile.page_size);
  if (n <= 0) return std::nullopt;  // never n=0: registries disagree on what it means
  if (profile.max_page_size != 0 && n > profile.max_page_size) {
    log_.Debug(fmt::format("{} takes pages of at most {}", profile.title, profile.max_page_size));
    n = profile.max_page_size;
  }
  return n;
}

async::Task<Result<Sender::Answer>> Run::Ask(std::string target) {
  SessionRequest request;
  asked_ = target;
  request.target = std::move(target);
  request.scopes = listing_.scopes;
  request.eager = listing_.eager;
  request.headers.Set("Accept", "application/json");
  Result<Sender::Answer> answer = co_await session_.Send(request);
  if (!answer) {
    Error error = Wrap(std::move(answer).error(), listing_.what);
    const bool about_access =
        error.code == ErrorCode::kUnauthorized || error.code == ErrorCode::kDenied;
    if (about_access && !listing_.access_hint.empty())
      error.hint += fmt::format("; {}", listing_.access_hint);
    co_return error;
  }
  co_return answer;
}

// Rule 5: ask for pages of the size that suits the registry; if it does not like to be told, let it
// choose.
async::Task<Result<Sender::Answer>> Run::AskFirst() {
  n_ = FirstPageSize();
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await Ask(listing_.path(n_)));
  const int status = answer.response.status;
  if (!n_ || (status != 400 && status != 405 && status != 413))
    co_return Result<Sender::Answer>(std::move(answer));
  log_.Debug(fmt::format("status {} for n={}: asking without n", status, *n_));
  n_.reset();
  (void)co_await Refusal(answer);
  co_return co_await Ask(listing_.path(n_));
}

// A later page. A Link whose path the registry itself does not know is tried on the first page's
// path.
async::Task<Result<Sender::Answer>> Run::AskNext(std::string target) {
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await Ask(target));
  const int status = answer.response.status;
  if (probing_ || (status != 400 && status != 404))
    co_return Result<Sender::Answer>(std::move(answer));
  const std::optional<std::string> repaired = follower_->Repaired(target);
  if (!repaired) co_return Result<Sender::Answer>(std::move(answer));
  (void)co_await Refusal(answer);
  co_return co_await Ask(*repaired);
}

async::Task<Error> Run::Refusal(Sender::Answer& answer) {
  const std::string body = co_await http::ReadStart(*answer.response.body, limits_.error_body);
  answer.response.body = http::NewTextBody({});  // gives the place at the host's gate back
  const int status = answer.response.status;
  const wire::ErrorBody said = wire::ErrorBody::Parse(body);
  Error error = wire::ToError(status, said, listing_.what);
  if (status != 401 && status != 403 && status != 404) co_return error;
  const std::string identity = session_.Identity();
  const std::string& registry = session_.registry().text();
  if (identity.empty()) {
    error.hint = fmt::format("check the spelling; if it is private: portolan login {}", registry);
  } else if (status == 401 && session_.uses_basic()) {
    // With Basic a 401 is about the password and nothing else.
    error.message = fmt::format("{}: {} refuses {}{}{}", listing_.what, registry, identity,
                                said.summary.empty() ? "" : ": ", said.summary);
    error.hint = "the user name or the password is wrong or has expired";
  } else {
    error.hint = fmt::format("check the spelling; {} was asked as {}", registry, identity);
  }
  if (!listing_.access_hint.empty()) error.hint += fmt::format("; {}", listing_.access_hint);
  co_return error;
}

void Run::Take(std::string_view item, Page& page) {
  ++page.received;
  if (session_.profile().link_may_be_missing) page.last.assign(item);
  if (listing_.is_valid(item)) {
    ++page.valid;
    seen_.Add(item);
  } else if (item.empty() || (listing_.drop_digests && oci::Digest::IsValid(item))) {
    ++page.dropped;
  } else if (summary_.invalid.size() < kKeptInvalid) {
    summary_.invalid.emplace_back(item);
  }
}

void Run::TellProgress() {
  if (!options_.on_names || seen_.size() == told_) return;
  options_.on_names(seen_.size() - told_);
  told_ = seen_.size();
}

async::Task<Result<Run::Page>> Run::Read(Sender::Answer answer) {
  if (answer.response.status != 200) co_return co_await Refusal(answer);
  Page page;
  page.headers = std::move(answer.response.headers);
  page.url = answer.url;
  std::size_t announced = 0;
  const std::string_view length = page.headers.Get("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), announced);
  seen_.ReserveText(seen_.names().text_size() + std::min(announced, kMostReserved));
  wire::ListParser parser(listing_.member, limits_,
                          [&](std::string_view item) { Take(item, page); });
  Status parsed;
  for (;;) {
    Result<std::string_view> piece = co_await answer.response.body->Next();
    if (!piece) co_return Wrap(std::move(piece).error(), listing_.what);
    if (piece->empty()) break;
    parsed = parser.Feed(*piece);
    TellProgress();
    if (!parsed) break;
    if (seen_.size() > limits_.max_items) {
      co_return Fail(ErrorCode::kTooLarge,
                     fmt::format("{}: more than {} entries", listing_.what, limits_.max_items));
    }
  }
  if (parsed) parsed = parser.Finish();
  if (!parsed) co_return Wrap(std::move(parsed).error(), listing_.what);
  page.dropped += parser.skipped();
  page.received += parser.skipped();
  if (parser.was_null()) {
    log_.Debug(fmt::format("{}: the list is null: taken as empty", listing_.what));
  }
  co_return Result<Page>(std::move(page));
}

// A body that breaks off is asked for again as --retry-times allows. What came of it before counts
// as this page's.
async::Task<Result<Run::Page>> Run::ReadPatiently(Sender::Answer answer) {
  const std::size_t before = seen_.size();
  for (int attempt = 0;; ++attempt) {
    Result<Page> page = co_await Read(std::move(answer));
    if (page) {
      page->news = seen_.size() - before;
      WarnOfOddities(*page);
      co_return page;
    }
    if (page.error().http_status != 0 || !co_await session_.WaitToRetry(attempt, page.error())) {
      co_return page;
    }
    PORTOLAN_CO_TRY(answer, co_await Ask(asked_));
  }
}

void Run::WarnOfOddities(const Page& page) {
  if (page.dropped > 0) {
    log_.Warn(fmt::format("{}: entries that are not names (null, empty or digests) are left out",
                          listing_.what));
  }
  if (!summary_.invalid.empty()) {
    log_.Warn(fmt::format("{}: \"{}\" and its like are no valid names and are left out",
                          listing_.what, Printable(summary_.invalid.front())));
  }
  if (page.news > 0 && page.news < page.valid) {
    log_.Warn(fmt::format("{}: names that came twice are listed once", listing_.what));
  }
}

// Rule 8: some registries forget the Link. Ask once more with `last`, and believe the answer only
// if it brings news.
std::optional<std::string> Run::Probe(const Page& page) {
  const bool full = n_ && page.received == static_cast<std::size_t>(*n_);
  if (!session_.profile().link_may_be_missing || !full || page.last.empty()) return std::nullopt;
  log_.Debug(fmt::format("a full page without Link: asking for what comes after \"{}\"",
                         Printable(page.last)));
  return wire::WithLast(listing_.path(std::nullopt), *n_, page.last);
}

Result<Run::Next> Run::Advance(const Page& page) {
  if (options_.limit && summary_.items >= *options_.limit) return Next::kEnd;
  std::optional<std::string> target = follower_->Next(page.url, page.headers);
  // A last page without news may link back (Gitea); a full one that does has lost its way.
  summary_.incomplete =
      summary_.incomplete || follower_->cut_off() || (follower_->looped() && page.news > 0);
  const bool linked = target.has_value();
  probing_ = false;
  if (!linked) {
    target = Probe(page);
    probing_ = target.has_value();
  }
  if (!target) return Next::kEnd;
  if (page.news == 0 && page.valid > 0) {
    log_.Warn(fmt::format("{}: a page brought nothing new: stopped there", listing_.what));
    summary_.incomplete = true;
    return Next::kEnd;
  }
  empty_pages_ = page.received == 0 ? empty_pages_ + 1 : 0;
  if (empty_pages_ > kMaxEmptyPages) {
    log_.Warn(
        fmt::format("{}: {} empty pages in a row: stopped there", listing_.what, empty_pages_));
    summary_.incomplete = true;
    return Next::kEnd;
  }
  if (summary_.pages >= limits_.max_pages) {
    return Fail(ErrorCode::kTooLarge,
                fmt::format("{}: more than {} pages", listing_.what, limits_.max_pages));
  }
  next_ = *std::move(target);
  return Next::kPage;
}

async::Task<Result<repo::ListSummary>> Run::List(repo::PageSink sink) {
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await AskFirst());
  summary_.source = session_.origin().ToString();
  follower_.emplace(Url{.origin = session_.origin(), .target = listing_.path(n_)}, log_);
  for (;;) {
    // An unknown `last` may be an error (zot 404, ECR 405): the end of a probe, not of the listing.
    if (probing_ && answer.response.status != 200) break;
    PORTOLAN_CO_TRY(Page page, co_await ReadPatiently(std::move(answer)));
    ++summary_.pages;
    const std::size_t room = options_.limit ? *options_.limit - summary_.items : page.news;
    const repo::NamesView items(seen_.names(), seen_.size() - page.news, std::min(page.news, room));
    summary_.items += items.size();
    PORTOLAN_CO_CHECK(sink({.name = listing_.name, .items = items, .number = summary_.pages}));
    if (probing_ && page.news == 0) break;
    PORTOLAN_CO_TRY(const Next next, Advance(page));
    if (next == Next::kEnd) break;
    PORTOLAN_CO_TRY(answer, co_await AskNext(next_));
  }
  co_return summary_;
}

}  // namespace

async::Task<Result<repo::ListSummary>> List(Session& session, Log& log, const Limits& limits,
                                            const Listing& listing,
                                            const repo::ListOptions& options, repo::PageSink sink) {
  Run run(session, log, limits, listing, options);
  co_return co_await run.List(std::move(sink));
}

}  // namespace portolan::client
