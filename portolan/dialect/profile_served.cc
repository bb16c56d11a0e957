// A probed registry, to stand in for it.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/dialect/profile_file.h"
#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

// Answers that any registry can be given, whatever it is like: see Take….
constexpr std::array<std::string_view, 14> kTaken{"page.default",         "page.n",
                                                  "page.largest",         "page.above",
                                                  "page.full-link",       "list.without-token",
                                                  "link.parameters",      "challenge.service",
                                                  "challenge.realm-path", "challenge.scope",
                                                  "token.lifetime",       "push.subject",
                                                  "push.mount-anywhere",  "push.location"};
// Answers of the place, which the server has by its own settings; and what follows from others.
constexpr std::array<std::string_view, 6> kOfThePlace{"http.version",     "tls.version",
                                                      "tls.issuer",       "challenge.realm",
                                                      "challenge.scheme", "link.default-n"};

// How a list takes `n`, as data.
struct PageRules {
  enum class What : std::uint8_t { kEmpty, kOne, kDefault, kRefused };
  std::optional<std::size_t> size;     // without n; nothing: all
  std::optional<std::size_t> largest;  // nothing: any
  bool refuses_more = false;           // else a larger n is the largest
  bool ignores_n = false;
  std::optional<std::int64_t> shown;  // in the Link of a page without n; nothing: its size
  What zero = What::kEmpty;
  What negative = What::kRefused;
  What word = What::kRefused;

  std::optional<PageSize> operator()(std::optional<std::string_view> n) const {
    if (!n || ignores_n) return Default();
    const std::optional<std::int64_t> number = NumberOf(*n);
    if (!number) return Special(word);
    if (*number < 0) return Special(negative);
    if (*number == 0) return Special(zero);
    auto limit = static_cast<std::size_t>(*number);
    if (largest && limit > *largest) {
      if (refuses_more) return std::nullopt;
      limit = *largest;
    }
    return PageSize{.limit = limit, .shown = static_cast<std::int64_t>(limit)};
  }

 private:
  PageSize Default() const {
    if (!size) return {};
    return {.limit = size, .shown = shown.value_or(static_cast<std::int64_t>(*size))};
  }
  std::optional<PageSize> Special(What what) const {
    switch (what) {
      case What::kEmpty:
        return PageSize{.limit = 0, .shown = 0};
      case What::kOne:
        return PageSize{.limit = 1, .shown = 1};
      case What::kDefault:
        return Default();
      case What::kRefused:
        return std::nullopt;
    }
    return std::nullopt;
  }
};

