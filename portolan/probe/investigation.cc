#include "portolan/probe/investigation.h"

#include <algorithm>
#include <utility>

#include "portolan/probe/checks.h"

namespace portolan::probe {
namespace {

// A question that no check answered.
std::string Reason(const Context& context) {
  if (!context.target.repository) return "no repository was given, and the catalog names none";
  if (std::string ended = context.Ended(); !ended.empty()) return ended;
  return "not asked";
}

double Share(const Likeness& likeness) {
  const auto counted =
      static_cast<double>(likeness.agreeing) + static_cast<double>(likeness.differences.size());
  return counted == 0 ? 0 : likeness.agreeing / counted;
}

}  // namespace

std::vector<Likeness> Compare(const std::vector<Finding>& findings) {
  std::vector<Likeness> out;
  for (const dialect::Habits* habits : dialect::AllHabits()) {
    Likeness likeness{.habits = habits};
    for (const Finding& finding : findings) {
      const std::string_view expected = habits->Answer(finding.question);
      if (!finding.value || expected.empty()) continue;
      switch (dialect::Compare(expected, *finding.value)) {
        case dialect::Agreement::kAgrees:
          ++likeness.agreeing;
          break;
        case dialect::Agreement::kDiffers:
          likeness.differences.push_back({.question = finding.question,
                                          .expected = std::string(expected),
                                          .found = *finding.value});
          break;
        case dialect::Agreement::kOpen:
          break;
      }
    }
    out.push_back(std::move(likeness));
  }
  // Of two that fit equally the one that is named first stays first.
  std::vector<Likeness> sorted;
  for (Likeness& likeness : out) {
    const auto worse = std::ranges::find_if(sorted, [&](const Likeness& other) {
      return std::pair(Share(likeness), likeness.agreeing) >
             std::pair(Share(other), other.agreeing);
    });
    sorted.insert(worse, std::move(likeness));
  }
  return sorted;
}

async::Task<Result<Investigation>> Investigate(client::Registries& registries, Recorder& recorder,
                                               const Limits& limits, client::Target target,
                                               std::string push_mark) {
  Context context(registries, recorder, limits, std::move(target));
  Investigation out{.target = context.target.Name()};
  const bool given = context.target.repository.has_value();
  const Reply base = co_await CheckBase(context);
  if (base.status == 0) {
    co_return base.error.value_or(Fail(ErrorCode::kTooLarge, base.failure));
  }
  co_await CheckCatalog(context);
  if (context.target.repository) {
    co_await CheckTokens(context);
    co_await CheckPages(context);
    co_await CheckErrors(context);
    co_await CheckPageNumbers(context);
    co_await CheckCursors(context);
    co_await CheckContent(context);
    out.repository = context.target.repository->text();
    out.repository_found = !given;
  }
  co_await CheckExtras(context);
  const bool pushes = given && !push_mark.empty();
  if (pushes) co_await CheckPushes(context, std::move(push_mark));
  for (const dialect::Question& question : dialect::Questions()) {
    if (question.section == dialect::kPushing && !pushes) continue;
    const Finding* finding = context.findings.Get(question.name);
    out.findings.push_back(finding != nullptr ? *finding
                                              : Finding{.question = std::string(question.name),
                                                        .value = std::nullopt,
                                                        .note = Reason(context),
                                                        .exchanges = {}});
  }
  out.likenesses = Compare(out.findings);
  co_return out;
}

}  // namespace portolan::probe
