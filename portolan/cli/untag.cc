// portolan untag: deletes one tag, and never another.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/go_json.h"
#include "portolan/cli/natural_order.h"
#include "portolan/cli/tag_lookup.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/untag.md.inc"
    ;

using client::TagInfo;
using Tags = std::vector<std::string>;

// `a, b and 12 more`.
std::string Named(const Tags& tags) {
  constexpr std::size_t kMost = 10;
  const std::size_t shown = std::min(tags.size(), kMost);
  std::string text = fmt::format(
      "{}", fmt::join(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (tags.size() > shown) text += fmt::format(" and {} more", tags.size() - shown);
  return text;
}

// One tag on its way out.
class Removal {
 public:
  Removal(TagLookup& lookup, oci::Tag tag, bool by_digest)
      : lookup_(lookup), tag_(std::move(tag)), by_digest_allowed_(by_digest) {}

  // Finds out what the tag points to, and what else does. Nothing is changed.
  async::Task<Status> Prepare();
  // Deletes it, and looks whether the others are still there.
  async::Task<Status> Delete();

  const std::string& digest() const { return digest_->text(); }
  const Tags& siblings() const { return siblings_; }
  bool by_digest() const { return by_digest_; }
  std::string Name() const {
    return fmt::format("{}:{}", lookup_.repository().name(), tag_.text());
  }

 private:
  // Refuses, beginning with these words, what would take more than the tag.
  async::Task<Status> CheckNothingElseNeedsIt(std::string refusal);
  async::Task<Status> DeleteByDigest();
  async::Task<Status> CheckTheOthers();
  async::Task<Status> PutBack(const Tags& lost);

  TagLookup& lookup_;
  oci::Tag tag_;
  bool by_digest_allowed_;
  bool by_digest_ = false;
  std::optional<oci::Digest> digest_;
  Tags siblings_;  // other tags of the digest
  // Of the digest, to put siblings back that a registry takes with it.
  std::optional<repo::ManifestContent> content_;
};

async::Task<Status> Removal::Prepare() {
  std::vector<TagInfo>& rows = lookup_.list().rows;
  for (TagInfo& row : rows) {
    // A vendor's listing may be older than the registry's own word.
    row.digest.reset();
    row.images.clear();
  }
  co_await lookup_.Resolve(rows, false);
  PORTOLAN_CO_TRY(digest_, co_await lookup_.DigestOf(rows, tag_));
  for (const TagInfo& row : rows) {
    // A name without a manifest is nobody's sibling; every other failure may hide one.
    if (row.failure && row.failure->code != ErrorCode::kManifestUnknown) {
      Error error = *row.failure;
      error.hint = "nothing was deleted: another tag of the same digest could not be ruled out";
      co_return Wrap(std::move(error), fmt::format("looking at {}", Printable(row.tag)));
    }
    if (row.digest == digest_ && row.tag != tag_.text()) siblings_.push_back(row.tag);
  }
  std::ranges::sort(siblings_, [](const std::string& a, const std::string& b) {
    return CompareNatural(a, b) < 0;
  });
  co_return Status();
}

async::Task<Status> Removal::Delete() {
  if (!siblings_.empty()) {
    PORTOLAN_CO_TRY(content_, co_await lookup_.repository().ReadManifest(*digest_));
  }
  if (lookup_.source().deletes_manifests()) {
    PORTOLAN_CO_CHECK(co_await CheckNothingElseNeedsIt(
        fmt::format("{} deletes a tag with its manifest", lookup_.repository().name())));
  }
  Status deleted = co_await lookup_.source().Delete(tag_);
  if (!deleted && deleted.error().code == ErrorCode::kUnsupported) {
    deleted = co_await DeleteByDigest();
  }
  PORTOLAN_CO_CHECK(std::move(deleted));
  lookup_.cache().ForgetTag(tag_.text());
  co_return co_await CheckTheOthers();
}

// What deletes every tag of the digest is right only where there is no other, and where no index
// needs the manifest.
async::Task<Status> Removal::CheckNothingElseNeedsIt(std::string refusal) {
  if (!siblings_.empty()) {
    co_return Fail(ErrorCode::kUnsupported,
                   fmt::format("{}; these have the digest of {}, too: {}", refusal, tag_.text(),
                               Named(siblings_)),
                   "nothing was deleted; point the tag to another image by pushing to it");
  }
  if (lookup_.list().incomplete) {
    co_return Fail(ErrorCode::kPartial,
                   fmt::format("{}; the list of tags may be incomplete (see the warning)", refusal),
                   "nothing was deleted: another tag of the same digest could not be ruled out");
  }
  std::vector<TagInfo>& rows = lookup_.list().rows;
  Tags holders;
  for (const client::TagMatch& match : co_await lookup_.Match(rows, *digest_, true)) {
    if (match.contains) holders.push_back(rows[match.row].tag);
  }
  for (const TagInfo& row : rows) {
    if (!row.failure || row.failure->code == ErrorCode::kManifestUnknown) continue;
    co_return Wrap(*row.failure, fmt::format("looking at {}", Printable(row.tag)));
  }
  if (holders.empty()) co_return Status();
  co_return Fail(ErrorCode::kUnsupported,
                 fmt::format("{}; the image is a part of these: {}", refusal, Named(holders)),
                 "nothing was deleted");
}

async::Task<Status> Removal::DeleteByDigest() {
  const std::string refusal = fmt::format(
      "{} deletes no tag alone, only a digest with all its tags", lookup_.repository().name());
  PORTOLAN_CO_CHECK(co_await CheckNothingElseNeedsIt(refusal));
  if (!by_digest_allowed_) {
    co_return Fail(ErrorCode::kUnsupported, refusal,
                   fmt::format("nothing was deleted; no other tag has the digest of {}: "
                               "--by-digest deletes it together with the manifest",
                               tag_.text()));
  }
  // The sweep takes its time: a tag that was moved meanwhile must not take the old digest along.
  PORTOLAN_CO_TRY(const repo::ManifestInfo now, co_await lookup_.repository().FindManifest(tag_));
  if (now.digest != *digest_) {
    co_return Fail(ErrorCode::kBusy,
                   fmt::format("{} was moved to {} meanwhile", Name(), now.digest.text()),
                   "nothing was deleted");
  }
  by_digest_ = true;
  co_return co_await lookup_.repository().DeleteManifest(*digest_);
}

async::Task<Status> Removal::CheckTheOthers() {
  std::vector<TagInfo> others(siblings_.size());
  for (std::size_t i = 0; i < siblings_.size(); ++i) others[i].tag = siblings_[i];
  co_await lookup_.Resolve(others, false);
  Tags lost;
  for (const TagInfo& other : others) {
    if (!other.failure) continue;
    if (other.failure->code != ErrorCode::kManifestUnknown) {
      co_return Wrap(*other.failure,
                     fmt::format("{} was deleted, but {} could not be checked", Name(), other.tag));
    }
    lost.push_back(other.tag);
  }
  if (!lost.empty()) co_return co_await PutBack(lost);
  const auto gone = co_await lookup_.repository().FindManifest(tag_);
  if (gone && gone->digest == *digest_) {
    co_return Fail(ErrorCode::kPartial,
                   fmt::format("the registry took the deletion of {}, but still has it", Name()),
                   "it may do so for a while; ask again later");
  }
  co_return Status();
}

// Old registries (zot before 1.4) delete every tag of the digest.
async::Task<Status> Removal::PutBack(const Tags& lost) {
  for (const std::string& sibling : lost) {
    PORTOLAN_CO_TRY(const oci::Tag tag, oci::Tag::Parse(sibling));
    const Status put = co_await lookup_.repository().PutManifest(tag, *content_);
    if (put) continue;
    co_return Fail(ErrorCode::kPartial,
                   fmt::format("the registry deleted with {} also {}, which could not be put back: "
                               "{}",
                               Name(), Named(lost), put.error().message),
                   fmt::format("their digest was {}", digest_->text()));
  }
  lookup_.session().log().Warn(fmt::format(
      "the registry deleted with {} also {}: they were put back", tag_.text(), Named(lost)));
  co_return Status();
}

class UntagCommand final : public Command {
 public:
  std::string_view name() const override { return "untag"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json"; }

 private:
  std::string Outcome(const Removal& removal, const std::string& repository,
                      const std::string& tag) const;

  RegistryFlags registry_flags_;
  std::string reference_;
  int parallel_ = 16;
  bool by_digest_ = false;
  bool dry_run_ = false;
  std::string source_ = "auto";
  std::string output_ = "text";
};

void UntagCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "the tag: REPOSITORY:TAG")->required();
  app.add_flag("--dry-run", dry_run_, "say what would be done, and do nothing");
  app.add_flag("--by-digest", by_digest_,
               "where nothing else works, delete the manifest that has no other tag");
  app.add_option("-o,--output", output_, "how to print it")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("text|json");
  app.add_option("-j,--parallel", parallel_, "requests at once")->type_name("N");
  DeclareTagSource(app, source_);
  DeclareRegistryFlags(app, registry_flags_);
}

std::string UntagCommand::Outcome(const Removal& removal, const std::string& repository,
                                  const std::string& tag) const {
  const Tags& siblings = removal.siblings();
  if (output_ == "json") {
    std::string out = "{\"repository\":";
    AppendGoJson(out, repository);
    out += ",\"tag\":";
    AppendGoJson(out, tag);
    out += fmt::format(R"(,"digest":"{}","deleted":{},"by":{},"siblings":[)", removal.digest(),
                       !dry_run_,
                       dry_run_              ? "null"
                       : removal.by_digest() ? "\"digest\""
                                             : "\"tag\"");
    for (const std::string& sibling : siblings) {
      if (sibling != siblings.front()) out += ',';
      AppendGoJson(out, sibling);
    }
    return out + "]}\n";
  }
  std::string out = fmt::format("{} {} ({})\n", dry_run_ ? "would delete" : "deleted",
                                removal.Name(), removal.digest());
  if (removal.by_digest())
    out += "no other tag had this digest: the manifest was deleted with it\n";
  if (!siblings.empty()) {
    out +=
        fmt::format("{} with this digest {}: {}\n", siblings.size() == 1 ? "the tag" : "the tags",
                    dry_run_               ? "would stay"
                    : siblings.size() == 1 ? "stays"
                                           : "stay",
                    Named(siblings));
  }
  return out;
}

Status UntagCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(
      const auto lookup,
      TagLookup::Open(
          world, global,
          {.registry = registry_flags_, .parallel = parallel_, .max_age = {}, .source = source_}));
  Session& session = lookup->session();
  PORTOLAN_TRY(const auto references, session.registries().Resolve(reference_));
  const oci::Reference& reference = references.front();
  if (!reference.tag || reference.digest) {
    return Fail(ErrorCode::kUsage,
                fmt::format("{} does not name a tag alone", Printable(reference_)),
                "write REPOSITORY:TAG");
  }
  Removal removal(*lookup, *reference.tag, by_digest_);
  PORTOLAN_CHECK(session.Run([&]() -> async::Task<Status> {
    // A short name's first meaning alone: nothing is to be deleted that was not meant.
    PORTOLAN_CO_CHECK(co_await lookup->List({reference}));
    PORTOLAN_CO_CHECK(co_await removal.Prepare());
    if (dry_run_) co_return Status();
    co_return co_await removal.Delete();
  }()));
  PORTOLAN_CHECK(
      world.terminal.Write(Outcome(removal, lookup->repository().name(), reference.tag->text())));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewUntagCommand() { return std::make_unique<UntagCommand>(); }

}  // namespace portolan::cli
