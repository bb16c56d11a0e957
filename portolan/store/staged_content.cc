#include "portolan/store/staged_content.h"

#include <utility>

#include <fmt/format.h>

namespace portolan::store {
namespace {

// Small enough that a sync at the end finds little left to write, large enough that the disk is
// asked seldom.
constexpr std::uint64_t kWriteback = 8U << 20U;
constexpr std::size_t kReadPiece = 256U << 10U;  // half of a core's cache

}  // namespace

StagedContent::StagedContent(BlobStore& blobs, std::string id, std::size_t inline_size)
    : blobs_(blobs), id_(std::move(id)), inline_size_(inline_size) {}

Result<StagedContent> StagedContent::Resume(BlobStore& blobs, const UploadRow& upload,
                                            std::size_t inline_size) {
  StagedContent content(blobs, upload.id, inline_size);
  content.size_ = upload.offset;
  if (!upload.staged) {
    content.content_ = upload.content;
    return content;
  }
  PORTOLAN_TRY(content.file_, blobs.OpenStaged(upload.id));
  PORTOLAN_TRY(const std::uint64_t size, content.file_->Size());
  if (size < upload.offset) {
    return Fail(ErrorCode::kBlobUploadUnknown,
                fmt::format("upload {} has lost content: {} bytes of {} are left", upload.id, size,
                            upload.offset),
                "upload it again from the start");
  }
  if (size > upload.offset) PORTOLAN_CHECK(content.file_->Truncate(upload.offset));
  content.written_back_ = upload.offset;
  content.name_durable_ = true;
  return content;
}

Status StagedContent::Append(std::string_view piece) {
  if (!failure_) return failure_;
  if (file_ == nullptr && content_.size() + piece.size() <= inline_size_) {
    content_ += piece;
    size_ += piece.size();
    return {};
  }
  if (file_ == nullptr) failure_ = Spill();
  if (failure_) failure_ = Write(piece);
  return failure_;
}

Status StagedContent::Spill() {
  PORTOLAN_TRY(file_, blobs_.Stage(id_));
  const std::string content = std::exchange(content_, {});
  size_ = 0;
  return Write(content);
}

Status StagedContent::Write(std::string_view piece) {
  PORTOLAN_CHECK(file_->WriteAt(size_, piece));
  size_ += piece.size();
  if (size_ - written_back_ >= kWriteback) {
    file_->StartWriteback(written_back_, size_ - written_back_);
    written_back_ = size_;
  }
  return {};
}

Status StagedContent::SyncData() {
  if (failure_ && file_ != nullptr) failure_ = file_->SyncData();
  return failure_;
}

Status StagedContent::SyncName() {
  if (file_ == nullptr || name_durable_) return {};
  PORTOLAN_CHECK(blobs_.SyncStaged());
  name_durable_ = true;
  return {};
}

Result<oci::Digest> StagedContent::Hash(oci::HashAlgorithm algorithm) {
  if (!failure_) return failure_.error();
  if (file_ == nullptr) return oci::DigestOf(algorithm, content_);
  oci::Hasher hasher(algorithm);
  std::string buffer(kReadPiece, '\0');
  while (hasher.size() < size_) {
    PORTOLAN_TRY(const std::size_t size, file_->ReadAt(hasher.size(), buffer));
    if (size == 0) {
      return Fail(ErrorCode::kIo, fmt::format("the content of upload {} ends after {} bytes of {}",
                                              id_, hasher.size(), size_));
    }
    hasher.Update(std::string_view(buffer).substr(0, size));
  }
  return hasher.Finish();
}

}  // namespace portolan::store
