#include "portolan/dialect/habits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "portolan/dialect/habits_known.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

constexpr std::string_view kConnection = "Connection";
constexpr std::string_view kBase = "/v2/";
constexpr std::string_view kAccess = "Access";
constexpr std::string_view kLists = "Lists of tags";
constexpr std::string_view kErrors = "Errors";
constexpr std::string_view kContent = "Manifests and blobs";
constexpr std::string_view kMore = "More";

constexpr std::array kQuestions{
    Question{"http.version", kConnection, "HTTP"},
    Question{"tls.version", kConnection, "TLS"},
    Question{"tls.issuer", kConnection, "certificate signed by"},
    Question{"header.case", kConnection, "names of header fields"},
    Question{"header.server", kConnection, "Server"},
    Question{"base.status", kBase, "status without a token"},
    Question{"base.body", kBase, "body"},
    Question{"base.type", kBase, "Content-Type"},
    Question{"base.api-version", kBase, "Docker-Distribution-Api-Version"},
    Question{"challenge.scheme", kAccess, "challenge"},
    Question{"challenge.realm", kAccess, "tokens from"},
    Question{"challenge.realm-path", kAccess, "path of that"},
    Question{"challenge.service", kAccess, "service"},
    Question{"challenge.scope", kAccess, "scope in the challenge of /v2/"},
    Question{"challenge.list-scope", kAccess, "scope in that of a list"},
    Question{"token.anonymous", kAccess, "a token for nobody"},
    Question{"token.fields", kAccess, "members of a token answer"},
    Question{"token.form", kAccess, "form of the token"},
    Question{"token.lifetime", kAccess, "it lives"},
    Question{"list.without-token", kAccess, "a list without token"},
    Question{"list.with-token", kAccess, "a list with a token"},
    Question{"list.order", kLists, "order"},
    Question{"list.api-version", kLists, "Docker-Distribution-Api-Version"},
    Question{"page.default", kLists, "tags of a page"},
    Question{"page.n", kLists, "n"},
    Question{"page.largest", kLists, "largest page"},
    Question{"page.above", kLists, "n above that"},
    Question{"page.zero", kLists, "n=0"},
    Question{"page.negative", kLists, "n=-1"},
    Question{"page.word", kLists, "n=abc"},
    Question{"page.full-link", kLists, "Link on a full last page"},
    Question{"cursor.kind", kLists, "cursor"},
    Question{"cursor.unknown", kLists, "last that is no tag gives"},
    Question{"link.form", kLists, "Link"},
    Question{"link.parameters", kLists, "its parameters"},
    Question{"link.default-n", kLists, "its n where none was asked"},
    Question{"link.rel", kLists, "its rel"},
    Question{"error.token", kErrors, "token that is none"},
    Question{"error.token-body", kErrors, "its body"},
    Question{"error.tag", kErrors, "tag that is not there"},
    Question{"error.tag-body", kErrors, "its body"},
    Question{"error.repository", kErrors, "repository that is not there"},
    Question{"error.repository-body", kErrors, "its body"},
    Question{"manifest.get", kContent, "GET a manifest"},
    Question{"manifest.head", kContent, "HEAD"},
    Question{"manifest.digest", kContent, "Docker-Content-Digest"},
    Question{"manifest.etag", kContent, "ETag"},
    Question{"manifest.no-accept", kContent, "without Accept"},
    Question{"blob.get", kContent, "GET a blob"},
    Question{"blob.range", kContent, "Range of a blob"},
    Question{"referrers", kContent, "referrers"},
    Question{"catalog", kMore, "_catalog"},
    Question{"discover", kMore, "_oci/ext/discover"},
    Question{"rate-limit", kMore, "header fields about limits"},
    Question{"push.start", kPushing, "beginning an upload"},
    Question{"push.location", kPushing, "its Location"},
    Question{"push.chunk-min", kPushing, "smallest chunk"},
    Question{"push.chunk", kPushing, "a chunk"},
    Question{"push.chunk-range", kPushing, "Range behind it"},
    Question{"push.chunk-gap", kPushing, "a chunk behind a gap"},
    Question{"push.status", kPushing, "asking how far it is"},
    Question{"push.cancel", kPushing, "giving it up"},
    Question{"push.one-post", kPushing, "a blob by POST alone"},
    Question{"push.one-put", kPushing, "a blob by POST and PUT"},
    Question{"push.wrong-digest", kPushing, "another digest"},
    Question{"push.mount", kPushing, "mounting a blob"},
    Question{"push.mount-anywhere", kPushing, "without saying from where"},
    Question{"push.manifest", kPushing, "a manifest"},
    Question{"push.subject", kPushing, "its subject"},
    Question{"push.missing-blob", kPushing, "a manifest without its layer"},
    Question{"push.missing-child", kPushing, "an index without its image"},
    Question{"push.other-type", kPushing, "a manifest as another type"},
    Question{"delete.tag", kPushing, "deleting a tag"},
    Question{"delete.manifest", kPushing, "deleting a manifest"},
    Question{"delete.blob", kPushing, "deleting a blob"},
    Question{"push.left", kPushing, "left behind"},
};

constexpr std::string_view kAtLeast = "at least ";

Agreement CompareOne(std::string_view expected, std::string_view found) {
  if (expected == found) return Agreement::kAgrees;
  if (!found.starts_with(kAtLeast)) return Agreement::kDiffers;
  const std::optional<std::int64_t> low = NumberOf(found.substr(kAtLeast.size()));
  const std::optional<std::int64_t> exact = NumberOf(expected);
  if (!low) return Agreement::kDiffers;
  if (expected == "all") return Agreement::kAgrees;
  if (!exact) return Agreement::kDiffers;
  return *low > *exact ? Agreement::kDiffers : Agreement::kOpen;
}

}  // namespace

std::span<const Question> Questions() { return kQuestions; }

std::string_view Habits::Answer(std::string_view question) const {
  const auto found = std::ranges::find(own, question, &Habit::question);
  if (found != own.end()) return found->answer;
  return base == nullptr ? std::string_view() : base->Answer(question);
}

std::span<const Habits* const> AllHabits() {
  static const std::array kAll{&HabitsOfHub2023(),
                               &HabitsOfHub2026(),
                               &HabitsOfGhcr2023(),
                               &HabitsOfGhcr2026(),
                               &HabitsOfQuay2023(),
                               &HabitsOfQuay2024(),
                               &HabitsOfPortolan(),
                               &HabitsOfDistribution28(),
                               &HabitsOfDistribution3(),
                               &HabitsOfEcr(),
                               &HabitsOfGar(),
                               &HabitsOfAcr(),
                               &HabitsOfGitlab(),
                               &HabitsOfHarbor(),
                               &HabitsOfArtifactory(),
                               &HabitsOfNexus(),
                               &HabitsOfZot()};
  return kAll;
}

const Habits* FindHabits(std::string_view name) { return FindNamed(AllHabits(), name); }

Agreement Compare(std::string_view expected, std::string_view found) {
  constexpr std::string_view kOr = " | ";
  Agreement best = Agreement::kDiffers;
  for (;;) {
    const std::size_t end = expected.find(kOr);
    const Agreement one = CompareOne(expected.substr(0, end), found);
    if (one == Agreement::kAgrees) return one;
    if (one == Agreement::kOpen) best = one;
    if (end == std::string_view::npos) return best;
    expected.remove_prefix(end + kOr.size());
  }
}

}  // namespace portolan::dialect
