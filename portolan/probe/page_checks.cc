#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/probe/answer.h"
#include "portolan/probe/checks.h"

namespace portolan::probe {
namespace {

constexpr int kMaxWalk = 4;  // pages
constexpr std::size_t kEnoughForOrder = 4;
constexpr std::size_t kLargeN = 10'000;
constexpr std::size_t kMiddleN = 1'000;

std::string OrderOf(const std::vector<std::string>& tags) {
  if (std::ranges::is_sorted(tags)) return "lexical";
  const bool ignoring_case =
      std::ranges::is_sorted(tags, {}, [](const std::string& tag) { return AsciiLower(tag); });
  return ignoring_case ? "lexical, case ignored" : "not lexical";
}

std::string AtLeast(std::size_t count) { return fmt::format("at least {}", count); }

// What a page of an odd `n` comes to, beside the one without `n`.
std::string KindOf(const Page& page, const Page& without, bool more_than_one) {
  if (page.reply.status >= 400) return "refused: " + page.reply.Outcome();
  if (!page.is_list) return {};
  if (page.tags.empty()) return page.next ? "empty, with a Link" : "empty";
  if (page.tags == without.tags) return "as without n";
  if (page.tags.size() == 1 && more_than_one) return "one tag";
  return fmt::format("{} tags", page.tags.size());
}

void FindLarge(Context& context, const Page& large, const Page* middle) {
  Findings& findings = context.findings;
  const Page& page = middle != nullptr ? *middle : large;
  if (large.reply.status >= 400) {
    findings.Found("page.above", "refused: " + large.reply.Outcome(), large.reply.exchanges,
                   fmt::format("n={}", kLargeN));
  } else if (large.is_list && large.next && large.tags.size() < kLargeN) {
    findings.Found("page.above", "clamped", large.reply.exchanges);
  } else {
    findings.Unknown("page.above", large.is_list ? "the repository has too few tags" : large.Why(),
                     large.reply.exchanges);
  }
  if (!page.is_list) {
    findings.Unknown("page.largest", page.Why(), page.reply.exchanges);
  } else if (page.next && page.tags.size() < kMiddleN) {
    findings.Found("page.largest", std::to_string(page.tags.size()), page.reply.exchanges);
  } else {
    findings.Found("page.largest", AtLeast(page.tags.size()), page.reply.exchanges,
                   page.next ? "" : "the repository has no more");
  }
}

void FindPageSize(Context& context, const Page& first) {
  Findings& findings = context.findings;
  const std::string_view version = first.reply.headers.Get("Docker-Distribution-Api-Version");
  findings.Found("list.api-version", version.empty() ? "no" : "yes", first.reply.exchanges);
  if (first.next) {
    findings.Found("page.default", std::to_string(first.tags.size()), first.reply.exchanges);
    for (const Parameter& parameter : QueryOf(*first.next)) {
      if (parameter.name == "n") {
        findings.Found("link.default-n", parameter.value, first.reply.exchanges);
      }
    }
    findings.Found("link.default-n", "none", first.reply.exchanges);
  } else {
    findings.Found("page.default", AtLeast(first.tags.size()), first.reply.exchanges,
                   "the repository has no more");
    findings.Unknown("link.default-n", "the first page has no Link", first.reply.exchanges);
  }
}

// Whether a page that ends with the last tag has a Link. `last` is that page as the registry sent
// it.
async::Task<void> CheckFullPage(Context& context, const Page& last) {
  constexpr std::string_view kQuestion = "page.full-link";
  if (!context.all_tags_known || last.tags.empty()) {
    context.findings.Unknown(
        kQuestion, context.all_tags_known ? "the last page is empty"
                                          : fmt::format("there are more than {} pages", kMaxWalk));
    co_return;
  }
  const Page full = co_await context.AskTagsAt(WithN(last.path, last.tags.size()));
  if (!full.is_list || full.tags != last.tags) {
    context.findings.Unknown(kQuestion, full.is_list ? "it had other tags" : full.Why(),
                             full.reply.exchanges);
    co_return;
  }
  context.findings.Found(kQuestion, full.next ? "yes" : "no", full.reply.exchanges);
}

}  // namespace

async::Task<void> CheckPages(Context& context) {
  Findings& findings = context.findings;
  Page page = co_await context.AskTags({});
  if (!page.is_list) {
    for (const char* question :
         {"list.api-version", "list.order", "page.default", "link.default-n", "page.full-link"}) {
      findings.Unknown(question, page.Why(), page.reply.exchanges);
    }
    co_return;
  }
  FindPageSize(context, page);
  std::vector<int> evidence = page.reply.exchanges;
  std::vector<std::string> paths{page.path};
  for (int i = 1;; ++i) {
    context.tags.insert(context.tags.end(), page.tags.begin(), page.tags.end());
    context.all_tags_known = !page.next;
    if (!page.next || i == kMaxWalk) break;
    // What leads in a circle, or elsewhere (a refusal of Registries::Send), is no next page.
    if (std::ranges::find(paths, *page.next) != paths.end()) break;
    paths.push_back(*page.next);
    Page next = co_await context.AskTagsAt(*page.next);
    evidence.insert(evidence.end(), next.reply.exchanges.begin(), next.reply.exchanges.end());
    if (!next.is_list) break;
    page = std::move(next);
  }
  if (context.tags.size() < kEnoughForOrder) {
    findings.Unknown("list.order", "the repository has too few tags", evidence);
  } else {
    findings.Found("list.order", OrderOf(context.tags), evidence);
  }
  co_await CheckFullPage(context, page);
}

async::Task<void> CheckPageNumbers(Context& context) {
  Findings& findings = context.findings;
  if (context.tags.empty()) {
    for (const char* question :
         {"page.n", "page.zero", "page.negative", "page.word", "page.largest", "page.above"}) {
      findings.Unknown(question, "there is no list of tags");
    }
    co_return;
  }
  const bool more_than_one = context.tags.size() > 1;
  const Page two = co_await context.AskTags("n=2");
  if (!two.is_list || context.tags.size() < 3) {
    const std::string why = two.is_list ? "the repository has too few tags" : two.Why();
    findings.Unknown("page.n", why, two.reply.exchanges);
  } else if (two.tags.size() == 2) {
    findings.Found("page.n", two.next ? "honoured" : "honoured, without a Link",
                   two.reply.exchanges);
  } else {
    findings.Found("page.n", two.tags.size() > 2 ? "ignored" : "other", two.reply.exchanges);
  }
  const Page without = co_await context.AskTags({});
  for (const auto& [question, query] :
       {std::pair{"page.zero", "n=0"}, {"page.negative", "n=-1"}, {"page.word", "n=abc"}}) {
    const Page page = co_await context.AskTags(query);
    const std::string kind = KindOf(page, without, more_than_one);
    if (kind.empty() || context.tags.size() < 2) {
      findings.Unknown(question, kind.empty() ? page.Why() : "the repository has too few tags",
                       page.reply.exchanges);
    } else {
      findings.Found(question, kind, page.reply.exchanges);
    }
  }
  if (findings.Value("page.n") == "ignored") {
    findings.Unknown("page.largest", "n is ignored");
    findings.Unknown("page.above", "n is ignored");
    co_return;
  }
  const Page large = co_await context.AskTags(fmt::format("n={}", kLargeN));
  if (large.reply.status >= 400) {
    const Page middle = co_await context.AskTags(fmt::format("n={}", kMiddleN));
    FindLarge(context, large, &middle);
  } else {
    FindLarge(context, large, nullptr);
  }
}

}  // namespace portolan::probe
