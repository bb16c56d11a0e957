// Manifests and small blobs of one repository, through one session. Spec: "Pulling manifests",
// "Pulling blobs", "Deleting tags", "Pushing Manifests".
#pragma once

#include <cstddef>
#include <string>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/client/session.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/reference.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// Where content is. All of it must outlive the calls below.
struct Place {
  Session& session;
  const oci::RepositoryName& repository;
  const std::string& name;  ///< for messages: `quay.io/a/b`
  const Limits& limits;
};

// The functions below are repo::Repository's, for one endpoint.

/// By HEAD; by GET where HEAD is refused or tells no digest (Artifactory).
async::Task<Result<repo::ManifestInfo>> FindManifest(Place place, repo::ManifestName manifest);
async::Task<Result<repo::ManifestContent>> ReadManifest(Place place, repo::ManifestName manifest);
async::Task<Result<std::string>> ReadBlob(Place place, oci::Digest digest, std::size_t max_size);
async::Task<Status> DeleteManifest(Place place, repo::ManifestName manifest);
async::Task<Status> PutManifest(Place place, oci::Tag tag, const repo::ManifestContent& content);

}  // namespace portolan::client
