// The one implementation of UploadWriter.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/store/active_uploads.h"
#include "portolan/store/blob_store.h"
#include "portolan/store/lease_table.h"
#include "portolan/store/metadata_store.h"
#include "portolan/store/rows.h"
#include "portolan/store/storage.h"

namespace portolan::store {

/// What a writer works with; all must outlive it.
struct WriterParts {
  BlobStore& blobs;
  MetadataStore& metadata;
  LeaseTable& leases;
  const Clock& clock;
  Log& log;
  std::size_t inline_size;
};

/// The Error for a digest that the collector would not let go in time.
Error BeingCollected(const oci::Digest& digest);

/// Goes on with an upload that has a row. As StagedContent::Resume and Hasher::Load.
Result<std::unique_ptr<UploadWriter>> ResumeUpload(const WriterParts& parts,
                                                   ActiveUploads::Hold hold, UploadRow upload);

/// A writer without a row, whose content is named `id`.
std::unique_ptr<UploadWriter> NewUploadWriter(const WriterParts& parts, ActiveUploads::Hold hold,
                                              const std::string& id,
                                              const oci::RepositoryName& repository,
                                              oci::HashAlgorithm algorithm);

}  // namespace portolan::store
