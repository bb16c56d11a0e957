// portolan tags: the tags of a repository, and what they point to.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/listing.h"
#include "portolan/cli/selection.h"
#include "portolan/cli/tag_lookup.h"
#include "portolan/cli/tag_order.h"
#include "portolan/cli/tag_writer.h"
#include "portolan/client/platform.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/tags.md.inc"
    ;

using client::TagInfo;

// The flags, made ready.
struct Plan {
  std::vector<oci::Reference> references;
  Selection names;
  TagOrder order;
  std::optional<std::size_t> limit;
  std::optional<Clock::WallTime> since;
  client::PlatformWish platform;
  std::optional<repo::ManifestName> digest_of;

  /// Whether the names alone decide which tags are printed.
  bool decided_by_names() const {
    return order.by_name() && !since && !platform.required && !digest_of;
  }
};

class TagsCommand final : public Command {
 public:
  std::string_view name() const override { return "tags"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json" || output_ == "ndjson"; }

 private:
  Result<Plan> MakePlan(const World& world) const;
  Result<std::optional<std::size_t>> Limit() const;
  static void Cut(const Plan& plan, std::vector<TagInfo>& rows);
  static async::Task<Status> Fill(const Plan& plan, TagLookup& lookup, std::vector<TagInfo>& rows);
  static async::Task<Status> KeepThoseOf(const Plan& plan, TagLookup& lookup,
                                         std::vector<TagInfo>& rows);
  Status Print(TagLookup& lookup, const std::vector<TagInfo>& rows) const;

  TagLookupFlags flags_;
  std::string reference_;
  SelectionFlags selection_;
  std::string sort_ = "natural";
  bool reverse_ = false;
  std::optional<std::int64_t> limit_;
  std::optional<std::string> since_;
  std::optional<std::string> platform_;
  std::optional<std::string> digest_of_;
  std::string output_ = "table";
};

void TagsCommand::Declare(CLI::App& app) {
  // Not required: `tags history` has an argument of its own.
  app.add_option("REF", reference_, "repository");
  app.add_option("-o,--output", output_, "how to print it")
      ->check(CLI::IsMember({"table", "json", "ndjson"}))
      ->type_name("table|json|ndjson");
  app.add_option("--sort", sort_, "the order to print in")
      ->type_name("created|pushed|size|semver|natural|name");
  app.add_flag("--reverse", reverse_, "turn the order round");
  app.add_option("--limit", limit_, "print at most so many")->type_name("N");
  app.add_option("--since", since_, "keep what is newer")->type_name("DATE|DURATION");
  app.add_option("--platform", platform_, "keep what runs there, and tell its size; or all")
      ->type_name("OS/ARCH");
  app.add_option("--digest-of", digest_of_, "keep tags of the same digest")
      ->type_name("TAG|DIGEST");
  DeclareNameFilters(app, selection_);
  app.add_flag("--complete", flags_.complete, "read what the registry counts, too");
  DeclareTagLookupFlags(app, flags_);
}

Result<std::optional<std::size_t>> TagsCommand::Limit() const {
  if (!limit_) return std::nullopt;
  if (*limit_ < 1) return Fail(ErrorCode::kUsage, "--limit must be at least 1");
  return static_cast<std::size_t>(*limit_);
}

Result<Plan> TagsCommand::MakePlan(const World& world) const {
  if (reference_.empty()) {
    return Fail(ErrorCode::kUsage, "tags: REF is required", "portolan help tags");
  }
  Plan plan;
  PORTOLAN_TRY(plan.names, Selection::Make(selection_));
  PORTOLAN_TRY(plan.order, TagOrder::Parse(sort_, reverse_));
  PORTOLAN_TRY(plan.limit, Limit());
  if (since_) {
    PORTOLAN_TRY(plan.since, ParseSince(*since_, world.clock.WallNow()));
  }
  if (platform_ == "all") {
    plan.platform.all = true;
  } else if (platform_) {
    PORTOLAN_TRY(plan.platform.platform, client::ParsePlatform(*platform_));
    plan.platform.required = true;
  }
  if (digest_of_ && digest_of_->contains(':')) {
    PORTOLAN_TRY(plan.digest_of, oci::Digest::Parse(*digest_of_));
  } else if (digest_of_) {
    PORTOLAN_TRY(plan.digest_of, oci::Tag::Parse(*digest_of_));
  }
  return plan;
}

void TagsCommand::Cut(const Plan& plan, std::vector<TagInfo>& rows) {
  plan.order.Sort(rows);
  if (plan.limit && rows.size() > *plan.limit) rows.resize(*plan.limit);
}

async::Task<Status> TagsCommand::KeepThoseOf(const Plan& plan, TagLookup& lookup,
                                             std::vector<TagInfo>& rows) {
  PORTOLAN_CO_TRY(const oci::Digest digest, co_await lookup.DigestOf(rows, *plan.digest_of));
  const std::vector<client::TagMatch> matches = co_await lookup.Match(rows, digest, false);
  std::vector<TagInfo> kept;
  for (const client::TagMatch& match : matches) kept.push_back(rows[match.row]);
  rows = std::move(kept);
  co_return Status();
}

async::Task<Status> TagsCommand::Fill(const Plan& plan, TagLookup& lookup,
                                      std::vector<TagInfo>& rows) {
  if (plan.decided_by_names()) Cut(plan, rows);
  co_await lookup.Resolve(rows, true);
  if (plan.digest_of) PORTOLAN_CO_CHECK(co_await KeepThoseOf(plan, lookup, rows));
  co_await lookup.Describe(rows, plan.platform);
  std::erase_if(rows, [&](const TagInfo& row) {
    if (row.failure) return false;  // what could not be found out is told
    if (plan.platform.required &&
        (!row.platform || !client::Satisfies(*row.platform, plan.platform.platform))) {
      return true;
    }
    const std::optional<Clock::WallTime> date = row.pushed ? row.pushed : row.created;
    return plan.since && (!date || *date < *plan.since);
  });
  if (!plan.decided_by_names()) Cut(plan, rows);
  co_return Status();
}

Status TagsCommand::Print(TagLookup& lookup, const std::vector<TagInfo>& rows) const {
  const TagDocument document{.repository = lookup.repository().name(),
                             .source = std::string(lookup.source().name())};
  Terminal& terminal = lookup.world().terminal;
  if (output_ == "json") return terminal.Write(TagsAsJson(document, rows));
  if (output_ == "ndjson") return terminal.Write(TagsAsNdjson(document, rows));
  return terminal.Write(terminal.out_is_terminal()
                            ? TagsAsTable(rows, lookup.world().clock.WallNow())
                            : TagsAsPlainTable(rows));
}

Status TagsCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(Plan plan, MakePlan(world));
  PORTOLAN_TRY(const auto lookup, TagLookup::Open(world, global, flags_));
  Session& session = lookup->session();
  PORTOLAN_TRY(plan.references, session.registries().Resolve(reference_));
  const oci::Reference& first = plan.references.front();
  if (first.tag || first.digest) {
    return Fail(ErrorCode::kUsage,
                fmt::format("{}: a {} is not allowed here: all tags of a repository are listed",
                            Printable(reference_), first.digest ? "digest" : "tag"),
                fmt::format("portolan tags {0}, or portolan which-tags {1}", first.Name(),
                            first.ToString()));
  }
  std::vector<TagInfo> rows;
  PORTOLAN_CHECK(session.Run([&]() -> async::Task<Status> {
    PORTOLAN_CO_CHECK(co_await lookup->List(plan.references));
    rows = std::move(lookup->list().rows);
    std::erase_if(rows, [&](const TagInfo& row) { return !plan.names.Keeps(row.tag); });
    co_return co_await Fill(plan, *lookup, rows);
  }()));
  PORTOLAN_CHECK(Print(*lookup, rows));
  PORTOLAN_CHECK(world.terminal.Flush());
  PORTOLAN_CHECK(
      TellFailures(world.terminal, rows, json_errors() ? ErrorFormat::kJson : ErrorFormat::kText));
  if (!lookup->list().incomplete) return {};
  return Fail(ErrorCode::kPartial, fmt::format("{}: the list may be incomplete (see the warning)",
                                               lookup->repository().name()));
}

}  // namespace

std::unique_ptr<Command> NewTagsCommand() { return std::make_unique<TagsCommand>(); }

}  // namespace portolan::cli
