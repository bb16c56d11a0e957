#include "portolan/cli/tag_lookup.h"

#include <algorithm>
#include <map>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/duration.h"
#include "portolan/cli/list_writer.h"
#include "portolan/cli/progress.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr int kMaxParallel = 256;

std::string LastPart(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

void DeclareTagLookupFlags(CLI::App& app, TagLookupFlags& flags) {
  app.add_option("-j,--parallel", flags.parallel, "requests at once")->type_name("N");
  app.add_option("--max-age", flags.max_age, "believe what was seen so short a time ago")
      ->type_name("DURATION");
  app.add_flag("--no-cache", flags.no_cache, "neither read nor keep anything on disk");
  DeclareTagSource(app, flags.source);
  DeclareRegistryFlags(app, flags.registry);
}

void DeclareTagSource(CLI::App& app, std::string& source) {
  app.add_option("--source", source, "whose API tells of tags")
      ->check(CLI::IsMember({"auto", "v2", "vendor"}))
      ->type_name("auto|v2|vendor");
}

Result<std::unique_ptr<TagLookup>> TagLookup::Open(const World& world, const GlobalFlags& global,
                                                   TagLookupFlags flags) {
  if (flags.parallel < 1 || flags.parallel > kMaxParallel) {
    return Fail(ErrorCode::kUsage, fmt::format("--parallel must be from 1 to {}", kMaxParallel));
  }
  flags.registry.parallel = flags.parallel;
  std::unique_ptr<TagLookup> lookup(new TagLookup(world, std::move(flags)));
  if (lookup->flags_.max_age) {
    Result<std::chrono::nanoseconds> age = ParseDuration(*lookup->flags_.max_age);
    if (!age) return Wrap(std::move(age).error(), "--max-age");
    lookup->max_age_ = *age;
  }
  if (lookup->flags_.source == "v2") lookup->choice_ = client::TagSourceChoice::kV2;
  if (lookup->flags_.source == "vendor") lookup->choice_ = client::TagSourceChoice::kVendor;
  lookup->show_progress_ = !global.debug && world.terminal.error_is_terminal();
  PORTOLAN_TRY(lookup->session_, Session::Open(world, global, lookup->flags_.registry));
  return lookup;
}

TagLookup::~TagLookup() {
  if (cache_) cache_->Store();
}

async::Task<Status> TagLookup::List(std::vector<oci::Reference> references) {
  for (std::size_t i = 0;; ++i) {
    const Status listed = co_await ListAt(references[i]);
    if (listed || i + 1 == references.size() || !MayBeElsewhere(listed.error().code)) {
      co_return listed;
    }
  }
}

async::Task<Status> TagLookup::ListAt(const oci::Reference& reference) {
  repository_ = session_->registries().Open(reference);
  PORTOLAN_CO_TRY(source_,
                  co_await session_->registries().OpenTags(reference, *repository_, choice_));
  const std::string& name = repository_->name();
  Progress progress(world_.terminal, world_.clock, {.subject = LastPart(name), .noun = "tags"},
                    show_progress_);
  PORTOLAN_CO_TRY(list_,
                  co_await source_->List([&](std::size_t tags) { progress.AddItems(tags); }));
  cache_ = std::make_unique<client::RepositoryCache>(world_.files, world_.environment, world_.clock,
                                                     session_->log(), name, !flags_.no_cache);
  co_return Status();
}

async::Task<void> TagLookup::Survey(client::SurveyOptions options, std::size_t total,
                                    std::function<async::Task<void>(client::TagSurvey&)> work) {
  Progress progress(world_.terminal, world_.clock,
                    {.subject = LastPart(repository_->name()), .noun = "tags", .total = total},
                    show_progress_);
  options.parallel = static_cast<std::size_t>(flags_.parallel);
  options.max_age = max_age_;
  options.on_tags = [&](std::size_t tags) { progress.AddItems(tags); };
  client::TagSurvey survey(*repository_, *cache_, world_.clock, session_->log(),
                           std::move(options));
  co_await work(survey);
}

async::Task<void> TagLookup::Resolve(std::vector<client::TagInfo>& rows, bool read_ahead) {
  client::SurveyOptions options;
  options.read_ahead = read_ahead && (flags_.complete || !source_->manifests_are_counted());
  co_await Survey(std::move(options), rows.size(),
                  [&](client::TagSurvey& survey) { return survey.Resolve(rows); });
}

async::Task<void> TagLookup::Describe(std::vector<client::TagInfo>& rows,
                                      const client::PlatformWish& platform) {
  client::SurveyOptions options;
  options.platform = platform;
  options.from_cache_only = source_->manifests_are_counted() && !flags_.complete;
  co_await Survey(std::move(options), rows.size(),
                  [&](client::TagSurvey& survey) { return survey.Describe(rows); });
}

async::Task<std::vector<client::TagMatch>> TagLookup::Match(std::vector<client::TagInfo>& rows,
                                                            const oci::Digest& digest,
                                                            bool thorough) {
  std::vector<client::TagMatch> matches;
  co_await Survey({}, rows.size(), [&](client::TagSurvey& survey) -> async::Task<void> {
    matches = co_await survey.Match(rows, digest, thorough);
  });
  co_return matches;
}

async::Task<Result<oci::Digest>> TagLookup::DigestOf(const std::vector<client::TagInfo>& rows,
                                                     const repo::ManifestName& name) {
  if (const auto* const digest = std::get_if<oci::Digest>(&name)) co_return *digest;
  const auto row = std::ranges::find(rows, repo::TextOf(name), &client::TagInfo::tag);
  if (row != rows.end() && row->digest) co_return *row->digest;
  PORTOLAN_CO_TRY(repo::ManifestInfo info, co_await repository_->FindManifest(name));
  co_return std::move(info.digest);
}

Status TellFailures(Terminal& terminal, const std::vector<client::TagInfo>& rows,
                    ErrorFormat format) {
  constexpr std::size_t kMaxTold = 10;
  struct Group {
    const client::TagInfo* first;
    std::size_t rows;
  };
  // One line for what happened to many for the same reason.
  std::vector<Group> groups;
  std::map<std::string, std::size_t> known;
  std::size_t failed = 0;
  for (const client::TagInfo& row : rows) {
    if (!row.failure) continue;
    ++failed;
    const auto [at, added] = known.emplace(row.failure->message, groups.size());
    if (added) groups.push_back({.first = &row, .rows = 0});
    ++groups[at->second].rows;
  }
  if (failed == 0) return {};
  if (failed == rows.size() && groups.size() == 1) return *groups.front().first->failure;
  (void)terminal.Flush();
  for (std::size_t i = 0; i < groups.size() && i < kMaxTold; ++i) {
    const std::string others =
        groups[i].rows == 1 ? "" : fmt::format(" and {} more", WithThousands(groups[i].rows - 1));
    PrintError(terminal,
               Wrap(*groups[i].first->failure,
                    fmt::format("{}{}", Printable(groups[i].first->tag), others)),
               format, ErrorOf::kPart);
  }
  const bool all = failed == rows.size();
  return Fail(all ? groups.front().first->failure->code : ErrorCode::kPartial,
              fmt::format("{} of {} tags could not be read whole", WithThousands(failed),
                          WithThousands(rows.size())));
}

}  // namespace portolan::cli
