#include "portolan/store/fsck.h"

#include <limits>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/oci/hasher.h"

namespace portolan::store {
namespace {

constexpr std::size_t kReadPiece = 256U << 10U;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

// A row whose object is missing or damaged.
struct Damage {
  BlobRow blob;
  Finding finding;
  bool present = false;  // there is an object, with other content
};

class Check {
 public:
  Check(Storage& storage, const FsckOptions& options,
        const std::function<void(const Finding&)>& on_finding)
      : blobs_(storage.blobs()),
        metadata_(storage.metadata()),
        options_(options),
        on_finding_(on_finding) {}

  // Rows before objects: content that an orphan can give back is not lost.
  Result<FsckReport> Run() {
    PORTOLAN_CHECK(CheckDatabase());
    PORTOLAN_CHECK(CheckBlobs());
    PORTOLAN_CHECK(CheckObjects());
    PORTOLAN_CHECK(SettleDamage());
    PORTOLAN_CHECK(CheckManifests());
    PORTOLAN_CHECK(CheckStaging());
    return report_;
  }

 private:
  void Tell(const Finding& finding) {
    const bool orphan = finding.kind == Finding::Kind::kOrphanObject ||
                        finding.kind == Finding::Kind::kOrphanStaging;
    ++(orphan ? report_.harmless : report_.damaged);
    if (on_finding_) on_finding_(finding);
  }

  Status CheckDatabase() {
    PORTOLAN_TRY(const auto complaints, metadata_.CheckStructure());
    sound_ = complaints.empty();
    for (const std::string& complaint : complaints) {
      Tell({.kind = Finding::Kind::kDatabase, .what = complaint, .repaired = false});
    }
    return {};
  }

  Status CheckBlobs() {
    PORTOLAN_TRY(const auto doomed, metadata_.DoomedBlobs(kAll));
    for (const DoomedBlob& blob : doomed) known_.insert(blob.object);  // the collector's
    return metadata_.ForEachBlob([&](const BlobRow& blob) -> Status {
      ++report_.blobs;
      if (!blob.object.empty()) known_.insert(blob.object);
      PORTOLAN_TRY(std::optional<Damage> damage, CheckBlob(blob));
      if (damage.has_value()) {
        damaged_.emplace(blob.digest, damage_.size());
        damage_.push_back(*std::move(damage));
      }
      return {};
    });
  }

  Result<std::optional<Damage>> CheckBlob(const BlobRow& blob) {
    if (blob.object.empty()) return CheckInline(blob);
    const auto file = blobs_.Open(blob.object);
    if (!file && file.error().code != ErrorCode::kBlobUnknown) return file.error();
    if (!file) {
      PORTOLAN_TRY(const bool stands, Stands(blob.digest, blob.object));
      if (!stands) return std::optional<Damage>();
      return Damaged(blob, Finding::Kind::kMissingObject,
                     fmt::format("{}: its object {} is missing", blob.digest.text(), blob.object));
    }
    const std::string wrong = Difference(**file, blob);
    if (wrong.empty()) return std::optional<Damage>();
    return Damaged(blob, Finding::Kind::kWrongContent,
                   fmt::format("{}: its object {} {}", blob.digest.text(), blob.object, wrong));
  }

  // Whether a row names the object now. Beside a server rows come and go while this goes through
  // them: what is pushed meanwhile is no orphan, and what is collected is not lost.
  Result<bool> Stands(const oci::Digest& digest, const std::string& object) {
    PORTOLAN_TRY(const auto repositories, metadata_.RepositoriesWithBlob(digest, 1));
    if (repositories.empty()) return false;
    const Result<BlobRow> row = metadata_.FindBlob(repositories.front(), digest);
    if (!row && row.error().code != ErrorCode::kBlobUnknown) return row.error();
    return row && row->object == object;
  }

  Result<std::optional<Damage>> CheckInline(const BlobRow& blob) {
    const std::string_view content = blob.content != nullptr ? *blob.content : std::string_view();
    const auto algorithm = oci::HashAlgorithmOf(blob.digest.algorithm());
    const bool right =
        content.size() == blob.size &&
        (!algorithm.has_value() || oci::DigestOf(*algorithm, content) == blob.digest);
    report_.bytes += content.size();
    if (right) return std::optional<Damage>();
    return Damaged(
        blob, Finding::Kind::kWrongContent,
        fmt::format("{}: the content in its row has another digest or size", blob.digest.text()));
  }

  static std::optional<Damage> Damaged(const BlobRow& blob, Finding::Kind kind, std::string what) {
    return Damage{.blob = blob,
                  .finding = {.kind = kind, .what = std::move(what), .repaired = false},
                  .present = kind == Finding::Kind::kWrongContent && !blob.object.empty()};
  }

  // What is wrong with the file; empty if nothing is. A medium that cannot be read is wrong too.
  std::string Difference(DiskFile& file, const BlobRow& blob) {
    const Result<std::uint64_t> size = file.Size();
    if (!size) return fmt::format("cannot be read: {}", size.error().message);
    if (*size != blob.size) return fmt::format("has {} bytes, not {}", *size, blob.size);
    if (!options_.rehash) return {};
    const Result<oci::Digest> actual = HashOf(file, *size, blob.digest);
    if (!actual) return fmt::format("cannot be read: {}", actual.error().message);
    return *actual == blob.digest ? "" : fmt::format("has the digest {}", actual->text());
  }

