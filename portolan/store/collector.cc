#include "portolan/store/collector.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace portolan::store {
namespace {

constexpr std::size_t kStep = 256;  // rows of one transaction: a push waits for no more
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::string Date(Millis time) {
  const auto seconds = static_cast<std::time_t>(time / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", parts);
}

Removal RemovalOf(const UnusedManifest& manifest) {
  const std::string why =
      manifest.deleted.has_value()
          ? fmt::format("it was deleted on {}, and can no longer be restored",
                        Date(*manifest.deleted))
          : fmt::format("no tag has named it; it was pushed on {}", Date(manifest.created));
  return {.kind = Removal::Kind::kManifest,
          .repository = manifest.repository,
          .what = manifest.digest.text(),
          .bytes = 0,
          .why = why};
}

Removal RemovalOf(const UnusedLink& link) {
  return {.kind = Removal::Kind::kLink,
          .repository = link.repository,
          .what = link.digest.text(),
          .bytes = link.size,
          .why = fmt::format("no manifest of the repository refers to it; it was pushed on {}",
                             Date(link.linked))};
}

Removal RemovalOf(const DoomedBlob& blob) {
  return {.kind = Removal::Kind::kBlob,
          .repository = {},
          .what = blob.digest.text(),
          .bytes = blob.size,
          .why = "no repository has it any more"};
}

Removal RemovalOf(const UploadRow& upload) {
  return {.kind = Removal::Kind::kUpload,
          .repository = upload.repository.text(),
          .what = upload.id,
          .bytes = upload.offset,
          .why = fmt::format("nothing has been written to it since {}", Date(upload.changed))};
}

Removal StagingRemoval(const std::string& id) {
  return {.kind = Removal::Kind::kStagingFile,
          .repository = {},
          .what = id,
          .bytes = 0,
          .why = "it belongs to no upload"};
}

// Digests that nobody can take a lease on while this lives.
class Condemned {
 public:
  explicit Condemned(LeaseTable& leases) : leases_(leases) {}
  Condemned(const Condemned&) = delete;
  Condemned& operator=(const Condemned&) = delete;
  ~Condemned() {
    for (const oci::Digest& digest : digests_) leases_.Release(digest);
  }
  // Several links and manifests may have one digest: it is condemned once.
  bool Add(const oci::Digest& digest) {
    if (digests_.contains(digest)) return true;
    if (!leases_.Condemn(digest)) return false;
    digests_.insert(digest);
    return true;
  }

 private:
  LeaseTable& leases_;
  std::set<oci::Digest> digests_;
};

// One run of the collector: the state that its steps share.
class CollectionRun {
 public:
  CollectionRun(Storage& storage, Clock::WallTime now, bool dry_run,
                const std::function<void(const Removal&)>& on_removal,
                const std::function<bool()>& stop)
      : storage_(storage),
        metadata_(storage.metadata()),
        dry_run_(dry_run),
        on_removal_(on_removal),
        stop_(stop) {
    const StorageOptions& options = storage.options();
    terms_.linked_before = ToMillis(now - options.lease);
    terms_.deleted_before = ToMillis(now - options.tag_history);
    if (options.untagged_after.has_value()) {
      // A manifest that was pushed by digest is promised to its index as blobs are to it.
      terms_.untagged_before = ToMillis(now - std::max(*options.untagged_after, options.lease));
    }
    uploads_before_ = ToMillis(now - options.upload_expiry);
  }

  Result<CollectionReport> Run() {
    // What frees space at once comes first: the steps that follow need a little for their rows.
    PORTOLAN_CHECK(GoOn(CollectBlobs()));
    PORTOLAN_CHECK(GoOn(CollectUploads()));
    PORTOLAN_CHECK(GoOn(CollectStaging()));
    if (!dry_run_) PORTOLAN_CHECK(GoOn(RemoveHiddenTags()));
    PORTOLAN_CHECK(GoOn(CollectManifests()));
    PORTOLAN_CHECK(GoOn(CollectLinks()));
    if (!dry_run_) {
      PORTOLAN_CHECK(GoOn(CollectBlobs()));  // that have lost their links just now
      PORTOLAN_CHECK(GoOn(ForgetHistory()));
      PORTOLAN_CHECK(GoOn(RemoveEmptyRepositories()));
    }
    if (full_) return *full_;
    return report_;
  }

 private:
  // A full disk is what collection is needed for: no step that it stops keeps the others from
  // making room. Any other Error ends the run.
  Status GoOn(Status step) {
    if (step || step.error().code != ErrorCode::kInsufficientStorage) return step;
    if (!full_) full_ = std::move(step).error();
    return {};
  }
  bool Stopped() const { return stop_ && stop_(); }
  void Tell(const Removal& removal) const {
    if (on_removal_) on_removal_(removal);
  }

  Status RemoveHiddenTags() {
    for (bool more = true; more && !Stopped();) {
      PORTOLAN_TRY(more, metadata_.RemoveHiddenTags());
    }
    return {};
  }

  // Round by round: when an index has gone, what it listed may go.
  Status CollectManifests() {
    for (;;) {
      const std::uint64_t before = report_.manifests;
      PORTOLAN_CHECK(CollectManifestsOnce());
      if (dry_run_ || report_.manifests == before) return {};
    }
  }

  Status CollectManifestsOnce() {
    for (std::int64_t after = 0; !Stopped();) {
      PORTOLAN_TRY(const auto manifests, metadata_.UnusedManifests(terms_, after, kStep));
      if (manifests.empty()) return {};
      after = manifests.back().id;
      PORTOLAN_CHECK(RemoveManifests(manifests));
    }
    return {};
  }

  Status RemoveManifests(const std::vector<UnusedManifest>& manifests) {
    std::optional<Condemned> condemned(std::in_place, storage_.leases());
    std::vector<std::int64_t> ids;
    for (const UnusedManifest& manifest : manifests) {
      if (dry_run_ || condemned->Add(manifest.digest)) {
        ids.push_back(manifest.id);
      } else {
        ++report_.leased;
      }
    }
    if (!dry_run_) {
      PORTOLAN_TRY(ids, metadata_.RemoveManifests(ids, terms_));
    }
    condemned.reset();  // somebody may be waiting
    const std::unordered_set<std::int64_t> removed(ids.begin(), ids.end());
    report_.manifests += removed.size();
    for (const UnusedManifest& manifest : manifests) {
      if (removed.contains(manifest.id)) Tell(RemovalOf(manifest));
    }
    return {};
  }

  Status CollectLinks() {
    std::int64_t repository = 0;
    std::int64_t blob = 0;
    while (!Stopped()) {
      PORTOLAN_TRY(const auto links, metadata_.UnusedLinks(terms_, repository, blob, kStep));
      if (links.empty()) return {};
      repository = links.back().repository_id;
      blob = links.back().blob_id;
      PORTOLAN_CHECK(RemoveLinks(links));
    }
    return {};
  }

  // Nobody can be told of a condemned blob, and the transaction looks again whether a manifest has
  // come meanwhile, or a new push; what it removes, nobody waits for.
  Status RemoveLinks(const std::vector<UnusedLink>& links) {
    std::optional<Condemned> condemned(std::in_place, storage_.leases());
    std::vector<UnusedLink> going;
    for (const UnusedLink& link : links) {
      if (dry_run_ || condemned->Add(link.digest)) {
        going.push_back(link);
      } else {
        ++report_.leased;
      }
    }
    std::size_t removed = going.size();
    if (!dry_run_) {
      PORTOLAN_TRY(removed, metadata_.RemoveLinks(going, terms_));
    }
    condemned.reset();  // somebody may be waiting
    report_.links += removed;
    for (const UnusedLink& link : going) {
      if (removed < going.size() && !IsGone(link)) continue;
      Tell(RemovalOf(link));
    }
    return {};
  }

  bool IsGone(const UnusedLink& link) {
    const auto repository = oci::RepositoryName::Parse(link.repository);
    return repository && !metadata_.FindBlob(*repository, link.digest);
  }

  // A doomed blob has no row to be found by, and an object that is its own: nobody can come to it
  // any more, and whoever reads it has it open.
  Status CollectBlobs() {
    while (!Stopped()) {
      PORTOLAN_TRY(const auto blobs, metadata_.DoomedBlobs(dry_run_ ? kAll : kStep));
      std::vector<std::string> objects;
      for (const DoomedBlob& blob : blobs) {
        if (!blob.object.empty()) objects.push_back(blob.object);
      }
      if (!dry_run_) PORTOLAN_CHECK(storage_.blobs().Remove(objects));
      if (!dry_run_) PORTOLAN_CHECK(metadata_.ForgetBlobs(blobs));
      for (const DoomedBlob& blob : blobs) {
        ++report_.blobs;
        report_.bytes += blob.size;
        Tell(RemovalOf(blob));
      }
      if (dry_run_ || blobs.empty()) return {};
    }
    return {};
  }

  Status CollectUploads() {
    while (!Stopped()) {
      PORTOLAN_TRY(const auto uploads,
                   metadata_.StaleUploads(uploads_before_, dry_run_ ? kAll : kStep));
      bool progress = false;  // uploads that requests write to stay in the list
      for (const UploadRow& upload : uploads) {
        PORTOLAN_TRY(const bool removed,
                     storage_.RemoveRestingUpload(upload.id, uploads_before_, dry_run_));
        if (!removed) continue;
        progress = true;
        ++report_.uploads;
        Tell(RemovalOf(upload));
      }
      if (dry_run_ || !progress) return {};
    }
    return {};
  }

  Status CollectStaging() {
    if (Stopped()) return {};
    PORTOLAN_TRY(const auto ids, storage_.blobs().ListStaged());
    for (const std::string& id : ids) {
      if (Stopped()) return {};
      // A row is too young by now, or the step before would have removed it.
      if (metadata_.FindUpload(id)) continue;
      PORTOLAN_TRY(const bool removed, storage_.RemoveRestingUpload(id, uploads_before_, dry_run_));
      if (!removed) continue;
      ++report_.staging_files;
      Tell(StagingRemoval(id));
    }
    return {};
  }

  Status ForgetHistory() {
    while (!Stopped()) {
      PORTOLAN_TRY(const std::size_t forgotten,
                   metadata_.ForgetHistory(terms_.deleted_before, kStep));
      if (forgotten == 0) return {};
    }
    return {};
  }

  Status RemoveEmptyRepositories() {
    if (Stopped()) return {};
    PORTOLAN_CHECK(metadata_.RemoveEmptyRepositories());
    return {};
  }

  Storage& storage_;
  MetadataStore& metadata_;
  const bool dry_run_;
  const std::function<void(const Removal&)>& on_removal_;
  const std::function<bool()>& stop_;
  GarbageTerms terms_;
  Millis uploads_before_ = 0;
  CollectionReport report_;
  std::optional<Error> full_;  // what the first step got that found the disk full
};

}  // namespace

Collector::Collector(Storage& storage, const Clock& clock, Log& log)
    : storage_(storage), clock_(clock), log_(log) {}

Result<CollectionReport> Collector::Run(bool dry_run,
                                        const std::function<void(const Removal&)>& on_removal,
                                        const std::function<bool()>& stop) {
  CollectionRun run(storage_, clock_.WallNow(), dry_run, on_removal, stop);
  Result<CollectionReport> report = run.Run();
  storage_.leases().Sweep();
  if (report && log_.debugging()) {
    log_.Debug(fmt::format(
        "collection{}: {} manifests, {} links, {} blobs ({} bytes), {} uploads, {} staging files; "
        "{} kept by leases",
        dry_run ? " (dry run)" : "", report->manifests, report->links, report->blobs, report->bytes,
        report->uploads, report->staging_files, report->leased));
  }
  return report;
}

}  // namespace portolan::store
