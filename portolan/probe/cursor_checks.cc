#include <algorithm>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/base/url.h"
#include "portolan/oci/reference.h"
#include "portolan/probe/answer.h"
#include "portolan/probe/checks.h"

namespace portolan::probe {
namespace {

std::string FormOf(const Page& page, const Context& context) {
  const std::string& target = *page.next;
  if (target.starts_with('/')) return "relative";
  if (!IsWebAddress(target)) return "relative to the path";
  const Result<Url> url = Url::Parse(target);
  const Origin& own = context.recorder().origin();
  return url && url->origin == own ? "absolute" : "absolute, to another host";
}

std::string CursorOf(const std::vector<Parameter>& query, const Page& page) {
  for (const Parameter& parameter : query) {
    if (parameter.name == "last") {
      const bool is_tag = !page.tags.empty() && parameter.value == page.tags.back();
      return is_tag ? "last: tag" : "last: opaque";
    }
    if (parameter.name != "n") return Printable(parameter.name, 64) + ": opaque";
  }
  return "none";
}

std::string RelOf(std::string_view link) {
  if (link.contains("rel=\"next\"")) return "quoted";
  return link.contains("rel=next") ? "bare" : "none";
}

void FindLink(Context& context, const Page& page) {
  Findings& findings = context.findings;
  const std::vector<Parameter> query = QueryOf(*page.next);
  std::string names;
  for (const Parameter& parameter : query) names += (names.empty() ? "" : ",") + parameter.name;
  const std::string note = Printable(page.link, 512);
  findings.Found("link.form", FormOf(page, context), page.reply.exchanges, note);
  findings.Found("link.parameters", Printable(names), page.reply.exchanges);
  findings.Found("link.rel", RelOf(page.link), page.reply.exchanges);
  findings.Found("cursor.kind", CursorOf(query, page), page.reply.exchanges);
}

// A tag that is not there, with tags before and behind it.
std::optional<std::string> UnknownTag(std::vector<std::string> tags) {
  std::ranges::sort(tags);
  std::string tag = tags[tags.size() / 2] + "-portolan";
  if (!oci::Tag::IsValid(tag)) return std::nullopt;
  return tag;
}

std::string AfterUnknown(const Page& page, const Page& first, std::string_view last,
                         std::vector<std::string> all) {
  if (page.reply.status >= 400) return "refused: " + page.reply.Outcome();
  if (page.tags.empty()) return "an empty page";
  if (page.tags == first.tags) return "the first page again";
  std::ranges::sort(all);
  const auto behind = std::ranges::upper_bound(all, last);
  const bool in_order = behind != all.end() && page.tags.front() == *behind;
  return in_order ? "what comes behind it" : "other tags";
}

}  // namespace

async::Task<void> CheckCursors(Context& context) {
  Findings& findings = context.findings;
  constexpr std::array kLinks{"link.form", "link.parameters", "link.rel", "cursor.kind"};
  if (context.tags.empty()) {
    for (const char* question : kLinks) findings.Unknown(question, "there is no list of tags");
    findings.Unknown("cursor.unknown", "there is no list of tags");
    co_return;
  }
  const Page first = co_await context.AskTags("n=2");
  if (first.next) {
    FindLink(context, first);
  } else {
    const std::string why = !first.is_list ? first.Why() : "no page had a Link";
    for (const char* question : kLinks) findings.Unknown(question, why, first.reply.exchanges);
  }
  constexpr std::string_view kUnknown = "cursor.unknown";
  if (!first.is_list || context.tags.size() < 4) {
    findings.Unknown(kUnknown, first.is_list ? "the repository has too few tags" : first.Why());
    co_return;
  }
  const auto last = UnknownTag(context.tags);
  if (!last) {
    findings.Unknown(kUnknown, "the repository's tags are too long to make up another");
    co_return;
  }
  const Page page = co_await context.AskTags("n=2&last=" + PercentEncode(*last));
  if (page.reply.status < 400 && !page.is_list) {
    findings.Unknown(kUnknown, page.Why(), page.reply.exchanges);
    co_return;
  }
  findings.Found(kUnknown, AfterUnknown(page, first, *last, context.tags), page.reply.exchanges);
}

}  // namespace portolan::probe