  Result<oci::Digest> HashOf(DiskFile& file, std::uint64_t size, const oci::Digest& digest) {
    const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
    if (!algorithm.has_value()) return digest;  // nobody can say otherwise
    oci::Hasher hasher(*algorithm);
    std::string buffer(kReadPiece, '\0');
    while (hasher.size() < size) {
      PORTOLAN_TRY(const std::size_t got, file.ReadAt(hasher.size(), buffer));
      if (got == 0) break;
      hasher.Update(std::string_view(buffer).substr(0, got));
    }
    report_.bytes += hasher.size();
    return hasher.Finish();
  }

  Status CheckObjects() {
    std::vector<std::string> orphans;
    PORTOLAN_CHECK(blobs_.ForEach([&](const std::string& key) -> Status {
      if (!known_.contains(key)) orphans.push_back(key);
      return {};
    }));
    for (const std::string& key : orphans) {
      PORTOLAN_TRY(const bool needed, IsNeeded(key));
      if (needed) continue;
      // A database that is damaged, or that knows no blob at all (it was lost, and made anew), is
      // no witness against content: nothing is removed on its word.
      const bool removed = options_.repair && sound_ && report_.blobs > 0;
      if (removed) PORTOLAN_CHECK(blobs_.Remove({key}));
      Tell({.kind = Finding::Kind::kOrphanObject,
            .what = fmt::format("object {} belongs to no blob", key),
            .repaired = removed});
    }
    return {};
  }

  Result<bool> IsNeeded(const std::string& key) {
    const auto digest = BlobStore::DigestOfKey(key);
    if (!digest) return false;
    PORTOLAN_TRY(const bool stands, Stands(*digest, key));
    if (stands || !options_.repair) return stands;
    return TakeBack(key, *digest);
  }

  // Whether the orphan is what a damaged row misses; then it becomes its object.
  Result<bool> TakeBack(const std::string& key, const oci::Digest& digest) {
    const auto found = damaged_.find(digest);
    if (found == damaged_.end()) return false;
    Damage* const row = &damage_[found->second];
    if (row->blob.object.empty() || row->finding.repaired) return false;
    PORTOLAN_TRY(const auto file, blobs_.Open(key));
    PORTOLAN_TRY(const std::uint64_t size, file->Size());
    PORTOLAN_TRY(const oci::Digest actual, HashOf(*file, size, digest));
    if (size != row->blob.size || actual != digest) return false;
    if (row->present) PORTOLAN_CHECK(blobs_.SetAside(row->blob.object));
    PORTOLAN_CHECK(blobs_.Rename(key, row->blob.object));
    row->finding.repaired = true;
    row->finding.what += "; an object without a row had it";
    return true;
  }

  Status SettleDamage() {
    for (Damage& damage : damage_) {
      if (options_.repair && !damage.finding.repaired) {
        if (damage.present) {
          PORTOLAN_TRY(const std::string path, blobs_.SetAside(damage.blob.object));
          damage.finding.what += fmt::format("; it was put into {}", path);
        }
        PORTOLAN_CHECK(metadata_.DropBlob(damage.blob.digest));
        damage.finding.what += "; the blob is unknown now, and can be pushed again";
        damage.finding.repaired = true;
      }
      Tell(damage.finding);
    }
    return {};
  }

  Status CheckManifests() {
    PORTOLAN_CHECK(metadata_.ForEachManifest(
        [&](const oci::RepositoryName& repository, const StoredManifest& manifest) -> Status {
          ++report_.manifests;
          report_.bytes += manifest.content->size();
          const auto algorithm = oci::HashAlgorithmOf(manifest.digest.algorithm());
          if (!algorithm.has_value() ||
              oci::DigestOf(*algorithm, *manifest.content) == manifest.digest) {
            return {};
          }
          Tell({.kind = Finding::Kind::kWrongContent,
                .what = fmt::format("{}@{}: the manifest in its row has another digest",
                                    repository.text(), manifest.digest.text()),
                .repaired = false});
          return {};
        }));
    PORTOLAN_TRY(const auto dangling, metadata_.DanglingReferences(kAll));
    for (const std::string& line : dangling) {
      Tell({.kind = Finding::Kind::kDangling, .what = line, .repaired = false});
    }
    return {};
  }

  Status CheckStaging() {
    PORTOLAN_TRY(const auto ids, blobs_.ListStaged());
    for (const std::string& id : ids) {
      const Result<UploadRow> upload = metadata_.FindUpload(id);
      if (upload) continue;
      if (upload.error().code != ErrorCode::kBlobUploadUnknown) return upload.error();
      if (options_.repair) PORTOLAN_CHECK(blobs_.RemoveStaged(id));
      Tell({.kind = Finding::Kind::kOrphanStaging,
            .what = fmt::format("staging file {} belongs to no upload", id),
            .repaired = options_.repair});
    }
    return {};
  }

  BlobStore& blobs_;
  MetadataStore& metadata_;
  const FsckOptions options_;
  const std::function<void(const Finding&)>& on_finding_;
  bool sound_ = false;                     // the database's structure
  std::unordered_set<std::string> known_;  // objects that rows name
  std::vector<Damage> damage_;
  std::map<oci::Digest, std::size_t> damaged_;  // places in damage_: a digest has one row
  FsckReport report_;
};

}  // namespace

Result<FsckReport> Fsck(Storage& storage, const FsckOptions& options,
                        const std::function<void(const Finding&)>& on_finding) {
  return Check(storage, options, on_finding).Run();
}

}  // namespace portolan::store