// `100`; nothing for `all`, and for `at least 150`.
std::optional<std::size_t> CountOf(std::string_view answer) {
  const std::optional<std::int64_t> number = NumberOf(answer);
  if (!number || *number <= 0) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::optional<PageRules::What> WhatOf(std::string_view answer) {
  if (answer == "empty") return PageRules::What::kEmpty;
  if (answer == "one tag") return PageRules::What::kOne;
  if (answer == "as without n") return PageRules::What::kDefault;
  if (answer.starts_with("refused")) return PageRules::What::kRefused;
  return std::nullopt;
}

// Whether lists take `n` in another way than those of the registry that it is like.
bool PagesDiffer(const ProfileFile& file) {
  if (FindServed(file.like) == nullptr) return true;
  const Habits& like = *FindHabits(file.like);
  return std::ranges::any_of(file.answers, [&](const auto& answer) {
    const std::string_view expected = like.Answer(answer.first);
    return answer.first.starts_with("page.") && !expected.empty() &&
           Compare(expected, answer.second) == Agreement::kDiffers;
  });
}

void TakePages(const ProfileFile& file, ServedProfile& out) {
  Served& served = out.served;
  PageRules rules;
  rules.size = CountOf(file.Answer("page.default"));
  rules.largest = CountOf(file.Answer("page.largest"));
  rules.refuses_more = file.Answer("page.above").starts_with("refused");
  rules.ignores_n = file.Answer("page.n") == "ignored";
  rules.shown = NumberOf(file.Answer("link.default-n"));
  rules.zero = WhatOf(file.Answer("page.zero")).value_or(rules.zero);
  rules.negative = WhatOf(file.Answer("page.negative")).value_or(rules.negative);
  rules.word = WhatOf(file.Answer("page.word")).value_or(rules.word);
  // What is known of a registry is more than what can be seen of it.
  if (PagesDiffer(file)) served.tags.size = rules;
  const std::string_view link_parameters = file.Answer("link.parameters");
  if (link_parameters == "n,last") served.tags.next = NThenLast;
  if (link_parameters == "last,n") served.tags.next = LastThenN;
  if (const std::string_view order = file.Answer("list.order"); !order.empty()) {
    const bool by_place = order == "not lexical";
    served.tags.order = by_place ? TagPages::Order::kPlace : TagPages::Order::kName;
    if (by_place && PagesDiffer(file) && !rules.size) {
      out.not_imitated.emplace_back(
          "list.order is not by name there, and by name here: all tags at once always are");
    }
  }
  if (const std::string_view link = file.Answer("page.full-link"); !link.empty()) {
    served.tags.full_page_has_next = link == "yes";
  }
}

void TakeAccess(const ProfileFile& file, ServedProfile& out) {
  Served& served = out.served;
  if (const std::string_view alone = file.Answer("list.without-token"); !alone.empty()) {
    served.public_without_token = alone == "yes";
  }
  const std::string_view scheme = file.Answer("challenge.scheme");
  if (scheme == "basic" || scheme == "none") {
    if (served.basic_challenge.empty()) served.basic_challenge = "Basic realm=\"registry\"";
    served.tokens = {};
    return;
  }
  out.service = file.Answer("challenge.service");
  if (!out.service.empty()) served.tokens.service = out.service;
  out.token_path = file.Answer("challenge.realm-path");
  if (out.token_path.starts_with('/')) served.tokens.path = out.token_path;
  if (const std::string_view scope = file.Answer("challenge.scope"); !scope.empty()) {
    out.placeholder_scope = scope == "none" ? std::string_view() : scope;
    served.placeholder_scope = out.placeholder_scope;
  }
  std::string_view life = file.Answer("token.lifetime");  // `300 s`
  if (life.ends_with(" s")) life.remove_suffix(2);
  if (const auto seconds = NumberOf(life); seconds && *seconds > 0 && *seconds <= 86'400) {
    served.tokens.lifetime = std::chrono::seconds(*seconds);
  }
}

void TakePushes(const ProfileFile& file, Served& served) {
  const auto take = [&](std::string_view question, std::string_view yes, bool& value) {
    if (const std::string_view answer = file.Answer(question); !answer.empty()) {
      value = answer == yes;
    }
  };
  take("push.subject", "told", served.tells_subject);
  take("push.mount-anywhere", "201", served.mounts_from_anywhere);
  take("push.location", "absolute", served.absolute_uploads);
}

void TakeParts(const ProfileFile& file, ServedProfile& out) {
  out.missing.assign(out.served.missing.begin(), out.served.missing.end());
  const auto take = [&](std::string_view question, const Missing& without) {
    const std::string_view answer = file.Answer(question);
    const bool is_there = answer == "200";
    if (!is_there && !answer.starts_with("404")) return;
    std::erase_if(out.missing,
                  [&](const Missing& part) { return part.resource == without.resource; });
    if (!is_there) out.missing.push_back(without);
  };
  take("referrers", kNoReferrers);
  take("discover", kNoDiscovery);
  out.served.missing = out.missing;
}

bool IsAmong(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Whether the server answers so, whatever registry it is like.
bool IsTaken(std::string_view question, std::string_view found) {
  if (question == "referrers" || question == "discover") {
    return found == "200" || found.starts_with("404");
  }
  if (question == "page.zero" || question == "page.negative" || question == "page.word") {
    return WhatOf(found).has_value();
  }
  if (question == "list.order") return found == "lexical" || found == "not lexical";
  return IsAmong(kTaken, question) || IsAmong(kOfThePlace, question);
}

// Where the answer is not that of the registry that it is like, and nothing above makes it so.
void FindOthers(const ProfileFile& file, ServedProfile& out) {
  // What is not served here is answered as distribution does.
  const Habits& like = *FindHabits(FindServed(file.like) != nullptr ? file.like : "distribution@3");
  for (const auto& [question, found] : file.answers) {
    if (IsTaken(question, found)) continue;
    const std::string_view expected = like.Answer(question);
    if (expected.empty() || Compare(expected, found) != Agreement::kDiffers) continue;
    out.not_imitated.push_back(fmt::format("{} is \"{}\" there, and as {} has it here", question,
                                           Printable(found, 120), like.name));
  }
}

Served BaseOf(std::string_view like) {
  if (const Served* const served = FindServed(like)) return *served;
  return DistributionLike("distribution");
}

}  // namespace

std::shared_ptr<const ServedProfile> ServeProfile(const ProfileFile& file) {
  auto out = std::make_shared<ServedProfile>();
  out->served = BaseOf(file.like);
  TakePages(file, *out);
  TakeAccess(file, *out);
  TakePushes(file, out->served);
  TakeParts(file, *out);
  FindOthers(file, *out);
  return out;
}

}  // namespace portolan::dialect
