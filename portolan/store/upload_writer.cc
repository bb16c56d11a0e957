#include "portolan/store/upload_writer.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/store/staged_content.h"

namespace portolan::store {
namespace {

class Writer final : public UploadWriter {
 public:
  // `row` is empty for a writer without one.
  Writer(const WriterParts& parts, ActiveUploads::Hold hold, std::string id,
         oci::RepositoryName repository, oci::Hasher hasher, StagedContent content,
         std::optional<UploadRow> row)
      : parts_(parts),
        hold_(std::move(hold)),
        id_(std::move(id)),
        repository_(std::move(repository)),
        row_(std::move(row)),
        hasher_(hasher),
        content_(std::move(content)) {}

  ~Writer() override {
    // What no row speaks of would lie about until the collector comes.
    if (content_.staged() && !published_ && !row_needs_file_) {
      const Status removed = parts_.blobs.RemoveStaged(id_);
      if (!removed) parts_.log.Warn(removed.error().message);
    }
  }

  std::uint64_t offset() const override { return hasher_.size(); }
  void Hash(std::string_view piece) override { hasher_.Update(piece); }
  Status Append(std::string_view piece) override { return content_.Append(piece); }

  Result<UploadState> Acknowledge() override {
    PORTOLAN_CHECK(CheckWhole());
    if (!row_.has_value()) {
      return Fail(ErrorCode::kInternal, "an upload in one request has no state to acknowledge");
    }
    if (row_->offset == content_.size()) return UploadState{.id = id_, .offset = row_->offset};
    PORTOLAN_CHECK(content_.SyncData());
    PORTOLAN_CHECK(content_.SyncName());
    UploadRow next = *row_;
    next.offset = content_.size();
    next.hash_state = hasher_.Save();
    next.content = content_.content();
    next.staged = content_.staged();
    next.changed = ToMillis(parts_.clock.WallNow());
    // From here on: also when this fails, the row may be written.
    row_needs_file_ = next.staged;
    PORTOLAN_CHECK(parts_.metadata.AdvanceUpload(next, row_->offset));
    row_ = std::move(next);
    return UploadState{.id = id_, .offset = row_->offset};
  }

  Status Finish(const oci::Digest& digest, const Actor& actor) override {
    PORTOLAN_CHECK(CheckWhole());
    PORTOLAN_CHECK(CheckDigest(digest));
    // Held before AddBlob looks whether the digest is stored already: where the collector has
    // condemned it, this waits for it to be gone, and then stores it anew.
    LeaseHold lease(parts_.leases, digest, kPoolPatience);
    if (!lease) return BeingCollected(digest);
    BlobRow blob{.digest = digest, .size = content_.size(), .object = {}, .content = {}};
    if (content_.staged()) {
      PORTOLAN_CHECK(content_.SyncData());
      PORTOLAN_TRY(blob.object, parts_.blobs.Publish(id_, digest));
      published_ = true;
    } else {
      blob.content = std::make_shared<const std::string>(content_.content());
    }
    const std::string upload_id = row_.has_value() ? id_ : std::string();
    const auto stored = parts_.metadata.AddBlob(repository_, blob, upload_id, actor);
    if (!stored) return TakeBack(blob.object, stored.error());
    finished_ = true;
    lease.Keep();
    return Merge(blob.object, stored->object);
  }

 private:
  // Hash and Append come from different threads; by now both must have seen the same bytes.
  Status CheckWhole() const {
    if (finished_ || published_ || hasher_.size() != content_.size()) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("upload {}: {} bytes hashed, {} written{}", id_, hasher_.size(),
                              content_.size(), finished_ ? ", and finished already" : ""));
    }
    return {};
  }

  Status CheckDigest(const oci::Digest& digest) {
    const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
    if (!algorithm.has_value()) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("content cannot be verified with {}", digest.algorithm()),
                  "use sha256 or sha512");
    }
    const bool same = *algorithm == hasher_.algorithm();
    PORTOLAN_TRY(const oci::Digest actual, same ? hasher_.Finish() : content_.Hash(*algorithm));
    if (actual == digest) return {};
    return Fail(ErrorCode::kDigestInvalid,
                fmt::format("the content has the digest {}, not {}", actual.text(), digest.text()));
  }

  // A full disk refuses a transaction before its end, so the row is surely not there, and the
  // upload can go on when there is space again. Any other failure may have come after the
  // transaction was written: the row may be there after the next start, and must find its object.
  Status TakeBack(const std::string& object, const Error& failure) {
    if (object.empty() || failure.code != ErrorCode::kInsufficientStorage) return failure;
    const Status back = parts_.blobs.Unpublish(object, id_);
    if (back) {
      published_ = false;
    } else {
      parts_.log.Warn(back.error().message);
    }
    return failure;
  }

  // Somebody else has stored the same content before: one of the two goes. Ours has just been
  // verified and made durable, so it takes the other's place, which may be lost or damaged. Who
  // reads the other has it open.
  Status Merge(const std::string& own, const std::string& standing) {
    if (own.empty() || own == standing) return {};
    if (!standing.empty()) return parts_.blobs.Rename(own, standing);
    const Status removed = parts_.blobs.Remove({own});
    if (!removed) parts_.log.Warn(removed.error().message);
    return {};
  }

  const WriterParts parts_;
  ActiveUploads::Hold hold_;  // let go after everything else
  const std::string id_;
  const oci::RepositoryName repository_;
  std::optional<UploadRow> row_;  // as acknowledged last
  // The loop's thread calls Hash, a pool's Append: each has its own line of the cache.
  alignas(64) oci::Hasher hasher_;
  alignas(64) StagedContent content_;
  bool row_needs_file_ = row_.has_value() && row_->staged;
  bool published_ = false;  // the staging file is an object
  bool finished_ = false;
};

}  // namespace

Error BeingCollected(const oci::Digest& digest) {
  return Fail(ErrorCode::kBusy, fmt::format("{} is being collected at this moment", digest.text()),
              "try again");
}

Result<std::unique_ptr<UploadWriter>> ResumeUpload(const WriterParts& parts,
                                                   ActiveUploads::Hold hold, UploadRow upload) {
  PORTOLAN_TRY(oci::Hasher hasher, oci::Hasher::Load(upload.hash_state));
  PORTOLAN_TRY(StagedContent content,
               StagedContent::Resume(parts.blobs, upload, parts.inline_size));
  const std::string id = upload.id;
  const oci::RepositoryName repository = upload.repository;
  return std::make_unique<Writer>(parts, std::move(hold), id, repository, hasher,
                                  std::move(content), std::move(upload));
}

std::unique_ptr<UploadWriter> NewUploadWriter(const WriterParts& parts, ActiveUploads::Hold hold,
                                              const std::string& id,
                                              const oci::RepositoryName& repository,
                                              oci::HashAlgorithm algorithm) {
  return std::make_unique<Writer>(parts, std::move(hold), id, repository, oci::Hasher(algorithm),
                                  StagedContent(parts.blobs, id, parts.inline_size), std::nullopt);
}

}  // namespace portolan::store
